"""Columns and lanes of the metro map: which row each item lies on, so that no two lines cross.

A lane belongs to a chain. The trunk (the longest chain to the last column) keeps one middle lane;
single items that fork from it lie above, longer branches and what merges back below, single items
that hang on a milestone outside. Lines longer than one column run through waypoints (nodes without a station).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from lianban.web.components.metro_network import Milestone, Station


@dataclass(frozen=True, slots=True)
class Capsule:
    """A milestone drawn as a vertical capsule after column `after` (0 is the first column)."""

    milestone: Milestone
    after: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line from one station to the next; `lanes` holds one lane for each column it touches."""

    parent: Station
    child: Station
    lanes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """Every station's column and lane, the lines between them, capsules and marks."""

    stations: tuple[Station, ...]
    column: dict[int, int]
    lane: dict[int, int]
    lines: tuple[Line, ...]
    capsules: tuple[Capsule, ...]
    marks: dict[int, tuple[Milestone, ...]]

    @property
    def columns(self) -> int:
        """Number of columns."""
        return max(self.column.values(), default=-1) + 1

    @property
    def lanes(self) -> int:
        """Number of lanes."""
        return max(self.lane.values(), default=-1) + 1


@dataclass(eq=False, slots=True)
class Node:
    """A station, or a waypoint of a line that is longer than one column (`station` is None)."""

    column: int
    origin: Station
    station: Station | None
    parents: list["Node"] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    depth: int = 0
    height: int = 0
    chain: "Chain | None" = None

    def rank(self) -> tuple[date, int]:
        """Order among equals: the later expected date, then the smaller number."""
        return (self.origin.expected_date or date.min, -self.origin.number)


@dataclass(eq=False, slots=True)
class Chain:
    """Nodes in neighbouring columns that share one lane."""

    nodes: list[Node]

    @property
    def start(self) -> int:
        """Column of the first node; -1 when a line comes from the left edge or a capsule."""
        return self.nodes[0].column if self.nodes[0].parents else -1

    @property
    def end(self) -> int:
        """Column of the last node."""
        return self.nodes[-1].column

    @property
    def merges(self) -> bool:
        """Whether the chain runs back into another one."""
        return bool(self.nodes[-1].children)

    @property
    def is_leaf(self) -> bool:
        """Whether it is one item that nothing waits for."""
        return len(self.nodes) == 1 and not self.merges

    @property
    def number(self) -> int:
        """Number of the first item."""
        return self.nodes[0].origin.number


def assign(stations: Sequence[Station], milestones: Sequence[Milestone]) -> Lanes:
    """Give every station a column and a lane."""
    column = _columns(stations)
    capsules = _capsules(stations, milestones, column)
    nodes = _nodes(stations, column)
    bounds = [-1, *(capsule.after for capsule in capsules), max(column.values(), default=0)]
    row: dict[Node, int] = {}
    for left, right in pairwise(bounds):
        row |= _segment([n for n in nodes if left < n.column <= right])
    top = min(row.values(), default=0)
    lane_of = {node: index - top for node, index in row.items()}
    drawn = {capsule.milestone.code for capsule in capsules}
    by_number = sorted(stations, key=lambda s: s.number)
    return Lanes(
        stations=tuple(by_number),
        column=column,
        lane={n.station.number: lane for n, lane in lane_of.items() if n.station},
        lines=tuple(_lines(nodes, lane_of)),
        capsules=tuple(capsules),
        marks={
            s.number: tuple(m for m in milestones if m.code in s.milestones and m.code not in drawn)
            for s in by_number
        },
    )


def _columns(stations: Sequence[Station]) -> dict[int, int]:
    """Columns without gaps; a station always lies right of what it requires."""
    ranks = {wave: index for index, wave in enumerate(sorted({s.wave for s in stations}))}
    column: dict[int, int] = {}
    for station in sorted(stations, key=lambda s: (s.wave, s.number)):
        before = [column[number] for number in station.requires if number in column]
        column[station.number] = max([ranks[station.wave], *(c + 1 for c in before)])
    return column


def _capsules(
    stations: Sequence[Station], milestones: Sequence[Milestone], column: dict[int, int]
) -> list[Capsule]:
    """Milestones that a whole column needs and that no line goes around."""
    found = []
    for milestone in milestones:
        before = [column[number] for number in milestone.after_items if number in column]
        if not before:
            continue
        after = max(before)
        right = [s for s in stations if column[s.number] > after]
        if all(_passes(s, milestone, after, column) for s in right):
            found.append(Capsule(milestone, after))
    return sorted(found, key=lambda capsule: capsule.after)


def _passes(station: Station, milestone: Milestone, after: int, column: dict[int, int]) -> bool:
    if column[station.number] == after + 1:
        return milestone.code in station.milestones
    before = [column[number] for number in station.requires if number in column]
    return bool(before) and min(before) > after


def _nodes(stations: Sequence[Station], column: dict[int, int]) -> list[Node]:
    """One node a station and a waypoint for every column a longer line passes."""
    node_of = {s.number: Node(column[s.number], s, s) for s in stations}
    nodes = list(node_of.values())
    for child in list(nodes):
        for number in sorted(child.origin.requires):
            parent = node_of.get(number)
            if parent is None:
                continue
            for passed in range(parent.column + 1, child.column):
                waypoint = Node(passed, child.origin, None, parents=[parent])
                parent.children.append(waypoint)
                nodes.append(waypoint)
                parent = waypoint
            parent.children.append(child)
            child.parents.append(parent)
    nodes.sort(key=lambda n: (n.column, n.origin.number, n.station is None))
    for node in nodes:
        node.depth = _real(node) + max((p.depth for p in node.parents), default=0)
    for node in reversed(nodes):
        node.height = _real(node) + max((c.height for c in node.children), default=0)
    return nodes


