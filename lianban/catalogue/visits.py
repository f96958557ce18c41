"""Which visits a person's plan asks for: the least set, what to bring, and why not one fewer.

A need is an item that asks for the person (`presence`), or an original that somebody has to see: at
a place that sees originals, unless it may be mailed or may come with the dossier.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lianban.catalogue import checklist, graph, trips
from lianban.catalogue.checklist import Needed
from lianban.catalogue.model import Edition, Material
from lianban.catalogue.planning import Kind, Plan, sure
from lianban.catalogue.presence import Place, Presence
from lianban.catalogue.trips import Need, Proof, Trip

_FORMS = {"original": "原件", "copy": "复印件", "photo": "照片"}


@dataclass(frozen=True)
class Visit:
    """One place to come to, for these items, for these reasons."""

    place: str
    items: tuple[int, ...]
    why: str
    #: The codes of the reasons, as `reasons` of the plan names them.
    reasons: tuple[str, ...] = ()
    #: Items and milestones that must be over before it.
    after: tuple[int, ...] = ()
    milestones: tuple[str, ...] = ()
    materials: tuple[Needed, ...] = ()
    #: What to bring besides the materials, in words.
    also: tuple[str, ...] = ()

    def place_name(self, plan: Plan) -> str:
        """The words for its place."""
        return place_name(plan.edition, self.place)


@dataclass(frozen=True)
class Visits:
    """The least set of visits, in the order in which they happen."""

    visits: tuple[Visit, ...]
    proof: Proof
    #: Originals that may be mailed instead of shown.
    by_mail: tuple[Needed, ...] = ()


def least(plan: Plan) -> Visits:
    """The least set of visits for what is open in the plan."""
    return _Reader(plan).read()


def place_name(edition: Edition, code: str) -> str:
    """The words for a place, or the code itself when the plan does not name it."""
    return next((p.name for p in edition.places if p.code == code), code)


def bring(plan: Plan, needed: Needed) -> str:
    """One material in words: 退出现役证件（原件 1 份）."""
    material = needed.what
    assert isinstance(material, Material)
    form = _FORMS.get(material.form, "")
    unit = "张" if material.form == "photo" else "份"
    return f"{checklist.name_of(plan, material)}（{form} {material.copies} {unit}）"


@dataclass(frozen=True)
class _Reader:
    plan: Plan

    def read(self) -> Visits:
        by_mail = [n for n in self.originals if self.is_mailable(n)]
        found = trips.least(
            [*self.presence_needs.values(), *self.original_needs.values()],
            order=[place.code for place in self.plan.edition.places],
        )
        shown = self.shown_at(found.trips)
        visits = tuple(self.visit(trip, shown[i]) for i, trip in enumerate(found.trips))
        return Visits(visits, found.proof, tuple(by_mail))

    # Needs ---------------------------------------------------------------------------------

    @cached_property
    def presences(self) -> dict[str, tuple[int, Presence]]:
        """The presences that count, by the key of their need."""
        found = {}
        for disposition in self.plan.of(Kind.OPEN):
            presence = self.plan.presence(disposition.item)
            if presence and presence.counted:
                found[disposition.item.code] = (disposition.item.number, presence)
        return found

    @cached_property
    def presence_needs(self) -> dict[str, Need]:
        return {
            code: Need(
                code,
                frozenset([presence.place]),
                frozenset([number]),
                frozenset() if presence.same_day else self.before(code),
            )
            for code, (number, presence) in self.presences.items()
        }

    @cached_property
    def original_needs(self) -> dict[str, Need]:
        places = frozenset(place.code for place in self.seeing)
        if not places:
            return {}
        return {
            f"original {needed.what.code}": Need(
                f"original {needed.what.code}", places, frozenset(needed.items)
            )
            for needed in self.originals
            if not self.is_mailable(needed) and not _of(needed).may_arrive_with
        }

    @cached_property
    def seeing(self) -> list[Place]:
        """The places where originals may be shown."""
        return [place for place in self.plan.edition.places if place.sees_originals]

    @cached_property
    def materials(self) -> list[Needed]:
        return checklist.materials(self.plan)

    @cached_property
    def originals(self) -> list[Needed]:
        return [needed for needed in self.materials if _of(needed).form == "original"]

    def is_mailable(self, needed: Needed) -> bool:
        return _of(needed).may_be_mailed

    def before(self, code: str) -> frozenset[int]:
        """The items that must be decided before this one is ready."""
        by_code = self.plan.edition.by_code
        above = graph.ancestors(self.plan.requires, code)
        return frozenset(by_code[one].number for one in above if one in by_code)

    # Visits --------------------------------------------------------------------------------

    def shown_at(self, found: tuple[Trip, ...]) -> list[list[Needed]]:
        """The materials that go with each visit: every one once, with the first that it fits."""
        shown: list[list[Needed]] = [[] for _ in found]
        seeing = {place.code for place in self.seeing}
        held = {need.key: i for i, trip in enumerate(found) for need in trip.needs}
        for needed in self.materials:
            at = held.get(f"original {needed.what.code}")
            if at is None:
                fits = [i for i, trip in enumerate(found) if trip.place in seeing or not seeing]
                at = fits[0] if fits else None
            if at is not None:
                shown[at].append(needed)
        return shown

    def visit(self, trip: Trip, materials: list[Needed]) -> Visit:
        own = [self.presences[need.key] for need in trip.needs if need.key in self.presences]
        reasons = list(dict.fromkeys(presence.why for _, presence in own))
        numbers = {number for number, _ in own}
        if not own:
            place = next(p for p in self.seeing if p.code == trip.place)
            reasons = [place.sees_originals]
            numbers = {number for need in trip.needs for number in need.items}
        words = self.plan.edition.reasons
        late = [need.key for need in trip.needs if need.after]
        return Visit(
            place=trip.place,
            items=tuple(sorted(numbers)),
            why=";".join(words.get(reason, reason) for reason in reasons),
            reasons=tuple(reasons),
            after=tuple(sorted({n for code in late for n in self.plan.item_requires(code)})),
            milestones=tuple(
                dict.fromkeys(m for code in late for m in self.plan.milestone_requires(code))
            ),
            materials=tuple(materials),
            also=tuple(dict.fromkeys(self.also(presence for _, presence in own))),
        )

    def also(self, presences: Iterator[Presence]) -> Iterator[str]:
        for presence in presences:
            for text in presence.bring:
                if sure(self.plan.edition, text.when, self.plan.answers):
                    yield text.text


def _of(needed: Needed) -> Material:
    assert isinstance(needed.what, Material)
    return needed.what


# Why not one fewer -----------------------------------------------------------------------------


def why_not_fewer(plan: Plan, found: Visits) -> tuple[str, ...]:
    """The proof in sentences that the person can check."""
    count, proof = len(found.visits), found.proof
    if not count:
        return ("没有哪一件要您本人到场，也没有原件要当面看，所以一次也不用跑。",)
    lines = [_what(plan, need) for need in proof.needs]
    if count == 1:
        return (*lines, "这一件要来，所以一次不来不行；别的都并在这一次里了。")
    if not proof.is_apart:
        last = f"这几件想排成 {count - 1} 次，每一种排法都试过了，总有一件排不进去。"
        return (*lines, last)
    pairs = [
        _why_apart(plan, one, other)
        for i, one in enumerate(proof.needs)
        for other in proof.needs[i + 1 :]
    ]
    last = f"这 {count} 件两两都不能并在一次里，所以至少 {count} 次。"
    return (*lines, *dict.fromkeys(pairs), last)


def _what(plan: Plan, need: Need) -> str:
    """按指纹要本人到综合窗口（居民身份证）。"""
    item = plan.edition.by_code.get(need.key)
    places = "或".join(place_name(plan.edition, code) for code in _in_order(plan, need.places))
    names = "、".join(plan.edition.item(number).short_name for number in sorted(need.items))
    if item is not None:
        presence = plan.presence(item)
        assert presence
        reason = plan.edition.reasons.get(presence.why, presence.why)
        return f"{reason}要本人到{places}，为的是{names}。"
    return f"{_material_name(plan, need)}的原件要到{places}给人看，为的是{names}。"


def _in_order(plan: Plan, codes: frozenset[str]) -> list[str]:
    known = [place.code for place in plan.edition.places]
    return sorted(codes, key=lambda code: (known.index(code) if code in known else 99, code))


def _material_name(plan: Plan, need: Need) -> str:
    code = need.key.removeprefix("original ")
    return checklist.name_of(plan, plan.edition.material_by_code[code])


def _reason(plan: Plan, need: Need) -> str:
    item = plan.edition.by_code.get(need.key)
    presence = plan.presence(item) if item else None
    if presence is None:
        return f"{_material_name(plan, need)}原件给人看过"
    return plan.edition.reasons.get(presence.why, presence.why)


def _short(plan: Plan, need: Need) -> str:
    item = plan.edition.by_code.get(need.key)
    return f"{item.short_name}的{_reason(plan, need)}" if item else _reason(plan, need)


def _why_apart(plan: Plan, one: Need, other: Need) -> str:
    if trips.waits_for(one, other):
        one, other = other, one
    first, second = _short(plan, one), _short(plan, other)
    if trips.waits_for(other, one):
        waits = "、".join(
            plan.edition.item(number).short_name for number in sorted(one.items & other.after)
        )
        return f"{second}要等{waits}办好才行，而{waits}要先有{_reason(plan, one)}，不能同一天。"
    return f"{first}和{second}不在一个地方，来一次只能到一处。"
