"""Lists, by keyset: sorted by what people look for, never by page numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from lianban import vault
from lianban.accounts import identity_number, permissions
from lianban.accounts.actor import Actor
from lianban.accounts.person_name import folded
from lianban.cases import absence_lists
from lianban.cases.models import JointCaseRecord, SubCaseRecord
from lianban.engine.states import CASE_OPEN, ENDS

PAGE = 50
#: The first of them is at the lead department's desk only.
AT_DESK = ("ready", "dispatched", "received", "accepted", "suspended", "delivering")
#: Not yet at any desk.
COMING = ("waiting", "blocked", "external")
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page: rows, and the keys that lead to the next and the previous page (empty: none)."""

    rows: list[Row]
    next: str
    previous: str


def items(
    *,
    actor: Actor,
    tab: str,
    today: date,
    item: int | None = None,
    district: str = "",
    text: str = "",
    after: str = "",
    before: str = "",
) -> Page[SubCaseRecord]:
    """The sub-cases of the actor's office. Tabs: `mine`, `unclaimed`, `due`, `overdue`, `open`,
    `correction`, `coming`, `done`, `all`. Sorted by date; rows without one come last.

    `text` is a case number, a name or a whole identity number. An unreadable key starts from the
    beginning.
    """
    rows = SubCaseRecord.objects.select_related("case__person", "district", "claimed_by").filter(
        department=actor.department or "", district_id__in=actor.districts
    )
    rows = rows.filter(_tab(tab, actor, today))
    if item is not None:
        rows = rows.filter(number=item)
    if district:
        rows = rows.filter(district_id=district)
    if text.strip():
        rows = rows.filter(_matching(text.strip(), today))
    if tab == "done":
        return paged(rows, "since", True, after, before)
    return paged(rows, "clock_on", False, after, before)


def item_counts(*, actor: Actor, today: date) -> dict[str, int]:
    """How many rows each tab has."""
    rows = SubCaseRecord.objects.filter(
        department=actor.department or "", district_id__in=actor.districts
    )
    tabs = ("mine", "unclaimed", "due", "overdue", "open", "correction", "coming")
    return {tab: rows.filter(_tab(tab, actor, today)).count() for tab in tabs}


def _tab(tab: str, actor: Actor, today: date) -> Q:
    at_lead = permissions.BUREAU in permissions.roles_of(actor)
    # What is ready lies with the bureau; a department's list begins with what was sent to it.
    here = AT_DESK if at_lead else AT_DESK[1:]
    desk = Q(state__in=here)
    tabs: dict[str, Callable[[], Q]] = {
        "mine": lambda: desk & Q(claimed_by_id__in=_own(actor, today)),
        "unclaimed": lambda: desk & Q(claimed_by__isnull=True),
        "due": lambda: desk & Q(due_on=today, outcome=""),
        "overdue": lambda: desk & Q(due_on__lt=today, outcome=""),
        "correction": lambda: Q(state="correction_due"),
        "coming": lambda: Q(state__in=(*COMING, *(() if at_lead else AT_DESK[:1]))),
        "all": Q,
        "done": lambda: ~Q(state__in=(*AT_DESK, "correction_due", *COMING)),
    }
    return tabs[tab]() if tab in tabs else desk


def _own(actor: Actor, today: date) -> set[UUID]:
    """The officer, and those whom the officer stands in for on this day."""
    own = {actor.user_id} if actor.user_id else set()
    return own | absence_lists.stands_in_for(user_id=actor.user_id, on=today)


def _matching(text: str, today: date) -> Q:
    """A whole identity number, or the beginning of a case number or name."""
    try:
        number = identity_number.parse(text, today=today).number
    except identity_number.NotANumber:
        return Q(case__case_number__startswith=text.upper()) | Q(
            case__person__name_folded__startswith=folded(text)
        )
    return Q(case__person__identity_index=vault.blind_index(number, purpose="identity_number"))


def cases(
    *, actor: Actor, show: str, today: date, district: str = "", after: str = "", before: str = ""
) -> Page[JointCaseRecord]:
    """The joint cases of the actor's districts. `show`: `pre_review`, `correction`, `to_gather`,
    `handling`, `due`, `stuck`, `to_conclude`, `open`, `done`, `all`.
    """
    rows = case_rows(actor=actor, show=show, today=today)
    if district:
        rows = rows.filter(district_id=district)
    if show in ("done", "all"):
        return paged(rows, "submitted_at", True, after, before)
    return paged(rows, "clock_on", False, after, before)


