"""What the intake page says of its own: questions, items so far, materials, the notice, what may be done."""

from dataclasses import dataclass
from datetime import date

from lianban import clock
from lianban.cases import editions, reuse
from lianban.catalogue import checklist, situation, visits
from lianban.catalogue.model import Edition, Material
from lianban.catalogue.planning import Disposition, Kind, Plan
from lianban.catalogue.visits import Visit
from lianban.engine import deadlines
from lianban.engine.refusal import Refused
from lianban.web.components.field import first_id
from lianban.web.counter.intake import DEFERRED, MISSING, SEEN, WITH_DOSSIER, Intake

PROMISED = "promised"
FORMS = {"original": "原件", "copy": "复印件", "photo": "照片"}
_NOT_OFFERED = "不能这样交"


@dataclass(frozen=True)
class Answer:
    """One answer that may be chosen."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Asked:
    """One question of the guide."""

    number: int
    key: str
    label: str
    help: str
    answers: tuple[Answer, ...]

    @property
    def is_answered(self) -> bool:
        """Whether one was chosen."""
        return any(answer.is_chosen for answer in self.answers)


def questions(plan: Plan) -> list[Asked]:
    """All questions that this person is asked, with what may be answered."""
    found = []
    for number, question in enumerate(situation.asked(plan.edition, plan.answers), 1):
        allowed = situation.allowed(question, plan.answers)
        chosen = plan.answers.get(question.key, "")
        answers = tuple(
            Answer(value, question.label_of(value), value == chosen) for value in allowed
        )
        found.append(Asked(number, question.key, question.label, question.help, answers))
    return found


@dataclass(frozen=True)
class Line:
    """One item that the person may leave out, or has left out."""

    number: int
    name: str
    why: str
    is_wanted: bool
    is_fixed: bool
    evidence: str


@dataclass(frozen=True)
class Panel:
    """What there is to do so far."""

    lines: tuple[Line, ...]
    outside: tuple[Disposition, ...]
    not_needed: tuple[Disposition, ...]
    visits: tuple[Visit, ...]
    notes: tuple[str, ...]
    enquiries: tuple[str, ...]
    count: int
    undecided: int

    @property
    def why_come(self) -> str:
        """Why the person must come, each reason once."""
        reasons = (reason for visit in self.visits for reason in visit.why.split(";"))
        return "、".join(dict.fromkeys(reasons))


def panel(shown: Intake) -> Panel:
    """Put it together."""
    plan = shown.plan
    return Panel(
        lines=tuple(_line(shown, d) for d in plan.dispositions if _is_chooseable(shown, d)),
        outside=tuple(plan.of(Kind.EXTERNAL)),
        not_needed=tuple(
            d for d in plan.of(Kind.NOT_APPLICABLE, Kind.SATISFIED) if not _is_chooseable(shown, d)
        ),
        visits=visits.least(plan).visits,
        notes=tuple(checklist.notes(plan)),
        enquiries=tuple(enquiry.name for enquiry in checklist.enquiries(plan)),
        count=shown.item_count,
        undecided=len(plan.of(Kind.UNDECIDED)),
    )


def _is_chooseable(shown: Intake, found: Disposition) -> bool:
    if found.kind in (Kind.OPEN, Kind.UNTICKED):
        return True
    return str(found.item.number) in shown.content.evidence and found.kind is Kind.SATISFIED


def _line(shown: Intake, found: Disposition) -> Line:
    item = found.item
    return Line(
        number=item.number,
        name=item.short_name,
        why=item.why,
        is_wanted=found.kind is Kind.OPEN,
        is_fixed=item.code == shown.edition.entry,
        evidence=shown.content.evidence.get(str(item.number), ""),
    )


# Materials ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class MaterialRow:
    """One material with its box and how else it comes."""

    code: str
    name: str
    note: str
    is_seen: bool
    is_lacking: bool
    way: str
    offered: tuple[tuple[str, str], ...]
    items: tuple[int, ...]
    #: It ends some days after the day on it, which the clerk types (ISO).
    ends: bool
    dated: str


def material_rows(shown: Intake) -> list[MaterialRow]:
    """Every material once, in the plan's order."""
    serves = {n.what.code: n.items for n in checklist.materials(shown.plan)}
    lacking = {material.code for material in shown.lacking}
    return [
        MaterialRow(
            code=material.code,
            name=checklist.name_of(shown.plan, material),
            note=_note(material),
            is_seen=shown.ways[material.code] == SEEN,
            is_lacking=material.code in lacking,
            way=shown.ways[material.code],
            offered=_offered(shown, material),
            items=serves[material.code],
            ends=bool(material.valid_days),
            dated=shown.content.dated.get(material.code, ""),
        )
        for material in shown.materials
    ]


def _note(material: Material) -> str:
    return f"{FORMS.get(material.form, '')} {material.copies} {_unit(material)}".strip()


def _unit(material: Material) -> str:
    return "张" if material.form == "photo" else "份"


