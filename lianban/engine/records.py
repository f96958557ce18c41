"""What was done beside the rules: it stands in the journal, and the state does not depend on it.

A record is an event like any other: hashed, in order, without a person's value. What it is about
lies in rows of its own; where the proof matters, the record holds the row's hash.
"""

from dataclasses import dataclass
from datetime import date

from lianban.engine.event import Event


@dataclass(frozen=True, slots=True)
class Record(Event):
    """Something that was done and changes no state of the case."""


@dataclass(frozen=True, slots=True)
class VisitMade(Record):
    """The person came to this place, for these items."""

    place: str
    items: tuple[int, ...]
    on: date


@dataclass(frozen=True, slots=True)
class NoticeRefused(Record):
    """Somebody wanted to name again what an earlier notice could have named; it was refused."""

    item: int | None
    defects: tuple[str, ...]
