"""The files of a form that is being filled in, for those who fill it in."""

from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases.models import FileRecord
from lianban.cases.services import drafts


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
