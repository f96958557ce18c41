"""Rows for one decision about many: those that were ticked, or all of a filter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases import absence_lists, editions, worklists
from lianban.cases.models import SubCaseRecord
from lianban.cases.services import bulk
from lianban.engine.transitions import ITEM_ROWS


@dataclass(frozen=True)
class BulkRow:
    """One row of the decision."""

    case_id: UUID
    number: int
    item_name: str
    case_number: str
    person_name: str
    #: Why it cannot be decided now; such a row is left out.
    why_not: str

    @property
    def key(self) -> str:
        """The row's name in a form."""
        return f"{self.case_id}.{self.number}"


def ticked(
    targets: Iterable[tuple[UUID, int]], *, act: str, actor: Actor, today: date
) -> list[BulkRow]:
    """Those of the rows that are this office's own, in the order of the list."""
    wanted = dict.fromkeys(targets)
    rows = SubCaseRecord.objects.select_related("case__person", "claimed_by").filter(
        case_id__in={case_id for case_id, _ in wanted},
        department=actor.department or "",
        district_id__in=actor.districts,
    )
    own = {(row.case_id, row.number): row for row in rows}
    found = [own[target] for target in wanted if target in own]
    return _shown(found, act, actor, today)


def filtered(
    *, tab: str, item: int, district: str, act: str, actor: Actor, today: date
) -> list[BulkRow]:
    """Everything that a filter of the worklist shows, up to the most that one decision takes."""
    found: list[SubCaseRecord] = []
    after = ""
    while len(found) < bulk.MOST:
        page = worklists.items(
            actor=actor, tab=tab, today=today, item=item, district=district, after=after
        )
        found += page.rows
        after = page.next
        if not after:
            break
    return _shown(found[: bulk.MOST], act, actor, today)


def _shown(rows: list[SubCaseRecord], act: str, actor: Actor, today: date) -> list[BulkRow]:
    mine = {actor.user_id, *absence_lists.stands_in_for(user_id=actor.user_id, on=today)}
    return [_row(row, act, actor, mine) for row in rows]


def _row(row: SubCaseRecord, act: str, actor: Actor, mine: set[UUID | None]) -> BulkRow:
    edition = editions.pinned(row.case.edition_id, row.case.edition_hash)
    at_lead = actor.department == edition.lead_department
    why_not = ""
    if row.claimed_by is not None and row.claimed_by_id not in mine:
        why_not = f"{row.claimed_by.name}在办"
    elif row.state not in ITEM_ROWS[act].sources or (row.state == "ready" and not at_lead):
        why_not = "现在的状态不能这样办"
    return BulkRow(
        case_id=row.case_id,
        number=row.number,
        item_name=edition.item(row.number).short_name,
        case_number=row.case.case_number,
        person_name=row.case.person.name,
        why_not=why_not,
    )
