"""Our book for one department's system: the sub-cases that it was sent, and where they stand here."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from lianban.cases.models import SubCaseRecord
from lianban.engine.states import State
from lianban.journal.models import JournalEntry
from lianban.outbox.models import OutboxMessage

_DECISIONS = ("Granted", "Denied")


@dataclass(frozen=True)
class Line:
    """One sub-case that was sent, and how often and when it was sent last."""

    case_id: UUID
    case_number: str
    item: int
    #: The engine's word, or `returned` and `transferred` where the department has it no more.
    state: str
    outcome: str
    round: int
    sent_at: datetime
    decided_at: datetime | None
    result_number: str


def page(
    *,
    department: str,
    after: tuple[str, int] = ("", 0),
    limit: int,
    districts: Collection[str] | None = None,
) -> list[Line]:
    """Lines in the order of case number and item, behind `after`; of some districts, or of all."""
    number, item = after
    behind = Q(case__case_number__gt=number) | Q(case__case_number=number, number__gt=item)
    rows = _sent(department).filter(behind).order_by("case__case_number", "number")
    rows = rows if districts is None else rows.filter(district_id__in=districts)
    return _lines(department, rows[:limit])


def line(*, department: str, case_number: str, item: int) -> Line | None:
    """One line; None for what was never sent to this department."""
    rows = _sent(department).filter(case__case_number=case_number, number=item)
    return next(iter(_lines(department, rows)), None)


def is_tried(*, department: str, case_number: str, item: int) -> bool:
    """Whether this was ever tried to be sent, so that the department may know of it."""
    rows = SubCaseRecord.objects.filter(case__case_number=case_number, number=item)
    tried = _dispatches(department).filter(Q(state="sent") | Q(attempts__gt=0))
    return rows.filter(Exists(tried)).exists()


def find(*, case_number: str, item: int) -> UUID | None:
    """The case of a sub-case's name; None where there is none."""
    rows = SubCaseRecord.objects.filter(case__case_number=case_number, number=item)
    return rows.values_list("case_id", flat=True).first()


def _dispatches(department: str) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(
        case_id=OuterRef("case_id"),
        item=OuterRef("number"),
        department=department,
        topic="dispatch",
    )


def _sent(department: str) -> QuerySet[SubCaseRecord]:
    """The sub-cases that have arrived there, each with its rounds and the moment of the last."""
    arrived = _dispatches(department).filter(state=OutboxMessage.State.SENT)
    counted = arrived.order_by().values("case_id", "item")
    rows = SubCaseRecord.objects.filter(Exists(arrived)).defer("detail")
    return rows.annotate(
        rounds=Subquery(counted.annotate(n=Count("id")).values("n")),
        sent_at=Subquery(counted.annotate(last=Max("done_at")).values("last")),
        case_number=F("case__case_number"),
    )


def _lines(department: str, rows: Iterable[Any]) -> list[Line]:
    found = list(rows)
    decided = _decided_at({row.case_id for row in found if row.outcome})
    return [_line(department, row, decided.get((row.case_id, row.number))) for row in found]


def _line(department: str, row: Any, decided_at: datetime | None) -> Line:
    is_theirs = row.department == department
    state = row.state if is_theirs else "transferred"
    if is_theirs and row.state == State.READY:
        state = "returned"
    has_outcome = is_theirs and bool(row.outcome)
    return Line(
        case_id=row.case_id,
        case_number=row.case_number,
        item=row.number,
        state=state,
        outcome=row.outcome if has_outcome else "",
        round=row.rounds,
        sent_at=row.sent_at,
        decided_at=decided_at if has_outcome else None,
        result_number=row.result_number if has_outcome else "",
    )


def _decided_at(case_ids: set[UUID]) -> dict[tuple[UUID, int], datetime]:
    """When each item of these cases was decided last."""
    entries = JournalEntry.objects.filter(case_id__in=case_ids, event__in=_DECISIONS)
    return {
        (entry.case_id, json.loads(entry.body)["item"]): entry.at
        for entry in entries.order_by("sequence")
    }
