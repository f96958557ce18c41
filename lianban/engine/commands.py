"""What somebody may ask of a case. Imperative names; `NAMES` gives each its word in scripts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class _HandIn:
    """The applicant's choices. Answers lead to items here and are not kept in any event."""

    answers: Mapping[str, str]
    unticked: tuple[int, ...] = ()
    evidence: Mapping[int, str] = field(default_factory=dict)
    #: Item number to the chosen way of delivery; the plan's first way otherwise.
    delivery: Mapping[int, str] = field(default_factory=dict)
    #: Codes of materials that are neither there nor promised.
    missing: tuple[str, ...] = ()
    #: Material code to the grade with which it comes; a code that is not named gets none.
    grades: Mapping[str, str] = field(default_factory=dict)
    #: Hash of the encrypted form version that holds answers and facts.
    form_hash: str = ""


@dataclass(frozen=True, slots=True)
class Submit(_HandIn):
    """Hand in; acceptance follows after pre-review. Pins the edition."""

    channel: str = "online"


@dataclass(frozen=True, slots=True)
class Register(_HandIn):
    """Hand in and accept at the counter, which pins the edition; or accept what lies there already.

    What was handed in before keeps its own answers: those of this command are not read again.
    """

    channel: str = "counter"


@dataclass(frozen=True, slots=True)
class PassPreReview:
    """Accept what was handed in."""


@dataclass(frozen=True, slots=True)
class RefuseAcceptance:
    """Do not accept, with a reason."""

    reason: str = ""
    item: int | None = None


@dataclass(frozen=True, slots=True)
class RequestCorrection:
    """Give one notice with all defects (codes of materials and fields)."""

    defects: tuple[str, ...]
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Correct:
    """The person's answer to a notice, or a deferred material that now is there."""

    supplied: tuple[str, ...]
    item: int | None = None
    form_hash: str = ""


@dataclass(frozen=True, slots=True)
class AcceptWithDeferral:
    """Accept although secondary materials are owed until a date (容缺受理)."""

    materials: tuple[str, ...]
    item: int | None = None


@dataclass(frozen=True, slots=True)
class GradeMaterials:
    """These materials are there with this grade: whoever waits for them waits no more."""

    codes: tuple[str, ...]
    grade: str
    source: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ReceiveDossier:
    """The troop's dossier is here and complete."""


@dataclass(frozen=True, slots=True)
class RegisterReception:
    """Register reception by hand."""


@dataclass(frozen=True, slots=True)
class GatherBatch:
    """Gather what is ready into the counter's batch and dispatch it, once a case."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The person ends the case or one item before it is decided."""

    item: int | None = None


@dataclass(frozen=True, slots=True)
class Terminate:
    """The authority ends the case or one item, with a reason."""

    reason: str = ""
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Conclude:
    """The bureau concludes the joint case."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Take up an ended case or item again, with a reason; what waits is worked out anew."""

    reason: str = ""
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Send again what a department returned."""

    item: int
    #: The right department, where the first one was not.
    department: str = ""


@dataclass(frozen=True, slots=True)
class Receive:
    """The department has seen it."""

    item: int


@dataclass(frozen=True, slots=True)
class Accept:
    """The department accepts it."""

    item: int


@dataclass(frozen=True, slots=True)
class Return:
    """The department sends it back to the bureau: not ours, or a mistake in it."""

    item: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Suspend:
    """Stop the clock, with a reason."""

    item: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resume:
    """Let the clock go on."""

    item: int


@dataclass(frozen=True, slots=True)
class Extend:
    """Lengthen the limit once, by working days, with grounds."""

    item: int
    days: int
    grounds: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """Decide for the person; implies the steps that were skipped."""

    item: int


@dataclass(frozen=True, slots=True)
class Deny:
    """Decide against the person, with a reason."""

    item: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Deliver:
    """The result has reached the person."""

    item: int


@dataclass(frozen=True, slots=True)
class ChangeDelivery:
    """The result shall reach the person by another way; what was posted is the caller's to refuse."""

    item: int
    delivery: str


@dataclass(frozen=True, slots=True)
class ExternalEvent:
    """An outside body has acted: an employer registered, funds arrived."""

    item: int
    kind: str


@dataclass(frozen=True, slots=True)
class Waive:
    """The bureau's head lets an item go ahead without one prerequisite, with grounds."""

    item: int
    #: An item's number or a milestone's code, as text.
    prerequisite: str
    grounds: str = ""


@dataclass(frozen=True, slots=True)
class SplitOff:
    """Let the joint case conclude while this item goes on."""

    item: int


@dataclass(frozen=True, slots=True)
class Untick:
    """Before acceptance: the person does not want this item after all."""

    item: int
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class PassTime:
    """Nothing but the time: rules that fall due are applied."""


NAMES: dict[str, type] = {
    "submit": Submit,
    "register": Register,
    "pass_pre_review": PassPreReview,
    "refuse_acceptance": RefuseAcceptance,
    "request_correction": RequestCorrection,
    "correct": Correct,
    "accept_with_deferral": AcceptWithDeferral,
    "grade_materials": GradeMaterials,
    "receive_dossier": ReceiveDossier,
    "register_reception": RegisterReception,
    "gather_batch": GatherBatch,
    "withdraw": Withdraw,
    "terminate": Terminate,
    "conclude": Conclude,
    "reopen": Reopen,
    "dispatch": Dispatch,
    "receive": Receive,
    "accept": Accept,
    "return": Return,
    "suspend": Suspend,
    "resume": Resume,
    "extend": Extend,
    "grant": Grant,
    "deny": Deny,
    "deliver": Deliver,
    "change_delivery": ChangeDelivery,
    "external_event": ExternalEvent,
    "waive": Waive,
    "split_off": SplitOff,
    "untick": Untick,
    "pass_time": PassTime,
}
NAME_OF: dict[type, str] = {command: name for name, command in NAMES.items()}

Command = (
    Submit
    | Register
    | PassPreReview
    | RefuseAcceptance
    | RequestCorrection
    | Correct
    | AcceptWithDeferral
    | GradeMaterials
    | ReceiveDossier
    | RegisterReception
    | GatherBatch
    | Withdraw
    | Terminate
    | Conclude
    | Reopen
    | Dispatch
    | Receive
    | Accept
    | Return
    | Suspend
    | Resume
    | Extend
    | Grant
    | Deny
    | Deliver
    | ChangeDelivery
    | ExternalEvent
    | Waive
    | SplitOff
    | Untick
    | PassTime
)
