"""Readiness as a pure function of the case: what is met, what waits, what stands in the way."""

from collections.abc import Iterator

from lianban.engine.case import JointCase, Node, SubCase


def is_met(case: JointCase, node: Node) -> bool:
    """Whether an item or milestone, by itself, lets what waits for it go ahead."""
    if isinstance(node, int):
        sub = case.sub_cases.get(node)
        return sub is not None and sub.met
    milestone = case.milestones.get(node)
    return milestone is not None and milestone.reached_at is not None


def ancestors(case: JointCase, sub: SubCase) -> Iterator[Node]:
    """Everything that must be met before a sub-case, so that an early event opens nothing by itself.

    A waiver excuses the edge it was given for, and with it whatever comes after on that way; what
    is before the waived prerequisite stays. Waived for the sub-case itself, it is excused on every way.
    """
    seen: set[tuple[Node, bool]] = set()
    open_ = [(node, node in sub.waived) for node in sub.nodes]
    while open_:
        found = open_.pop()
        if found in seen:
            continue
        seen.add(found)
        node, excused = found
        if not excused and node not in sub.waived:
            yield node
        open_.extend(_before(case, node))


def _before(case: JointCase, node: Node) -> list[tuple[Node, bool]]:
    """What is directly before a node, and whether it is waived for that node."""
    if isinstance(node, int):
        sub = case.sub_cases.get(node)
        return [(before, before in sub.waived) for before in sub.nodes] if sub else []
    milestone = case.milestones.get(node)
    nodes: tuple[Node, ...] = (*milestone.requires, *milestone.milestones) if milestone else ()
    return [(before, False) for before in nodes]


def is_ready(case: JointCase, sub: SubCase) -> bool:
    """Whether every ancestor is met."""
    return all(is_met(case, node) for node in ancestors(case, sub))


def failed_before(case: JointCase, sub: SubCase) -> int | None:
    """An item before this one that ended without a grant, or None."""
    failed = (
        node
        for node in ancestors(case, sub)
        if isinstance(node, int) and node in case.sub_cases and case.sub_cases[node].failed
    )
    return next(failed, None)


def waiting_for(case: JointCase, sub: SubCase) -> list[Node]:
    """What a sub-case waits for directly and is unmet: item numbers, then milestone codes."""
    if sub.ended:
        return []
    return [n for n in sub.nodes if n not in sub.waived and not is_met(case, n)]


def milestone_is_due(case: JointCase, code: str) -> bool:
    """Whether everything before a milestone is met and it is not reached yet."""
    milestone = case.milestones[code]
    before: tuple[Node, ...] = (*milestone.requires, *milestone.milestones)
    return milestone.reached_at is None and all(is_met(case, node) for node in before)
