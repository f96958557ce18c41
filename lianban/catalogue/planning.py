"""What one applicant's answers lead to: items, order, materials, fields, visits.

The same plan serves the guide on the phone, the counter, `lianban policy plan` and the engine, so
that nobody is told one thing and asked another.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from lianban.catalogue import graph, situation
from lianban.catalogue.condition import Condition, questions
from lianban.catalogue.model import Edition, Item
from lianban.catalogue.presence import Presence, Text


class Kind(StrEnum):
    """What becomes of an item for a person."""

    OPEN = "open"
    #: An outside body acts; successors wait for its event.
    EXTERNAL = "external"
    #: Done elsewhere, with evidence.
    SATISFIED = "satisfied"
    NOT_APPLICABLE = "not_applicable"
    #: It would be open, but the person does not want it.
    UNTICKED = "unticked"
    #: The answers so far do not decide it.
    UNDECIDED = "undecided"


#: Kinds that stay in the graph as nodes.
IN_GRAPH = frozenset({Kind.OPEN, Kind.EXTERNAL, Kind.UNDECIDED})


@dataclass(frozen=True)
class Disposition:
    """One item as it stands for one person."""

    item: Item
    kind: Kind
    department: str
    why: str = ""
    advice: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Plan:
    """The plan for one applicant."""

    edition: Edition
    answers: Mapping[str, str]
    #: None: not yet decided.
    eligible: bool | None
    dispositions: tuple[Disposition, ...]
    #: Prerequisites after contraction and transitive reduction, by code (items and milestones).
    requires: dict[str, tuple[str, ...]] = field(default_factory=dict)
    waves: dict[str, int] = field(default_factory=dict)
    #: The same if nothing that is undecided opens.
    earliest: dict[str, int] = field(default_factory=dict)

    def of(self, *kinds: Kind) -> list[Disposition]:
        """The dispositions of these kinds, by item number."""
        return [d for d in self.dispositions if d.kind in kinds]

    @cached_property
    def open_codes(self) -> frozenset[str]:
        """Codes of the items that this case will handle."""
        return frozenset(d.item.code for d in self.of(Kind.OPEN))

    def item_requires(self, code: str) -> tuple[int, ...]:
        """Numbers of the items that `code` waits for directly."""
        by_code = self.edition.by_code
        return tuple(sorted(by_code[r].number for r in self.requires.get(code, ()) if r in by_code))

    def milestone_requires(self, code: str) -> tuple[str, ...]:
        """Milestones that `code` waits for directly, in the plan's order."""
        required = self.requires.get(code, ())
        return tuple(m for m in self.edition.milestone_codes if m in required)

    def presence(self, item: Item) -> Presence | None:
        """Where the person must come for this item, and why, as far as it is sure."""
        for presence in item.presence:
            holds = sure(self.edition, presence.when, self.answers)
            if holds is not False:
                return presence if holds else None
        return None


_NO_REASON = Text("按您的情况不需要办")


