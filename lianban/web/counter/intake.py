"""One form at the counter as its page shows it, and what a posted page says."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.http import QueryDict

from lianban import clock
from lianban.cases import agents, form_rules, known_person, reuse
from lianban.cases.content import Content
from lianban.cases.known_person import Known
from lianban.cases.services import counter, drafts, signatures
from lianban.cases.services.drafts import Draft
from lianban.cases.services.signatures import Signature
from lianban.catalogue import checklist, situation
from lianban.catalogue.model import Edition, Field, Material, Section
from lianban.catalogue.planning import Kind, Plan, PlanRefused
from lianban.web.components import form_section, roster_words, signing
from lianban.web.components.access import Request
from lianban.web.components.form_section import KEPT_LENGTH, SectionForm
from lianban.web.components.signing import Pad
from lianban.web.counter import paper_dates

SEEN, MISSING, WITH_DOSSIER, DEFERRED = "seen", "", "with_dossier", "deferred"


@dataclass(frozen=True)
class Posted:
    """What a page said: the content as it would be kept, and what cannot be kept."""

    content: Content
    #: Values as typed, also those too long to keep.
    typed: Mapping[str, str] = field(default_factory=dict)
    #: By field code: a date whose parts are no date, a text that is too long.
    wrong: Mapping[str, str] = field(default_factory=dict)
    #: Why the choice of items cannot stand.
    choice: str = ""
    #: Strokes of signatures, by field code.
    strokes: Mapping[str, str] = field(default_factory=dict)
    #: Fields and questions that the troop's roster has just filled in.
    fresh: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Part:
    """One section of the form with its fields, drawn."""

    section: Section
    #: Each field drawn, its width, and where its value comes from.
    fields: tuple[tuple[object, str, str], ...]
    wrong: int
    pads: tuple[Pad, ...] = ()


@dataclass(frozen=True)
class Intake:
    """Everything that the intake page shows of one draft."""

    draft: Draft
    request: Request
    posted: Posted
    #: The clerk has tried to finish: what is empty is said, too.
    tried: bool = False

    @property
    def content(self) -> Content:
        """What was typed and ticked."""
        return self.posted.content

    @property
    def edition(self) -> Edition:
        """The edition of the person's district."""
        return self.draft.edition

    @cached_property
    def plan(self) -> Plan:
        """The plan for the answers so far."""
        return standing(self.edition, self.content).plan(self.edition)

    @property
    def values(self) -> dict[str, str]:
        """Values by field code, as typed."""
        return {**self.content.fields, **self.posted.typed}

    @cached_property
    def complaints(self) -> dict[str, str]:
        """What is wrong or missing, by field code."""
        today = clock.now().date()
        agent = agents.of_data(self.content.agent)
        signing = agents.signing(edition=self.edition, agent=agent, on=today)
        found = form_rules.complaints(self.plan, self.values, today=today, signing=signing)
        return {**found, **self.posted.wrong}

    @cached_property
    def unanswered(self) -> list[str]:
        """Keys of questions that are still open."""
        return situation.unanswered(self.edition, self.plan.answers)

    @cached_property
    def asked(self) -> list[Field]:
        """All fields on the page, in the plan's order."""
        return asked(self.plan, self.values)

    @cached_property
    def form(self) -> SectionForm:
        """All fields with what is wrong: of what is empty only after a try."""
        wrong = {c: w for c, w in self.complaints.items() if self.tried or self.values.get(c)}
        form = SectionForm(self.plan, tuple(self.asked), self.values, wrong)
        for code, made in form.fields.items():  # a swapped card keeps what is being typed
            if code not in self.posted.fresh:
                made.widget.attrs["hx-preserve"] = "true"
        return form

    @property
    def agent_words(self) -> str:
        """Who acts for the person, in words."""
        return agents.words(self.edition, agents.of_data(self.content.agent))

    @property
    def who(self) -> list[Field]:
        """The fields that say who it is: name, number, and the birthday to check it against."""
        return who(self.edition)

    @property
    def who_fields(self) -> list[object]:
        """The same, drawn."""
        return [self.form[found.code] for found in self.who]

    @property
    def name(self) -> str:
        """The person's name, as far as it was typed."""
        return self.values.get(self.who[0].code, "")

    @cached_property
    def known(self) -> Known | None:
        """What is known under the number that was typed."""
        return known_person.known(
            self.values.get(self.who[1].code, ""),
            name=self.name,
            actor=self.request.actor,
            today=clock.now().date(),
        )

    @property
    def parts(self) -> list[Part]:
        """The sections of the form below the three cards."""
        return list(self._parts())

    def _parts(self) -> list[Part]:
        here = {found.code for found in self.who}
        found = []
        for section in self.edition.sections:
            fields = [f for f in self.asked if f.section == section.code and f.code not in here]
            signed = [f for f in fields if f.type == "signature"]
            drawn = tuple(
                (self.form[f.code], form_section.width_of(f), self._source(f))
                for f in fields
                if f not in signed
            )
            wrong = sum(bool(self.form[f.code].errors) for f in fields)
            if fields:
                found.append(Part(section, drawn, wrong, tuple(map(self._pad, signed))))
        return found

    def _pad(self, signed: Field) -> Pad:
        sent = signing.strokes(self.request.POST, [signed.code]).get(signed.code, "")
        kept = None if sent else self.signatures.get(signed.code)
        # The pad is kept as a whole: a kept part inside it would be moved away.
        self.form.fields[signed.code].widget.attrs.pop("hx-preserve", None)
        return Pad(self.form[signed.code], sent, kept, preserve=True)

    @cached_property
    def signatures(self) -> dict[str, Signature]:
        """What was signed by hand on this form."""
        return signatures.of_draft(draft_id=self.draft.id)

    def _source(self, found: Field) -> str:
        return roster_words.source_of(found, self.content, self.values)

    @property
    def answer_sources(self) -> list[tuple[str, str]]:
        """Questions of which the roster speaks: key, and words for beside it."""
        questions = self.edition.questions
        found = [(q.key, roster_words.answer_source(q, self.content)) for q in questions]
        return [(key, words) for key, words in found if words]

    @property
    def announced(self) -> bool:
        """Whether the troop's roster has this person."""
        return bool(self.content.roster.get("row"))

    @property
    def open_fields(self) -> list[tuple[str, str]]:
        """What keeps the form from being handed in: field code and words."""
        return list(self.complaints.items())

    # Materials

    @cached_property
    def ways(self) -> dict[str, str]:
        """How each material comes; what may come with the dossier does so unless told otherwise."""
        told = self.content.materials
        found = {}
        for material in self.materials:
            usual = WITH_DOSSIER if material.may_arrive_with else MISSING
            found[material.code] = told.get(material.code, usual)
        return found

    @cached_property
    def reusable(self) -> dict[str, reuse.Offer]:
        """What an earlier case holds and this one may use."""
        return reuse.offers(
            edition=self.edition,
            content=self.content,
            actor=self.request.actor,
            today=clock.now().date(),
        )

    @cached_property
    def materials(self) -> list[Material]:
        """The materials that this person needs."""
        return materials(self.plan)

    @cached_property
    def lacking(self) -> list[Material]:
        """Those whose absence forbids acceptance."""
        return counter.lacking(self.plan, self.ways)

    @property
    def main_lacking(self) -> list[Material]:
        """Those that cannot be owed either."""
        return [material for material in self.lacking if not material.deferrable]

    # What may be done

    @property
    def is_ready(self) -> bool:
        """Whether the guide is through and leads to items."""
        return not self.unanswered and bool(self.plan.eligible)

    @property
    def item_count(self) -> int:
        """Items to do."""
        return len(self.plan.of(Kind.OPEN, Kind.EXTERNAL))