def case_rows(*, actor: Actor, show: str, today: date) -> QuerySet[JointCaseRecord]:
    """The unsorted rows of one list of joint cases."""
    rows = JointCaseRecord.objects.select_related("person", "district", "claimed_by")
    rows = rows.filter(district_id__in=actor.districts)
    accepted = Q(state__in=("accepted", "in_handling"))
    shows: dict[str, Q] = {
        "pre_review": Q(state="submitted", channel="online"),
        "submitted": Q(state="submitted"),
        "correction": Q(state="correction_due"),
        "handling": accepted,
        "due": accepted & Q(clock_on__lte=today),
        "stuck": accepted & Q(clock_on__lt=today),
        "to_conclude": Q(state="in_handling") & ~Q(Exists(_holding_up())),
        "to_gather": Q(state="in_handling", detail__dispatch="batch")
        & ~Q(detail__has_key="gathered")
        & Q(Exists(_ready_elsewhere(actor))),
        "open": Q(state__in=CASE_OPEN),
        "done": ~Q(state__in=CASE_OPEN),
        "all": Q(),
    }
    return rows.filter(shows.get(show, shows["open"]))


def _holding_up() -> QuerySet[SubCaseRecord]:
    """A case's sub-cases that keep it from being concluded: open and not split off."""
    rows = SubCaseRecord.objects.filter(case_id=OuterRef("id")).exclude(state__in=list(ENDS))
    return rows.exclude(detail__has_key="tail")


def _ready_elsewhere(actor: Actor) -> QuerySet[SubCaseRecord]:
    """A case's ready sub-cases that are not the lead's own, which are never pushed."""
    rows = SubCaseRecord.objects.filter(case_id=OuterRef("id"), state="ready")
    return rows.exclude(department=actor.department or "")


def case_counts(*, actor: Actor, today: date) -> dict[str, int]:
    """How many joint cases each list has."""
    shows = ("pre_review", "correction", "handling", "due", "stuck", "to_gather", "to_conclude")
    return {show: case_rows(actor=actor, show=show, today=today).count() for show in shows}


def paged(rows: QuerySet[Any], column: str, descending: bool, after: str, before: str) -> Page[Any]:
    """A page after or before a key; the key is the column's value and the row's id."""
    backwards = bool(before)
    key = _read_key(before or after, column)
    down = descending != backwards
    if key:
        rows = rows.filter(_beyond(column, key, down))
    order = F(column).desc(nulls_first=True) if down else F(column).asc(nulls_last=True)
    found = list(rows.order_by(order, "-id" if down else "id")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if backwards:
        found.reverse()
    has_next, has_previous = (bool(key), more) if backwards else (more, bool(key))
    first, last = (found[0], found[-1]) if found else (None, None)
    return Page(
        found,
        next=_write_key(last, column) if has_next and last else "",
        previous=_write_key(first, column) if has_previous and first else "",
    )


def _beyond(column: str, key: tuple[Any, UUID], down: bool) -> Q:
    value, row_id = key
    step = "lt" if down else "gt"
    if value is None:
        same = Q(**{f"{column}__isnull": True, f"id__{step}": row_id})
        return same | Q(**{f"{column}__isnull": False}) if down else same
    beyond = Q(**{f"{column}__{step}": value}) | Q(**{column: value, f"id__{step}": row_id})
    return beyond if down else beyond | Q(**{f"{column}__isnull": True})


def _write_key(row: Any, column: str) -> str:
    value = getattr(row, column)
    return f"{value.isoformat() if value else '-'}~{row.id}"


def _read_key(text: str, column: str) -> tuple[Any, UUID] | None:
    value, _, row_id = text.partition("~")
    try:
        read: Callable[[str], Any] = date.fromisoformat if column.endswith("_on") else _moment
        return (None if value == "-" else read(value)), UUID(row_id)
    except ValueError:
        return None


def _moment(text: str) -> datetime:
    """A moment with its time zone, as the keys have it. Raises `ValueError`."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment without time zone")
    return found
