"""Forms that are being filled in: opened, saved at every page, given up."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from lianban import vault
from lianban.accounts.actor import Actor
from lianban.accounts.models import District
from lianban.cases import editions
from lianban.cases.content import Content
from lianban.cases.models import DraftRecord
from lianban.catalogue import situation
from lianban.catalogue.model import Edition
from lianban.engine.refusal import Refused

_PLACE = {"table": "cases_draftrecord", "column": "content"}
_GONE = "没有这份草稿，可能已经提交或放弃"


@dataclass(frozen=True)
class Draft:
    """A form that is being filled in, opened."""

    id: UUID
    district: str
    edition: Edition
    content: Content
    updated_at: datetime
    #: The edition in force has changed since the form was begun.
    edition_changed: bool = False


def open_for(actor: Actor) -> Draft | None:
    """The applicant's own draft, or None."""
    record = DraftRecord.objects.filter(applicant_id=actor.user_id).first()
    return _opened(record) if record and actor.kind == "applicant" and actor.user_id else None


def open_at_counter(actor: Actor) -> list[Draft]:
    """The clerk's own open drafts, newest first."""
    records = DraftRecord.objects.filter(clerk_id=actor.user_id).order_by("-updated_at")[:50]
    return [_opened(record) for record in records]


def get(*, draft_id: UUID, actor: Actor) -> Draft:
    """One draft of the actor's own. Raises `Refused('unknown_draft')`."""
    return _opened(_own(draft_id, actor))


def by_paper(*, draft_id: UUID) -> Draft:
    """A draft, for a clerk before whom its printed form lies. Raises `Refused('unknown_draft')`."""
    record = DraftRecord.objects.filter(id=draft_id).first()
    if record is None:
        raise Refused("unknown_draft", _GONE)
    return _opened(record)


def start(*, district: str, actor: Actor, at: datetime) -> Draft:
    """Begin a form under the district's edition; an applicant has at most one and gets it back.

    Raises `Refused('unknown_district')`.
    """
    found = open_for(actor)
    if found and found.district == district:
        return found
    place = District.objects.filter(code=district, active=True).first()
    if place is None or not place.policy_edition:
        raise Refused("unknown_district", "请选择安置地所在的区县")
    edition = editions.in_force(place.policy_edition)
    draft_id = found.id if found else uuid.uuid4()
    content = replace(found.content, done=()) if found else Content()
    values = {
        "district_id": district,
        "edition_id": edition.id,
        "edition_hash": edition.hash,
        "content": _sealed(draft_id, content),
        "updated_at": at,
    }
    owner = "applicant_id" if actor.kind == "applicant" else "clerk_id"
    try:
        record, _ = DraftRecord.objects.update_or_create(
            id=draft_id, defaults={**values, owner: actor.user_id}
        )
    except IntegrityError:  # begun in another tab at the same moment
        if open_for(actor) is None:
            raise
        return start(district=district, actor=actor, at=at)
    return _opened(record)


def save(*, draft_id: UUID, content: Content, actor: Actor, at: datetime) -> Draft:
    """Keep what was typed, right or wrong; a form that is handed in says what is wrong.

    Raises `Refused('unknown_draft')`, also when it was handed in meanwhile.
    """
    return amend(draft_id=draft_id, change=lambda _: content, actor=actor, at=at)


@transaction.atomic
def amend(
    *,
    draft_id: UUID,
    change: Callable[[Content], Content],
    actor: Actor,
    at: datetime,
    only_newest: bool = False,
) -> Draft:
    """Change a part of what a draft holds, under its lock: two saves at once lose nothing.

    With `only_newest`, a save that has been overtaken by a later one (an autosave that came after
    the page was sent) changes nothing. Raises `Refused('unknown_draft')`.
    """
    _own(draft_id, actor)
    record = DraftRecord.objects.select_for_update().filter(id=draft_id).first()
    if record is None:  # handed in while we waited
        raise Refused("unknown_draft", _GONE)
    draft = _opened(record)
    if only_newest and draft.updated_at > at:
        return draft
    record.content = _sealed(draft_id, change(draft.content))
    record.updated_at = at
    record.save(update_fields=["content", "updated_at"])
    return _opened(record)


def answer(*, draft_id: UUID, answers: Mapping[str, str], actor: Actor, at: datetime) -> Draft:
    """Answer situation questions; answers that no longer fit are dropped, and the choices with them.

    Raises `Refused('impossible_answers')` for values that the plan does not have.
    """
    draft = get(draft_id=draft_id, actor=actor)
    merged = {**draft.content.answers, **answers}
    kept = pruned(draft.edition, merged)
    lost = [key for key in answers if answers[key] and key not in kept]
    if lost:
        raise Refused(
            "impossible_answers", "这个答案和前面的不能同时成立，请重新选择", questions=lost
        )
    content = replace(draft.content, answers=kept, unticked=(), evidence={})
    return save(draft_id=draft_id, content=content, actor=actor, at=at)


def pruned(edition: Edition, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers that can stand together, taken in the order of the questions."""
    kept: dict[str, str] = {}
    for question in edition.questions:
        value = answers.get(question.key, "")
        possible = situation.allowed(question, kept) if question.when.holds(kept) else []
        if value in possible:
            kept[question.key] = value
    return kept


@transaction.atomic
def forget_way(*, draft_id: UUID, material: str, at: datetime) -> None:
    """Let a material count as undecided again: its only file was refused after it came."""
    record = DraftRecord.objects.select_for_update().filter(id=draft_id).first()
    if record is not None:
        content = _opened(record).content
        ways = {code: way for code, way in content.materials.items() if code != material}
        record.content = _sealed(draft_id, replace(content, materials=ways))
        record.updated_at = at
        record.save(update_fields=["content", "updated_at"])


def give_up(*, draft_id: UUID, actor: Actor) -> None:
    """Delete a draft and its files."""
    record = _own(draft_id, actor)
    with transaction.atomic():
        record.files.all().delete()
        record.delete()


def _own(draft_id: UUID, actor: Actor) -> DraftRecord:
    owner = "applicant_id" if actor.kind == "applicant" else "clerk_id"
    record = DraftRecord.objects.filter(id=draft_id, **{owner: actor.user_id}).first()
    if record is None or actor.user_id is None:
        raise Refused("unknown_draft", _GONE)
    return record


def _sealed(draft_id: UUID, content: Content) -> bytes:
    return vault.encrypt(content.to_bytes(), **_PLACE, row=str(draft_id))


def _opened(record: DraftRecord) -> Draft:
    content = Content.from_bytes(vault.decrypt(bytes(record.content), **_PLACE, row=str(record.id)))
    edition = editions.in_force(record.edition_id)
    changed = edition.hash != record.edition_hash
    return Draft(record.id, record.district_id, edition, content, record.updated_at, changed)
