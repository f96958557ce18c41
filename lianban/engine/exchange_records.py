"""What other departments' systems said beside the rules: records, as in `lianban.engine.records`."""

from dataclasses import dataclass
from datetime import date

from lianban.engine.records import Record


@dataclass(frozen=True, slots=True)
class Verified(Record):
    """The department's own records say the same of these papers and, with `identity`, of the person."""

    department: str
    codes: tuple[str, ...]
    identity: bool


@dataclass(frozen=True, slots=True)
class FoundDifferent(Record):
    """The department's own records say otherwise of these papers or of the person; somebody looks."""

    department: str
    codes: tuple[str, ...]
    identity: bool


@dataclass(frozen=True, slots=True)
class TimeGiven(Record):
    """The department's own system gave the person a time; the office there sees them."""

    place: str
    purpose: str
    items: tuple[int, ...]
    on: date
    time: str
    department: str
