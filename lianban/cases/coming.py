"""Where the person of a case still has to come, with what, and when it is booked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lianban import vault
from lianban.cases import appointments, forms, material_state, queries
from lianban.cases.appointments import Appointment
from lianban.cases.models import AppointmentRecord, VisitRecord
from lianban.cases.queries import CaseView, ItemView, MaterialView
from lianban.catalogue import visits
from lianban.catalogue.model import Edition
from lianban.catalogue.planning import Plan
from lianban.catalogue.visits import Visit, Visits
from lianban.engine.case import JointCase, SubCase
from lianban.engine.states import State

#: The person's part may still be open while an item stands here.
BEFORE = frozenset({State.WAITING, State.READY, State.DISPATCHED, State.RECEIVED})
_NOW = BEFORE - {State.WAITING}
_LIVE = AppointmentRecord.State.BOOKED


@dataclass(frozen=True)
class Reason:
    """One reason to come to one place, with the items that it is for and that still need it."""

    place: str
    purpose: str
    words: str
    items: tuple[int, ...]
    item_names: str


@dataclass(frozen=True)
class Going:
    """One visit of the least set, as this case stands."""

    visit: Visit
    place: str
    #: Why the person comes, in words; what is done already is left out while something is not.
    why: str
    items: tuple[ItemView, ...]
    reasons: tuple[Reason, ...]
    #: What to bring, in words: 退出现役证件（原件 1 份）.
    bring: tuple[str, ...]
    is_done: bool
    #: Whether an item waits for the person's coming now.
    is_now: bool
    #: What must be over before, in words; empty: any day.
    after: tuple[str, ...]
    booked: tuple[Appointment, ...]
    #: The days on which the person came here.
    came_on: tuple[date, ...] = ()


@dataclass(frozen=True)
class Whole:
    """All visits of a case."""

    plan: Plan
    least: Visits
    goings: tuple[Going, ...]
    #: Every appointment, also those that were cancelled or missed.
    appointments: tuple[Appointment, ...]

    @property
    def why_not_fewer(self) -> tuple[str, ...]:
        """The proof in sentences."""
        return visits.why_not_fewer(self.plan, self.least)

    @property
    def mail_names(self) -> tuple[str, ...]:
        """Originals that may be mailed instead of shown, by name."""
        return tuple(visits.bring(self.plan, needed) for needed in self.least.by_mail)

    @property
    def has_booked(self) -> bool:
        """Whether a time is booked."""
        return any(going.booked for going in self.goings)

    @property
    def open(self) -> tuple[Going, ...]:
        """The visits that are still to come."""
        return tuple(going for going in self.goings if not going.is_done)

    @property
    def missed(self) -> tuple[Appointment, ...]:
        """Appointments that nobody kept and whose reason still stands, without a new one."""
        open_ = {(r.place, r.purpose) for going in self.open for r in going.reasons}
        booked = {a.slot.purpose for a in self.appointments if a.state == _LIVE}
        return tuple(
            one
            for one in self.appointments
            if one.state == AppointmentRecord.State.MISSED
            and (one.slot.place, one.slot.purpose) in open_
            and one.slot.purpose not in booked
        )


def of_case(view: CaseView) -> Whole:
    """The visits of this case, the least set, for those who see the whole case."""
    plan = queries.content(view).plan(view.edition)
    found = visits.least(plan)
    held = queries.materials(view)
    booked = tuple(appointments.of_case(view.id))
    made = list(VisitRecord.objects.filter(case_id=view.id).order_by("on"))
    goings = tuple(_going(view, plan, visit, held, booked, made) for visit in found.visits)
    return Whole(plan, found, goings, booked)


def reasons(
    case: JointCase,
    plan: Plan,
    visit: Visit,
    made: list[VisitRecord],
    given: Collection[int] = (),
) -> list[Reason]:
    """What of a visit is still open: its reasons with the items for which nobody came yet.

    `given` are items for which a department's own system gave a time, however it stands with them.
    """
    came = {n for one in made if one.place == visit.place for n in one.items}
    found: dict[str, list[int]] = {}
    for number in visit.items:
        sub = case.sub_cases.get(number)
        presence = plan.presence(plan.edition.item(number))
        why = presence.why if presence and presence.place == visit.place else visit.reasons[0]
        if sub is not None and _is_open(sub, given) and number not in came:
            found.setdefault(why, []).append(number)
    words = plan.edition.reasons
    return [
        Reason(visit.place, why, words.get(why, why), tuple(items), names(plan.edition, items))
        for why, items in found.items()
    ]


def _is_open(sub: SubCase, given: Collection[int]) -> bool:
    """Whether the person's part may be open; who waits for the person may have stopped the clock."""
    if sub.ended or sub.outcome is not None:
        return False
    state = sub.resumes_to if sub.state is State.SUSPENDED else sub.state
    return state in BEFORE or sub.number in given


