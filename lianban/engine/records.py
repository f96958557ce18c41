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
class ResultRecorded(Record):
    """The department put its number, day and file to the result; `digest` is over the three."""

    item: int
    on: date
    digest: str


@dataclass(frozen=True, slots=True)
class HandedOver(Record):
    """The result was put into the hands of the person (`self`) or who acts for them (`agent`)."""

    item: int
    to: str


@dataclass(frozen=True, slots=True)
class Posted(Record):
    """The result went out by courier, in this batch."""

    item: int
    batch: str


@dataclass(frozen=True, slots=True)
class MailReturned(Record):
    """The courier brought the result back."""

    item: int
    reason: str


@dataclass(frozen=True, slots=True)
class MailReceived(Record):
    """The posted result arrived, as the courier's list or the person says."""

    item: int
    #: `courier` or `applicant`.
    by: str


@dataclass(frozen=True, slots=True)
class AddressChanged(Record):
    """What is not posted yet goes to another address; it stands in this form version."""

    item: int | None
    form_hash: str


@dataclass(frozen=True, slots=True)
class Signed(Record):
    """Something was signed: what, by whom (`person` or `agent`), how (`typed` or `drawn`)."""

    purpose: str
    role: str
    way: str
    digest: str


@dataclass(frozen=True, slots=True)
class AgentAppointed(Record):
    """Somebody acts for the person from now; who it is lies sealed in a row of its own."""

    agent_id: str
    relation: str
    authority: str


@dataclass(frozen=True, slots=True)
class AgentRevoked(Record):
    """The agent acts for the person no longer."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class NoticeRefused(Record):
    """Somebody wanted to name again what an earlier notice could have named; it was refused."""

    item: int | None
    defects: tuple[str, ...]
