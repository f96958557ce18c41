"""Files: those of a form that is being filled in, and where one of them stands."""

from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases.models import FileRecord
from lianban.cases.services import drafts
from lianban.engine.refusal import Refused


def by_material(*, draft_id: UUID, actor: Actor) -> dict[str, list[FileRecord]]:
    """A draft's files by material code, in their order, without their content.

    Raises `Refused('unknown_draft')` for a draft that is not the actor's own.
    """
    draft = drafts.get(draft_id=draft_id, actor=actor)
    found: dict[str, list[FileRecord]] = {}
    records = FileRecord.objects.filter(draft_id=draft.id).defer("content", "original")
    for record in records.order_by("place", "created_at", "id"):
        found.setdefault(record.material, []).append(record)
    return found


def place_of(*, file_id: UUID, actor: Actor) -> tuple[UUID, str]:
    """The actor's own draft to which a file belongs, and its material.

    Raises `Refused('unknown_file')`, also for a file of somebody else's.
    """
    record = FileRecord.objects.only("draft_id", "material").filter(id=file_id).first()
    if record is None or record.draft_id is None:
        raise Refused("unknown_file", "没有这个文件，或者已经交上去了，不能再改")
    try:
        drafts.get(draft_id=record.draft_id, actor=actor)
    except Refused as refusal:
        raise Refused("unknown_file", "没有这个文件，或者您不能改") from refusal
    return record.draft_id, record.material


def of_case(*, file_id: UUID) -> tuple[UUID, FileRecord]:
    """The case of a file, and the file without its content. Raises `Refused('unknown_file')`.

    Whether the caller may see that case is for the caller to ask.
    """
    record = FileRecord.objects.defer("content", "original").filter(id=file_id).first()
    if record is None or record.case_id is None or not record.original_size:
        raise Refused("unknown_file", "没有这个文件")
    return record.case_id, record
