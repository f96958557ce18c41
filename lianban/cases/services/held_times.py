"""The times that a case holds: what every way of booking, giving back and coming does with them."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from lianban.cases.models import AppointmentRecord, SlotRecord, VisitRecord
from lianban.catalogue.calendar import CHINA, day_of
from lianban.engine.records import Booked, BookingCancelled, BookingMissed

State = AppointmentRecord.State
#: Place, purpose, items, day and hour, as the journal tells a time.
Words = tuple[str, str, tuple[int, ...], date, str]


def live(case_id: UUID) -> list[AppointmentRecord]:
    """What the case has booked and not used yet, in the order in which slots are taken."""
    rows = AppointmentRecord.objects.filter(case_id=case_id, state=State.BOOKED)
    return list(rows.select_related("slot").order_by("slot_id"))


def day(slot: SlotRecord) -> date:
    """The offices' day of a time."""
    return day_of(slot.starts_at)


def change(one: AppointmentRecord, state: AppointmentRecord.State, at: datetime) -> None:
    """Let an appointment stand otherwise."""
    one.state, one.changed_at = state, at
    one.save(update_fields=["state", "changed_at"])


def take_turn(*slots: UUID) -> None:
    """Lock slots in the order of their ids, as everybody does who changes more than one."""
    rows = SlotRecord.objects.select_for_update().filter(id__in=slots)
    list(rows.order_by("id").values_list("id"))


def release(held: AppointmentRecord, at: datetime) -> None:
    """Free the place. One that a department's system made for this person goes with it."""
    slot = SlotRecord.objects.filter(id=held.slot_id, taken__gt=0)
    if held.given_by:
        slot.update(taken=F("taken") - 1, capacity=F("capacity") - 1)
    else:
        slot.update(taken=F("taken") - 1)
    change(held, State.CANCELLED, at)


def words(one: AppointmentRecord) -> Words:
    """An appointment as the journal tells it."""
    starts = one.slot.starts_at.astimezone(CHINA)
    return one.slot.place, one.purpose, tuple(one.items), starts.date(), f"{starts:%H:%M}"


def told(
    kind: type[Booked] | type[BookingCancelled] | type[BookingMissed],
    one: AppointmentRecord,
    at: datetime,
) -> Booked | BookingCancelled | BookingMissed:
    """What the journal keeps of one appointment."""
    return kind(at, *words(one))


def met(visit: VisitRecord, items: Collection[int], at: datetime) -> list[AppointmentRecord]:
    """Let a visit keep the times of its place, day and items; those of later days are given back.

    One whose day went by before the visit was told is kept after all. Returns what was given back.
    """
    rows = AppointmentRecord.objects.filter(
        case_id=visit.case_id, slot__place=visit.place, state__in=[State.BOOKED, State.MISSED]
    )
    moot = []
    for one in rows.select_related("slot").order_by("slot_id"):
        if not set(one.items) & set(items):
            continue
        if day(one.slot) == visit.on:
            change(one, State.KEPT, at)
        elif one.state == State.BOOKED and _is_moot(one, visit):
            release(one, at)
            moot.append(one)
    return moot


def _is_moot(one: AppointmentRecord, visit: VisitRecord) -> bool:
    return day(one.slot) > visit.on and set(one.items) <= set(visit.items)
