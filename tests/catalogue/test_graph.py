"""The prerequisite graph, held against counting every path."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lianban.catalogue import graph

NODES = "abcdefg"
Edges = dict[str, tuple[str, ...]]


@st.composite
def acyclic(draw: st.DrawFn) -> Edges:
    """A graph in which each node may wait for earlier ones."""
    return {
        node: tuple(draw(st.lists(st.sampled_from(NODES[:i]), unique=True)) if i else ())
        for i, node in enumerate(NODES)
    }


ANY = st.fixed_dictionaries(
    {node: st.lists(st.sampled_from(NODES), unique=True, max_size=3).map(tuple) for node in NODES}
)


def reaches(edges: Edges, start: str, end: str) -> bool:
    """Whether a path of one or more edges leads from `start` to `end`."""
    found: set[str] = set()
    open_ = set(edges.get(start, ()))
    while open_ - found:
        found |= open_
        open_ = {after for node in open_ for after in edges.get(node, ())}
    return end in found


QUICK = settings(max_examples=60, deadline=None)


@QUICK
@given(acyclic(), st.sets(st.sampled_from(NODES)))
def test_contraction_keeps_who_waits_for_whom(edges: Edges, dropped: set[str]) -> None:
    contracted = graph.contract(edges, dropped)
    assert contracted.keys() == edges.keys() - dropped
    for node in contracted:
        for other in contracted:
            assert reaches(contracted, node, other) == reaches(edges, node, other)


@QUICK
@given(acyclic())
def test_reduction_keeps_who_waits_for_whom_with_the_fewest_edges(edges: Edges) -> None:
    reduced = graph.reduce(edges)
    for node in edges:
        assert graph.ancestors(reduced, node) == graph.ancestors(edges, node)
        for required in reduced[node]:
            fewer = {**reduced, node: tuple(r for r in reduced[node] if r != required)}
            assert not reaches(fewer, node, required)


@QUICK
@given(acyclic(), st.sets(st.sampled_from(NODES)))
def test_a_wave_is_the_longest_path(edges: Edges, weightless: set[str]) -> None:
    def longest(node: str) -> int:
        return max(map(longest, edges[node]), default=0) + (node not in weightless)

    assert graph.waves(edges, weightless) == {node: longest(node) for node in edges}


@QUICK
@given(ANY)
def test_a_circle_is_who_waits_for_itself(edges: Edges) -> None:
    found = graph.circles(edges)
    stuck = {node for node in edges if reaches(edges, node, node)}
    assert set().union(*found) == stuck
    for group in found:
        assert all(
            a == b or (reaches(edges, a, b) and reaches(edges, b, a)) for a in group for b in group
        )
    assert sum(map(len, found)) == len(stuck)


@QUICK
@given(ANY, st.sets(st.sampled_from(NODES)))
def test_descendants_are_those_who_wait(edges: Edges, nodes: set[str]) -> None:
    expected = {node for node in edges if any(reaches(edges, node, other) for other in nodes)}
    assert graph.descendants(edges, nodes) == expected


@QUICK
@given(ANY, st.sets(st.sampled_from(NODES)))
def test_contraction_ends_even_in_circles(edges: Edges, dropped: set[str]) -> None:
    assert graph.contract(edges, dropped).keys() == edges.keys() - dropped
