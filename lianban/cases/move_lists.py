"""Cases that go to another district: what is offered, what came, and what is left here as a note."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from lianban.accounts.actor import Actor
from lianban.cases import worklists
from lianban.cases.models import MoveRecord
from lianban.engine.refusal import Refused

TABS = ("incoming", "outgoing", "gone")
_S = MoveRecord.State


@dataclass(frozen=True)
class MoveView:
    """One move as it is shown; the case itself is seen only by whose it is."""

    id: UUID
    case_id: UUID
    case_number: str
    person_name: str
    item_count: int
    open_count: int
    from_name: str
    to_name: str
    reason: str
    by_name: str
    at: datetime
    state: str
    state_label: str
    decided_at: datetime | None
    words: str

    @property
    def is_open(self) -> bool:
        """Whether the other bureau has not answered."""
        return self.state == _S.OPEN


def items(*, actor: Actor, tab: str, after: str = "", before: str = "") -> worklists.Page[MoveView]:
    """Moves: `incoming` wait for this bureau, `outgoing` for another one, `gone` are elsewhere now."""
    if tab == "gone":
        page = worklists.paged(_gone(actor), "decided_at", True, after, before)
    else:
        rows = _incoming(actor) if tab == "incoming" else _outgoing(actor)
        page = worklists.paged(rows, "proposed_at", False, after, before)
    return worklists.Page([_view(row) for row in page.rows], page.next, page.previous)


def incoming_count(*, actor: Actor) -> int:
    """How many cases wait for this bureau to take them."""
    return _incoming(actor).count()


def is_incoming(move_id: UUID, *, actor: Actor) -> bool:
    """Whether the move waits for this bureau."""
    return _incoming(actor).filter(id=move_id).exists()


def get(*, move_id: UUID, actor: Actor) -> MoveView:
    """One move that this bureau offers or is offered. Raises `Refused('unknown_move')`."""
    row = _rows().filter(_mine(actor), id=move_id).first()
    if row is None:
        raise Refused("unknown_move", "没有这件转办")
    return _view(row)


def of_case(case_id: UUID) -> MoveView | None:
    """The open or the last move of a case."""
    row = _rows().filter(case_id=case_id).order_by("-proposed_at").first()
    return _view(row) if row else None


def gone_from(*, case_id: UUID, actor: Actor) -> MoveView | None:
    """The note that is left of a case that went to another district; None for anything else."""
    row = _gone(actor).filter(case_id=case_id).order_by("-decided_at").first()
    return _view(row) if row else None


def _rows() -> QuerySet[MoveRecord]:
    return MoveRecord.objects.select_related(
        "case__person", "from_district", "to_district", "proposed_by"
    )


def _mine(actor: Actor) -> Q:
    return Q(from_district_id__in=actor.districts) | Q(to_district_id__in=actor.districts)


def _incoming(actor: Actor) -> QuerySet[MoveRecord]:
    return _rows().filter(state=_S.OPEN, to_district_id__in=actor.districts)


def _outgoing(actor: Actor) -> QuerySet[MoveRecord]:
    return _rows().filter(state=_S.OPEN, from_district_id__in=actor.districts)


def _gone(actor: Actor) -> QuerySet[MoveRecord]:
    rows = _rows().filter(state=_S.ACCEPTED, from_district_id__in=actor.districts)
    return rows.exclude(case__district_id__in=actor.districts)


def _view(row: MoveRecord) -> MoveView:
    return MoveView(
        id=row.id,
        case_id=row.case_id,
        case_number=row.case.case_number,
        person_name=row.case.person.name,
        item_count=row.case.item_count,
        open_count=row.case.open_count,
        from_name=row.from_district.name,
        to_name=row.to_district.name,
        reason=row.reason,
        by_name=row.proposed_by.name,
        at=row.proposed_at,
        state=row.state,
        state_label=_S(row.state).label,
        decided_at=row.decided_at,
        words=row.words,
    )
