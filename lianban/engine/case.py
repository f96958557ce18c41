"""The joint case as one frozen value: what the rules need to know, and nothing of the person."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, TypeVar

from lianban.engine.states import CASE_ENDS, CASE_OPEN, ENDS, CaseState, Outcome, State

Value = TypeVar("Value")


def replace(value: Value, **changes: Any) -> Value:
    """A frozen value with some fields changed, as `dataclasses.replace` but past `__init__`.

    Folding a journal is little else, and setting the slots directly takes a third of the time.
    Raises `KeyError` for a field that the value does not have.
    """
    read, setters = _SLOTS[type(value)]
    changed = object.__new__(type(value))
    for set_slot, old in zip(setters.values(), read(value), strict=True):
        set_slot(changed, old)
    for name, new in changes.items():
        setters[name](changed, new)
    return changed


#: A prerequisite: an item's number or a milestone's code.
Node = int | str


@dataclass(frozen=True, slots=True)
class Clock:
    """A running limit: a budget of days from a day that is itself not counted."""

    started_on: date
    days: int
    #: `working` or `natural`.
    counts: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that do not count: from `from_on` up to, not including, `to_on` (None: still paused)."""

    from_on: date
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class Deferral:
    """A material owed until a day, for these items."""

    due_on: date
    items: tuple[int, ...]
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class Graded:
    """How far a material of the case can be trusted (国办函〔2016〕108号)."""

    #: A issued or fetched, B original seen, C uploaded, D declared.
    grade: str
    #: Who met it: `hand_in`, `counter`, `upload`, `dossier`, `mail`, `department`, `earlier`,
    #: `item:N`, the case's own item that issued it, or `verified:D`, the department that confirmed it.
    source: str
    #: The last day on which it stands; None: no end is known.
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Corrections asked of the person, at the case or at one item."""

    #: Defects that are still open.
    outstanding: tuple[str, ...] = ()
    #: Notices given so far.
    given: int = 0
    #: What was supplied since the last notice: it may be found wrong again.
    fresh: tuple[str, ...] = ()
    #: When the last one was given.
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SubCase:
    """One item at one department."""

    number: int
    state: State
    department: str
    since: datetime
    #: An outside body acts for this person; there is no desk work.
    external: bool = False
    requires: tuple[int, ...] = ()
    milestones: tuple[str, ...] = ()
    delivery: str = ""
    materials: tuple[str, ...] = ()
    outcome: Outcome | None = None
    dispatched_on: date | None = None
    clock: Clock | None = None
    pauses: tuple[Pause, ...] = ()
    extended_days: int = 0
    #: The day on which the event came that starts the clock, if it came before the dispatch.
    event_on: date | None = None
    waived: tuple[Node, ...] = ()
    notice: Notice = Notice()
    #: Where it goes back to after suspension.
    resumes_to: State | None = None
    returned: bool = False
    split_off: bool = False
    needs_review: bool = False
    #: The day from which the review date counts.
    reviewed_on: date | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.state in ENDS

    @property
    def met(self) -> bool:
        """Whether what waits for it may go ahead: granted, or its outside event is in."""
        return self.outcome is Outcome.GRANTED or self.state is State.SATISFIED

    @property
    def failed(self) -> bool:
        """Whether it ended so that what waits for it cannot go ahead."""
        return self.ended and not self.met

    @property
    def nodes(self) -> tuple[Node, ...]:
        """What it waits for directly: items, then milestones."""
        return (*self.requires, *self.milestones)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A point that items wait for."""

    code: str
    requires: tuple[int, ...] = ()
    milestones: tuple[str, ...] = ()
    reached_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JointCase:
    """The aggregate. A draft has no sub-cases; the edition is pinned when it is handed in."""

    state: CaseState = CaseState.DRAFT
    edition_id: str = ""
    edition_hash: str = ""
    channel: str = ""
    dispatch: str = ""
    since: datetime | None = None
    submitted_at: datetime | None = None
    #: The day from which the case counts as accepted.
    accepted_on: date | None = None
    deemed_accepted: bool = False
    gathered: bool = False
    #: Materials that were neither there nor promised at hand-in, or a deferral that lapsed.
    missing: tuple[str, ...] = ()
    notice: Notice = Notice()
    deferrals: Mapping[str, Deferral] = field(default_factory=dict)
    #: Material code to its grade; a code that nothing is known of has none.
    grades: Mapping[str, Graded] = field(default_factory=dict)
    sub_cases: Mapping[int, SubCase] = field(default_factory=dict)
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    #: How many events led here.
    sequence: int = 0

    @property
    def ended(self) -> bool:
        """Whether the joint case has ended (split-off items may go on)."""
        return self.state in CASE_ENDS

    @property
    def is_open(self) -> bool:
        """Whether it was handed in and has not ended."""
        return self.state in CASE_OPEN

    @property
    def open_items(self) -> list[int]:
        """Numbers of the sub-cases that have not ended, split-off ones included."""
        return sorted(number for number, sub in self.sub_cases.items() if not sub.ended)

    @property
    def holding_up(self) -> list[int]:
        """Numbers of the sub-cases that stand in the way of conclusion."""
        return [n for n in self.open_items if not self.sub_cases[n].split_off]

    @property
    def notices(self) -> int:
        """Correction notices given, at the case and at its items."""
        return self.notice.given + sum(sub.notice.given for sub in self.sub_cases.values())

    def with_sub(self, number: int, **changes: Any) -> "JointCase":
        """The case with one sub-case changed."""
        changed = replace(self.sub_cases[number], **changes)
        return replace(self, sub_cases={**self.sub_cases, number: changed})


def _slots(kind: type) -> tuple[Any, dict[str, Any]]:
    names = [one.name for one in fields(kind)]
    return attrgetter(*names), {name: getattr(kind, name).__set__ for name in names}


_SLOTS: dict[type, tuple[Any, dict[str, Any]]] = {
    kind: _slots(kind) for kind in (SubCase, JointCase, Milestone, Deferral, Notice, Pause)
}
