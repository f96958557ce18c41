"""What every event is made of: plain data, which the journal can hold, hash and fold."""

from dataclasses import dataclass
from datetime import datetime


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
