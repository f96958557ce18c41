"""Files under seal: kept with a quota, the copy that people see apart from the original.

For services that hold the lock of what the file belongs to.
"""

import hashlib
import uuid
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from lianban import vault
from lianban.accounts.actor import Actor
from lianban.cases import uploads
from lianban.cases.models import FileRecord
from lianban.cases.scanner import Verdict
from lianban.engine.refusal import Refused

#: Of a draft or a case; bytes count the copy and the original.
MOST_FILES = 80
MOST_BYTES = 200 * 1024 * 1024
#: Of one account, over its draft and all its cases.
MOST_OF_A_PERSON = 2

State = FileRecord.State
_STATES = {
    Verdict.CLEAN: State.CLEAN,
    Verdict.HARMFUL: State.REFUSED,
    Verdict.UNKNOWN: State.CHECKING,
}
_TABLE = "cases_filerecord"


def keep(
    files: QuerySet[FileRecord],
    clean: uploads.Clean,
    verdict: Verdict,
    *,
    material: str,
    actor: Actor,
    at: datetime,
    **owner: Any,
) -> FileRecord:
    """Seal a file beside its owner's other `files`; the same one again is the first one.

    Call it under the owner's lock, so that two at once cannot pass the quota together. Raises
    `Refused('too_many_files')`.
    """
    digest = vault.blind_index(hashlib.sha256(clean.content).hexdigest(), purpose="file").hex()
    own = files.filter(material=material)
    known = own.filter(digest=digest).defer("content", "original").first()
    if known is not None:
        return known
    _require_room(files, clean, actor)
    file_id = uuid.uuid4()
    return FileRecord.objects.create(
        id=file_id,
        material=material,
        name=clean.name,
        content_type=clean.content_type,
        size=len(clean.content),
        pages=clean.pages,
        place=_next_place(own),
        digest=digest,
        content=_sealed(clean.content, "content", file_id),
        original=_sealed(clean.original, "original", file_id),
        original_size=len(clean.original),
        original_digest=clean.original_digest,
        state=_STATES[verdict],
        checked_at=None if verdict is Verdict.UNKNOWN else at,
        created_at=at,
        **owner,
    )


def hand_over(row: FileRecord, files: QuerySet[FileRecord], **owner: Any) -> None:
    """Give a file that somebody held to its owner, beside the owner's other `files`.

    The same file a second time goes away. Raises `Refused('too_many_files')`.
    """
    if files.filter(material=row.material, digest=row.digest).exists():
        row.delete()
        return
    if _is_full(files, row.size + row.original_size, 1):
        raise _too_many()
    place = _next_place(files.filter(material=row.material))
    FileRecord.objects.filter(id=row.id).update(holder=None, place=place, **owner)


def copy(record: FileRecord, *, case_id: uuid.UUID, at: datetime) -> FileRecord:
    """The same file for another case, under a seal of its own."""
    content, original, file_id = content_of(record), original_of(record), uuid.uuid4()
    values = {
        name: getattr(record, name)
        for name in (
            "material", "name", "content_type", "size", "pages", "place", "digest",
            "original_size", "original_digest", "state", "checked_at",
        )
    }  # fmt: skip
    return FileRecord.objects.create(
        id=file_id,
        case_id=case_id,
        content=_sealed(content, "content", file_id),
        original=_sealed(original, "original", file_id) if original else b"",
        created_at=at,
        **values,
    )


def content_of(record: FileRecord) -> bytes:
    """The copy that people see."""
    return _opened(record.content, "content", record)


def original_of(record: FileRecord) -> bytes:
    """The bytes as they came; nothing where the file is older than such keeping."""
    return _opened(record.original, "original", record) if record.original else b""


def plain_digest(file_id: uuid.UUID) -> str:
    """SHA-256 (hex) of the copy that people see; the row's own digest is keyed.

    Raises `FileRecord.DoesNotExist`, `vault.Unreadable`.
    """
    row = FileRecord.objects.only("id", "content").get(id=file_id)
    return hashlib.sha256(content_of(row)).hexdigest()


def refuse_harmful(record: FileRecord) -> None:
    """Tell the person at once. Raises `Refused('bad_file')` for a file that was found harmful."""
    if record.state == State.REFUSED:
        raise uploads.refused(
            "harmful", "这个文件没有通过安全检查，我们没有收。请重新拍照再传，或者带到窗口"
        )


def _next_place(own: QuerySet[FileRecord]) -> int:
    last: int | None = own.aggregate(last=Max("place"))["last"]
    return 0 if last is None else last + 1


def _sealed(content: bytes, column: str, file_id: uuid.UUID) -> bytes:
    return vault.encrypt(content, table=_TABLE, column=column, row=str(file_id))


def _opened(token: Any, column: str, record: FileRecord) -> bytes:
    return vault.decrypt(bytes(token), table=_TABLE, column=column, row=str(record.id))


def _require_room(files: QuerySet[FileRecord], clean: uploads.Clean, actor: Actor) -> None:
    size = len(clean.content) + len(clean.original)
    is_full = _is_full(files, size, 1)
    if not is_full and actor.kind == "applicant" and actor.user_id is not None:
        own = Q(draft__applicant_id=actor.user_id) | Q(case__applicant_id=actor.user_id)
        is_full = _is_full(FileRecord.objects.filter(own), size, MOST_OF_A_PERSON)
    if is_full:
        raise _too_many()


def _too_many() -> Refused:
    most = f"最多 {MOST_FILES} 个文件、共 {MOST_BYTES // 2 // 1024 // 1024} MB"
    return Refused("too_many_files", f"{most}，其余的请带到窗口")


def _is_full(files: QuerySet[FileRecord], size: int, times: int) -> bool:
    held = files.aggregate(count=Count("id"), size=Sum(F("size") + F("original_size")))
    return bool(
        held["count"] >= MOST_FILES * times or (held["size"] or 0) + size > MOST_BYTES * times
    )
