"""What each document needs to know, as plain frozen values.

No model, no engine type and no clock: whoever issues a document fills these in, and the same
values always make the same bytes. Texts that a city may change (legal bases, bodies of review,
consequences) are fields, so they come from the plan's data; words that the law or the user's form
fixes stand in the templates beside this file.

An empty string or ``None`` prints as a blank to be filled in by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

FORM_BOXES = frozenset(
    {
        "household_registration",
        "identity_card",
        "medical_insurance_resident",
        "medical_insurance_employee",
        "medical_insurance_flexible",
        "party_league_transfer",
        "driving_licence",
        "pension_transfer",
    }
)
"""Keys of the tick boxes printed on the registration form under 需办理事项."""

DELIVERY_WAYS = frozenset({"courier", "pick_up", "electronic"})
"""How a result reaches the person: 邮寄(到付), 自行领取, 电子送达."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """What every document carries.

    ``office`` is the issuing office's full name. ``issued_at`` must be aware; it is printed as a
    date in Chinese time and becomes the PDF's timestamp. ``edition`` names the plan edition and
    its short hash. ``number`` (文号) and ``verification_url`` are filled in by
    :func:`lianban.documents.issue.issue`; without them the document prints as a form to be
    completed by hand, without a code for verification. ``mended`` says what about the person was
    corrected and when, without a value.
    """

    office: str
    issued_at: datetime
    case_number: str = ""
    edition: str = ""
    office_address: str = ""
    office_phone: str = ""
    number: str = ""
    verification_url: str = ""
    mended: str = ""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """A name, typed or drawn, the day on which it was given, and who was present."""

    name: str = ""
    signed_date: date | None = None
    #: What was drawn by hand, as an SVG image that we made; empty where the name was typed.
    strokes: str = ""
    present: str = ""
    #: Who signed for the person, where somebody did: “由代办人 …”.
    signer: str = ""


@dataclass(frozen=True, kw_only=True)
class TickBox:
    """A box with its words, ticked or not."""

    label: str
    is_ticked: bool = False


@dataclass(frozen=True, kw_only=True)
class DeliveryChoice:
    """How one result is to reach the person; ``way`` is one of ``DELIVERY_WAYS`` or empty."""

    result: str
    way: str = ""


@dataclass(frozen=True, kw_only=True)
class RegistrationForm(Document):
    """军人退役服务事项“一件事”联办办理登记表, laid out as the plan's form is.

    ``ticked`` holds keys of ``FORM_BOXES``; ``other_items`` are the joint items that the form has
    no box for, with the plan's names. ``*_delivery`` is one of ``courier``, ``pick_up`` or empty.
    A statement without a signature prints with lines to sign on. ``page_marks`` are the codes that
    let a scan of each page find its case again.
    """

    page_marks: tuple[str, ...] = ()
    city: str = ""
    name: str = ""
    gender: str = ""
    political_status: str = ""
    education: str = ""
    enlisted_date: date | None = None
    discharged_date: date | None = None
    identity_number: str = ""
    home_address: str = ""
    phone: str = ""
    backup_phone: str = ""
    ticked: frozenset[str] = frozenset()
    other_items: tuple[TickBox, ...] = ()
    household_book_delivery: str = ""
    identity_card_delivery: str = ""
    payment_voucher_delivery: str = ""
    other_deliveries: tuple[DeliveryChoice, ...] = ()
    postal_address: str = ""
    recipient: str = ""
    recipient_phone: str = ""
    self_employment_signature: Signature = field(default_factory=Signature)
    commitment_signature: Signature = field(default_factory=Signature)
    #: Who acted for the person, in words; empty where nobody did.
    handled_by: str = ""

    def __post_init__(self) -> None:
        """Refuse a tick that no box of the form would show."""
        unknown = self.ticked - FORM_BOXES
        if unknown:
            raise ValueError(f"The form has no box named {', '.join(sorted(unknown))}")
        own = (
            self.household_book_delivery,
            self.identity_card_delivery,
            self.payment_voucher_delivery,
        )
        for way in (*own, *(choice.way for choice in self.other_deliveries)):
            if way and way not in DELIVERY_WAYS:
                raise ValueError(f"No way of delivery is named {way}")
        if "electronic" in own:
            raise ValueError("The form's own three results are couriered or picked up")


@dataclass(frozen=True, kw_only=True)
class Notice(Document):
    """What every notice to one person carries; ``legal_bases`` are printed as given."""

    addressee: str = ""
    identity_number: str = ""
    legal_bases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ItemLine:
    """One joint item as a notice lists it: who handles it, within what, and a remark."""

    name: str
    department: str = ""
    time_limit: str = ""
    due_date: date | None = None
    is_provisional: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class MaterialLine:
    """One material of the one-time notice: 原件 or 复印件, how many, for which items."""

    name: str
    form: str = ""
    copies: int | None = None
    serves: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class RequirementsNotice(Notice):
    """一次性告知书: everything that is needed, told once, by a named person."""

    items: tuple[ItemLine, ...] = ()
    materials: tuple[MaterialLine, ...] = ()
    missing: tuple[str, ...] = ()
    given_by: str = ""
    received_by: Signature = field(default_factory=Signature)


@dataclass(frozen=True, kw_only=True)
class AcceptanceNotice(Notice):
    """受理通知书: what was accepted on what day, and until when each item is promised."""

    #: The day from which it counts as accepted; the day of issue unless said otherwise.
    accepted_date: date | None = None
    #: Printed in place of the finding where silence past the limit means acceptance; plan data.
    silence: str = ""
    applied_date: date | None = None
    items: tuple[ItemLine, ...] = ()
    received_materials: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Remedies:
    """Where a decision can be attacked.

    Sixty natural days to the body of review (行政复议法 第二十条) and six months to the court
    (行政诉讼法 第四十六条), unless the plan's data says otherwise.
    """

    review_body: str = ""
    review_address: str = ""
    court: str = ""
    court_address: str = ""
    review_days: int = 60
    litigation_months: int = 6


@dataclass(frozen=True, kw_only=True)
class NonAcceptanceNotice(Notice):
    """不予受理通知书: why, and which authority is the right one, if there is one."""

    applied_date: date | None = None
    matters: tuple[str, ...] = ()
    reason: str = ""
    right_authority: str = ""
    right_authority_address: str = ""
    right_authority_phone: str = ""
    remedies: Remedies = field(default_factory=Remedies)


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One thing to put right: where, what is wrong, and how to mend it."""

    subject: str
    problem: str = ""
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class CorrectionNotice(Notice):
    """补正通知书: all defects at once, until when and where; ``consequence`` is plan data."""

    applied_date: date | None = None
    items: tuple[str, ...] = ()
    defects: tuple[Defect, ...] = ()
    due_date: date | None = None
    submit_to: str = ""
    consequence: str = ""
    #: Which notice of the case it is, and the SHA-256 under which the journal holds what it says.
    ordinal: int = 1
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class DeferredLine:
    """One material owed, in what form, and the last day for it."""

    name: str
    form: str = ""
    due_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class DeferralUndertaking(Notice):
    """容缺受理承诺书: signed by the applicant; ``consequence`` is plan data."""

    items: tuple[str, ...] = ()
    deferred: tuple[DeferredLine, ...] = ()
    consequence: str = ""
    phone: str = ""
    signature: Signature = field(default_factory=Signature)


