"""People whom the roster announced: their form is half filled in, and what they change is looked at.

Nobody learns who is on a roster by guessing: only a name and a number that belong together find a
line, tries are counted for the account and for the number, and no answer tells which was wrong.
Sensitive fields are filled in only beside an officer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from lianban import vault
from lianban.accounts import identity_number, limiter, person_name
from lianban.accounts.actor import Actor
from lianban.accounts.limiter import Limit
from lianban.cases import roster_judge, roster_known
from lianban.cases.content import Content
from lianban.cases.models import PersonRecord, RosterRecord, RosterRowRecord
from lianban.cases.roster_table import Line
from lianban.cases.services import drafts
from lianban.catalogue.model import Edition
from lianban.engine.refusal import Refused

Outcome = RosterRowRecord.Outcome
_TAKEN = (Outcome.NEW, Outcome.KNOWN)
_BY_ACCOUNT = Limit("roster account", 10, timedelta(hours=1))
_BY_NUMBER = Limit("roster number", 10, timedelta(hours=1))


@dataclass(frozen=True)
class Announced:
    """What a draft knows of its roster line: values by field and by question, and where it is."""

    district: str
    district_name: str
    fields: dict[str, str]
    answers: dict[str, str]


def announced(content: Content) -> Announced | None:
    """What the roster said of the person of this draft, or None."""
    marks = content.roster
    if not marks.get("row"):
        return None
    return Announced(
        marks["district"],
        marks["district_name"],
        _marked(marks, "field."),
        _marked(marks, "answer."),
    )


def _marked(marks: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {k.removeprefix(prefix): v for k, v in marks.items() if k.startswith(prefix)}


def offer(*, draft_id: UUID, actor: Actor, at: datetime) -> drafts.Draft:
    """Look for the draft's person on the rosters, once for each name and number, and fill in.

    Only empty fields and open questions are filled in. Too many tries find nobody, silently: the
    form goes on. Raises `Refused('unknown_draft')`.
    """
    draft = drafts.get(draft_id=draft_id, actor=actor)
    name, number = _who(draft.content, draft.edition, at)
    tried = _tried(name, number)
    if not tried or draft.content.roster.get("tried") == tried:
        return draft
    try:
        row = look_up(name=name, number=number, actor=actor, at=at)
    except Refused:
        return draft
    line = roster_known.opened(row) if row else None
    marks = {"tried": tried} | (_marks(row, line, draft.edition, actor) if row and line else {})
    return drafts.amend(
        draft_id=draft_id,
        change=lambda content: filled(content, marks, draft.edition),
        actor=actor,
        at=at,
    )


def greet(*, name: str, number: str, actor: Actor, at: datetime) -> drafts.Draft | None:
    """A form for somebody who gave name and number and is expected; None for everybody else.

    A form that was begun goes on. Raises `Refused`: `too_many_tries`, and `other_person` when the
    form that was begun is about somebody else.
    """
    row = look_up(name=name, number=number, actor=actor, at=at)
    if row is None:
        return None
    draft = drafts.open_for(actor) or drafts.start(district=row.district_id, actor=actor, at=at)
    codes = {field.type: field.code for field in reversed(draft.edition.fields)}
    who = {codes["name"]: name, codes["identity_number"]: number}
    typed = draft.content.fields.get(codes["identity_number"], "")
    if typed and _who(draft.content, draft.edition, at)[1] != number:
        raise Refused("other_person", "您填了一半的表写的是另一个人。先填完或放弃那一张，再来查")
    marks = _marks(row, roster_known.opened(row), draft.edition, actor)
    marks["tried"] = _tried(name, number)
    return drafts.amend(
        draft_id=draft.id,
        change=lambda content: filled(
            replace(content, fields={**content.fields, **who}), marks, draft.edition
        ),
        actor=actor,
        at=at,
    )


def look_up(*, name: str, number: str, actor: Actor, at: datetime) -> RosterRowRecord | None:
    """The line of this person on a roster that was taken in, or None; an officer finds their own.

    Raises `Refused('too_many_tries', retry_at=…)` for an applicant who goes on guessing.
    """
    index = roster_known.index_of(number)
    if actor.kind == "applicant":
        limiter.count(_BY_NUMBER, key=number, at=at)
        limiter.count(_BY_ACCOUNT, key=str(actor.user_id), at=at)
    rows = _rows(index)
    if actor.kind == "officer":
        rows = rows.filter(district_id__in=actor.districts)
    return next((row for row in rows if roster_judge.same_name(row.name, name)), None)


def filled(content: Content, marks: Mapping[str, str], edition: Edition) -> Content:
    """The content with what the roster says where nothing was typed or answered."""
    fields = {k: v for k, v in _marked(marks, "field.").items() if not content.fields.get(k)}
    answers = drafts.pruned(edition, {**_marked(marks, "answer."), **content.answers})
    if any(answers.get(key) != value for key, value in content.answers.items()):
        answers = content.answers
    return replace(
        content, fields={**content.fields, **fields}, answers=answers, roster=dict(marks)
    )


def handed_in(*, person: PersonRecord, content: Content, edition: Edition, at: datetime) -> None:
    """Note where the person says otherwise than the roster: an officer looks, nothing is refused."""
    for row in _rows(bytes(person.identity_index)):
        if not roster_judge.same_name(row.name, person.name):
            continue
        line = roster_known.opened(row)
        found = roster_judge.differences(line, content.answers, content.fields, edition)
        codes = [code for code in found if code not in row.settled]
        if codes:
            row.outcome, row.conflict, row.since = Outcome.CONFLICT, codes[0], at
            row.save(update_fields=["outcome", "conflict", "since"])


def _rows(index: bytes) -> QuerySet[RosterRowRecord]:
    return (
        RosterRowRecord.objects.select_related("district")
        .filter(
            identity_index=index,
            roster__state=RosterRecord.State.APPLIED,
            outcome__in=_TAKEN,
            applied_at__isnull=False,
        )
        .order_by("-applied_at")
    )


def _marks(row: RosterRowRecord, line: Line, edition: Edition, actor: Actor) -> dict[str, str]:
    sensitive = {field.code for field in edition.fields if field.sensitive}
    known = {field.code for field in edition.fields}
    fields = {
        f"field.{code}": value
        for code, value in line.fields.items()
        if code in known and (actor.kind == "officer" or code not in sensitive)
    }
    answers = {
        f"answer.{key}": value
        for key, value in line.answers.items()
        if key in edition.question_by_key
    }
    place = {"row": str(row.id), "district": row.district_id, "district_name": row.district.name}
    return {**place, **fields, **answers}


def _who(content: Content, edition: Edition, at: datetime) -> tuple[str, str]:
    codes = {field.type: field.code for field in reversed(edition.fields)}
    name = content.fields.get(codes["name"], "").strip()
    try:
        number = identity_number.parse(
            content.fields.get(codes["identity_number"], ""), today=at.date()
        ).number
    except identity_number.NotANumber:
        number = ""
    return name, number


def _tried(name: str, number: str) -> str:
    """What stands for one name and number; "" while one of them is missing."""
    if not name or not number:
        return ""
    pair = f"{number} {person_name.folded(name)}"
    return vault.blind_index(pair, purpose="roster try").hex()
