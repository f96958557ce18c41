"""The prerequisite graph: contraction, transitive reduction, waves, circles.

A node is an item or a milestone, named by its code; an edge leads from a node to what it waits for.
"""

from collections.abc import Collection, Iterable, Mapping

Edges = Mapping[str, tuple[str, ...]]


def contract(edges: Edges, dropped: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Take the dropped nodes out; what waited for one inherits what it waited for."""
    gone = set(dropped)

    def inherited(node: str, seen: frozenset[str]) -> list[str]:
        found: list[str] = []
        for required in edges.get(node, ()):
            if required not in gone:
                found.append(required)
            elif required not in seen:
                found.extend(inherited(required, seen | {required}))
        return found

    return {
        node: tuple(dict.fromkeys(inherited(node, frozenset([node]))))
        for node in edges
        if node not in gone
    }


def ancestors(edges: Edges, node: str) -> frozenset[str]:
    """Everything that must be met before `node`, directly or through others."""
    found: set[str] = set()
    open_ = list(edges.get(node, ()))
    while open_:
        current = open_.pop()
        if current not in found:
            found.add(current)
            open_.extend(edges.get(current, ()))
    return frozenset(found)


def descendants(edges: Edges, nodes: Iterable[str]) -> frozenset[str]:
    """Everything that waits for one of `nodes`, directly or through others."""
    roots = set(nodes)
    return frozenset(node for node in edges if ancestors(edges, node) & roots)


def reduce(edges: Edges) -> dict[str, tuple[str, ...]]:
    """Drop each edge that follows from the others (transitive reduction of an acyclic graph)."""
    above = {node: ancestors(edges, node) for node in edges}
    return {
        node: tuple(
            r for r in required if not any(r in above.get(o, ()) for o in required if o != r)
        )
        for node, required in edges.items()
    }


def circles(edges: Edges) -> list[frozenset[str]]:
    """The groups of nodes that wait for one another; a node that waits for itself is one."""
    above = {node: ancestors(edges, node) for node in edges}
    found: list[frozenset[str]] = []
    for node in edges:
        if node in above[node] and not any(node in group for group in found):
            found.append(frozenset(o for o in above[node] if node in above.get(o, ())) | {node})
    return found


def waves(edges: Edges, weightless: Collection[str]) -> dict[str, int]:
    """The longest path that ends in each node, counted in nodes that are not `weightless`.

    The first wave of items is 1. The graph must be acyclic.
    """
    known: dict[str, int] = {}

    def wave(node: str) -> int:
        if node not in known:
            before = max((wave(r) for r in edges.get(node, ())), default=0)
            known[node] = before + (node not in weightless)
        return known[node]

    return {node: wave(node) for node in edges}
