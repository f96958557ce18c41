"""Where the person must come, what to bring, and whether they have been there."""

from dataclasses import dataclass

from lianban.cases import queries
from lianban.cases.queries import CaseView, ItemView, MaterialView
from lianban.catalogue import checklist, visits
from lianban.catalogue.planning import Plan
from lianban.catalogue.visits import Visit
from lianban.engine.states import State

_BEFORE = frozenset({State.WAITING, State.READY, State.DISPATCHED, State.RECEIVED})
_NOW = _BEFORE - {State.WAITING}
_SHOWN = frozenset({"promised", "uploaded"})
_FORMS = {"original": "原件", "copy": "复印件", "photo": "照片"}


@dataclass(frozen=True)
class Going:
    """One place to come to, as this case stands."""

    place: str
    why: str
    items: tuple[ItemView, ...]
    #: What to bring, in words: 退出现役证件（原件 1 份）.
    bring: tuple[str, ...]
    is_done: bool
    #: Whether an item waits for the person's coming now.
    is_now: bool


def of_case(view: CaseView) -> list[Going]:
    """The visits of this case, the least set; those that are past are marked."""
    plan = queries.content(view).plan(view.edition)
    held = queries.materials(view)
    return [_going(view, plan, visit, held) for visit in visits.least(plan).visits]


def _going(view: CaseView, plan: Plan, visit: Visit, held: list[MaterialView]) -> Going:
    items = tuple(item for item in view.items if item.item.number in visit.items)
    before = [item for item in items if item.sub.state in _BEFORE]
    shown = _to_show(held, visit)
    seen = bool(shown) and all(one.record.seen_at for one in shown)
    is_done = not before or seen
    return Going(
        place=next((p.name for p in view.edition.places if p.code == visit.place), visit.place),
        why="、".join(_reasons(plan, before or list(items))),
        items=items,
        bring=() if is_done else tuple(_words(plan, one) for one in _unseen(view, held, before)),
        is_done=is_done,
        is_now=not is_done and any(item.sub.state in _NOW for item in before),
    )


def _reasons(plan: Plan, items: list[ItemView]) -> list[str]:
    """Why the person comes, for these items; each reason once."""
    found = [presence for item in items if (presence := plan.presence(item.item))]
    words = plan.edition.reasons
    return list(dict.fromkeys(words.get(one.why, one.why) for one in found))


def _to_show(held: list[MaterialView], visit: Visit) -> list[MaterialView]:
    """The originals that the visit's items rest on."""
    return [
        one
        for one in held
        if one.material.form == "original"
        and set(one.items) & set(visit.items)
        and (one.state in _SHOWN or one.record.seen_at)
    ]


def _unseen(view: CaseView, held: list[MaterialView], before: list[ItemView]) -> list[MaterialView]:
    """What nobody has seen: for all items with the first visit, later for those it is about."""
    numbers = {item.item.number for item in before}
    if view.edition.entry_number in numbers:
        numbers = {item.item.number for item in view.items}
    return [
        one
        for one in held
        if one.state in _SHOWN and one.record.seen_at is None and numbers & set(one.items)
    ]


def _words(plan: Plan, one: MaterialView) -> str:
    form = _FORMS.get(one.material.form, "")
    unit = "张" if one.material.form == "photo" else "份"
    return f"{checklist.name_of(plan, one.material)}（{form} {one.material.copies} {unit}）"
