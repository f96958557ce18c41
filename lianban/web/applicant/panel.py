"""The guide's live panel: what there is to do so far, and what the last answer changed."""

from dataclasses import dataclass

from lianban.catalogue import checklist, visits
from lianban.catalogue.model import Material
from lianban.catalogue.planning import Disposition, Kind, Plan
from lianban.web.applicant import days
from lianban.web.components.parts import Figure

_TOLD = {
    Kind.EXTERNAL: "由{actor}办",
    Kind.SATISFIED: "已经办过",
    Kind.NOT_APPLICABLE: "不用办",
}


@dataclass(frozen=True)
class Line:
    """One item to do, why, and whether the last answer brought it."""

    number: int
    name: str
    why: str
    is_new: bool


@dataclass(frozen=True)
class Change:
    """One item that the last answer settled otherwise: a word, its name, why."""

    word: str
    name: str
    why: str


@dataclass(frozen=True)
class Panel:
    """Everything that `applicant/panel.html` shows."""

    figures: tuple[Figure, ...]
    lines: tuple[Line, ...]
    changes: tuple[Change, ...]
    #: The words of the answer that changed something.
    because: str
    undecided: int
    materials: tuple[str, ...]
    by_dossier: int
    longest: days.Longest

    @property
    def item_count(self) -> int:
        """Items to do."""
        return len(self.lines)


def panel(plan: Plan, *, before: Plan | None = None, last: str = "") -> Panel:
    """Put the panel together; `before` is the plan without the answer to the question `last`."""
    materials = checklist.materials(plan)
    answered = _words(plan, last)
    return Panel(
        figures=_figures(plan, before),
        lines=tuple(_lines(plan, before, answered)),
        changes=tuple(_changes(plan, before)) if before else (),
        because=answered if before else "",
        undecided=len(plan.of(Kind.UNDECIDED)),
        materials=tuple(_material(plan, needed.what) for needed in materials),
        by_dossier=sum(
            isinstance(n.what, Material) and bool(n.what.may_arrive_with) for n in materials
        ),
        longest=days.longest(plan),
    )


def _words(plan: Plan, key: str) -> str:
    question = next((q for q in plan.edition.questions if q.key == key), None)
    return question.label_of(plan.answers.get(key, "")) if question else ""


def _material(plan: Plan, what: object) -> str:
    assert isinstance(what, Material)
    name = checklist.name_of(plan, what)
    return f"{name} {what.copies} 张" if what.copies > 1 else name


def _lines(plan: Plan, before: Plan | None, answered: str) -> list[Line]:
    had = before.open_codes if before else plan.open_codes
    found = [
        Line(
            d.item.number,
            d.item.short_name,
            d.why if d.item.code in had else f"您答：{answered}",
            d.item.code not in had,
        )
        for d in plan.of(Kind.OPEN)
    ]
    return sorted(found, key=lambda line: not line.is_new)


def _changes(plan: Plan, before: Plan) -> list[Change]:
    kinds = {d.item.code: d.kind for d in before.dispositions}
    return [
        Change(_told(d), d.item.short_name, d.evidence or d.why)
        for d in plan.dispositions
        if d.kind in _TOLD and kinds[d.item.code] is not d.kind
    ]


def _told(disposition: Disposition) -> str:
    external = disposition.item.external
    return _TOLD[disposition.kind].format(actor=external.actor if external else "")


def _figures(plan: Plan, before: Plan | None) -> tuple[Figure, ...]:
    now, then = _counts(plan), _counts(before) if before else None
    deltas = ["" if then is None else _delta(now[i] - then[i]) for i in range(4)]
    chain = days.longest(plan)
    why = (reason for each in visits.least(plan).visits for reason in each.why.split(";"))
    reasons = "、".join(dict.fromkeys(why))
    waiting = "等的时间另算" if chain.waits else ""
    return (
        Figure("事项", str(now[0]), "件", deltas[0], "up" if deltas[0] else ""),
        Figure("材料", str(now[1]), "份", deltas[1], "up" if deltas[1] else ""),
        Figure("要跑", str(now[2]), "次", deltas[2] or reasons, "up" if deltas[2] else ""),
        Figure("最长", str(now[3]), "个工作日", deltas[3] or waiting, "up" if deltas[3] else "")
        if now[3]
        else Figure("最长", "算不出", "", waiting),
    )


def _counts(plan: Plan) -> tuple[int, int, int, int]:
    return (
        len(plan.of(Kind.OPEN)),
        len(checklist.materials(plan)),
        len(visits.least(plan).visits),
        days.longest(plan).days,
    )


def _delta(change: int) -> str:
    return f"刚才这题 {change:+d}".replace("-", "−") if change else ""