def materials(plan: Plan) -> list[Material]:
    """The materials of a plan, each once."""
    return [n.what for n in checklist.materials(plan) if isinstance(n.what, Material)]


def who(edition: Edition) -> list[Field]:
    """Name, identity number, and the birthday on the paper, which checks the number.

    They are on the page before any question is answered.
    """
    by_type = {found.type: found for found in reversed(edition.fields)}
    number = by_type["identity_number"]
    check = [f for f in edition.fields if f.derived_from == number.code and f.type == "date"]
    return [by_type["name"], number, *(replace(found, required=False) for found in check)]


def asked(plan: Plan, values: Mapping[str, str]) -> list[Field]:
    """The fields on the page: who it is, then what the plan asks, each once."""
    first = who(plan.edition)
    codes = {found.code for found in first}
    return [*first, *(f for f in form_rules.asked(plan, values) if f.code not in codes)]


def standing(edition: Edition, content: Content) -> Content:
    """The content as far as it can stand: answers first, then the choice of items."""
    content = replace(content, answers=drafts.pruned(edition, content.answers))
    try:
        content.plan(edition)
    except ValueError:
        return replace(content, unticked=(), evidence={})
    return content


# Reading a posted page -------------------------------------------------------------------------


def read(draft: Draft, data: QueryDict) -> Posted:
    """What the page says, over what was kept; parts that the page does not have stay as they are."""
    answers = dict(draft.content.answers)
    for question in draft.edition.questions:
        if f"q_{question.key}" in data:
            answers[question.key] = data.get(f"q_{question.key}", "")
    content = replace(draft.content, answers=drafts.pruned(draft.edition, answers))
    content, choice = _choices(draft, content, data)
    plan = content.plan(draft.edition)
    fields = tuple(asked(plan, {**content.fields, **_delivery(plan, data)}))
    typed, wrong = form_section.read(fields, data)
    strokes = signing.strokes(data, (f.code for f in fields if f.type == "signature"))
    typed = signatures.with_names(replace(draft, content=_named(content, typed)), typed, strokes)
    long = {
        code: f"最多 {KEPT_LENGTH} 个字" for code, text in typed.items() if len(text) > KEPT_LENGTH
    }
    kept = {code: text for code, text in typed.items() if code not in long}
    content = replace(
        content,
        fields={**content.fields, **kept},
        materials=_ways(content, data),
        dated=_dated(draft.edition, content, data),
    )
    return Posted(content, typed, {**wrong, **long}, choice, strokes)


