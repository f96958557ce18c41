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
class Booked(Record):
    """A time was booked for these items, for the reason `purpose`; `time` is the hour in Shanghai."""

    place: str
    purpose: str
    items: tuple[int, ...]
    on: date
    time: str


@dataclass(frozen=True, slots=True)
class BookingCancelled(Record):
    """A time was given back: by the person, or since they had come already."""

    place: str
    purpose: str
    items: tuple[int, ...]
    on: date
    time: str


@dataclass(frozen=True, slots=True)
class BookingMissed(Record):
    """The day went by and nobody came; another time may be booked."""

    place: str
    purpose: str
    items: tuple[int, ...]
    on: date
    time: str


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
class NoticeRefused(Record):
    """Somebody wanted to name again what an earlier notice could have named; it was refused."""

    item: int | None
    defects: tuple[str, ...]


# Files ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileRefused(Record):
    """A file of these materials was found harmful after it came; the case goes on without it."""

    item: int | None
    materials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OriginalOpened(Record):
    """The bureau's head opened the original of a file of these materials, not the copy."""

    item: int | None
    materials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormFiled(Record):
    """A scanned page of the printed form was filed with the case."""

    item: int | None
    #: SHA-256 (hex) of the scan as it came.
    digest: str


# The troop's dossier ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DossierSentBack(Record):
    """The dossier was incomplete and went back; codes of the plan's pieces that were not in it."""

    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DossierReturnTakenBack(Record):
    """The dossier did not go back after all."""


# What waits for the bureau's head ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposed(Record):
    """An officer proposed this command; it waits for the bureau's head."""

    item: int | None
    command: str


@dataclass(frozen=True, slots=True)
class ProposalApproved(Record):
    """The head approved what an officer had proposed; what was decided follows."""

    item: int | None
    command: str
    #: The name of the officer who proposed it.
    proposed_by: str


@dataclass(frozen=True, slots=True)
class ProposalSentBack(Record):
    """The head sent a proposal back, with words."""

    item: int | None
    command: str
    words: str


@dataclass(frozen=True, slots=True)
class ProposalTakenBack(Record):
    """The officer no longer proposes it."""

    item: int | None
    command: str


# Work that went astray --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReturnPointed(Record):
    """Why a department sent an item back, as a code, and whose it is as far as it knows."""

    item: int
    code: str
    #: The department that it names, or nothing.
    department: str
    #: The name of the district that it names, or nothing.
    district: str


@dataclass(frozen=True, slots=True)
class SentElsewhere(Record):
    """The item goes to the department's office of another district."""

    item: int
    department: str
    district: str


@dataclass(frozen=True, slots=True)
class Reassigned(Record):
    """Another officer of the office has the item now."""

    item: int
    before: str
    after: str
    note: str


@dataclass(frozen=True, slots=True)
class ActedFor(Record):
    """The step before was taken by a deputy, for an officer who is away."""

    item: int
    officer: str


@dataclass(frozen=True, slots=True)
class PersonCorrected(Record):
    """Fields about the person were wrong and are mended; the old values stay in the old version."""

    codes: tuple[str, ...]
    #: The items whose departments had the old values already.
    items: tuple[int, ...]
    form_hash: str


@dataclass(frozen=True, slots=True)
class NumberInConflict(Record):
    """The corrected identity number is another person's row; an officer compares."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConflictDecided(Record):
    """An officer compared the two: the same person, or not."""

    same: bool


@dataclass(frozen=True, slots=True)
class MoveProposed(Record):
    """The bureau offers the case to another district."""

    district: str
    reason: str


@dataclass(frozen=True, slots=True)
class MoveEnded(Record):
    """The case stays: the other bureau did not take it, or the offer was taken back."""

    district: str
    words: str


@dataclass(frozen=True, slots=True)
class Moved(Record):
    """The case is another district's now, with everything that is undecided."""

    before: str
    district: str
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReappliedAfter(Record):
    """The person had this case before, which ended without what was asked for."""

    case_number: str


@dataclass(frozen=True, slots=True)
class AmountComputed(Record):
    """What the person is paid was computed; the digest is keyed and names amount and steps."""

    item: int
    digest: str


@dataclass(frozen=True, slots=True)
class AmountApproved(Record):
    """Somebody else looked at it and approved it."""

    item: int
    digest: str


@dataclass(frozen=True, slots=True)
class PaymentOrdered(Record):
    """It stands on a list that went to the finance office."""

    item: int
    batch: str
    digest: str


@dataclass(frozen=True, slots=True)
class Paid(Record):
    """The money reached the account."""

    item: int
    digest: str
    on: date


@dataclass(frozen=True, slots=True)
class PaymentReturned(Record):
    """The bank sent it back."""

    item: int
    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class AccountChanged(Record):
    """The person named another account, verified by `phone_code` or `papers_seen`."""

    item: int
    form_hash: str
    verified_by: str


@dataclass(frozen=True, slots=True)
class Rated(Record):
    """The person rated an item, or the whole case: 5 very satisfied … 1 very dissatisfied."""

    item: int | None
    level: int


@dataclass(frozen=True, slots=True)
class CalledBack(Record):
    """Somebody called the person back after a bad rating."""

    item: int | None


@dataclass(frozen=True, slots=True)
class Packed(Record):
    """The archive pack was made; `digest` is the SHA-256 of its ZIP."""

    digest: str
