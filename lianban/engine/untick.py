"""Before acceptance the person may leave an item out; the graph closes over the gap."""

from lianban.catalogue import graph
from lianban.engine import events as e
from lianban.engine.case import JointCase, Node, SubCase
from lianban.engine.desk import Desk
from lianban.engine.refusal import Refused
from lianban.engine.states import State


def untick(desk: Desk, sub: SubCase, evidence: str) -> None:
    """Take an item out. What waits for it needs evidence that it was done elsewhere."""
    case = desk.case
    if case.accepted_on is not None:
        raise Refused("not_permitted", "已经受理，请改为撤回这个事项", item=sub.number)
    if sub.number == desk.edition.entry_number:
        raise Refused("entry_is_needed", "这是第一步，不能不办", item=sub.number)
    waiting = _waiting_for(case, sub.number)
    if waiting and not evidence:
        raise Refused(
            "needs_evidence", "还有事项等着它：请补充已办证明，或者一并取消", items=waiting
        )
    contracted = graph.reduce(graph.contract(_edges(case), [str(sub.number)]))
    items = tuple(
        _plan(other, other.nodes if other.ended else contracted[str(number)])
        for number, other in case.sub_cases.items()
        if number != sub.number
    )
    gone = _plan(sub, sub.nodes, kind="satisfied" if evidence else "withdrawn")
    milestones = tuple(e.MilestonePlan(code, *_split(contracted[code])) for code in case.milestones)
    desk.add(e.Unticked(desk.at, sub.number, (*items, gone), milestones))


def _edges(case: JointCase) -> dict[str, tuple[str, ...]]:
    edges = {str(n): tuple(map(str, sub.nodes)) for n, sub in case.sub_cases.items()}
    return edges | {
        m.code: (*map(str, m.requires), *m.milestones) for m in case.milestones.values()
    }


def _waiting_for(case: JointCase, number: int) -> list[int]:
    below = graph.descendants(_edges(case), [str(number)])
    return sorted(n for n, sub in case.sub_cases.items() if str(n) in below and not sub.ended)


def _split(nodes: tuple[Node, ...]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    texts = tuple(map(str, nodes))
    numbers = tuple(int(text) for text in texts if text.isdecimal())
    return numbers, tuple(text for text in texts if not text.isdecimal())


def _plan(sub: SubCase, nodes: tuple[Node, ...], *, kind: str = "") -> e.ItemPlan:
    requires, milestones = _split(nodes)
    return e.ItemPlan(
        number=sub.number,
        kind=kind
        or {State.EXTERNAL: "external", State.SATISFIED: "satisfied"}.get(sub.state, "open"),
        department=sub.department,
        requires=requires,
        milestones=milestones,
        delivery=sub.delivery,
        materials=sub.materials,
    )
