"""What has happened to a case. Past tense; no event carries a person's value.

Each event is plain data, so that the journal can hold, hash and fold it without the plan.
"""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """What the answers led to for one item of the case."""

    number: int
    #: `open`, `external` or `satisfied`.
    kind: str
    department: str
    requires: tuple[int, ...] = ()
    milestones: tuple[str, ...] = ()
    #: The way its result is delivered; empty: nothing to deliver.
    delivery: str = ""
    #: Codes of the materials it needs of this person.
    materials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MilestonePlan:
    """A milestone of the case and what comes before it."""

    code: str
    requires: tuple[int, ...] = ()
    milestones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a moment (aware)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Submitted(Event):
    """The case was handed in under this edition."""

    edition_id: str
    edition_hash: str
    channel: str
    #: `batch` or `immediate`.
    dispatch: str
    items: tuple[ItemPlan, ...]
    milestones: tuple[MilestonePlan, ...]
    missing: tuple[str, ...]
    form_hash: str


@dataclass(frozen=True, slots=True)
class Registered(Submitted):
    """The case was handed in and accepted at the counter."""


@dataclass(frozen=True, slots=True)
class CaseAccepted(Event):
    """Accepted; `deemed` since silence past the notice limit means so (行政许可法 第三十二条)."""

    since: date
    deemed: bool = False


@dataclass(frozen=True, slots=True)
class HandlingBegan(Event):
    """The item that opens the case was decided."""


@dataclass(frozen=True, slots=True)
class AcceptanceRefused(Event):
    """Not accepted, with a reason."""

    item: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class CorrectionRequested(Event):
    """One notice listed these defects."""

    item: int | None
    defects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corrected(Event):
    """The person supplied these."""

    item: int | None
    supplied: tuple[str, ...]
    form_hash: str = ""


@dataclass(frozen=True, slots=True)
class DeferralGranted(Event):
    """These materials may come until `due_on`."""

    item: int | None
    materials: tuple[str, ...]
    due_on: date


@dataclass(frozen=True, slots=True)
class DeferralLapsed(Event):
    """Deferred materials did not come in time."""

    materials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DossierReceived(Event):
    """The troop's dossier is here."""

    milestone: str


@dataclass(frozen=True, slots=True)
class ReceptionRegistered(Event):
    """A milestone was reached, by hand or by itself."""

    milestone: str


@dataclass(frozen=True, slots=True)
class BatchGathered(Event):
    """These items went out in the counter's batch."""

    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Readied(Event):
    """Everything before the item is met."""

    item: int


@dataclass(frozen=True, slots=True)
class Dispatched(Event):
    """Sent to this department."""

    item: int
    department: str


@dataclass(frozen=True, slots=True)
class Received(Event):
    """Seen by its department."""

    item: int


@dataclass(frozen=True, slots=True)
class Accepted(Event):
    """Accepted by its department, or deemed so."""

    item: int
    deemed: bool = False


@dataclass(frozen=True, slots=True)
class ClockStarted(Event):
    """The limit runs; the day `on` itself is not counted."""

    item: int
    on: date
    days: int
    #: `working` or `natural`.
    counts: str


@dataclass(frozen=True, slots=True)
class Returned(Event):
    """Sent back to the bureau."""

    item: int
    reason: str


@dataclass(frozen=True, slots=True)
class Suspended(Event):
    """The clock stands still."""

    item: int
    reason: str


@dataclass(frozen=True, slots=True)
class Resumed(Event):
    """The clock goes on."""

    item: int


@dataclass(frozen=True, slots=True)
class Extended(Event):
    """The limit became longer by these days of its own kind."""

    item: int
    days: int
    grounds: str


@dataclass(frozen=True, slots=True)
class Granted(Event):
    """Decided for the person."""

    item: int


@dataclass(frozen=True, slots=True)
class Denied(Event):
    """Decided against the person."""

    item: int
    reason: str


@dataclass(frozen=True, slots=True)
class Issued(Event):
    """The result is on its way, by this way."""

    item: int
    delivery: str


@dataclass(frozen=True, slots=True)
class Delivered(Event):
    """The result reached the person."""

    item: int


@dataclass(frozen=True, slots=True)
class ItemConcluded(Event):
    """The item has ended with its decision."""

    item: int


@dataclass(frozen=True, slots=True)
class ExternalEventReceived(Event):
    """An outside body acted."""

    item: int
    kind: str


@dataclass(frozen=True, slots=True)
class Waived(Event):
    """An item goes ahead without this prerequisite."""

    item: int
    prerequisite: str
    grounds: str


@dataclass(frozen=True, slots=True)
class Blocked(Event):
    """Something before the item failed."""

    item: int
    by: int


@dataclass(frozen=True, slots=True)
class Unblocked(Event):
    """What had failed is open again or waived."""

    item: int


@dataclass(frozen=True, slots=True)
class ReviewNeeded(Event):
    """Something the item's decision rested on was taken up again."""

    item: int
    because: int


@dataclass(frozen=True, slots=True)
class ReviewFellDue(Event):
    """It waited so long that somebody should look."""

    item: int


@dataclass(frozen=True, slots=True)
class SplitOff(Event):
    """The joint case no longer waits for this item."""

    item: int


@dataclass(frozen=True, slots=True)
class Unticked(Event):
    """Taken out before acceptance; what waited for it inherits its prerequisites."""

    item: int
    items: tuple[ItemPlan, ...]
    milestones: tuple[MilestonePlan, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn(Event):
    """Ended by the person."""

    item: int | None


@dataclass(frozen=True, slots=True)
class Terminated(Event):
    """Ended by the authority."""

    item: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Concluded(Event):
    """The joint case has ended; `tail` items go on."""

    tail: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reopened(Event):
    """Taken up again."""

    item: int | None
    reason: str


def _subclasses(kind: type[Event]) -> list[type[Event]]:
    children: list[type[Event]] = kind.__subclasses__()
    return [found for child in children for found in (child, *_subclasses(child))]


#: Every event by its name.
TYPES: dict[str, type[Event]] = {kind.__name__: kind for kind in _subclasses(Event)}
_NAMES: dict[type, tuple[str, ...]] = {
    kind: tuple(f.name for f in fields(kind) if f.name != "at") for kind in TYPES.values()
}


def to_data(event: Event) -> dict[str, Any]:
    """The event as JSON values, without its moment (the journal keeps that beside it)."""
    return {name: _plain(getattr(event, name)) for name in _NAMES[type(event)]}


def from_data(name: str, data: dict[str, Any], *, at: datetime) -> Event:
    """Rebuild an event. Raises `KeyError` for an unknown name and `TypeError` for other fields."""
    return TYPES[name](
        at=at, **{key: _READERS.get(key, _value)(value) for key, value in data.items()}
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, ItemPlan | MilestonePlan):
        return {k: _plain(v) for k, v in asdict(value).items()}
    return value


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _items(values: list[Any]) -> tuple[Any, ...]:
    return tuple(
        ItemPlan(**{k: _value(v) for k, v in value.items()}) if isinstance(value, dict) else value
        for value in values
    )


def _milestones(values: list[dict[str, Any]]) -> tuple[MilestonePlan, ...]:
    return tuple(MilestonePlan(**{k: _value(v) for k, v in value.items()}) for value in values)


_READERS: dict[str, Any] = {
    "items": _items,
    "milestones": _milestones,
    "since": date.fromisoformat,
    "due_on": date.fromisoformat,
    "on": date.fromisoformat,
}
