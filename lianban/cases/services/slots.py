"""An office opens the times at which it sees people, and closes those that nobody booked."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import appointments, editions
from lianban.cases.models import AppointmentRecord, SlotRecord
from lianban.catalogue.calendar import CHINA, ONE_DAY, Calendar, day_of
from lianban.engine.refusal import Refused

MOST_DAYS = 62
MOST_PLACES = 50
MINUTES = range(5, 241)


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Which times to open: on these weekdays (0 is Monday), from hour to hour, so many places each."""

    place: str
    purpose: str
    first: date
    last: date
    weekdays: frozenset[int]
    starts: time
    ends: time
    minutes: int
    capacity: int


def open_slots(*, pattern: Pattern, actor: Actor, at: datetime) -> int:
    """Open the times of the pattern on working days; return how many are new.

    Times that are past or open already are passed over. Raises `Refused`: `not_permitted`, and
    `bad_pattern` with the name of the `field` that is wrong.
    """
    office_id = _office(actor)
    _require_sound(pattern, actor, today=day_of(at))
    rows = [
        SlotRecord(
            office_id=office_id,
            place=pattern.place,
            purpose=pattern.purpose,
            starts_at=moment,
            minutes=pattern.minutes,
            capacity=pattern.capacity,
        )
        for moment in _moments(pattern, editions.calendar())
        if moment > at
    ]
    own = SlotRecord.objects.filter(
        office_id=office_id, place=pattern.place, purpose=pattern.purpose
    )
    with transaction.atomic():
        closed = _closed(own.filter(starts_at__in=[row.starts_at for row in rows]))
        closed.filter(capacity=0).update(minutes=pattern.minutes)
        opened = closed.update(capacity=F("capacity") + pattern.capacity)
        before = own.count()
        SlotRecord.objects.bulk_create(rows, ignore_conflicts=True)
        return opened + own.count() - before


def _closed(slots: QuerySet[SlotRecord]) -> QuerySet[SlotRecord]:
    """Times with no place for everybody: at most those that departments' systems gave single persons."""
    live = Q(appointments__given_by__gt="", appointments__state=AppointmentRecord.State.BOOKED)
    given = slots.annotate(given=Count("appointments", filter=live)).filter(capacity=F("given"))
    ids = list(given.order_by("id").values_list("id", flat=True))
    list(SlotRecord.objects.select_for_update().filter(id__in=ids).order_by("id").values("id"))
    return SlotRecord.objects.filter(id__in=ids)


def close_slots(*, slots: Collection[UUID], actor: Actor, at: datetime) -> tuple[int, int]:
    """Close the actor's office's times; those who booked keep theirs.

    Returns how many times are closed and how many stay because somebody booked them. Raises
    `Refused('not_permitted')`.
    """
    own = SlotRecord.objects.filter(office_id=_office(actor), id__in=slots, starts_at__gt=at)
    with transaction.atomic():
        closed, stay = 0, 0
        for one in own.select_for_update().order_by("id"):
            stay += one.taken > 0
            closed += one.taken == 0
            if one.taken == 0 and not one.appointments.exists():
                one.delete()
            else:
                SlotRecord.objects.filter(id=one.id).update(capacity=F("taken"))
        return closed, stay


def _office(actor: Actor) -> UUID:
    may = permissions.roles_of(actor) & permissions.roles_for("open_slots")
    if actor.kind != "officer" or actor.office_id is None or not may:
        raise Refused("not_permitted", "您的岗位不能开放预约时间")
    return actor.office_id


def _require_sound(pattern: Pattern, actor: Actor, *, today: date) -> None:
    known = {(one.place, one.purpose) for one in appointments.purposes(actor)}
    complaints = (
        ("purpose", (pattern.place, pattern.purpose) not in known, "请选本单位要当面办的事"),
        ("first", pattern.first < today, "请从今天或以后开始"),
        ("last", pattern.last < pattern.first, "结束的日子不能早于开始的日子"),
        (
            "last",
            (pattern.last - pattern.first).days > MOST_DAYS,
            f"一次最多开放 {MOST_DAYS} 天",
        ),
        ("weekdays", not pattern.weekdays, "请至少选一个星期几"),
        ("minutes", pattern.minutes not in MINUTES, "每个时段 5 到 240 分钟"),
        ("ends", _minute(pattern.ends) - _minute(pattern.starts) < pattern.minutes,
         "结束的时刻要晚于开始，至少够一个时段"),
        ("capacity", not 1 <= pattern.capacity <= MOST_PLACES, f"每个时段 1 到 {MOST_PLACES} 人"),
    )  # fmt: skip
    for field, is_wrong, words in complaints:
        if is_wrong:
            raise Refused("bad_pattern", words, field=field)


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _moments(pattern: Pattern, calendar: Calendar) -> Iterator[datetime]:
    day = pattern.first
    while day <= pattern.last:
        if day.weekday() in pattern.weekdays and calendar.is_working(day):
            midnight = datetime.combine(day, time(), tzinfo=CHINA)
            for minute in range(
                _minute(pattern.starts),
                _minute(pattern.ends) - pattern.minutes + 1,
                pattern.minutes,
            ):
                yield midnight + timedelta(minutes=minute)
        day += ONE_DAY
