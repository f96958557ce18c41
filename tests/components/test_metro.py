"""The metro map: no line crosses another, every text has its room, for every kind of applicant."""

import random
import re
from dataclasses import replace
from datetime import date
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lianban.web.components import metro, metro_text
from lianban.web.components.metro import APPLICANT_WIDTH, OFFICER_WIDTH, Map, Station, lay_out
from tests.components.networks import PLAN_2022, PLAN_2024, PLANS, contracted, network, subsets

OTHERS = tuple(range(2, 16))
STATUSES = ("waiting", "ready", "progress", "needs-you", "suspended", "blocked", "external", "done")


def drawn(plan: dict, absent: tuple[int, ...], width: int = APPLICANT_WIDTH, **changes) -> Map:
    stations, milestones = network(contracted(plan, absent), **changes)
    return lay_out(stations=stations, milestones=milestones, width=width)


Box = tuple[float, float, float, float]


def corners(path: str) -> list[tuple[float, float]]:
    """Start, bends and end of a path; a rounded bend counts as its corner."""
    found = [(0.0, 0.0)]
    for command, numbers in re.findall(r"([MHVQ])([-\d. ]+)", path):
        values = [float(v) for v in numbers.split()]
        x, y = found[-1]
        found.append({"H": (values[0], y), "V": (x, values[0])}.get(command, tuple(values[:2])))
    path_only = found[1:]
    return [p for i, p in enumerate(path_only) if not _between(path_only[i - 1 : i + 2])]


def _between(three: list) -> bool:
    """The middle one of three points lies on the straight line of the others."""
    if len(three) < 3:
        return False
    return len({x for x, _ in three}) == 1 or len({y for _, y in three}) == 1


def pieces(path: str) -> list[Box]:
    """Straight pieces of a path."""
    return [
        (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
        for a, b in pairwise(corners(path))
    ]


def common(one: Box, other: Box) -> Box | None:
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[2], other[2]), min(one[3], other[3])
    return (left, top, right, bottom) if left <= right and top <= bottom else None


def tangled(picture: Map) -> list[tuple]:
    """Pairs of lines without a common end that meet, except where both bend away (no crossing)."""
    wrong = []
    for one, other in combinations(picture.edges, 2):
        if {one.parent, one.child} & {other.parent, other.child}:
            continue
        bends = {p for p in corners(one.path)[1:-1] if p in corners(other.path)[1:-1]}
        met = [common(a, b) for a in pieces(one.path) for b in pieces(other.path)]
        if any(m and not (m[:2] == m[2:] and m[:2] in bends) for m in met):
            wrong.append((one, other))
    return wrong


def boxes(picture: Map) -> list[tuple[str, tuple[float, float, float, float]]]:
    found = []
    for s in picture.stations:
        found.append((f"disc {s.name}", (s.x - 16, s.y - 16, s.x + 16, s.y + 16)))
        wide = metro_text.width(s.name, size=15)
        found.append((f"name {s.name}", (s.text_x, s.name_y - 13, s.text_x + wide, s.name_y + 3)))
        wide = metro_text.width(s.meta, size=13)
        found.append((f"meta {s.name}", (s.text_x, s.meta_y - 11, s.text_x + wide, s.meta_y + 3)))
    for hub in picture.hubs:
        found.append(("hub", (hub.left, hub.top, hub.left + 36, hub.top + hub.height)))
    if picture.key:
        k = picture.key
        found.append(("key", (k.x, k.y, k.x + k.width, k.y + k.height)))
    return found


def overlapping(picture: Map) -> list[tuple[str, str]]:
    """Things written over each other, outside the map, or under an upright piece of line."""
    found = boxes(picture)
    wrong = [(a, b) for (a, one), (b, other) in combinations(found, 2) if common(one, other)]
    upright = [p for e in picture.edges for p in pieces(e.path) if p[0] == p[2]]
    wrong += [(a, "line") for a, box in found for p in upright if common(box, p)]
    outside = (0, 0, picture.width, picture.height)
    wrong += [
        (a, "edge of the map")
        for a, box in found
        if box[0] < outside[0] or box[2] > outside[2] or box[1] < 0 or box[3] > outside[3]
    ]
    return wrong


BRANCHING = (3, 4, 5, 6, 10, 11, 12, 13, 15)
SINGLE_ABSENT = ((), (2,), (2, 14), (7, 8, 9), (2, 7, 8, 9), (2, 7, 8, 9, 14))


def applicants() -> list[tuple[int, ...]]:
    """All 512 ways to leave out items that branch, each with none to all of those that do not."""
    every = [(*some, *single) for some in subsets(BRANCHING) for single in SINGLE_ABSENT]
    return every + random.Random(2).sample(list(subsets(OTHERS)), 500)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_no_two_lines_cross_for_any_applicant(plan):
    for absent in applicants():
        stations, milestones = network(contracted(plan, absent))
        picture = lay_out(stations=stations, milestones=milestones, width=APPLICANT_WIDTH)
        assert not tangled(picture), absent
        assert len({(s.x, s.y) for s in picture.stations}) == len(stations), absent


@pytest.mark.parametrize("width", [APPLICANT_WIDTH, OFFICER_WIDTH])
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_nothing_is_written_over_anything_else(plan, width):
    chosen = random.Random(1)
    for absent in chosen.sample(list(subsets(OTHERS)), 700):
        changes = {
            f"s{n}": {
                "status": chosen.choice(STATUSES),
                "remark": chosen.choice(
                    ["", "等部队回函核对驾驶证，这段不计天数", "请补本人银行卡账户"]
                ),
                "date_text": chosen.choice(["", "预计10月23日", "12月10日 暂定", "9月30日 办结"]),
            }
            for n in range(1, 16)
        }
        assert not overlapping(drawn(plan, absent, width, **changes)), absent