def _offered(shown: Intake, material: Material) -> tuple[tuple[str, str], ...]:
    """The ways besides being seen; one that was uploaded before stays what it is."""
    ways = [(MISSING, "没带，写进告知单")]
    if material.may_arrive_with:
        ways = [(WITH_DOSSIER, "随档案来，现在不算缺")]
    ways.append((PROMISED, "先传或先登记，以后带来核"))
    if material.deferrable:
        ways.append((DEFERRED, "容缺，约定日期补"))
    if shown.ways[material.code] == "uploaded":
        ways.append(("uploaded", "已上传"))
    offer = shown.reusable.get(material.code)
    if offer:
        ways.append((reuse.REUSED, f"沿用上次，{offer.verified_on.isoformat()} 核过"))
    return tuple(ways)


# The notice that writes itself ---------------------------------------------------------------


@dataclass(frozen=True)
class NoticeLine:
    """One thing that is missing, and what needs it."""

    name: str
    note: str
    used_for: str


@dataclass(frozen=True)
class Notice:
    """The one-time notice as it would be given now."""

    title: str
    lead: str
    lines: tuple[NoticeLine, ...]
    going_on: int
    by: date
    is_provisional: bool
    consequence: str
    today: date


def notice(shown: Intake) -> Notice:
    """Work out the notice; without lines when nothing is missing."""
    words = shown.edition.wording.get("notices", {})
    today = clock.now().date()
    due = deadlines.add_working_days(
        editions.calendar(), today, shown.edition.rules.correction_review_days
    )
    serves = {n.what.code: n.items for n in checklist.materials(shown.plan)}
    lines = tuple(
        NoticeLine(
            checklist.name_of(shown.plan, material),
            _note(material),
            "、".join(shown.edition.item(n).short_name for n in serves[material.code]),
        )
        for material in shown.lacking
    )
    return Notice(
        title=words.get("correction_title", ""),
        lead=words.get("correction_lead", ""),
        lines=lines,
        going_on=shown.item_count,
        by=due.on,
        is_provisional=due.provisional,
        consequence=words.get("correction_consequence", ""),
        today=today,
    )


# What may be done ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """One button: where it leads, its key, and why it cannot be pressed."""

    how: str
    label: str
    key: str
    why_not: str
    is_main: bool = False


@dataclass(frozen=True)
class Acts:
    """The buttons, and what keeps the form from being handed in."""

    buttons: tuple[Act, ...]
    #: An input's id and what is wrong there, the first few.
    open_fields: tuple[tuple[str, str], ...]
    open_count: int

    @property
    def may_defer(self) -> bool:
        """Whether the person may sign the undertaking now."""
        return any(act.how == "defer" and not act.why_not for act in self.buttons)


def acts(shown: Intake) -> Acts:
    """The ways out of this form: exactly one of them is the main button."""
    barred = _barred(shown)
    lacking, main = shown.lacking, shown.main_lacking
    accept = barred or (f"还缺 {len(lacking)} 份材料，不能全部受理" if lacking else "")
    defer = barred or _why_not_defer(lacking, main)
    give = barred or ("" if lacking else "材料都齐了，没有要告知的")
    buttons = (
        Act("accept", "受理登记", "F10", accept, is_main=not accept),
        Act("notice", "告知补正，打印告知书", "F8", give, is_main=bool(accept) and not give),
        Act("defer", "容缺受理，本人已签承诺书", "F9", defer),
    )
    fields = shown.open_fields
    return Acts(buttons, tuple(_place(shown, *one) for one in fields[:5]), len(fields))


def _place(shown: Intake, code: str, words: str) -> tuple[str, str]:
    """The id of the field's first input, and what is wrong with it."""
    drawn = code in shown.form.fields
    return (first_id(shown.form[code]) if drawn else "fields"), words


def _why_not_defer(lacking: list[Material], main: list[Material]) -> str:
    if not lacking:
        return "材料都齐了，不用容缺"
    if main:
        return f"「{main[0].name}」是主要材料，不能容缺"
    return ""


def _barred(shown: Intake) -> str:
    """Why nothing can be handed in yet, or nothing."""
    known = shown.known
    if known and known.running:
        return "这个人已经有一件在办"
    if shown.unanswered:
        return f"还有 {len(shown.unanswered)} 个问题没有答"
    return "" if shown.plan.eligible else "按这些回答不能在这里办"


def words(refusal: Refused) -> str:
    """A refusal as the clerk reads it."""
    if refusal.code == "already_running":
        return "这个人已经有一件正在办理的联办件，不能再交一件"
    return refusal.message or "这一步现在不能做"


@dataclass(frozen=True)
class Also:
    """One thing that the counter takes besides, and where it goes."""

    name: str
    goes_to: str


def counter_also(edition: Edition) -> list[Also]:
    """What the counter also takes, from the plan's words."""
    said = edition.wording.get("counter", {})
    return [
        Also(name, said[f"{code}_goes_to"])
        for code, name in said.items()
        if f"{code}_goes_to" in said
    ]
