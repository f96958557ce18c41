"""Item graphs for the map's tests: both real plans, any subset, contracted and reduced here."""

import itertools
from collections.abc import Iterable, Iterator

from lianban.web.components.metro import Milestone, Station

RECEPTION, DOSSIER = "reception", "dossier_received"
PLAN_2022 = {
    1: (), 2: (RECEPTION,), 3: (RECEPTION,), 7: (RECEPTION,), 8: (RECEPTION,), 9: (RECEPTION,),
    14: (RECEPTION,), 10: (RECEPTION,), 4: (3,), 12: (3,), 13: (3,), 5: (12,), 15: (12,),
    6: (3, 13), 11: (5, 6), RECEPTION: (1,),
}  # fmt: skip
PLAN_2024 = {
    1: (), 2: (RECEPTION,), 3: (RECEPTION,), 7: (RECEPTION,), 8: (RECEPTION, DOSSIER),
    9: (RECEPTION,), 14: (RECEPTION,), 10: (3, DOSSIER), 4: (3,), 12: (3,), 13: (3,), 5: (12,),
    15: (12,), 6: (13,), 11: (12,), RECEPTION: (1,), DOSSIER: (),
}  # fmt: skip
PLANS = {"retirement-2022": PLAN_2022, "retirement-2024": PLAN_2024}
NAMES = {
    1: "退役报到", 2: "预备役登记", 3: "户口登记", 4: "居民身份证", 5: "养老保险转移",
    6: "医保关系转移", 7: "党组织关系转接", 8: "一次性经济补助", 9: "教育培训", 10: "伤残抚恤转移",
    11: "社会保障卡", 12: "社会保险登记", 13: "医保参保登记", 14: "驾驶证换领", 15: "军地养老转移",
}  # fmt: skip
TITLES = {RECEPTION: "退役接收", DOSSIER: "档案"}


def contracted(plan: dict, absent: Iterable) -> dict:
    """Take `absent` items out; their successors inherit what they required; then reduce."""
    graph = {node: set(before) for node, before in plan.items()}
    for gone in absent:
        inherited = graph.pop(gone)
        for before in graph.values():
            if gone in before:
                before.discard(gone)
                before |= inherited
    reach = {node: _above(graph, node) for node in graph}
    return {
        node: {p for p in before if not any(p in reach[q] for q in before if q != p)}
        for node, before in graph.items()
    }


def _above(graph: dict, node) -> set:
    found, todo = set(), list(graph[node])
    while todo:
        above = todo.pop()
        if above not in found:
            found.add(above)
            todo += graph[above]
    return found


def subsets(numbers: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """Every way to leave items out."""
    items = sorted(numbers)
    for count in range(len(items) + 1):
        yield from itertools.combinations(items, count)


def waves(graph: dict) -> dict:
    """Longest way to each node, counted in items."""
    depth: dict = {}

    def of(node) -> int:
        if node not in depth:
            longest = max((of(before) for before in graph[node]), default=0)
            depth[node] = longest + isinstance(node, int)
        return depth[node]

    for node in graph:
        of(node)
    return depth


def network(graph: dict, **changes: dict) -> tuple[list[Station], list[Milestone]]:
    """Stations and milestones of a contracted graph; `changes` maps "s<number>" to fields."""
    depth = waves(graph)
    stations = []
    for number in sorted(n for n in graph if isinstance(n, int)):
        before = graph[number]
        fields = {
            "number": number,
            "code": f"item_{number}",
            "short_name": NAMES.get(number, f"第{number}项事情要办"),
            "wave": depth[number],
            "requires": tuple(sorted(b for b in before if isinstance(b, int))),
            "milestones": tuple(sorted(b for b in before if isinstance(b, str))),
            "href": f"#item-{number}",
        }
        stations.append(Station(**(fields | changes.get(f"s{number}", {}))))
    milestones = [
        Milestone(code, TITLES.get(code, code), after_items=tuple(sorted(graph[code])))
        for code in graph
        if isinstance(code, str)
    ]
    return stations, milestones