@st.composite
def any_plan(draw) -> dict:
    """Chains, forks and merges of a made-up plan: every item after one or two earlier ones."""
    count = draw(st.integers(2, 18))
    graph: dict = {1: set()}
    for number in range(2, count + 1):
        graph[number] = set(draw(st.lists(st.integers(1, number - 1), min_size=1, max_size=1)))
    return graph


@given(any_plan())
@settings(max_examples=150, deadline=None)
def test_a_made_up_plan_without_merges_never_crosses(graph):
    stations, milestones = network(graph)
    picture = lay_out(stations=stations, milestones=milestones, width=OFFICER_WIDTH)
    assert not tangled(picture)


def test_the_longest_line_keeps_one_lane_through_every_column():
    picture = drawn(PLAN_2022, ())
    y = {s.station.number: s.y for s in picture.stations}
    assert len({y[1], y[3], y[12], y[5], y[11]}) == 1


def test_of_two_equally_long_lines_the_later_one_is_the_trunk():
    changes = {
        "s5": {"expected_date": date(2026, 11, 13)},
        "s6": {"expected_date": date(2026, 11, 18)},
    }
    picture = drawn(PLAN_2022, (), **changes)
    y = {s.station.number: s.y for s in picture.stations}
    assert len({y[3], y[13], y[6], y[11]}) == 1
    assert y[5] != y[11]


def test_single_items_fill_the_outer_lanes_in_plan_order():
    picture = drawn(PLAN_2022, (10, 15))
    lanes = [s.station.number for s in sorted(picture.stations, key=lambda s: (s.y, s.x))]
    assert lanes == [2, 7, 4, 1, 3, 12, 5, 11, 13, 6, 8, 9, 14]


def test_a_milestone_only_some_need_is_a_mark_and_no_capsule():
    picture = drawn(PLAN_2024, ())
    assert [h.milestone.code for h in picture.hubs] == ["reception"]
    marked = {s.station.number for s in picture.stations if s.marks}
    assert marked == {8, 10}
    assert [m.code for m in picture.marks] == ["dossier_received"]


def test_columns_are_at_least_198_apart_and_a_capsule_stands_between():
    picture = drawn(PLAN_2022, ())
    xs = sorted({s.x for s in picture.stations})
    assert all(b - a >= 198 for a, b in pairwise(xs))
    assert xs[0] < picture.hubs[0].x < xs[1]


def test_stations_stand_in_the_source_by_wave_then_lane():
    picture = drawn(PLAN_2022, ())
    assert list(picture.stations) == sorted(picture.stations, key=lambda s: (s.x, s.y))


def test_the_remark_is_shortened_but_never_the_name():
    station = Station(
        8, "grant", "一次性经济补助", 2, status="needs-you", remark="请补本人银行卡账户" * 4
    )
    text = metro_text.meta(station, room=139)
    assert text.endswith("…")
    assert text.startswith("待补正 · 请补")
    assert metro_text.width(text, size=13) <= 139


def test_a_line_to_a_blocked_item_has_its_own_kind():
    picture = drawn(PLAN_2022, (), s12={"status": "denied"}, s5={"status": "blocked"})
    kinds = {(e.parent, e.child): e.kind for e in picture.edges}
    assert kinds["12", "5"] == "blocked"
    assert kinds["5", "11"] == "wait"


def test_dotted_lines_are_drawn_first_and_travelled_ones_last():
    done = {f"s{n}": {"status": "done"} for n in (1, 2, 3)}
    picture = drawn(PLAN_2022, (), **done)
    order = [e.kind for e in picture.edges]
    assert order == sorted(order, key=["wait", "blocked", "open", "done"].index)


def test_the_list_names_what_an_item_waits_for():
    picture = drawn(PLAN_2022, ())
    item = next(i for w in picture.waves for i in w.items if i.station.number == 5)
    assert item.text == "等 12 社会保险登记"


def test_in_the_list_what_needs_the_reader_comes_first_and_done_last():
    picture = drawn(
        PLAN_2022, (), s2={"status": "done"}, s7={"status": "progress"}, s8={"status": "needs-you"}
    )
    step = [i.status.code for i in picture.waves[1].items]
    assert step[:2] == ["needs-you", "progress"]
    assert step[-1] == "done"


def test_an_empty_case_gives_an_empty_map():
    assert metro.lay_out(stations=[], milestones=[]).stations == ()


def test_only_the_first_item_is_still_a_map():
    picture = drawn(PLAN_2022, OTHERS)
    assert [s.station.number for s in picture.stations] == [1]
    assert not overlapping(picture)


def test_a_prerequisite_that_another_one_implies_draws_no_line_of_its_own():
    stations, milestones = network(contracted(PLAN_2022, ()))
    loose = [
        replace(s, requires=(3, 13), milestones=("reception",)) if s.number == 6 else s
        for s in stations
    ]
    picture = lay_out(stations=loose, milestones=milestones)
    assert [e.parent for e in picture.edges if e.child == "6"] == ["13"]
    assert len(picture.hubs) == 1


def test_a_usual_word_given_explicitly_changes_nothing():
    plain = Station(5, "x", "养老保险转移", 4, remark="等 12", date_text="11月13日")
    explicit = replace(plain, status_word="待前置")
    assert (
        metro_text.meta(plain, room=200)
        == metro_text.meta(explicit, room=200)
        == "等 12 · 11月13日"
    )
    assert metro_text.meta(replace(plain, status_word="已撤回"), room=200).startswith("已撤回")
