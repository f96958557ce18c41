"""What has happened to a case. Past tense; no event carries a person's value.

Each event is plain data, so that the journal can hold, hash and fold it without the plan.
"""

from dataclasses import dataclass
from datetime import date

from lianban.engine.event import Event, ItemPlan, MilestonePlan

__all__ = ["Event", "ItemPlan", "MilestonePlan"]


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
    """One notice listed these defects.

    `ordinal` counts the notices of the joint case; `because` says of each defect of a later notice
    why no earlier one could name it; `digest` is the SHA-256 of all that the notice says.
    """

    item: int | None
    defects: tuple[str, ...]
    ordinal: int = 1
    because: tuple[str, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Corrected(Event):
    """The person supplied these."""

    item: int | None
    supplied: tuple[str, ...]
    form_hash: str = ""


@dataclass(frozen=True, slots=True)
class MaterialGraded(Event):
    """These materials are there, and can be trusted so far."""

    codes: tuple[str, ...]
    grade: str
    source: str
    until: date | None = None


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
class DeliveryChanged(Event):
    """The result goes another way."""

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
