"""What stands before and after one item of a case: for a department that sees only its own items.

Nothing of another department's work is told but what this item rests on: that it was granted, when,
and the number of its result.
"""

from dataclasses import dataclass
from datetime import datetime

from lianban.cases.models import SubCaseRecord
from lianban.cases.queries import CaseView
from lianban.catalogue.model import Edition
from lianban.engine import prerequisite
from lianban.engine.case import JointCase, SubCase
from lianban.engine.states import Outcome


@dataclass(frozen=True)
class Produced:
    """What one prerequisite has produced: an item's result, or a milestone that was reached."""

    number: int | None
    name: str
    result: str
    result_number: str
    department: str
    at: datetime | None


@dataclass(frozen=True)
class Neighbour:
    """An item before or after this one, with nothing but its status."""

    number: int
    short_name: str
    state: str
    outcome: str


@dataclass(frozen=True)
class Place:
    """Where an item stands in the whole case."""

    before: tuple[Neighbour, ...]
    after: tuple[Neighbour, ...]
    #: Those of `after` that wait for this item directly.
    next: tuple[Neighbour, ...]
    #: Numbers of the items that become ready as soon as this one is granted.
    opens: tuple[int, ...]
    done: int
    total: int


def results(view: CaseView, number: int) -> list[Produced]:
    """The results that an item rests on or gets by itself (grade A), then the milestones reached."""
    case, edition = view.case, view.edition
    nodes = set(prerequisite.ancestors(case, case.sub_cases[number]))
    wanted = {*case.sub_cases[number].requires, *_serving(edition, number)}
    rows = SubCaseRecord.objects.filter(case_id=view.id, number__in=wanted)
    numbers = {row.number: row.result_number for row in rows}
    found = [
        Produced(
            number=sub.number,
            name=edition.item(sub.number).short_name,
            result=result.name if (result := edition.item(sub.number).result) else "",
            result_number=numbers.get(sub.number, ""),
            department=edition.department_names[sub.department],
            at=sub.since,
        )
        for sub in case.sub_cases.values()
        if sub.number in wanted and sub.outcome is Outcome.GRANTED
    ]
    names = {milestone.code: milestone.name for milestone in edition.milestones}
    return found + [
        Produced(None, names[m.code], "", "", edition.department_names[edition.lead_department], at)
        for m in case.milestones.values()
        if m.code in nodes and (at := m.reached_at)
    ]


def _serving(edition: Edition, number: int) -> set[int]:
    """Numbers of the items whose results the plan brings to this item's desk by themselves."""
    code = edition.item(number).code
    return {item.number for item in edition.items if item.result and code in item.result.serves}


def place(view: CaseView, number: int) -> Place:
    """Where an item stands: what it rests on, what rests on it, and how far the case is."""
    case = view.case
    before = {n for n in prerequisite.ancestors(case, case.sub_cases[number]) if isinstance(n, int)}
    after = {
        sub.number
        for sub in case.sub_cases.values()
        if number in set(prerequisite.ancestors(case, sub))
    }
    return Place(
        before=_neighbours(view, before),
        after=_neighbours(view, after),
        next=_neighbours(view, {n for n in after if number in case.sub_cases[n].requires}),
        opens=tuple(n for n in sorted(after) if _waits_only_for(case, case.sub_cases[n], number)),
        done=sum(sub.met or sub.ended for sub in case.sub_cases.values()),
        total=len(case.sub_cases),
    )


def _neighbours(view: CaseView, numbers: set[int]) -> tuple[Neighbour, ...]:
    subs = [view.case.sub_cases[n] for n in sorted(numbers) if n in view.case.sub_cases]
    return tuple(
        Neighbour(s.number, view.edition.item(s.number).short_name, s.state, s.outcome or "")
        for s in subs
    )


def _waits_only_for(case: JointCase, sub: SubCase, number: int) -> bool:
    nodes = list(prerequisite.ancestors(case, sub))
    others = [node for node in nodes if node != number]
    return all(prerequisite.is_met(case, node) for node in others) and not sub.ended
