"""What a department's own system tells of a person's coming: that they came, and a time that it gives.

The first does what an officer's one press does. The second makes a place at that time, for this person
alone, at the department's office in the case's district, and is told to the person.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from lianban.accounts.actor import Actor
from lianban.accounts.models import Office
from lianban.cases import appointments, coming, store, tell
from lianban.cases.models import AppointmentRecord, SlotRecord, VisitRecord
from lianban.cases.services import held_times, record, visits
from lianban.catalogue.calendar import day_of
from lianban.catalogue.presence import Presence
from lianban.engine.exchange_records import TimeGiven
from lianban.engine.records import BookingCancelled, Record
from lianban.engine.refusal import Refused

MINUTES = range(5, 241)
#: A time further away than this is a mistake.
FURTHEST = timedelta(days=180)
#: A clock may be ahead of ours by so much.
SKEW = timedelta(minutes=5)


def arrived(*, case_id: UUID, item: int, came_at: datetime, actor: Actor, at: datetime) -> str:
    """Note that the person came for an item, on the day of `came_at`; the sub-case's state.

    A repeat changes nothing. Raises `Refused`: `unknown_case`, `not_permitted`, `wrong_time`,
    `nobody_comes` (the plan asks nobody to come for that), `not_ready`, `ended`.
    """
    with store.begun() as raw:
        told = _load(raw, case_id, item, "come", actor, at)
        on = day_of(came_at)
        if came_at > at + SKEW or on < day_of(told.submitted_at):
            raise Refused("wrong_time", "到场的时间不能在将来，也不能早于提交的那天")
        if not told.has_come(on):
            told.require_at_work()
            where = told.presence.place
            visits.note(raw, told.loaded, place=where, items=[item], actor=actor, at=at, on=on)
        return told.state


def give_time(
    *,
    case_id: UUID,
    item: int,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    at: datetime,
) -> str:
    """Give the person a time, or another one instead of what is booked; the sub-case's state.

    The time that stands already changes nothing; where the office has opened that moment, its length
    holds. What is booked together with another department's item stays. Raises `Refused`: `unknown_case`, `not_permitted`,
    `wrong_time`, `nobody_comes`, `not_ready`, `ended`, `came_already`, `no_office`.
    """
    starts_at = starts_at.replace(second=0, microsecond=0)
    minutes = int((ends_at - starts_at).total_seconds() // 60)
    if not at < starts_at < at + FURTHEST or minutes not in MINUTES:
        raise Refused("wrong_time", "时间要在将来、半年以内，每次 5 到 240 分钟")
    with store.begun() as raw:
        told = _load(raw, case_id, item, "give_time", actor, at)
        told.require_at_work()
        if told.has_come():
            raise Refused("came_already", "本人已经来过了")
        held = told.held()
        said: list[Record] = []
        if held is not None:
            if held.slot.starts_at == starts_at and item in held.items:
                return told.state
            told.require_own(held)
            said.append(held_times.told(BookingCancelled, held, at))
        made = told.make(starts_at, minutes, held)
        said.append(TimeGiven(at, *held_times.words(made), told.actor.department or ""))
        record.write(raw, told.loaded, *said, actor=actor, at=at)
        return told.state


def _load(raw: Any, case_id: UUID, item: int, command: str, actor: Actor, at: datetime) -> "_Told":
    loaded = store.load(raw, case_id)
    if item not in loaded.case.sub_cases:
        raise Refused("unknown_case", "没有这个事项")
    record.authorise(loaded, command, actor, item=item)
    plan = coming.plan_of(case_id, loaded.edition)
    presence = plan.presence(loaded.edition.item(item)) if plan else None
    if presence is None or not presence.counted:
        raise Refused("nobody_comes", "按方案，这个事项不用本人到场")
    return _Told(loaded, item, presence, actor, at)


@dataclass(frozen=True)
class _Told:
    """One sub-case under its case's lock, and where the plan has the person come for it."""

    loaded: store.Loaded
    item: int
    presence: Presence
    actor: Actor
    at: datetime

    @property
    def state(self) -> str:
        return str(self.loaded.case.sub_cases[self.item].state)

    @property
    def submitted_at(self) -> datetime:
        assert self.loaded.case.submitted_at
        return self.loaded.case.submitted_at

    def require_at_work(self) -> None:
        """The sub-case is with its department, which has not decided."""
        sub = self.loaded.case.sub_cases[self.item]
        if sub.ended or sub.outcome is not None:
            raise Refused("ended", "这一件已经有结果了")
        if sub.state not in tell.WITH_DEPARTMENT:
            raise Refused("not_ready", "这一件现在不在这个部门")

    def has_come(self, on: date | None = None) -> bool:
        """Whether the person came for the item: on that day, or ever."""
        rows = VisitRecord.objects.filter(case_id=self.loaded.case_id, place=self.presence.place)
        rows = rows.filter(on=on) if on else rows
        return any(self.item in row.items for row in rows)

    def held(self) -> AppointmentRecord | None:
        """The time that is booked for the same reason."""
        booked = held_times.live(self.loaded.case_id)
        return next((one for one in booked if one.purpose == self.presence.why), None)

    def require_own(self, held: AppointmentRecord) -> None:
        """A booked time is this department's alone, to be changed."""
        owners = {self.loaded.case.sub_cases[number].department for number in held.items}
        if owners != {self.actor.department}:
            raise Refused("not_permitted", "这个时间还约了别的部门的事，请打电话商量")

    def make(
        self, starts_at: datetime, minutes: int, held: AppointmentRecord | None
    ) -> AppointmentRecord:
        """A place at that time, taken by this case: nobody else is offered it. What it held is free."""
        slot, _ = SlotRecord.objects.get_or_create(
            office=self._office(),
            place=self.presence.place,
            purpose=self.presence.why,
            starts_at=starts_at,
            defaults={"minutes": minutes, "capacity": 0, "taken": 0},
        )
        if held is not None:
            held_times.take_turn(slot.id, held.slot_id)
            held_times.release(held, self.at)
        own = SlotRecord.objects.filter(id=slot.id)
        own.update(capacity=F("capacity") + 1, taken=F("taken") + 1)
        return AppointmentRecord.objects.create(
            case_id=self.loaded.case_id,
            slot=slot,
            purpose=slot.purpose,
            items=sorted({self.item, *(held.items if held else ())}),
            booked_at=self.at,
            changed_at=self.at,
            given_by=self.actor.department or "",
        )

    def _office(self) -> Office:
        """The department's office nearest to the case. Raises `Refused('no_office')`."""
        place = self.loaded.places.get(self.item) or self.loaded.district
        for code in appointments.districts_above(place):
            rows = Office.objects.filter(department=self.actor.department, district_id=code)
            office = rows.order_by("is_counter", "name").first()
            if office is not None:
                return office
        raise Refused("no_office", "没有登记这个部门在这里的窗口")
