"""What a partner tells us."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from lianban.exchange.contract.envelope import of_our_days
from lianban.exchange.contract.outgoing import ExternalEvent
from lianban.exchange.contract.words import (
    Hash,
    Part,
    Reason,
    Sentence,
    Short,
    Word,
    no_control_characters,
)


class Nothing(Part):
    """A message that says all by its type."""


class RefuseAcceptance(Part):
    """不予受理, with the reason."""

    reason_code: Reason
    reason: Sentence


class Return(Part):
    """退回: back to the bureau, with the reason."""

    reason_code: Reason
    reason: Sentence


class Transfer(Part):
    """Not ours; the department whose it is, where that is known."""

    reason: Sentence
    department: Word | None = None


class RequestCorrection(Part):
    """All defects at once: codes of fields and materials that were sent with the dispatch."""

    defects: Annotated[list[Word], Field(min_length=1, max_length=60)]


class Suspend(Part):
    """The clock stands still, with the reason."""

    reason: Sentence


class Extend(Part):
    """The limit becomes longer, once, by working days."""

    days: Annotated[int, Field(ge=1, le=90)]
    grounds: Sentence


class ResultFile(Part):
    """The result's electronic file: PDF or picture, Base64."""

    name: Short
    digest: Hash
    content: str


class Issue(Part):
    """What was issued for a granted sub-case: number, day, and the file where there is one."""

    number: Annotated[
        str, StringConstraints(min_length=1, max_length=60), AfterValidator(no_control_characters)
    ]
    issued_on: date
    file: ResultFile | None = None


class Decide(Part):
    """The decision; a denial needs its reason. The result may come with it: then what builds on it
    is sent with its number at once. Else `issue` follows.
    """

    outcome: Literal["granted", "denied"]
    reason: Sentence | None = None
    result: Issue | None = None


class Arrived(Part):
    """The person came for this item, at the moment of the envelope or at `came_at`."""

    came_at: Annotated[AwareDatetime, AfterValidator(of_our_days)] | None = None


class Appoint(Part):
    """The department gives the person a time, or another one instead of what is booked: in the future,
    within half a year, 5 to 240 minutes.
    """

    starts_at: Annotated[AwareDatetime, AfterValidator(of_our_days)]
    ends_at: Annotated[AwareDatetime, AfterValidator(of_our_days)]


class Status(Part):
    """Where the sub-case stands with the partner, in the partner's own words; it changes nothing."""

    state: Word
    note: Short = ""


class VerifiedMaterial(Part):
    """Whether one paper is as stated, and until when it stands."""

    matches: bool
    valid_until: date | None = None


class Verified(Part):
    """The answer to `verify` (核验结果)."""

    materials: dict[Word, VerifiedMaterial] = Field(default_factory=dict)
    identity_matches: bool | None = None


class TextDelivered(Part):
    """What became of a text message."""

    outcome: Literal["delivered", "failed"]


class MailEvent(Part):
    """What happened to an envelope."""

    kind: Literal["collected", "delivered", "returned"]
    tracking_number: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{8,30}$")]


class PaymentEvent(Part):
    """What became of a payment."""

    outcome: Literal["paid", "returned"]
    reference: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{4,40}$")]
    reason: Short = ""


#: Every message in, by its word.
IN: dict[str, type[Part]] = {
    "receive": Nothing,
    "accept": Nothing,
    "refuse_acceptance": RefuseAcceptance,
    "return": Return,
    "transfer": Transfer,
    "request_correction": RequestCorrection,
    "suspend": Suspend,
    "resume": Nothing,
    "extend": Extend,
    "appoint": Appoint,
    "arrived": Arrived,
    "decide": Decide,
    "issue": Issue,
    "deliver": Nothing,
    "external_event": ExternalEvent,
    "status": Status,
    "verified": Verified,
    "text_delivered": TextDelivered,
    "mail_event": MailEvent,
    "payment_event": PaymentEvent,
}
