"""One edition of a plan as frozen values. What each word of the YAML means is said here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lianban.catalogue.agent import AgentRules
from lianban.catalogue.condition import ALWAYS, Condition, questions
from lianban.catalogue.dossier import DossierRules
from lianban.catalogue.partner import PartnerRules
from lianban.catalogue.payment import Payment
from lianban.catalogue.presence import Place, Presence, Text


@dataclass(frozen=True)
class Choice:
    """One value of a situation question."""

    value: str
    label: str
    #: The value may be chosen only by people for whom this holds.
    when: Condition = ALWAYS


@dataclass(frozen=True)
class Question:
    """A situation question (情形). Its values are finite, so every applicant can be enumerated."""

    key: str
    label: str
    choices: tuple[Choice, ...]
    help: str = ""
    #: It is asked only of people for whom this holds.
    when: Condition = ALWAYS

    @property
    def values(self) -> tuple[str, ...]:
        """All values, in the order shown."""
        return tuple(choice.value for choice in self.choices)

    def label_of(self, value: str) -> str:
        """The words for one value, or the value itself when it is unknown."""
        return next((c.label for c in self.choices if c.value == value), value)


@dataclass(frozen=True)
class TimeLimit:
    """A time limit, in `days` that count as working or natural days."""

    days: int
    #: `working` or `natural`.
    counts: str
    #: Where the figure comes from: a law's article, a city's promise.
    source: str
    #: Whether the city or a law confirms the figure.
    verified: bool
    #: What starts the clock: `ready`, `dispatch`, or the code of an event such as `funds_arrived`.
    starts: str = "dispatch"
    #: For personal limits: the field of the form from which the days count.
    since: str = ""
    when: Condition = ALWAYS
    text: str = ""


@dataclass(frozen=True)
class Result:
    """What an item issues, and the ways it reaches the person (first = unless chosen otherwise)."""

    name: str
    delivery: tuple[str, ...]
    pick_up_note: str = ""
    #: The material as which it serves other items, by itself, once the item is granted.
    code: str = ""
    #: Codes of the items whose desks get it, beside those whose material it is.
    serves: tuple[str, ...] = ()
    #: The department that verifies it all the same (核验).
    verified_by: str = ""


@dataclass(frozen=True)
class External:
    """An outside body acts; successors wait for its event."""

    when: Condition
    event: str
    actor: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Satisfied:
    """The item is done elsewhere; the evidence that shows it."""

    when: Condition
    evidence: str


@dataclass(frozen=True)
class Owner:
    """The department that decides the item, for people for whom `when` holds."""

    department: str
    when: Condition = ALWAYS


@dataclass(frozen=True)
class Item:
    """A government service item (事项) as this plan performs it."""

    number: int
    code: str
    name: str
    short_name: str
    owners: tuple[Owner, ...]
    #: Codes of items or milestones.
    requires: tuple[str, ...] = ()
    opens: Condition = ALWAYS
    external: External | None = None
    satisfied: Satisfied | None = None
    #: Why the item is needed, in words for the person.
    why: str = ""
    #: Why it does not apply, first that holds; the last holds always.
    why_not: tuple[Text, ...] = ()
    presence: tuple[Presence, ...] = ()
    pledged: TimeLimit | None = None
    statutory: TimeLimit | None = None
    personal: tuple[TimeLimit, ...] = ()
    #: Working days after which somebody looks again while the item waits.
    review_days: int = 20
    result: Result | None = None
    #: The counter may decide it on the department's behalf (委托办理).
    entrusted_to_counter: bool = False
    #: A long tail that may be split off so that the joint case concludes.
    may_split_off: bool = False
    #: The number among the eleven national sub-matters of 国办函〔2024〕53号, 0 = none.
    national: int = 0
    notes: tuple[Text, ...] = ()
    payment: Payment | None = None

    @property
    def departments(self) -> tuple[str, ...]:
        """Every department that may own the item."""
        return tuple(owner.department for owner in self.owners)


@dataclass(frozen=True)
class Piece:
    """One paper of a material that has alternatives."""

    code: str
    name: str
    #: An alternative stands only for people for whom all its pieces' conditions hold.
    when: Condition = ALWAYS


@dataclass(frozen=True)
class Material:
    """A material (申请材料) and the items that need it."""

    code: str
    name: str
    #: `original`, `copy` or `photo`.
    form: str
    copies: int
    items: tuple[str, ...]
    when: Condition = ALWAYS
    #: Secondary: acceptance may be deferred for it (容缺).
    deferrable: bool = False
    #: Alternatives: any one list of pieces is enough.
    any_of: tuple[tuple[str, ...], ...] = ()
    pieces: tuple[Piece, ...] = ()
    #: The milestone before which its absence is no defect (it may come with the dossier).
    may_arrive_with: str = ""
    #: Its original may come by mail, so nobody has to show it.
    may_be_mailed: bool = False
    issuer: str = ""
    help: str = ""
    #: The person is told to hand the old one in at this item.
    source: str = ""
    #: The trust grade that its items need before they may be granted; some items need another.
    grade: str = "C"
    grades: Mapping[str, str] = field(default_factory=dict)
    #: Natural days for which a later case may use it again; 0: never.
    reusable_days: int = 0
    #: Natural days from the day on the paper until it ends; 0: it does not end.
    valid_days: int = 0
    #: The department that can say from its own records whether it is genuine (核验).
    verified_by: str = ""

    def grade_for(self, item: str) -> str:
        """The grade that an item, by its code, needs of this material."""
        return self.grades.get(item, self.grade)


@dataclass(frozen=True)
class Field:
    """A field of the combined form, and the items that read it."""

    code: str
    label: str
    #: text, name, identity_number, date, mobile, phone, choice, address, account, long_text,
    #: number, signature (the applicant's own name, typed).
    type: str
    section: str
    items: tuple[str, ...]
    when: Condition = ALWAYS
    required: bool = True
    sensitive: bool = False
    #: Computed from another field, never asked.
    derived_from: str = ""
    #: The situation question whose answer fills it; never asked a second time.
    question: str = ""
    #: Items whose result goes the way that this field chooses (送达方式).
    delivers: tuple[str, ...] = ()
    #: Needed only when a field that delivers chooses this way: the address of a courier.
    for_delivery: str = ""
    choices: tuple[Choice, ...] = ()
    help: str = ""
    #: Collected at the counter (全要素信息采集) and optional online.
    full_element: bool = False
    max_length: int = 0
    #: For dates: the field whose date may not be later than this one.
    not_before: str = ""
    not_in_future: bool = False


@dataclass(frozen=True)
class Section:
    """A page of the combined form."""

    code: str
    title: str
    help: str = ""


@dataclass(frozen=True)
class Enquiry:
    """A question that the counter also takes: answered by a department, not a sub-case."""

    code: str
    name: str
    department: str
    days: int
    when: Condition = ALWAYS
    text: str = ""


@dataclass(frozen=True)
class Department:
    """A department (部门) with its duties under the plan."""

    code: str
    name: str
    short_name: str
    duties: str = ""
    #: `district`: an office in each district; `city`: one for the city; `none`.
    offices: str = "district"
    #: How work reaches it: `desk`, `adapter` or `none`.
    connects_by: str = "desk"


@dataclass(frozen=True)
class Milestone:
    """A point in the joint case that items wait for."""

    code: str
    name: str
    #: The command that reaches it by hand; empty: reached by itself when its prerequisites are met.
    command: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class Channel:
    """How a joint case comes in."""

    enabled: bool
    pre_review: bool
    #: `batch`: gathered once after reception; `immediate`: dispatched when ready.
    dispatch: str


@dataclass(frozen=True)
class Rules:
    """The plan's figures that are not an item's. Days are working days."""

    #: A correction notice is due within these days of hand-in.
    notice_days: int
    #: What silence past that means: `accepted` or `escalated`.
    silence: str
    #: The person is reminded of an open notice after these days.
    correction_review_days: int
    deferral_most_days: int
    deferral_before_limit_days: int
    extension_most_days: int
    #: The bureau concludes within these days after the last item ended.
    conclude_days: int
    #: Natural-day limits that end on a day off move to the next working day.
    natural_days_roll: bool
    #: An appointment may be cancelled up to these natural days before it.
    appointment_cancel_days: int = 1


@dataclass(frozen=True)
class Edition:
    """One immutable version of the plan."""

    id: str
    hash: str
    name: str
    source: str
    #: The code of the item that opens the joint case.
    entry: str
    lead_department: str
    eligible: Condition
    not_eligible: str
    items: tuple[Item, ...]
    materials: tuple[Material, ...]
    questions: tuple[Question, ...]
    sections: tuple[Section, ...]
    fields: tuple[Field, ...]
    departments: tuple[Department, ...]
    milestones: tuple[Milestone, ...]
    enquiries: tuple[Enquiry, ...]
    places: tuple[Place, ...]
    reasons: dict[str, str]
    channels: dict[str, Channel]
    rules: Rules
    wording: dict[str, dict[str, str]] = field(default_factory=dict)
    agent: AgentRules = field(default_factory=AgentRules)
    dossier: DossierRules = field(default_factory=DossierRules)
    partners: PartnerRules = field(default_factory=PartnerRules)
    notes: tuple[Text, ...] = ()
    #: Commands that only the bureau's head gives; its officers and the counter propose them.
    approvals: frozenset[str] = frozenset()

    @cached_property
    def by_number(self) -> dict[int, Item]:
        """Items by their number."""
        return {item.number: item for item in self.items}

    @cached_property
    def by_code(self) -> dict[str, Item]:
        """Items by their code."""
        return {item.code: item for item in self.items}

    @cached_property
    def entry_number(self) -> int:
        """The number of the item that opens the joint case."""
        return self.by_code[self.entry].number

    @cached_property
    def milestone_codes(self) -> tuple[str, ...]:
        """Milestones in the order of the plan."""
        return tuple(milestone.code for milestone in self.milestones)

    @cached_property
    def question_by_key(self) -> dict[str, Question]:
        """Situation questions by their key."""
        return {question.key: question for question in self.questions}

    @cached_property
    def question_reads(self) -> dict[str, frozenset[str]]:
        """Question key to the keys of the questions that decide who is asked and may answer what."""
        return {
            question.key: questions(question.when).union(
                *(questions(choice.when) for choice in question.choices)
            )
            for question in self.questions
        }

    @cached_property
    def material_by_code(self) -> dict[str, Material]:
        """Materials by their code."""
        return {material.code: material for material in self.materials}

    @cached_property
    def department_names(self) -> dict[str, str]:
        """Department code to its name."""
        return {department.code: department.name for department in self.departments}

    def item(self, number: int) -> Item:
        """The item with this number. Raises `KeyError`."""
        return self.by_number[number]

    def reference(self) -> dict[str, str]:
        """The edition's id and content hash, as documents and messages name it."""
        return {"id": self.id, "hash": self.hash}
