"""What follows by itself from what happened, in the same transaction and at the same moment."""

from lianban.engine import events as e
from lianban.engine import prerequisite
from lianban.engine.case import SubCase
from lianban.engine.desk import Desk
from lianban.engine.states import CaseState, State

_HANDLED = frozenset({CaseState.ACCEPTED, CaseState.IN_HANDLING, CaseState.CONCLUDED})


def settle(desk: Desk) -> None:
    """Add events until nothing more follows: milestones, ready, dispatched, blocked, unblocked."""
    if desk.case.state not in _HANDLED:
        return
    seen = -1
    while seen < len(desk.events):
        seen = len(desk.events)
        _begin(desk)
        _milestones(desk)
        failures = any(sub.failed for sub in desk.case.sub_cases.values())
        for sub in tuple(desk.case.sub_cases.values()):
            _item(desk, sub, failures=failures)


def _begin(desk: Desk) -> None:
    entry = desk.case.sub_cases.get(desk.edition.entry_number)
    if desk.case.state is CaseState.ACCEPTED and entry and (entry.outcome or entry.ended):
        desk.add(e.HandlingBegan(desk.at))


def _milestones(desk: Desk) -> None:
    for milestone in desk.edition.milestones:
        by_itself = not milestone.command and milestone.code in desk.case.milestones
        if by_itself and prerequisite.milestone_is_due(desk.case, milestone.code):
            desk.add(e.ReceptionRegistered(desk.at, milestone.code))


def _item(desk: Desk, sub: SubCase, *, failures: bool) -> None:
    if sub.state is State.WAITING:
        failed = prerequisite.failed_before(desk.case, sub) if failures else None
        if failed is not None:
            desk.add(e.Blocked(desk.at, sub.number, failed))
        elif prerequisite.is_ready(desk.case, sub):
            ready(desk, sub.number)
    elif sub.state is State.BLOCKED and prerequisite.failed_before(desk.case, sub) is None:
        desk.add(e.Unblocked(desk.at, sub.number))


def ready(desk: Desk, number: int) -> None:
    """The item is ready; unless it is the lead's own or waits for the batch, it is dispatched."""
    desk.add(e.Readied(desk.at, number))
    start_clock(desk, number, "ready")
    sub = desk.sub(number)
    if not desk.is_lead(sub) and (desk.case.dispatch == "immediate" or desk.case.gathered):
        dispatch(desk, number)


def dispatch(desk: Desk, number: int, *, department: str = "") -> None:
    """Send the item to its department; a clock that runs from the dispatch starts."""
    sub = desk.sub(number)
    desk.add(e.Dispatched(desk.at, number, department or sub.department))
    start_clock(desk, number, "dispatch")
    if sub.event_on is not None:
        limit = desk.item(number).pledged
        start_clock(desk, number, limit.starts if limit else "")


def start_clock(desk: Desk, number: int, cause: str) -> None:
    """Start the pledged limit if this is what starts it and it does not run yet."""
    limit = desk.item(number).pledged
    if limit and limit.starts == cause and desk.sub(number).clock is None:
        desk.add(e.ClockStarted(desk.at, number, desk.today, limit.days, limit.counts))


def conclude_item(desk: Desk, number: int) -> None:
    """After a grant: the result goes out, or, with nothing to hand over, the item ends."""
    way = desk.sub(number).delivery
    if way in ("", "electronic"):
        if way:
            desk.add(e.Issued(desk.at, number, way))
            desk.add(e.Delivered(desk.at, number))
        desk.add(e.ItemConcluded(desk.at, number))
    else:
        desk.add(e.Issued(desk.at, number, way))
