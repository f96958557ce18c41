"""Times at the offices of the demonstration city that see people, and a few who have booked."""

from datetime import datetime, time, timedelta
from uuid import UUID

from lianban.accounts import actors
from lianban.accounts.actor import Actor
from lianban.accounts.models import RoleGrant
from lianban.cases import appointments, coming, counts, queries
from lianban.cases.services import slots, visits
from lianban.catalogue.model import Item
from lianban.engine.refusal import Refused

_DAYS, _BOOKED, _LOOKED_AT = 13, 3, 12


def open_times(*, at: datetime) -> int:
    """Open two weeks at every county's department office that sees people; some cases book.

    Returns how many have booked.
    """
    grants = RoleGrant.objects.filter(
        role="department_officer", user__office__district__level="county"
    ).select_related("user__office")
    booked, done = 0, set()
    for grant in grants.order_by("user__username"):
        if grant.user.office_id not in done:
            done.add(grant.user.office_id)
            booked += _opened(actors.from_user(grant.user), at)
    return booked


def came(case_id: UUID, clerk: Actor, *, at: datetime, in_one: bool) -> None:
    """The person comes to the counter; `in_one`: and does there whatever else can be done."""
    view = queries.get(case_id=case_id, actor=clerk, at=at)
    plan = queries.content(view).plan(view.edition)
    place, items = coming.counter_items(plan)
    if in_one:
        here = [g for g in coming.of_case(view).goings if g.visit.place == place]
        items = tuple(number for going in here for number in going.visit.items)
    if place:
        visits.came(case_id=case_id, place=place, items=items, actor=clerk, at=at)


def came_for(case_id: UUID | None, item: Item, desk: Actor, *, at: datetime) -> None:
    """Who has not been there yet comes to the desk that works on the item."""
    if case_id is None or not any(presence.counted for presence in item.presence):
        return
    if coming.came_on(case_id, item.number):
        return
    reason = coming.reason_of(queries.get(case_id=case_id, actor=desk, at=at), item.number)
    if reason is not None:
        visits.came(case_id=case_id, place=reason.place, items=[item.number], actor=desk, at=at)


def _opened(actor: Actor, at: datetime) -> int:
    purposes = appointments.purposes(actor)
    for one in purposes:
        pattern = slots.Pattern(
            place=one.place,
            purpose=one.purpose,
            first=at.date(),
            last=at.date() + timedelta(days=_DAYS),
            weekdays=frozenset(range(5)),
            starts=time(9, 0),
            ends=time(11, 30),
            minutes=30,
            capacity=2,
        )
        slots.open_slots(pattern=pattern, actor=actor, at=at)
    return _booked(actor, at) if purposes else 0


def _booked(actor: Actor, at: datetime) -> int:
    """The newest cases with an account book, each the next time."""
    done = 0
    assert actor.district
    for case_id, user in counts.newest_open(district=actor.district, most=_LOOKED_AT):
        person = actors.from_user(user)
        view = queries.get(case_id=case_id, actor=person, at=at)
        wanted = [(r.place, r.purpose) for g in coming.of_case(view).open for r in g.reasons]
        free = appointments.free(district=view.district, wanted=wanted, at=at)
        try:
            visits.book_all(
                case_id=case_id, slots=[s.id for s in free[done : done + 1]], actor=person, at=at
            )
        except Refused:
            continue
        done += 1
        if done == _BOOKED:
            break
    return done