def _real(node: Node) -> int:
    return int(node.station is not None)


def _segment(nodes: list[Node]) -> dict[Node, int]:
    """Rows of the part between two capsules; the trunk has row 0."""
    if not nodes:
        return {}
    trunk = Chain(_trunk(nodes))
    chains = [trunk, *_chains(nodes, trunk)]
    for chain in chains:
        for node in chain.nodes:
            node.chain = chain
    order = _ordered(chains)
    middle = order.index(trunk)
    return {n: index - middle for index, chain in enumerate(order) for n in chain.nodes}


def _trunk(nodes: list[Node]) -> list[Node]:
    """The longest chain to the last column; where nothing branches, the middle item in order."""
    inside = set(nodes)
    last = [n for n in nodes if n.column == nodes[-1].column]
    if all(not (n.parents or n.children) for n in nodes):
        single = sorted(last, key=lambda n: n.origin.number)
        return [single[(len(single) - 1) // 2]]
    node = max(last, key=lambda n: (n.depth, n.rank()))
    path = [node]
    while parents := [p for p in node.parents if p in inside]:
        node = max(parents, key=lambda n: (n.depth, n.rank()))
        path.append(node)
    return path[::-1]


def _chains(nodes: list[Node], trunk: Chain) -> list[Chain]:
    """Everything off the trunk as chains: each node goes straight into its longest free child."""
    taken = set(trunk.nodes)
    after: dict[Node, Node] = {}
    for node in sorted(nodes, key=lambda n: n.rank(), reverse=True):
        free = [c for c in node.children if c not in taken]
        if node in trunk.nodes or not free:
            continue
        child = max(free, key=lambda c: (c.height, c.rank()))
        after[node] = child
        taken.add(child)
    chains = []
    for node in nodes:
        if node in taken:
            continue
        path = [node]
        while path[-1] in after:
            path.append(after[path[-1]])
        chains.append(Chain(path))
    return chains


def _ordered(chains: list[Chain]) -> list[Chain]:
    """All chains from top to bottom."""
    trunk = chains[0]
    single = [c for c in chains if c is not trunk and _is_single(c)]
    host = {c: _host(c) for c in chains if c is not trunk and c not in single}
    inner = _place(trunk, host)
    for index, chain in enumerate(c for c in host if c not in inner and host[c] is None):
        block = _place(chain, host)
        inner = block + inner if index % 2 else inner + block
    inner += [c for c in host if c not in inner]
    inner = _untangle(inner)
    single.sort(key=lambda c: c.number)
    if all(_is_single(c) for c in chains):
        return sorted(chains, key=lambda c: c.number)
    middle = (len(inner) + len(single) - 1) // 2
    above = min(max(middle - inner.index(trunk), 0), len(single))
    return single[:above] + inner + single[above:]


def _is_single(chain: Chain) -> bool:
    node = chain.nodes[0]
    return len(chain.nodes) == 1 and not node.parents and not node.children


def _host(chain: Chain) -> Chain | None:
    """The chain this one lies beside: where it forks off, else where it runs into."""
    beside = chain.nodes[0].parents or chain.nodes[-1].children
    return max(beside, key=lambda n: n.rank()).chain if beside else None


def _place(chain: Chain, host: dict[Chain, Chain | None]) -> list[Chain]:
    """A chain with its branches: leaves above, longer ones below, early forks outside."""
    guests = [c for c, h in host.items() if h is chain]
    above = sorted((c for c in guests if c.is_leaf), key=lambda c: (c.start, c.number))
    below = [c for c in guests if not c.is_leaf]
    below.sort(key=lambda c: (-c.start, not c.merges, c.end, c.number))
    return [
        *(inner for c in above for inner in _place(c, host)),
        chain,
        *(inner for c in below for inner in _place(c, host)),
    ]


def _untangle(order: list[Chain]) -> list[Chain]:
    """Move one chain at a time while that removes crossings."""
    best, count = order, crossings(order)
    while count:
        candidates = [
            [*rest[:to], chain, *rest[to:]]
            for chain in best
            for rest in [[c for c in best if c is not chain]]
            for to in range(len(best))
        ]
        nearer = min(candidates, key=crossings)
        if crossings(nearer) >= count:
            break
        best, count = nearer, crossings(nearer)
    return best


def crossings(order: Iterable[Chain]) -> int:
    """Pairs of lines between two neighbouring columns that would cross or run on one another."""
    row = {chain: index for index, chain in enumerate(order)}
    gaps: dict[int, list[tuple[int, int]]] = {}
    for chain in row:
        for node in chain.nodes:
            gaps.setdefault(node.column, []).extend(
                (row[p.chain], row[chain]) for p in node.parents if p.chain in row
            )
    return sum(
        _tangled(first, second)
        for pieces in gaps.values()
        for index, first in enumerate(pieces)
        for second in pieces[:index]
    )


def _tangled(first: tuple[int, int], second: tuple[int, int]) -> bool:
    if first[0] == second[0] or first[1] == second[1]:
        return False
    if (first[0] - second[0]) * (first[1] - second[1]) < 0:
        return True
    return max(min(first), min(second)) < min(max(first), max(second))


def _lines(nodes: list[Node], lane_of: dict[Node, int]) -> Iterable[Line]:
    for child in nodes:
        if child.station is None:
            continue
        for parent in child.parents:
            path = [lane_of[child], lane_of[parent]]
            while parent.station is None:
                parent = parent.parents[0]
                path.append(lane_of[parent])
            yield Line(parent.station, child.station, tuple(reversed(path)))
