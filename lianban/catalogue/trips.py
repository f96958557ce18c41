"""The least number of times somebody must set out, and the proof that one fewer is impossible.

Nothing here knows a plan: a need has the places at which it may be met, and the needs it may come
only after. Needs that share a visit share a place, and none of them waits for another. The search
is exact; it is meant for the few needs of one person.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True)
class Need:
    """One reason to come. It serves `items`, and is met before any of them is decided."""

    key: str
    places: frozenset[str]
    items: frozenset[int]
    #: Items that must be decided before it can be met.
    after: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Proof:
    """Why there are not fewer visits."""

    needs: tuple[Need, ...]
    #: No two of the needs can share a visit, so each takes one of its own. Otherwise there are more
    #: needs than visits, and every way of sharing fewer visits among them was tried.
    is_apart: bool


@dataclass(frozen=True)
class Trip:
    """One visit: all these needs, at this place."""

    place: str
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Trips:
    """A least set of visits in an order that works, and its proof."""

    trips: tuple[Trip, ...]
    proof: Proof


def waits_for(later: Need, earlier: Need) -> bool:
    """Whether `later` can be met only after something that itself comes after `earlier`."""
    return bool(later.after & earlier.items)


def apart(one: Need, other: Need) -> bool:
    """Whether the two can never share a visit."""
    return not one.places & other.places or waits_for(one, other) or waits_for(other, one)


def least(needs: Sequence[Need], *, order: Sequence[str] = ()) -> Trips:
    """The least set of visits. `order`: which place is chosen where several would do, best first.

    Raises `ValueError` for a need that has no place, or that waits for itself.
    """
    for need in needs:
        if not need.places or waits_for(need, need):
            raise ValueError(f"{need.key} can never be met")
    kept = _undominated(needs)
    found = _in_order(_grouped(kept), order)
    return Trips(_joined(found, needs, kept), _proof(kept, len(found)))


def _undominated(needs: Sequence[Need]) -> tuple[Need, ...]:
    """Those that are not met by the way wherever and whenever some other one is met."""
    kept = list(needs)
    for need in reversed(needs):
        if any(other is not need and _covers(other, need, needs) for other in kept):
            kept.remove(need)
    return tuple(kept)


def _covers(other: Need, need: Need, needs: Sequence[Need]) -> bool:
    return (
        other.places <= need.places
        and need.after <= other.after
        and all(waits_for(x, other) for x in needs if waits_for(x, need))
    )


# The search ------------------------------------------------------------------------------------


def _grouped(needs: tuple[Need, ...]) -> tuple[tuple[Need, ...], ...]:
    """A least partition into visits, in an order that works."""
    for count in range(len(_most_apart(needs)), len(needs) + 1):
        found = next(_partitions(needs, count), None)
        if found is not None:
            return found
    raise ValueError("needs wait for one another")


def _partitions(needs: tuple[Need, ...], count: int) -> Iterator[tuple[tuple[Need, ...], ...]]:
    """Every partition into `count` visits or fewer that works, each once."""

    def extended(
        groups: tuple[tuple[Need, ...], ...], rest: tuple[Need, ...]
    ) -> Iterator[tuple[tuple[Need, ...], ...]]:
        if not rest:
            ordered = _ordered(groups)
            if ordered is not None:
                yield ordered
            return
        need, left = rest[0], rest[1:]
        for i, group in enumerate(groups):
            if _may_join(group, need):
                yield from extended((*groups[:i], (*group, need), *groups[i + 1 :]), left)
        if len(groups) < count:
            yield from extended((*groups, (need,)), left)

    return extended((), needs)


def _may_join(group: tuple[Need, ...], need: Need) -> bool:
    shared = frozenset.intersection(need.places, *(one.places for one in group))
    return bool(shared) and not any(apart(one, need) for one in group)


def _ordered(
    groups: tuple[tuple[Need, ...], ...],
) -> tuple[tuple[Need, ...], ...] | None:
    """The visits in an order in which nothing waits for what comes later; None if there is none."""
    left, found = list(groups), []
    while left:
        free = next((g for g in left if not any(_behind(g, o) for o in left if o is not g)), None)
        if free is None:
            return None
        found.append(free)
        left.remove(free)
    return tuple(found)


def _in_order(groups: tuple[tuple[Need, ...], ...], order: Sequence[str]) -> tuple[Trip, ...]:
    """The visits with their places; of two that may come in any order, the better place first."""
    by_place = sorted(groups, key=lambda group: _rank(_place(group, order), order))
    return tuple(Trip(_place(group, order), group) for group in _ordered(tuple(by_place)) or ())


def _rank(place: str, order: Sequence[str]) -> tuple[int, str]:
    return (order.index(place) if place in order else len(order), place)


def _behind(group: tuple[Need, ...], other: tuple[Need, ...]) -> bool:
    return any(waits_for(one, earlier) for one in group for earlier in other)


def _place(group: tuple[Need, ...], order: Sequence[str]) -> str:
    shared = frozenset.intersection(*(need.places for need in group))
    return min(shared, key=lambda place: _rank(place, order))


def _joined(
    trips: tuple[Trip, ...], needs: Sequence[Need], kept: tuple[Need, ...]
) -> tuple[Trip, ...]:
    """The visits with what is met by the way: each need with the first visit that it fits."""
    held = [list(trip.needs) for trip in trips]
    for need in (one for one in needs if one not in kept):
        fits = [
            i for i, trip in enumerate(trips) if trip.place in need.places and _fits(held, i, need)
        ]
        held[fits[0]].append(need)
    given = {need.key: i for i, need in enumerate(needs)}
    return tuple(
        Trip(trip.place, tuple(sorted(own, key=lambda need: given[need.key])))
        for trip, own in zip(trips, held, strict=True)
    )


def _fits(held: list[list[Need]], i: int, need: Need) -> bool:
    before = [one for group in held[: i + 1] for one in group]
    after = [one for group in held[i:] for one in group]
    return not any(waits_for(one, need) for one in before) and not any(
        waits_for(need, one) for one in after
    )


# The proof -------------------------------------------------------------------------------------


def _most_apart(needs: Sequence[Need]) -> tuple[Need, ...]:
    """A largest set of needs of which no two can share a visit."""

    def grown(found: tuple[Need, ...], rest: tuple[Need, ...]) -> tuple[Need, ...]:
        best = found
        for i, need in enumerate(rest):
            if len(found) + len(rest) - i <= len(best):
                break
            open_ = tuple(one for one in rest[i + 1 :] if apart(one, need))
            best = max(best, grown((*found, need), open_), key=len)
        return best

    return grown((), tuple(needs))


def _proof(needs: tuple[Need, ...], count: int) -> Proof:
    clique = _most_apart(needs)
    if len(clique) == count:
        return Proof(clique, is_apart=True)
    core = needs
    for need in needs:  # leave out whatever the impossibility does not rest on
        fewer = tuple(one for one in core if one is not need)
        if next(_partitions(fewer, count - 1), None) is None:
            core = fewer
    return Proof(core, is_apart=False)


def holds(proof: Proof, count: int) -> bool:
    """Check a proof by itself: its needs cannot be met in fewer than `count` visits."""
    if proof.is_apart:
        pairs = combinations(proof.needs, 2)
        return len(proof.needs) == count and all(apart(one, other) for one, other in pairs)
    return next(_partitions(proof.needs, count - 1), None) is None
