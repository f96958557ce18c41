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
    """Everything before a sub-case. A waived prerequisite is passed over; what is before it stays.

    So an external event that comes early opens nothing by itself.
    """
    seen: set[Node] = set()
    open_: list[Node] = list(sub.nodes)
    while open_:
        node = open_.pop()
        if node in seen:
            continue
        seen.add(node)
        if node not in sub.waived:
            yield node
        open_.extend(_before(case, node))


def _before(case: JointCase, node: Node) -> tuple[Node, ...]:
    if isinstance(node, int):
        return case.sub_cases[node].nodes if node in case.sub_cases else ()
    milestone = case.milestones.get(node)
    return (*milestone.requires, *milestone.milestones) if milestone else ()


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
    return [n for n in sub.nodes if n not in sub.waived and not is_met(case, n)]


def milestone_is_due(case: JointCase, code: str) -> bool:
    """Whether everything before a milestone is met and it is not reached yet."""
    milestone = case.milestones[code]
    before: tuple[Node, ...] = (*milestone.requires, *milestone.milestones)
    return milestone.reached_at is None and all(is_met(case, node) for node in before)