@dataclass(frozen=True, kw_only=True)
class DenialDecision(Notice):
    """不予办理决定书: facts, reason and basis, and where the person can turn."""

    item: str = ""
    applied_date: date | None = None
    facts: str = ""
    reason: str = ""
    remedies: Remedies = field(default_factory=Remedies)


@dataclass(frozen=True, kw_only=True)
class ConcludedLine:
    """How one item ended: outcome in words, on what day, with what result, number and delivery."""

    name: str
    department: str = ""
    outcome: str = ""
    ended_date: date | None = None
    result: str = ""
    result_number: str = ""
    delivery: str = ""


@dataclass(frozen=True, kw_only=True)
class ConclusionNotice(Notice):
    """办结通知书: how every item of the joint case ended, and what goes on after it."""

    accepted_date: date | None = None
    items: tuple[ConcludedLine, ...] = ()
    going_on: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AmountStep:
    """One line of a calculation: what, how much, by which rule, and whether the city confirmed it."""

    label: str
    value: str = ""
    source: str = ""
    is_verified: bool = True


@dataclass(frozen=True, kw_only=True)
class AmountAssessment(Notice):
    """核定表: ``subject`` is the payment's name; ``amount`` is in yuan, ``amount_in_words`` in capitals.

    ``account`` shows no more than the last four digits; ``unverified`` is plan data.
    """

    subject: str = ""
    item: str = ""
    enlisted_date: date | None = None
    discharged_date: date | None = None
    established: tuple[str, ...] = ()
    not_counted: str = ""
    steps: tuple[AmountStep, ...] = ()
    amount: str = ""
    amount_in_words: str = ""
    unverified: str = ""
    account: str = ""
    computed_by: Signature = field(default_factory=Signature)
    approved_by: Signature = field(default_factory=Signature)


@dataclass(frozen=True, kw_only=True)
class Receipt(Notice):
    """回执: how to find the case again, what is promised, what comes next.

    ``my_case_url`` must carry no personal data; ``query_code`` is the second secret, printed for
    the person alone.
    """

    submitted_at: datetime | None = None
    items: tuple[ItemLine, ...] = ()
    materials: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    my_case_url: str = ""
    query_code: str = ""
    #: The head of the case's history then: proves later that nothing before it was changed.
    history_code: str = ""
