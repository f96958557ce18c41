"""The least number of visits against trying everything, and the proof checked by itself."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from lianban.catalogue import trips
from lianban.catalogue.trips import Need

PLACES = "ABC"
#: Which items come before which: two rows that cross, so that visits can wait for one another.
ABOVE = {1: (), 2: (1,), 3: (1, 2), 4: (), 5: (4,), 6: (1, 5)}


@st.composite
def needs(draw: st.DrawFn, *, most_places: int = 3) -> list[Need]:
    places = st.frozensets(st.sampled_from(PLACES), min_size=1, max_size=most_places)
    found = []
    for index in range(draw(st.integers(0, 5))):
        item = draw(st.sampled_from(sorted(ABOVE)))
        after = frozenset(ABOVE[item]) if draw(st.booleans()) else frozenset[int]()
        found.append(Need(str(index), draw(places), frozenset([item]), after))
    return found


def partitions(rest: list[Need]) -> list[list[list[Need]]]:
    """Every way to put the needs into heaps."""
    if not rest:
        return [[]]
    found = []
    for heaps in partitions(rest[1:]):
        found.append([[rest[0]], *heaps])
        for i, heap in enumerate(heaps):
            found.append([*heaps[:i], [rest[0], *heap], *heaps[i + 1 :]])
    return found


def works(days: tuple[list[Need], ...]) -> bool:
    """Whether these visits, on one day after another, meet every need in time."""
    if not all(frozenset.intersection(*(n.places for n in day)) for day in days):
        return False
    on = {need.key: i for i, day in enumerate(days) for need in day}
    every = [need for day in days for need in day]
    return all(
        on[one.key] < on[other.key] for one in every for other in every if one.items & other.after
    )


def by_trying(every: list[Need]) -> int:
    """The least number, by trying every heap in every order."""
    return min(
        len(heaps)
        for heaps in partitions(every)
        if any(works(order) for order in permutations(heaps))
    )


@given(needs())
def test_no_fewer_visits_exist_than_the_least_and_the_proof_says_so(every: list[Need]) -> None:
    found = trips.least(every)
    assert len(found.trips) == by_trying(every)
    assert works(tuple(list(trip.needs) for trip in found.trips))
    assert sorted(n.key for t in found.trips for n in t.needs) == sorted(n.key for n in every)
    assert all(trip.place in need.places for trip in found.trips for need in trip.needs)
    assert trips.holds(found.proof, len(found.trips))
    if found.proof.is_apart:
        assert len(found.proof.needs) == len(found.trips)


@given(needs(most_places=1))
def test_needs_of_one_place_each_that_wait_for_nothing_are_proved_pairwise(
    every: list[Need],
) -> None:
    free = [Need(need.key, need.places, need.items) for need in every]
    found = trips.least(free)
    assert found.proof.is_apart
    assert len(found.proof.needs) == len(found.trips) == len({p for n in free for p in n.places})


def test_visits_that_would_wait_for_one_another_are_split_and_proved_by_trying() -> None:
    def need(key: str, place: str, item: int, *after: int) -> Need:
        return Need(key, frozenset(place), frozenset([item]), frozenset(after))

    every = [need("a1", "A", 1), need("b2", "B", 2, 1), need("b4", "B", 4), need("a5", "A", 5, 4)]
    found = trips.least(every)
    assert (len(found.trips), found.proof.is_apart, len(found.proof.needs)) == (3, False, 4)
