"""Issue documents: number, code, file and record in the caller's transaction.

The number is printed in the file, so the series stays locked while the file is made (about 30 ms);
a rolled back transaction gives its number back.
"""

from __future__ import annotations

import dataclasses
import hashlib
import uuid
from uuid import UUID

from django.db import models

from lianban import vault
from lianban.catalogue.calendar import CHINA
from lianban.documents import authenticity, content, render
from lianban.documents.models import DocumentSeriesRecord, IssuedDocumentRecord

_TABLE = "documents_issueddocumentrecord"
_COLUMN = "sealed_file"


def issue(
    *,
    document: content.Document,
    case_id: UUID,
    prefix: str,
    base_url: str,
    item: int | None = None,
    sequence: int = 1,
    key: bytes | None = None,
) -> IssuedDocumentRecord:
    """Issue the document once and return its record; a repetition returns the first record.

    Must be called inside a transaction. ``prefix`` begins the number (XX退役联受), ``base_url``
    is the public address of the verification page without its ``/verify/``. ``document`` comes
    without number and code; kind, office and moment are its own. ``item`` and ``sequence`` tell
    apart documents of one kind in one case. ``key`` defaults to the city's own.
    """
    kind = render.kind_of(document)
    facts = {"case_id": case_id, "kind": kind, "item": item, "sequence": sequence}
    found = _issued(**facts)
    if found is not None:
        return found
    series = _lock_series(prefix=prefix, year=document.issued_at.astimezone(CHINA).year)
    found = _issued(**facts)
    if found is not None:
        return found
    series.last += 1
    series.save(update_fields=["last"])
    record = IssuedDocumentRecord(
        **facts,
        id=uuid.uuid4(),
        number=f"{prefix}〔{series.year}〕{series.last:06d}号",
        issued_at=document.issued_at,
        office_name=document.office,
        addressed_office=getattr(document, "addressed_office", ""),
        valid_until=getattr(document, "valid_until", None),
    )
    _finish(record, document=document, base_url=base_url, key=key)
    return record


def find(
    *, case_id: UUID, kind: str, item: int | None = None, sequence: int = 1
) -> IssuedDocumentRecord | None:
    """Return the document that was issued for this, or ``None``."""
    return _issued(case_id=case_id, kind=kind, item=item, sequence=sequence)


def open_file(record: IssuedDocumentRecord) -> bytes:
    """Return the PDF as it was issued.

    Raises :class:`lianban.vault.Unreadable` when the sealed file was changed or moved.
    """
    return vault.decrypt(
        bytes(record.sealed_file), table=_TABLE, column=_COLUMN, row=str(record.id)
    )


def verification_url(base_url: str, code: str) -> str:
    """Return the public address behind a paper's code."""
    return f"{base_url.rstrip('/')}/verify/{code}"


def of_case(*, case_id: UUID) -> models.QuerySet[IssuedDocumentRecord]:
    """Return what was issued in a case, oldest first, without the files."""
    return IssuedDocumentRecord.objects.filter(case_id=case_id).defer("sealed_file")


def _issued(**facts: object) -> IssuedDocumentRecord | None:
    item = facts.pop("item")
    of_item = models.Q(item__isnull=True) if item is None else models.Q(item=item)
    return IssuedDocumentRecord.objects.filter(of_item, **facts).first()


def _lock_series(*, prefix: str, year: int) -> DocumentSeriesRecord:
    DocumentSeriesRecord.objects.bulk_create(
        [DocumentSeriesRecord(prefix=prefix, year=year)], ignore_conflicts=True
    )
    return DocumentSeriesRecord.objects.select_for_update().get(prefix=prefix, year=year)


def _finish(
    record: IssuedDocumentRecord,
    *,
    document: content.Document,
    base_url: str,
    key: bytes | None,
) -> None:
    """Give the record its code and its file, and keep it."""
    key = authenticity.verification_key() if key is None else key
    record.body_hash = render.body_hash(document, key=key)
    record.verification_code = authenticity.verification_code(
        document_number=record.number, body_hash=record.body_hash, key=key
    )
    file = render.render(
        dataclasses.replace(
            document,
            number=record.number,
            verification_url=verification_url(base_url, record.verification_code),
        )
    )
    record.sha256 = hashlib.sha256(file).hexdigest()
    record.sealed_file = vault.encrypt(file, table=_TABLE, column=_COLUMN, row=str(record.id))
    record.save(force_insert=True)
