"""Form versions: what the person declared, sealed with a key of their own, named by hash."""

import hashlib
import uuid
from datetime import datetime
from uuid import UUID

from lianban import vault
from lianban.accounts import identity_number
from lianban.cases.content import Content
from lianban.cases.models import FormVersionRecord

#: What stands for a value whose seal or key is damaged.
UNREADABLE = "（读不出，请联系系统管理员）"


def add_version(*, case_id: UUID, content: Content, at: datetime) -> str:
    """Seal a new version and return its hash, by which an event names it."""
    key, wrapped = vault.new_data_key()
    version = FormVersionRecord.objects.filter(case_id=case_id).count() + 1
    record_id = uuid.uuid4()
    sealed = vault.seal(key, content.to_bytes(), _aad(record_id))
    digest = hashlib.sha256(sealed).hexdigest()
    FormVersionRecord.objects.create(
        id=record_id, case_id=case_id, version=version, wrapped_key=wrapped,
        sealed=sealed, digest=digest, created_at=at,
    )  # fmt: skip
    return digest


def latest(case_id: UUID) -> Content | None:
    """The newest version that was not erased. Raises `vault.Unreadable` for a damaged one."""
    record = FormVersionRecord.objects.filter(case_id=case_id).order_by("-version").first()
    return _opened(record)


def versions(case_id: UUID) -> list[tuple[int, Content]]:
    """Every version that was not erased, oldest first. Raises `vault.Unreadable`."""
    rows = FormVersionRecord.objects.filter(case_id=case_id).order_by("version")
    found = [(row.version, _opened(row)) for row in rows]
    return [(number, content) for number, content in found if content is not None]


def by_digest(case_id: UUID, digest: str) -> Content | None:
    """The version that an event names, unless it was erased. Raises `vault.Unreadable`."""
    return _opened(FormVersionRecord.objects.filter(case_id=case_id, digest=digest).first())


def _opened(record: FormVersionRecord | None) -> Content | None:
    if record is None or record.wrapped_key is None:
        return None
    key = vault.unwrap_key(bytes(record.wrapped_key))
    return Content.from_bytes(vault.open(key, bytes(record.sealed), _aad(record.id)))


def seal_identity(number: str, *, table: str, row: UUID) -> bytes:
    """An identity number, sealed to its row."""
    return vault.encrypt(number.encode(), table=table, column="identity_number", row=str(row))


def open_identity(sealed: bytes, *, table: str, row: UUID) -> str:
    """The identity number of a row. Raises `vault.Unreadable`."""
    opened = vault.decrypt(bytes(sealed), table=table, column="identity_number", row=str(row))
    return opened.decode()


def masked_identity(sealed: bytes, *, table: str, row: UUID) -> str:
    """The identity number of a row, masked; a damaged one is shown as such and stops no page."""
    try:
        return identity_number.mask(open_identity(sealed, table=table, row=row))
    except vault.Unreadable:
        return UNREADABLE


def _aad(record_id: UUID) -> bytes:
    return f"form_version:{record_id}".encode()
