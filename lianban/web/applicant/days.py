"""How long it takes: the longest chain of pledged days, and what nobody can foresee."""

from dataclasses import dataclass

from lianban.catalogue import graph
from lianban.catalogue.model import Item, Milestone
from lianban.catalogue.planning import Kind, Plan

_BY_US = frozenset({"ready", "dispatch"})


@dataclass(frozen=True)
class Link:
    """One item of the chain and its pledged working days."""

    name: str
    days: int


@dataclass(frozen=True)
class Longest:
    """The longest chain among the open items; `days` counts working days, 0 for none known."""

    chain: tuple[Link, ...]
    #: What must be waited for, for how long nobody knows.
    waits: tuple[str, ...]
    is_confirmed: bool

    @property
    def days(self) -> int:
        """The chain's days together."""
        return sum(link.days for link in self.chain)


def longest(plan: Plan) -> Longest:
    """Work out the longest chain of this plan."""
    known: dict[str, tuple[Link, ...]] = {}

    def chain(code: str) -> tuple[Link, ...]:
        if code not in known:
            before = max((chain(r) for r in plan.requires.get(code, ())), key=_total, default=())
            known[code] = before + _own(plan, code)
        return known[code]

    items = [d.item for d in plan.of(Kind.OPEN)]
    found = max((chain(item.code) for item in items), key=_total, default=())
    pledges = [item.pledged for item in items if item.pledged]
    return Longest(found, tuple(_waits(plan, items)), all(p.verified for p in pledges))


def _total(chain: tuple[Link, ...]) -> int:
    return sum(link.days for link in chain)


def _own(plan: Plan, code: str) -> tuple[Link, ...]:
    item = plan.edition.by_code.get(code)
    if item is None or code not in plan.open_codes or not _counts(item):
        return ()
    assert item.pledged
    return (Link(item.short_name, item.pledged.days),)


def _counts(item: Item) -> bool:
    return item.pledged is not None and item.pledged.counts == "working"


def _waits(plan: Plan, items: list[Item]) -> list[str]:
    above = {node for item in items for node in graph.ancestors(plan.requires, item.code)}
    found = [f"等{m.name}" for m in plan.edition.milestones if m.code in above and _outside(m)]
    for disposition in plan.of(Kind.EXTERNAL):
        if disposition.item.code in above and disposition.item.external:
            found.append(f"等{disposition.item.external.actor}办{disposition.item.short_name}")
    for item in items:
        if item.pledged and item.pledged.starts not in _BY_US:
            found.append(f"{item.short_name}等对方把关系和钱转过来")
        elif not _counts(item):
            found.append(f"{item.short_name}没有承诺天数")
    return found


def _outside(milestone: Milestone) -> bool:
    """Whether somebody outside brings the milestone about."""
    return not milestone.requires
