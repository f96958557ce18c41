"""The one pattern of every write: load with lock, authorise, decide, save, journal, tell."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import impersonal, paying, store
from lianban.cases.result_rows import Given, fill
from lianban.engine import commands as c
from lianban.engine.case import JointCase
from lianban.engine.decide import decide
from lianban.engine.events import Concluded
from lianban.engine.records import NoticeRefused, ResultRecorded
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry

_TEXTS = ("reason", "grounds", "evidence")


def run(
    command: c.Command,
    *,
    case_id: UUID,
    actor: Actor,
    at: datetime,
    expected_sequence: int | None = None,
    result_number: str = "",
    result: Given | None = None,
) -> JointCase:
    """Give one command and return the case after it; a repeat changes nothing.

    `expected_sequence` is the sequence that the person saw: a case that has moved on is refused
    `stale`, unless the command is a repeat, or what moved were other items than the command's. `result_number` is the department's own number of what
    it issues; `result` is that with its day and its checked file. Raises `Refused`.
    """
    require_impersonal(command, result_number, at=at)
    with _counted(command, case_id, actor, at), store.begun() as raw:
        before = store.load(raw, case_id)
        require(before, command, actor)
        events = decide(before.edition, before.case, command, at=at, calendar=before.calendar)
        if not events:
            return before.case
        if expected_sequence is not None and _is_stale(before, command, expected_sequence):
            raise Refused("stale", "这件联办件刚被别人改过，请看过最新情况再试")
        paying.require_amount(before, command)
        after = store.write(raw, before, events, actor=actor, at=at)
        given = result or Given(result_number)
        if given and isinstance(command, c.Grant):
            after = record_result(raw, after, command.item, given, actor=actor, at=at)
        return after.case


def _is_stale(before: store.Loaded, command: c.Command, seen: int) -> bool:
    """Whether something happened since `seen` that whoever gives this command should look at.

    Departments' systems write at any moment: what happens to another item disturbs nobody.
    """
    if seen == before.case.sequence:
        return False
    item = getattr(command, "item", None)
    if item is None or seen > before.case.sequence:
        return True
    later = JournalEntry.objects.filter(case_id=before.case_id, sequence__gt=seen)
    about = ((row.event, json.loads(row.body)) for row in later.only("event", "body"))
    return any(
        event == Concluded.__name__ or ("item" in body and body["item"] in (None, item))
        for event, body in about
    )


def record_result(
    raw: Any,
    loaded: store.Loaded,
    item: int,
    given: Given,
    *,
    actor: Actor,
    at: datetime,
) -> store.Loaded:
    """Keep what a department says of its result: in its row, in step on the item, by hash in the
    journal.
    """
    if given.number:
        store.set_result_number(raw, loaded.case_id, item, given.number)
    digest = fill(loaded.case_id, item, given)
    if not digest:
        return loaded
    on = given.issued_on or at.date()
    return store.write(raw, loaded, (ResultRecorded(at, item, on, digest),), actor=actor, at=at)


#: Refusals of a second notice that names what the first one could have named.
_OLD_FACTS = frozenset({"old_defect", "already_noticed"})


@contextmanager
def _counted(command: c.Command, case_id: UUID, actor: Actor, at: datetime) -> Iterator[None]:
    """Keep that a second notice of old facts was wanted and refused: the figure is published."""
    try:
        yield
    except Refused as refusal:
        if isinstance(command, c.RequestCorrection):
            count_refused_notice(
                refusal,
                item=command.item,
                defects=command.defects,
                case_id=case_id,
                actor=actor,
                at=at,
            )
        raise


def count_refused_notice(
    refusal: Refused,
    *,
    item: int | None,
    defects: Iterable[str],
    case_id: UUID,
    actor: Actor,
    at: datetime,
) -> None:
    """Keep that a notice was wanted and refused, if it was for old facts.

    `run` does so by itself. Who gave the command in a savepoint, which the refusal takes back with
    the record in it, does it once more outside.
    """
    if refusal.code in _OLD_FACTS:
        record = NoticeRefused(at, item, tuple(dict.fromkeys(defects)))
        with store.begun() as raw:
            store.write(raw, store.load(raw, case_id), (record,), actor=actor, at=at)


def run_all(
    commands: Iterable[c.Command], *, case_id: UUID, actor: Actor, at: datetime
) -> JointCase:
    """Give several commands in one transaction, all or none. Raises `Refused`."""
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        for command in commands:
            require_impersonal(command, "", at=at)
            require(loaded, command, actor)
            events = decide(loaded.edition, loaded.case, command, at=at, calendar=loaded.calendar)
            if events:
                paying.require_amount(loaded, command)
                loaded = store.write(raw, loaded, events, actor=actor, at=at)
        return loaded.case


def subject(loaded: store.Loaded, item: int | None) -> permissions.Subject:
    """What a command is about, for the permission table."""
    sub = loaded.case.sub_cases.get(item) if item is not None else None
    entrusted = sub is not None and loaded.edition.item(sub.number).entrusted_to_counter
    return permissions.Subject(
        district=loaded.district,
        lead_department=loaded.edition.lead_department,
        applicant_user_id=loaded.applicant_user_id,
        case_id=loaded.case_id,
        item_department=sub.department if sub else None,
        entrusted=entrusted,
        approvals=loaded.edition.approvals,
        item_district=_sent_to(loaded, item),
    )


def _sent_to(loaded: store.Loaded, item: int | None) -> str | None:
    """The district of the office that has the item; the lead's own items stay with the case."""
    sub = loaded.case.sub_cases.get(item) if item is not None else None
    if sub is None or sub.department == loaded.edition.lead_department:
        return None
    return loaded.places.get(sub.number)


def require(loaded: store.Loaded, command: c.Command, actor: Actor) -> None:
    """Raise `Refused` unless the actor may give this command; as `authorise`."""
    item = getattr(command, "item", None)
    authorise(loaded, c.NAME_OF[type(command)], actor, item=item)


def authorise(loaded: store.Loaded, command: str, actor: Actor, *, item: int | None = None) -> None:
    """Raise `Refused` unless the actor may; a case that it may not even see is `unknown_case`.

    `command` is a line of the permission table. For writers that hold the case's lock already.
    """
    if permissions.allows(actor=actor, command=command, subject=subject(loaded, item)):
        return
    whole = [subject(loaded, number) for number in (None, *loaded.case.sub_cases)]
    if not any(permissions.may_see(actor=actor, subject=one) for one in whole):
        raise Refused("unknown_case", "没有这件联办件")
    raise Refused("not_permitted", "您的岗位不能做这一步", command=command)


def require_impersonal(command: c.Command, result_number: str = "", *, at: datetime) -> None:
    """Raise `Refused` where the words of a command are too long or name somebody by a number."""
    given = [getattr(command, name, "") for name in _TEXTS]
    texts = [text for text in given if isinstance(text, str)]
    if any(len(text) > 500 for text in texts) or len(result_number) > 60:
        raise Refused("too_long", "理由最多 500 个字，文号最多 60 个字")
    for text in texts:
        impersonal.require(text, today=at.date())
    impersonal.require_document_number(result_number, today=at.date())