def _named(content: Content, typed: Mapping[str, str]) -> Content:
    return replace(content, fields={**content.fields, **typed})


def _delivery(plan: Plan, data: QueryDict) -> dict[str, str]:
    return {
        f.code: data.get(f.code, "") for f in plan.edition.fields if f.delivers and f.code in data
    }


def _choices(draft: Draft, content: Content, data: QueryDict) -> tuple[Content, str]:
    """The items that the person leaves out; what cannot stand is said and not taken."""
    shown = {int(n) for n in data.getlist("item_shown") if n.isdecimal() and len(n) < 4}
    if not shown or content.answers != draft.content.answers:
        return standing(draft.edition, content), ""
    ticked = {int(n) for n in data.getlist("item") if n.isdecimal() and len(n) < 4}
    left_out = shown - ticked
    proofs = {n: data.get(f"evidence_{n}", "").strip()[:100] for n in left_out}
    chosen = replace(
        content,
        unticked=tuple(sorted(n for n in left_out if not proofs[n])),
        evidence={str(n): text for n, text in proofs.items() if text},
    )
    try:
        chosen.plan(draft.edition)
    except PlanRefused as refused:
        return standing(draft.edition, content), str(refused)
    return chosen, ""


def _ways(content: Content, data: QueryDict) -> dict[str, str]:
    """How each material that the page showed comes; an original that was seen goes before all."""
    found = dict(content.materials)
    seen = set(data.getlist("seen"))
    for code in data.getlist("material"):
        found[code] = SEEN if code in seen else data.get(f"way_{code}", found.get(code, MISSING))
        if code not in seen and found[code] == SEEN:
            found[code] = MISSING
    return {code: way for code, way in found.items() if way}


def _dated(edition: Edition, content: Content, data: QueryDict) -> dict[str, str]:
    """The days on papers that end; what is no day is not kept."""
    shown = set(data.getlist("material"))
    days, _ = paper_dates.read(paper_dates.typed(data, edition), shown)
    kept = {code: day for code, day in content.dated.items() if code not in shown}
    return kept | {code: day.isoformat() for code, day in days.items()}
