"""Whose turn it is in a list of cases, and why a case stands still; returned items."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from lianban.accounts.actor import Actor
from lianban.cases import editions, queries, worklists
from lianban.cases.models import JointCaseRecord, SubCaseRecord
from lianban.catalogue.calendar import Calendar
from lianban.catalogue.model import Edition
from lianban.engine import turn
from lianban.engine.states import State
from lianban.journal.models import JournalEntry

#: The most items that one line names.
_NAMED = 2
_OTHERS = {turn.APPLICANT: "申请人", turn.COUNTER: "综合窗口", turn.EXTERNAL: "外部单位"}


@dataclass(frozen=True)
class Turn:
    """Somebody must act on the case, or on one item of it."""

    who: str
    item: int | None
    item_name: str
    state: str
    by: date | None
    is_late: bool


@dataclass(frozen=True)
class Standing:
    """Whose turn it is in one case, the most pressing first."""

    turns: tuple[Turn, ...]

    @property
    def who(self) -> str:
        """Everyone who must act, each once."""
        return "、".join(dict.fromkeys(one.who for one in self.turns))

    @property
    def late(self) -> tuple["Late", ...]:
        """Those who should have acted by now, each once, the longest overdue first."""
        grouped: dict[str, list[Turn]] = {}
        for one in self.turns:
            if one.is_late and one.by:
                grouped.setdefault(one.who, []).append(one)
        return tuple(Late(who, tuple(ones)) for who, ones in grouped.items())


@dataclass(frozen=True)
class Late:
    """One who should have acted, on what, and since when."""

    who: str
    turns: tuple[Turn, ...]

    @property
    def what(self) -> str:
        """The first items in words, and how many more."""
        names = [one.item_name for one in self.turns if one.item_name]
        more = f" 等 {len(names)} 项" if len(names) > _NAMED else ""
        return "、".join(names[:_NAMED]) + more

    @property
    def by(self) -> date | None:
        """The day that has passed longest."""
        return self.turns[0].by


def of_cases(records: Iterable[JointCaseRecord], *, today: date) -> dict[UUID, Standing]:
    """Whose turn it is in each of these cases (one more read for all of them)."""
    listed = list(records)
    subs: dict[UUID, list[SubCaseRecord]] = {record.id: [] for record in listed}
    for row in SubCaseRecord.objects.filter(case_id__in=subs).order_by("number"):
        subs[row.case_id].append(row)
    calendar = editions.calendar()
    return {record.id: _standing(record, subs[record.id], calendar, today) for record in listed}


def _standing(
    record: JointCaseRecord, rows: list[SubCaseRecord], calendar: Calendar, today: date
) -> Standing:
    edition = editions.pinned(record.edition_id, record.edition_hash)
    case = queries.aggregate(record, rows)
    found = [
        Turn(
            who=who(edition, one.actor),
            item=one.item,
            item_name=edition.item(one.item).short_name if one.item is not None else "",
            state=case.sub_cases[one.item].state if one.item is not None else "",
            by=one.by,
            is_late=one.by is not None and one.by < today,
        )
        for one in turn.turns(edition, calendar, case)
    ]
    return Standing(tuple(sorted(found, key=lambda one: (one.by is None, one.by or today))))


def who(edition: Edition, code: str) -> str:
    """The short name of one who must act, as the lead department says it: itself is 本局."""
    if code == edition.lead_department:
        return "本局"
    if code in _OTHERS:
        return _OTHERS[code]
    return next((d.short_name for d in edition.departments if d.code == code), code)


@dataclass(frozen=True)
class ReturnedItem:
    """An item that a department sent back, and why."""

    case_id: UUID
    case_number: str
    person_name: str
    item: int
    item_name: str
    department: str
    reason: str
    #: Whose it is, as the office said, in words; nothing where it did not.
    pointed: str
    since: datetime


def returned(*, actor: Actor, after: str = "", before: str = "") -> worklists.Page[ReturnedItem]:
    """Items that departments sent back to the bureau, those that lie longest first."""
    rows = _returned(actor).select_related("case__person")
    page = worklists.paged(rows, "since", False, after, before)
    return worklists.Page([_returned_item(row) for row in page.rows], page.next, page.previous)


def returned_count(*, actor: Actor) -> int:
    """How many items lie with the bureau because a department sent them back."""
    return _returned(actor).count()


def _returned(actor: Actor) -> QuerySet[SubCaseRecord]:
    return SubCaseRecord.objects.filter(
        district_id__in=actor.districts, state=State.READY, detail__has_key="returned"
    )


def _returned_item(row: SubCaseRecord) -> ReturnedItem:
    edition = editions.pinned(row.case.edition_id, row.case.edition_hash)
    return ReturnedItem(
        case_id=row.case_id,
        case_number=row.case.case_number,
        person_name=row.case.person.name,
        item=row.number,
        item_name=edition.item(row.number).short_name,
        department=edition.department_names[row.department],
        reason=return_reason(case_id=row.case_id, item=row.number),
        pointed=_pointed_words(edition, pointed(case_id=row.case_id, item=row.number)),
        since=row.since,
    )


def _pointed_words(edition: Edition, found: "Pointed | None") -> str:
    return found.district + edition.department_names.get(found.department, "") if found else ""


def return_reason(*, case_id: UUID, item: int) -> str:
    """The reason that stands beside an item's last return, or nothing."""
    return _last(case_id, item, "Returned", "reason")


@dataclass(frozen=True)
class Pointed:
    """Whose an item is, as the office said that sent it back: a code, and a district's name."""

    department: str
    district: str


def pointed(*, case_id: UUID, item: int) -> Pointed | None:
    """What the last return of an item pointed to; None where it pointed nowhere."""
    entries = JournalEntry.objects.filter(case_id=case_id, event="ReturnPointed")
    bodies = [json.loads(entry.body) for entry in entries.order_by("-sequence")]
    body = next((one for one in bodies if one["item"] == item), None)
    if body is None or not (body["department"] or body["district"]):
        return None
    return Pointed(body["department"], body["district"])


def suspension_reason(*, case_id: UUID, item: int) -> str:
    """The reason for an item's last suspension, or nothing."""
    return _last(case_id, item, "Suspended", "reason")


def ending_reason(*, case_id: UUID, item: int) -> str:
    """The reason for which an item ended without a grant, or nothing."""
    events = ("Denied", "AcceptanceRefused", "Terminated")
    return next((r for e in events if (r := _last(case_id, item, e, "reason"))), "")


def _last(case_id: UUID, item: int, event: str, key: str) -> str:
    entries = JournalEntry.objects.filter(case_id=case_id, event=event).order_by("-sequence")
    bodies = (json.loads(entry.body) for entry in entries)
    return next((str(body.get(key, "")) for body in bodies if body.get("item") == item), "")
