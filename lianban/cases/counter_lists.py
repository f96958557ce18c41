"""What waits at a counter: cases to accept, corrections, materials owed, results to hand out."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from lianban.accounts.actor import Actor
from lianban.accounts.models import District
from lianban.cases import editions, timeline, worklists
from lianban.cases.models import JointCaseRecord, SubCaseRecord
from lianban.engine.states import CASE_OPEN

#: The lists, in the order shown, with their names.
SHOWS = {
    "to_accept": "等受理",
    "correction": "等补正",
    "owed": "容缺待补",
    "hand_out": "待领取",
}
_COUNTER = Q(channel="counter")


@dataclass(frozen=True)
class Waiting:
    """One row: whose, what for, until when."""

    case_id: UUID
    case_number: str
    person_name: str
    district_name: str
    what: str
    since: datetime
    by: date | None
    is_late: bool
    item: int | None = None


def waiting(
    *, actor: Actor, show: str, today: date, after: str = "", before: str = ""
) -> worklists.Page[Waiting]:
    """One list of the counter, what is due first on top."""
    if show == "hand_out":
        page = worklists.paged(_results(actor), "since", False, after, before)
        rows = [_result(row) for row in page.rows]
    else:
        page = worklists.paged(_cases(actor, show), "clock_on", False, after, before)
        rows = [_case(row, show, today) for row in page.rows]
    return worklists.Page(rows, page.next, page.previous)


def counts(*, actor: Actor) -> dict[str, int]:
    """How many rows each list has."""
    return {
        show: (_results(actor) if show == "hand_out" else _cases(actor, show)).count()
        for show in SHOWS
    }


def districts(actor: Actor) -> list[District]:
    """The districts whose people this counter takes: those with an edition and none below them."""
    found = list(
        District.objects.filter(active=True, code__in=actor.districts).exclude(policy_edition="")
    )
    above = {district.parent_id for district in found}
    return [district for district in found if district.code not in above]


def _cases(actor: Actor, show: str) -> QuerySet[JointCaseRecord]:
    rows = JointCaseRecord.objects.select_related("person", "district")
    rows = rows.filter(district_id__in=actor.districts)
    shows = {
        "to_accept": _COUNTER & Q(state="submitted"),
        "correction": Q(state="correction_due"),
        "owed": Q(state__in=CASE_OPEN, detail__has_key="deferrals"),
    }
    return rows.filter(shows[show])


def _results(actor: Actor) -> QuerySet[SubCaseRecord]:
    return SubCaseRecord.objects.select_related("case__person", "district").filter(
        district_id__in=actor.districts, state="delivering", detail__way="pick_up"
    )


def _case(row: JointCaseRecord, show: str, today: date) -> Waiting:
    by = row.clock_on
    if show == "owed":
        by = min(date.fromisoformat(due) for due, *_ in row.detail["deferrals"].values())
    return Waiting(
        case_id=row.id,
        case_number=row.case_number,
        person_name=row.person.name,
        district_name=row.district.name,
        what=_owed(row, show),
        since=row.since,
        by=by,
        is_late=by is not None and by < today,
    )


def _owed(row: JointCaseRecord, show: str) -> str:
    codes: list[Any] = []
    if show == "owed":
        codes = list(row.detail["deferrals"])
    elif show == "correction" and row.detail.get("notice"):
        codes = row.detail["notice"][0]
    if not codes:
        return f"{row.item_count} 件事"
    edition = editions.pinned(row.edition_id, row.edition_hash)
    return "、".join(timeline.name_of(edition, code) for code in codes)


def _result(row: SubCaseRecord) -> Waiting:
    edition = editions.pinned(row.case.edition_id, row.case.edition_hash)
    item = edition.item(row.number)
    return Waiting(
        case_id=row.case_id,
        case_number=row.case.case_number,
        person_name=row.case.person.name,
        district_name=row.district.name,
        what=item.result.name if item.result else item.short_name,
        since=row.since,
        by=None,
        is_late=False,
        item=row.number,
    )
