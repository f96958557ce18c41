"""Times that offices see people: which are free for a case, what a case has booked, who comes today."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import F, QuerySet

from lianban.accounts.actor import Actor
from lianban.accounts.models import District
from lianban.cases import editions
from lianban.cases.models import AppointmentRecord, SlotRecord
from lianban.catalogue.calendar import CHINA
from lianban.catalogue.model import Edition

#: So many free times are offered for one purpose.
MOST = 200
_MOST_LEVELS = 3
State = AppointmentRecord.State


@dataclass(frozen=True)
class Slot:
    """One time at one office."""

    id: UUID
    place: str
    purpose: str
    office_name: str
    address: str
    phone: str
    starts_at: datetime
    minutes: int
    capacity: int
    taken: int

    @property
    def on(self) -> date:
        """Its day in Shanghai."""
        return self.starts_at.date()

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def free(self) -> int:
        """How many places are left."""
        return self.capacity - self.taken


@dataclass(frozen=True)
class Appointment:
    """What a case has booked."""

    id: UUID
    slot: Slot
    items: tuple[int, ...]
    state: AppointmentRecord.State
    #: The department whose own system gave the time; empty: it was chosen among those open.
    given_by: str = ""


def slot(record: SlotRecord) -> Slot:
    """The slot of a row that was read with its office, in the time of Shanghai."""
    office = record.office
    return Slot(
        id=record.id,
        place=record.place,
        purpose=record.purpose,
        office_name=office.name,
        address=office.address,
        phone=office.phone,
        starts_at=record.starts_at.astimezone(CHINA),
        minutes=record.minutes,
        capacity=record.capacity,
        taken=record.taken,
    )


def of_case(case_id: UUID) -> list[Appointment]:
    """Every appointment of a case, by its time."""
    rows = AppointmentRecord.objects.filter(case_id=case_id).select_related("slot__office")
    return [_appointment(row) for row in rows.order_by("slot__starts_at", "id")]


def _appointment(row: AppointmentRecord) -> Appointment:
    return Appointment(row.id, slot(row.slot), tuple(row.items), State(row.state), row.given_by)


def districts_above(code: str) -> list[str]:
    """The district and those that it lies in: whose offices serve its people."""
    found: list[str] = []
    current: str | None = code
    while current and len(found) < _MOST_LEVELS:
        found.append(current)
        current = District.objects.filter(code=current).values_list("parent_id", flat=True).first()
    return found


def free(*, district: str, wanted: Collection[tuple[str, str]], at: datetime) -> list[Slot]:
    """The free times from now for these (place, purpose), by time; at most `MOST` for each."""
    rows = SlotRecord.objects.filter(
        office__district_id__in=districts_above(district),
        starts_at__gt=at,
        taken__lt=F("capacity"),
    ).select_related("office")
    found = []
    for place, purpose in wanted:
        own = rows.filter(place=place, purpose=purpose)
        found += [slot(row) for row in own.order_by("starts_at", "id")[:MOST]]
    return found


# The office's side -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Purpose:
    """One reason for which an office may see people, at a place."""

    place: str
    purpose: str
    place_name: str
    words: str

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.place}.{self.purpose}"


def purposes(actor: Actor) -> list[Purpose]:
    """What the actor's office may open times for: the reasons to come for what it decides."""
    rows = District.objects.filter(code__in=actor.districts).exclude(policy_edition="")
    known = rows.order_by("policy_edition").values_list("policy_edition", flat=True).distinct()
    found: dict[str, Purpose] = {}
    for edition_id in known:
        for one in _purposes(editions.in_force(edition_id), actor.department or ""):
            found.setdefault(one.key, one)
    return list(found.values())


def _purposes(edition: Edition, department: str) -> Iterator[Purpose]:
    names = {place.code: place.name for place in edition.places}
    for item in edition.items:
        if department in item.departments:
            for one in (each for each in item.presence if each.counted):
                words = edition.reasons.get(one.why, one.why)
                yield Purpose(one.place, one.why, names[one.place], words)


@dataclass(frozen=True)
class Coming:
    """One person who has booked a time at this office."""

    id: UUID
    case_id: UUID
    case_number: str
    person_name: str
    slot: Slot
    words: str
    items: tuple[int, ...]
    item_names: str
    state: AppointmentRecord.State


def day(*, office_id: UUID, on: date) -> list[Coming]:
    """Who has booked this office for a day, in order; cancelled times are left out."""
    rows = AppointmentRecord.objects.filter(slot__in=_slots(office_id, on)).exclude(
        state=State.CANCELLED
    )
    rows = rows.select_related("slot__office", "case__person")
    return [_coming(row) for row in rows.order_by("slot__starts_at", "booked_at", "id")]


def slots(*, office_id: UUID, first: date, days: int) -> dict[date, list[Slot]]:
    """The office's times of these days, those that are full too."""
    found: dict[date, list[Slot]] = {}
    rows = _slots(office_id, first, days).select_related("office").order_by("starts_at", "purpose")
    for row in rows.filter(capacity__gt=0):
        one = slot(row)
        found.setdefault(one.on, []).append(one)
    return found


def _slots(office_id: UUID, first: date, days: int = 1) -> QuerySet[SlotRecord]:
    start = datetime.combine(first, time(), tzinfo=CHINA)
    return SlotRecord.objects.filter(
        office_id=office_id, starts_at__gte=start, starts_at__lt=start + timedelta(days=days)
    )


def _coming(row: AppointmentRecord) -> Coming:
    edition = editions.pinned(row.case.edition_id, row.case.edition_hash)
    return Coming(
        id=row.id,
        case_id=row.case_id,
        case_number=row.case.case_number,
        person_name=row.case.person.name,
        slot=slot(row.slot),
        words=edition.reasons.get(row.purpose, row.purpose),
        items=tuple(row.items),
        item_names="、".join(edition.item(number).short_name for number in row.items),
        state=State(row.state),
    )


def one(appointment_id: UUID, *, office_id: UUID) -> AppointmentRecord | None:
    """An appointment at an office, with its time; None where the office has no such one."""
    rows = AppointmentRecord.objects.filter(id=appointment_id, slot__office_id=office_id)
    return rows.select_related("slot").first()
