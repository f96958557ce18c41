"""What the public may learn from the code on a paper: facts without personal data."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date

from lianban.catalogue.calendar import day_of
from lianban.documents import authenticity, render
from lianban.documents.models import IssuedDocumentRecord


@dataclass(frozen=True, kw_only=True)
class VerifiedDocument:
    """A document that was issued here. ``sha256`` is the file's, to compare a file with."""

    kind: str
    title: str
    number: str
    issued_date: date
    office: str
    sha256: str
    #: The office to which it is addressed; empty for papers to people.
    addressed_office: str = ""
    valid_until: date | None = None


def look_up(code: str, *, key: bytes | None = None) -> VerifiedDocument | None:
    """Return the facts of the document that carries the code, or ``None`` if there is none.

    The code may be typed in small letters, with blanks or hyphens. A record whose number or
    content no longer belongs to its code counts as not issued.
    """
    spelled = authenticity.tidy(code)
    if spelled is None:
        return None
    rows = IssuedDocumentRecord.objects.defer("sealed_file")
    record = rows.filter(verification_code=spelled).first()
    if record is None:
        return None
    due = authenticity.verification_code(
        document_number=record.number,
        body_hash=record.body_hash,
        key=authenticity.verification_key() if key is None else key,
    )
    if not hmac.compare_digest(due, spelled):
        return None
    return VerifiedDocument(
        kind=record.kind,
        title=render.titles()[record.kind],
        number=record.number,
        issued_date=day_of(record.issued_at),
        office=record.office_name,
        sha256=record.sha256,
        addressed_office=record.addressed_office,
        valid_until=record.valid_until,
    )