class PlanRefused(ValueError):
    """The applicant's choices cannot stand together; `code` and `items` say which."""

    def __init__(self, code: str, message: str, *, items: Collection[int] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.items = tuple(sorted(items))


def plan(
    edition: Edition,
    answers: Mapping[str, str],
    *,
    unticked: Collection[int] = (),
    evidence: Mapping[int, str] | None = None,
) -> Plan:
    """Work out the plan for these answers; questions may still be open.

    Raises `situation.AnswersRefused` for impossible answers and `PlanRefused` for impossible choices.
    """
    situation.validate(edition, answers)
    _require_known(edition, {*unticked, *(evidence or {})})
    eligible = sure(edition, edition.eligible, answers)
    chosen = _Choices(edition, answers, frozenset(unticked), dict(evidence or {}))
    dispositions = tuple(chosen.disposition(item, eligible) for item in edition.items)
    chosen.require_evidence(dispositions)
    requires = _requires(edition, dispositions, IN_GRAPH)
    decided = _requires(edition, dispositions, IN_GRAPH - {Kind.UNDECIDED})
    return Plan(
        edition,
        answers,
        eligible,
        dispositions,
        requires,
        graph.waves(requires, edition.milestone_codes),
        graph.waves(decided, edition.milestone_codes),
    )


def _require_known(edition: Edition, numbers: Collection[int]) -> None:
    unknown = sorted(set(numbers) - edition.by_number.keys())
    if unknown:
        names = "、".join(map(str, unknown))
        raise PlanRefused("unknown_item", f"方案里没有第 {names} 项", items=unknown)


def sure(edition: Edition, condition: Condition, answers: Mapping[str, str]) -> bool | None:
    """Whether the condition holds for everyone, for nobody (or None: for some) who answers so."""
    reads = questions(condition)
    if situation.is_settled(edition, answers, reads):
        return condition.holds(answers)
    found = {condition.holds(full) for full in situation.completions(edition, answers, reads)}
    return found.pop() if len(found) == 1 else None


def edges(edition: Edition) -> dict[str, tuple[str, ...]]:
    """The whole graph of the edition: items and milestones."""
    nodes = {milestone.code: milestone.requires for milestone in edition.milestones}
    return nodes | {item.code: item.requires for item in edition.items}


def _requires(
    edition: Edition, dispositions: tuple[Disposition, ...], kept: Collection[Kind]
) -> dict[str, tuple[str, ...]]:
    dropped = [d.item.code for d in dispositions if d.kind not in kept]
    return graph.reduce(graph.contract(edges(edition), dropped))


@dataclass(frozen=True)
class _Choices:
    edition: Edition
    answers: Mapping[str, str]
    unticked: frozenset[int]
    evidence: dict[int, str]

    def disposition(self, item: Item, eligible: bool | None) -> Disposition:
        if eligible is False:
            return Disposition(
                item, Kind.NOT_APPLICABLE, item.departments[0], why=self.edition.not_eligible
            )
        kind = self.kind(item)
        if eligible is None and kind is not Kind.NOT_APPLICABLE:
            kind = Kind.UNDECIDED
        department = self.department(item)
        if item.number in self.unticked or item.number in self.evidence:
            return self.chosen(item, kind, department)
        if kind is Kind.SATISFIED:
            assert item.satisfied
            return Disposition(item, kind, department, item.why, evidence=item.satisfied.evidence)
        if kind is Kind.NOT_APPLICABLE:
            reason = self.reason(item) if eligible else _NO_REASON
            return Disposition(item, kind, department, reason.text, reason.advice)
        return Disposition(item, kind, department, item.why)

    def kind(self, item: Item) -> Kind:
        """The kind by the answers alone."""
        reads = questions(item.opens)
        for rule in (item.external, item.satisfied):
            reads |= questions(rule.when) if rule else frozenset()
        if situation.is_settled(self.edition, self.answers, reads):
            return _kind(item, self.answers)
        found = {
            _kind(item, full) for full in situation.completions(self.edition, self.answers, reads)
        }
        return found.pop() if len(found) == 1 else Kind.UNDECIDED

    def department(self, item: Item) -> str:
        applies = (o.department for o in item.owners if o.when.holds(self.answers))
        return next(applies, item.departments[0])

    def reason(self, item: Item) -> Text:
        """The first reason that holds, if it is sure that it is the first."""
        for text in item.why_not:
            holds = sure(self.edition, text.when, self.answers)
            if holds is None:
                break
            if holds:
                return text
        return _NO_REASON

    def chosen(self, item: Item, kind: Kind, department: str) -> Disposition:
        """An item that the person unticked, or gives evidence for."""
        proof = self.evidence.get(item.number, "")
        if item.code == self.edition.entry:
            raise PlanRefused(
                "entry_is_needed", f"「{item.name}」是第一步，不能不办", items=[item.number]
            )
        if kind is Kind.UNDECIDED:
            return Disposition(item, kind, department, item.why)
        if kind is Kind.NOT_APPLICABLE or (not proof and kind is not Kind.OPEN):
            raise PlanRefused(
                "not_open", f"「{item.name}」按您的情况本来就不用选", items=[item.number]
            )
        if proof:
            return Disposition(item, Kind.SATISFIED, department, item.why, evidence=proof)
        return Disposition(item, Kind.UNTICKED, department, "您没有选办这一项")

    def require_evidence(self, dispositions: tuple[Disposition, ...]) -> None:
        """An unticked item that an open one waits for needs evidence that it was done elsewhere."""
        gone = {d.item.code for d in dispositions if d.kind is Kind.UNTICKED}
        if not gone:
            return
        waiting = graph.descendants(edges(self.edition), gone)
        stuck = [d.item for d in dispositions if d.kind in IN_GRAPH and d.item.code in waiting]
        if stuck:
            names = "、".join(item.name for item in stuck)
            message = (
                f"{names} 要等没有选办的事项办完：请补充在别处已经办结的证明，或者把它们也取消"
            )
            raise PlanRefused("needs_evidence", message, items=[item.number for item in stuck])


def _kind(item: Item, answers: Mapping[str, str]) -> Kind:
    if item.external and item.external.when.holds(answers):
        return Kind.EXTERNAL
    if item.satisfied and item.satisfied.when.holds(answers):
        return Kind.SATISFIED
    return Kind.OPEN if item.opens.holds(answers) else Kind.NOT_APPLICABLE