def given_items(booked: Iterable[AppointmentRecord | Appointment]) -> frozenset[int]:
    """Items for which a department's own system gave a time that still stands."""
    return frozenset(n for one in booked if one.state == _LIVE and one.given_by for n in one.items)


def names(edition: Edition, items: Iterable[int]) -> str:
    """The short names of items, in a row."""
    return "、".join(edition.item(number).short_name for number in items)


def open_reasons(case_id: UUID, case: JointCase, edition: Edition) -> dict[str, Reason]:
    """What a case may book now: its open reasons by their code. For those who hold its lock."""
    plan = plan_of(case_id, edition)
    if plan is None:
        return {}
    made = list(VisitRecord.objects.filter(case_id=case_id))
    given = given_items(AppointmentRecord.objects.filter(case_id=case_id, state=_LIVE))
    ready = [v for v in visits.least(plan).visits if not waits(case, v)]
    return {r.purpose: r for visit in ready for r in reasons(case, plan, visit, made, given)}


def reason_of(view: CaseView, number: int) -> Reason | None:
    """Why the person comes for one item, if its presence counts; for its department too."""
    item = view.item(number).item
    plan = plan_of(view.id, view.edition)
    presence = plan.presence(item) if plan else None
    if presence is None or not presence.counted:
        return None
    words = view.edition.reasons.get(presence.why, presence.why)
    return Reason(presence.place, presence.why, words, (number,), item.short_name)


def came_on(case_id: UUID, number: int) -> date | None:
    """The last day on which somebody came for this item."""
    rows = VisitRecord.objects.filter(case_id=case_id).order_by("-on")
    return next((row.on for row in rows if number in row.items), None)


def waits(case: JointCase, visit: Visit) -> list[int]:
    """The items that must be over before this visit and are not; it cannot be booked before."""
    subs = case.sub_cases
    return [number for number in visit.after if number in subs and not subs[number].met]


def plan_of(case_id: UUID, edition: Edition) -> Plan | None:
    """The plan of a case by its newest form; None where that cannot be read any more."""
    try:
        content = forms.latest(case_id)
    except vault.Unreadable:
        return None
    return content.plan(edition) if content else None


def counter_items(plan: Plan) -> tuple[str, tuple[int, ...]]:
    """The place where originals are shown and the items for which that brings the person there.

    Nothing where no visit of the plan is for originals.
    """
    seeing = {place.code: place.sees_originals for place in plan.edition.places}
    for visit in visits.least(plan).visits:
        why = seeing.get(visit.place, "")
        if why and why in visit.reasons:
            own = {n: plan.presence(plan.edition.item(n)) for n in visit.items}
            items = tuple(n for n, one in own.items() if one is None or one.why == why)
            return visit.place, items
    return "", ()


def _going(
    view: CaseView,
    plan: Plan,
    visit: Visit,
    held: list[MaterialView],
    booked: tuple[Appointment, ...],
    made: list[VisitRecord],
) -> Going:
    still = reasons(view.case, plan, visit, made, given_items(booked))
    open_ = {number for reason in still for number in reason.items}
    items = tuple(item for item in view.items if item.item.number in visit.items)
    is_done = not still
    words = visit.why.split(";") if is_done else [reason.words for reason in still]
    return Going(
        visit=visit,
        place=visit.place_name(plan),
        why="、".join(dict.fromkeys(words)),
        items=items,
        reasons=tuple(still),
        bring=() if is_done else _bring(view, plan, visit, held, open_),
        is_done=is_done,
        is_now=any(i.sub.state in _NOW for i in items if i.item.number in open_),
        after=()
        if is_done
        else tuple(queries.node_name(view.edition, number) for number in waits(view.case, visit)),
        booked=tuple(
            one
            for one in booked
            if one.state == _LIVE and one.slot.place == visit.place and set(one.items) & open_
        ),
        came_on=tuple(one.on for one in made if one.place == visit.place),
    )


def _bring(
    view: CaseView, plan: Plan, visit: Visit, held: list[MaterialView], open_: set[int]
) -> tuple[str, ...]:
    """What nobody has seen, and what the plan asks to bring besides."""
    asked = material_state.outstanding(view.case) | set(view.case.deferrals)
    states = {one.material.code: one for one in held}
    found = [
        visits.bring(plan, needed)
        for needed in visit.materials
        if needed.what.code in asked or _is_unseen(states.get(needed.what.code))
    ]
    return (*found, *(visit.also if open_ else ()))


def _is_unseen(one: MaterialView | None) -> bool:
    """Whether the person said to bring it, or uploaded a picture of an original."""
    if one is None or one.record.seen_at is not None:
        return False
    return one.state == "promised" or (one.state == "uploaded" and one.material.form == "original")
