"""Ratings as they are shown: to the person, and to those who must call back."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from lianban import vault
from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import editions, worklists
from lianban.cases.models import RatingRecord
from lianban.cases.queries import CaseView
from lianban.cases.services.ratings import TABLE

WORDS = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
TABS = ("due", "called")


@dataclass(frozen=True)
class RatingView:
    """One rating."""

    id: UUID
    case_id: UUID
    case_number: str
    person_name: str
    item: int | None
    #: What was rated.
    name: str
    level: int
    words: str
    comment: str
    rated_at: datetime
    call_by: date | None
    answer: str
    called_at: datetime | None
    called_by_name: str

    def is_overdue(self, today: date) -> bool:
        """Whether the call back is late."""
        return self.called_at is None and self.call_by is not None and self.call_by < today


def of_case(view: CaseView) -> dict[int | None, RatingView]:
    """The ratings of one case by item; None: the case as a whole."""
    rows = RatingRecord.objects.filter(case_id=view.id).select_related("case__person", "called_by")
    return {row.item: _shown(row) for row in rows}


def bad(*, actor: Actor, tab: str, after: str = "", before: str = "") -> worklists.Page[RatingView]:
    """Bad ratings of the actor's department: `due` by the day of the call, `called` newest first."""
    rows = _rows(actor).select_related("case__person", "called_by")
    if tab == "called":
        found = rows.filter(called_at__isnull=False)
        page = worklists.paged(found, "called_at", True, after, before)
    else:
        found = rows.filter(called_at__isnull=True)
        page = worklists.paged(found, "call_by", False, after, before)
    return replace(page, rows=[_shown(row) for row in page.rows])


def due_count(*, actor: Actor) -> int:
    """How many people wait for a call."""
    return _rows(actor).filter(called_at__isnull=True).count()


def _rows(actor: Actor) -> QuerySet[RatingRecord]:
    rows = RatingRecord.objects.filter(call_by__isnull=False, case__district_id__in=actor.districts)
    if permissions.BUREAU in permissions.roles_of(actor):
        return rows
    return rows.filter(department=actor.department)


def _shown(row: RatingRecord) -> RatingView:
    edition = editions.pinned(row.case.edition_id, row.case.edition_hash)
    return RatingView(
        id=row.id,
        case_id=row.case_id,
        case_number=row.case.case_number,
        person_name=row.case.person.name,
        item=row.item,
        name=edition.item(row.item).short_name if row.item is not None else "整件联办",
        level=row.level,
        words=WORDS[row.level],
        comment=_opened(row, "comment"),
        rated_at=row.rated_at,
        call_by=row.call_by,
        answer=_opened(row, "answer"),
        called_at=row.called_at,
        called_by_name=row.called_by.name if row.called_by else "",
    )


def _opened(row: RatingRecord, column: str) -> str:
    token = bytes(getattr(row, column))
    if not token:
        return ""
    return vault.decrypt(token, table=TABLE, column=column, row=str(row.id)).decode()
