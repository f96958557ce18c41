"""What a partner is told."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from lianban.exchange.contract.words import Hash, Part, Word


class FieldValue(Part):
    """One field of the form that the plan gives to this item."""

    label: str
    value: str


class FileLink(Part):
    """A file of a material, to be fetched with a signed GET before the link ends."""

    name: str
    content_type: str
    size: int
    digest: Hash
    link: str
    link_until: AwareDatetime


class MaterialValue(Part):
    """One material that the plan gives to this item. Grades: A issued or verified, B original
    seen, C uploaded, D declared.
    """

    name: str
    #: Nothing where the paper has not come; what is nothing is left out on the wire.
    grade: Literal["A", "B", "C", "D"] | None = None
    #: The number under which it was issued, where it is a paper of this joint case.
    number: str = ""
    files: list[FileLink] = Field(default_factory=list)


class EarlierResult(Part):
    """What an earlier item of the same joint case issued and this one builds on."""

    item: Word
    name: str
    number: str
    issued_on: date


class Content(Part):
    """What the plan gives the item, and nothing more."""

    fields: dict[str, FieldValue] = Field(default_factory=dict)
    materials: dict[str, MaterialValue] = Field(default_factory=dict)


class Dispatch(Content):
    """A sub-case for the department to decide. `round` counts how often it was sent: a sub-case that
    was sent back, or taken up again, comes once more with the next round.
    """

    item: Word
    item_name: str
    round: int = 1
    district: str
    edition: str
    due_on: date | None = None
    due_is_provisional: bool = False
    results: list[EarlierResult] = Field(default_factory=list)


class CorrectionSupplied(Content):
    """The person's answer to a notice: the codes that were supplied, and all content as it is now."""

    supplied: list[Word]


class ExternalEvent(Part):
    """An outside body has acted: `funds_arrived`, `employer_registers` …"""

    kind: Word


class Appointment(Part):
    """A time for which the person is expected, for the item's sake: booked, changed to this one, given
    back, or gone by without them. A word that a partner may do without: 422 is no failure.
    """

    state: Literal["booked", "changed", "cancelled", "missed"]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    place: Word
    place_name: str
    purpose: Word
    purpose_name: str
    office_name: str


class Withdraw(Part):
    """The sub-case has ended here; stop working on it."""

    why: Literal["withdrawn", "terminated"]


class Verify(Content):
    """Please say whether these papers, and this person, are as stated (核验)."""


class SendText(Part):
    """A text message to a person's phone. It names nobody."""

    to: str
    text: Annotated[str, StringConstraints(max_length=300)]


class OrderWaybill(Part):
    """An envelope to be collected and brought (运费到付)."""

    sender: str
    recipient: str
    phone: str
    address: str
    pieces: int


class OrderPayment(Part):
    """A payment to a person's account. Amounts in fen."""

    payee: str
    bank: str
    account: str
    amount_fen: int
    purpose: str


#: Every message out, by its word.
OUT: dict[str, type[Part]] = {
    "dispatch": Dispatch,
    "correction_supplied": CorrectionSupplied,
    "external_event": ExternalEvent,
    "appointment": Appointment,
    "withdraw": Withdraw,
    "verify": Verify,
    "send_text": SendText,
    "order_waybill": OrderWaybill,
    "order_payment": OrderPayment,
}
#: Words that a partner need not know: one that refuses them with 422 goes without.
MAY_BE_UNKNOWN = frozenset({"appointment"})
