"""Coming in person: a time is booked, given back or missed, and a visit is noted once.

A time has so many places and never one more: taking one is a single statement that finds nothing to
change when the last is gone, and the table itself forbids more. Slots are taken in the order of their
ids, so that two who book the same times do not wait for each other.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import appointments, coming, store
from lianban.cases.coming import Reason
from lianban.cases.models import AppointmentRecord, SlotRecord, VisitRecord
from lianban.cases.services import agents, held_times, record
from lianban.cases.services.run import subject
from lianban.catalogue.calendar import CHINA, day_of
from lianban.catalogue.planning import Plan
from lianban.engine.records import Booked, BookingCancelled, BookingMissed, Record, VisitMade
from lianban.engine.refusal import Refused

State = AppointmentRecord.State


def came(
    *,
    case_id: UUID,
    place: str,
    items: Collection[int],
    actor: Actor,
    at: datetime,
    by_agent: bool = False,
) -> VisitRecord:
    """Note that the person is here, for these items: one visit a place and day, a repeat is harmless.

    An appointment of that day for these items is kept, one of a later day is given back.
    `by_agent`: somebody came for the person, which the plan may not allow (no fingerprints). Raises `Refused` (`unknown_case`,
    `not_permitted`, `unknown_place`, `agent_may_not`).
    """
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        _authorise(loaded, items, actor)
        if place not in {one.code for one in loaded.edition.places}:
            raise Refused("unknown_place", "方案里没有这个地点")
        for act in _purposes(loaded, place, items) if by_agent else ():
            agents.require_may(edition=loaded.edition, case_id=case_id, act=act, at=at)
        return note(raw, loaded, place=place, items=items, actor=actor, at=at)[0]


def _purposes(loaded: store.Loaded, place: str, items: Collection[int]) -> list[str]:
    """Why one comes to a place for these items, as codes of the plan."""
    found = (p for n in items for p in loaded.edition.item(n).presence if p.place == place)
    return sorted({presence.why for presence in found})


def note(
    raw: Any,
    loaded: store.Loaded,
    *,
    place: str,
    items: Collection[int],
    actor: Actor,
    at: datetime,
    on: date | None = None,
) -> tuple[VisitRecord, store.Loaded]:
    """The same, for a writer that holds the case's lock and has authorised what it does.

    `on` is the day of the visit, where that is told later.
    """
    own = sorted(set(items) & loaded.case.sub_cases.keys())
    visit, is_new = VisitRecord.objects.get_or_create(
        case_id=loaded.case_id,
        place=place,
        on=on or day_of(at),
        defaults={
            "items": own,
            "at": at,
            "office_id": actor.office_id,
            "officer_id": actor.user_id,
        },
    )
    if is_new:
        made = VisitMade(at, place, tuple(own), visit.on)
        loaded = record.write(raw, loaded, made, actor=actor, at=at)
    elif set(own) - set(visit.items):
        visit.items = sorted({*own, *visit.items})
        visit.save(update_fields=["items"])
    moot = held_times.met(visit, own, at)
    if moot:
        said = [held_times.told(BookingCancelled, one, at) for one in moot]
        loaded = record.write(raw, loaded, *said, actor=actor, at=at)
    return visit, loaded


def note_at_counter(raw: Any, case_id: UUID, plan: Plan, *, actor: Actor, at: datetime) -> None:
    """The person is at the desk that sees originals, with whatever was brought.

    For a writer that has authorised what it does. Nothing happens where the plan has no such desk.
    """
    place, items = coming.counter_items(plan)
    if place:
        note(raw, store.load(raw, case_id), place=place, items=items, actor=actor, at=at)


def _authorise(loaded: store.Loaded, items: Iterable[int], actor: Actor) -> None:
    """Allowed for the case as a whole, or for one of the items."""
    for number in items:
        if permissions.allows(actor=actor, command="come", subject=subject(loaded, number)):
            return
    record.authorise(loaded, "come", actor)


# Booking ---------------------------------------------------------------------------------------


def book_all(
    *, case_id: UUID, slots: Collection[UUID], actor: Actor, at: datetime
) -> list[AppointmentRecord]:
    """Book these times in one act: all of them or none; what is booked already is left alone.

    Raises `Refused`: `no_slots`, `unknown_slot`, `nothing_to_book` (nobody has to come for that),
    `already_booked`, `not_one_day` (times of one visit must be on one day), `incomplete` (another
    reason to come has free times and none was chosen), `slot_full`.
    """
    with store.begun() as raw, transaction.atomic():
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "book", actor)
        desk = _Desk(raw, loaded, actor, at)
        chosen = desk.chosen(slots)
        live = {one.purpose: one for one in held_times.live(case_id)}
        fresh = [one for one in chosen if not _is_same(one, live)]
        desk.require_one_day([*chosen, *_chosen(live.values())])
        desk.require_complete({one.purpose for one in chosen} | live.keys())
        made = [desk.take(one) for one in sorted(fresh, key=lambda one: one.id)]
        if made:
            desk.write(Booked, made)
        return made


def cancel(*, appointment_id: UUID, actor: Actor, at: datetime) -> None:
    """Give a time back, until the plan's last day for it; a repeat is harmless.

    Raises `Refused` (`unknown_appointment`, `too_late`).
    """
    with store.begun() as raw, transaction.atomic():
        desk, held = _held(raw, appointment_id, actor, at)
        if held.state != State.BOOKED:
            return
        desk.give_back(held)
        desk.write(BookingCancelled, [held])


def rebook(*, appointment_id: UUID, slot: UUID, actor: Actor, at: datetime) -> AppointmentRecord:
    """Another time for the same reason, in one act; the old one is kept if the new one is full.

    Raises `Refused`: what `cancel` and `book_all` raise.
    """
    with store.begun() as raw, transaction.atomic():
        desk, held = _held(raw, appointment_id, actor, at)
        if held.state != State.BOOKED:
            raise Refused("unknown_appointment", "这个预约已经不在了，请重新约")
        if held.slot_id == slot:
            return held
        (wanted,) = desk.chosen([slot])
        if wanted.purpose != held.purpose:
            raise Refused("unknown_slot", "这个时间不是办这件事的，请另选")
        others = [one for one in held_times.live(held.case_id) if one.id != held.id]
        desk.require_one_day([wanted, *_chosen(others)])
        held_times.take_turn(wanted.id, held.slot_id)
        desk.give_back(held)
        made = desk.take(wanted)
        desk.tell(
            held_times.told(BookingCancelled, held, at), held_times.told(Booked, made, at)
        )  # in one breath: it is told as a change
        return made


def pass_by(*, at: datetime) -> int:
    """Mark what was booked for days that are over: kept where the person came, else missed.

    Missed ones are told to the person. Each case has its own transaction; a repeat finds nothing.
    Returns how many were missed.
    """
    midnight = at.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    over = AppointmentRecord.objects.filter(state=State.BOOKED, slot__starts_at__lt=midnight)
    cases = over.order_by("case_id").values_list("case_id", flat=True).distinct()
    return sum(_pass_by(case_id, midnight, at) for case_id in list(cases))


def _pass_by(case_id: UUID, midnight: datetime, at: datetime) -> int:
    with store.begun() as raw, transaction.atomic():
        desk = _Desk(raw, store.load(raw, case_id), Actor.system(), at)
        made = {(one.place, one.on) for one in VisitRecord.objects.filter(case_id=case_id)}
        over = [one for one in held_times.live(case_id) if one.slot.starts_at < midnight]
        missed = [one for one in over if (one.slot.place, held_times.day(one.slot)) not in made]
        for one in over:
            held_times.change(one, State.MISSED if one in missed else State.KEPT, at)
        if missed and desk.loaded.case.is_open:
            desk.write(BookingMissed, missed)
        return len(missed)


@dataclass
class _Desk:
    """One case under its lock, and who acts on it."""

    raw: Any
    loaded: store.Loaded
    actor: Actor
    at: datetime

    @property
    def reasons(self) -> dict[str, Reason]:
        return coming.open_reasons(self.loaded.case_id, self.loaded.case, self.loaded.edition)

    def chosen(self, ids: Collection[UUID]) -> list[SlotRecord]:
        """The slots, if this case may take them."""
        if not ids:
            raise Refused("no_slots", "请先选一个时间")
        open_ = self.reasons if self.loaded.case.is_open else {}
        above = appointments.districts_above(self.loaded.district)
        rows = SlotRecord.objects.filter(
            id__in=ids, office__district_id__in=above, starts_at__gt=self.at
        )
        found = list(rows)
        if len(found) != len(set(ids)):
            raise Refused("unknown_slot", "有的时间已经不开放了，请另选")
        for one in found:
            reason = open_.get(one.purpose)
            if reason is None or reason.place != one.place:
                raise Refused("nothing_to_book", "现在没有要您为这件事来的")
        if len({one.purpose for one in found}) != len(found):
            raise Refused("already_booked", "同一件事只能约一个时间")
        return found

    def require_one_day(self, slots: Iterable[SlotRecord]) -> None:
        """One place is one visit only on one day."""
        days: dict[str, date] = {}
        for one in slots:
            if days.setdefault(one.place, held_times.day(one)) != held_times.day(one):
                raise Refused("not_one_day", "同一个地方的事请约在同一天，这样只跑一次")

    def require_complete(self, purposes: Collection[str]) -> None:
        """Everything that can be booked now is booked together."""
        missing = {code: one for code, one in self.reasons.items() if code not in purposes}
        wanted = [(one.place, one.purpose) for one in missing.values()]
        free = {one.purpose for one in self.free(wanted)}
        for code, reason in missing.items():
            if code in free:
                raise Refused("incomplete", f"{reason.words}也要约一个时间，一起约好")

    def free(self, wanted: list[tuple[str, str]]) -> list[appointments.Slot]:
        return appointments.free(district=self.loaded.district, wanted=wanted, at=self.at)

    def take(self, slot: SlotRecord) -> AppointmentRecord:
        """Take one place, or refuse when the last is gone."""
        left = SlotRecord.objects.filter(id=slot.id, taken__lt=F("capacity"))
        if not left.update(taken=F("taken") + 1):
            raise Refused("slot_full", "这个时间刚被别人约走了，请另选一个")
        return AppointmentRecord.objects.create(
            case_id=self.loaded.case_id,
            slot=slot,
            purpose=slot.purpose,
            items=list(self.reasons[slot.purpose].items),
            booked_at=self.at,
            booked_by_id=self.actor.user_id,
            changed_at=self.at,
        )

    def give_back(self, held: AppointmentRecord) -> None:
        """Free the place, if it is not too late for that."""
        days = self.loaded.edition.rules.appointment_cancel_days
        if day_of(self.at) > held_times.day(held.slot) - timedelta(days=days):
            when = "前一天" if days == 1 else f"提前 {days} 天"
            raise Refused("too_late", f"最晚{when}取消或改时间，现在请打窗口的电话")
        held_times.release(held, self.at)

    def write(
        self,
        kind: type[Booked] | type[BookingCancelled] | type[BookingMissed],
        about: Iterable[AppointmentRecord],
    ) -> None:
        self.tell(*(held_times.told(kind, one, self.at) for one in about))

    def tell(self, *said: Record) -> None:
        """Journal this in one write."""
        self.loaded = record.write(self.raw, self.loaded, *said, actor=self.actor, at=self.at)


def _held(
    raw: Any, appointment_id: UUID, actor: Actor, at: datetime
) -> tuple[_Desk, AppointmentRecord]:
    found = AppointmentRecord.objects.filter(id=appointment_id).first()
    if found is None:
        raise Refused("unknown_appointment", "没有这个预约")
    loaded = store.load(raw, found.case_id)
    record.authorise(loaded, "book", actor)
    held = AppointmentRecord.objects.select_related("slot").get(id=appointment_id)
    return _Desk(raw, loaded, actor, at), held


def _chosen(booked: Iterable[AppointmentRecord]) -> list[SlotRecord]:
    """Times that somebody chose; a day that a department's system gave binds nobody else's."""
    return [one.slot for one in booked if not one.given_by]


def _is_same(slot: SlotRecord, live: dict[str, AppointmentRecord]) -> bool:
    """Whether this very time is booked already. Raises `Refused` if another one is."""
    held = live.get(slot.purpose)
    if held is not None and held.slot_id != slot.id:
        raise Refused("already_booked", "这件事已经约好了时间，要改请用“改时间”")
    return held is not None
