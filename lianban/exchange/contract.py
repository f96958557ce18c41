"""The contract, version 1: every message between Lianban and a partner's system, as types.

Envelopes are CloudEvents 1.0 in structured JSON. The reference page, the OpenAPI document and the
conformance kit are made from what stands here. Values are checked strictly: a word that the contract
does not know is refused, never ignored.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

VERSION = "v1"
PREFIX = "cn.lianban."
MEDIA_TYPE = "application/cloudevents+json"
#: Bytes of the largest message that is taken.
MOST_BYTES = 12 * 1024 * 1024

SUB_CASE = re.compile(r"(LB\d{14}[\dX])-(\d{2})")


def type_of(word: str) -> str:
    """The CloudEvents type of a message: `cn.lianban.dispatch.v1`."""
    return f"{PREFIX}{word}.{VERSION}"


def word_of(type_: str) -> str:
    """The message's word in its type; empty where the type is not of this contract."""
    found = re.fullmatch(rf"{re.escape(PREFIX)}([a-z_]{{1,40}})\.{VERSION}", type_)
    return found.group(1) if found else ""


def sub_case(case_number: str, item: int) -> str:
    """The name of a sub-case on the wire: the case number and the item's number, two digits."""
    return f"{case_number}-{item:02d}"


def parse_sub_case(subject: str) -> tuple[str, int] | None:
    """Case number and item of a sub-case's name; None where it is none."""
    found = SUB_CASE.fullmatch(subject)
    return (found.group(1), int(found.group(2))) if found else None


def _no_control_characters(text: str) -> str:
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in text):
        raise ValueError("control characters are not allowed")
    return text


Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Sentence = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, strip_whitespace=True),
    AfterValidator(_no_control_characters),
]
Short = Annotated[str, StringConstraints(max_length=120), AfterValidator(_no_control_characters)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

#: Why a department sends a sub-case back or does not accept it, and the words for it.
REASONS = {
    "incomplete": "材料不全",
    "wrong_data": "信息有误",
    "not_ours": "不属于本部门",
    "duplicate": "重复收到",
    "not_eligible": "不符合办理条件",
    "other": "其他",
}
Reason = Literal["incomplete", "wrong_data", "not_ours", "duplicate", "not_eligible", "other"]


class Part(BaseModel):
    """A part of a message."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Envelope(BaseModel):
    """A CloudEvents envelope. `sequence` counts the sender's messages about one subject."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    specversion: Literal["1.0"]
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{7,79}$")]
    source: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    type: Annotated[str, StringConstraints(max_length=80)]
    subject: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: Annotated[str, StringConstraints(pattern=r"^\d{1,18}$")] | None = None
    data: dict[str, Any]


# Out: what a partner is told -------------------------------------------------------------------


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
    grade: Literal["A", "B", "C", "D"] | None
    files: list[FileLink] = []


class EarlierResult(Part):
    """What an earlier item of the same joint case issued and this one builds on."""

    item: Word
    name: str
    number: str
    issued_on: date


class Content(Part):
    """What the plan gives the item, and nothing more."""

    fields: dict[str, FieldValue] = {}
    materials: dict[str, MaterialValue] = {}


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
    results: list[EarlierResult] = []


class CorrectionSupplied(Content):
    """The person's answer to a notice: the codes that were supplied, and all content as it is now."""

    supplied: list[Word]


class ExternalEvent(Part):
    """An outside body has acted: `funds_arrived`, `employer_registers` …"""

    kind: Word


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


# In: what a partner tells us -------------------------------------------------------------------


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


class Decide(Part):
    """The decision; a denial needs its reason."""

    outcome: Literal["granted", "denied"]
    reason: Sentence | None = None


class ResultFile(Part):
    """The result's electronic file: PDF or picture, Base64."""

    name: Short
    digest: Hash
    content: str


class Issue(Part):
    """What was issued for a granted sub-case: number, day, and the file where there is one."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    issued_on: date
    file: ResultFile | None = None


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

    materials: dict[Word, VerifiedMaterial] = {}
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


OUT: dict[str, type[Part]] = {
    "dispatch": Dispatch,
    "correction_supplied": CorrectionSupplied,
    "external_event": ExternalEvent,
    "withdraw": Withdraw,
    "verify": Verify,
    "send_text": SendText,
    "order_waybill": OrderWaybill,
    "order_payment": OrderPayment,
}
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


# Answers ---------------------------------------------------------------------------------------


class Receipt(Part):
    """The answer to a message that was taken.

    `applied`: it has had its effect. `parked`: it was kept, and a person looks at it, since it fits
    nothing here (status 202). A repeat gets the first answer again.
    """

    id: str
    outcome: Literal["applied", "parked"]
    code: str = ""
    state: str = ""


class Complaint(Part):
    """The answer to a call that was not taken: what is wrong, where, and what to do."""

    code: str
    message: str
    where: str = ""
    what_to_do: str = ""


class PartnerReceipt(BaseModel):
    """What a partner answers to our message; words that we do not know are left aside."""

    model_config = ConfigDict(extra="ignore")

    id: str
    outcome: Literal["accepted", "repeated"]


class BookLine(Part):
    """One line of a book: a sub-case as one side knows it."""

    sub_case: str
    state: str
    outcome: Literal["granted", "denied", ""] = ""
    round: int = 1
    seen_at: AwareDatetime
    decided_at: AwareDatetime | None = None
    result_number: str = ""


class BookPage(Part):
    """A page of a book, in the order of sub-case names; `next` is empty on the last."""

    lines: list[BookLine]
    next: str = ""


class Page(Part):
    """Messages for a polling partner. The next call's `after` confirms this page."""

    messages: list[Envelope]
    cursor: int
    more: bool


def envelope(
    *,
    word: str,
    message_id: str,
    source: str,
    subject: str,
    at: datetime,
    data: Part,
    sequence: int | None = None,
) -> Envelope:
    """Put a message into its envelope."""
    return Envelope(
        specversion="1.0",
        id=message_id,
        source=source,
        type=type_of(word),
        subject=subject,
        time=at,
        sequence=None if sequence is None else str(sequence),
        data=data.model_dump(mode="json", exclude_none=True),
    )
