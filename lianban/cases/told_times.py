"""What a department is told of a time at which the person comes for its item."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lianban.cases import editions, tell
from lianban.cases.models import AppointmentRecord
from lianban.catalogue.calendar import CHINA
from lianban.catalogue.model import Edition
from lianban.catalogue.visits import place_name
from lianban.journal.models import JournalEntry
from lianban.outbox.models import OutboxMessage

_STATES = {
    "Booked": "booked",
    "TimeGiven": "booked",
    "BookingCancelled": "cancelled",
    "BookingMissed": "missed",
}


@dataclass(frozen=True)
class ToldTime:
    """A time, and what became of it: `booked`, `changed`, `cancelled` or `missed`."""

    state: str
    starts_at: datetime
    ends_at: datetime
    place: str
    place_name: str
    purpose: str
    purpose_name: str
    office_name: str


def of(*, case_id: UUID, item: int, sequence: int) -> ToldTime | None:
    """The time that a message is about: that of its event, or the one that stood at the dispatch.

    None where nothing is booked any more for an item that was dispatched.
    """
    entry = JournalEntry.objects.get(case_id=case_id, sequence=sequence)
    if entry.event not in _STATES:
        held = _held(case_id, item)
        return _told(held, "booked") if held else None
    body = json.loads(entry.body)
    held = _at(case_id, body["purpose"], datetime.fromisoformat(f"{body['on']} {body['time']}"))
    state = _STATES[entry.event]
    if state == "booked" and _replaces(case_id, item, sequence, body["purpose"]):
        state = "changed"
    return _told(held, state) if held else None


def _held(case_id: UUID, item: int) -> AppointmentRecord | None:
    """What is booked for an item, and why its plan has the person come."""
    rows = AppointmentRecord.objects.filter(case_id=case_id, state=AppointmentRecord.State.BOOKED)
    for one in rows.select_related("slot__office", "case"):
        asked = _edition(one).item(item).presence
        if item in one.items and any(
            (p.place, p.why) == (one.slot.place, one.purpose) for p in asked
        ):
            return one
    return None


def _at(case_id: UUID, purpose: str, starts: datetime) -> AppointmentRecord | None:
    rows = AppointmentRecord.objects.filter(
        case_id=case_id, purpose=purpose, slot__starts_at=starts.replace(tzinfo=CHINA)
    )
    return rows.select_related("slot__office", "case").order_by("-booked_at").first()


def _replaces(case_id: UUID, item: int, sequence: int, purpose: str) -> bool:
    """Whether the event before gave the old time back, in the same breath: that was not told."""
    before = JournalEntry.objects.filter(
        case_id=case_id, sequence=sequence - 1, event="BookingCancelled"
    ).first()
    told = OutboxMessage.objects.filter(
        case_id=case_id, sequence=sequence - 1, item=item, topic=tell.APPOINTMENT
    )
    is_same = before is not None and json.loads(before.body)["purpose"] == purpose
    return is_same and not told.exists()


def _edition(one: AppointmentRecord) -> Edition:
    return editions.pinned(one.case.edition_id, one.case.edition_hash)


def _told(one: AppointmentRecord, state: str) -> ToldTime:
    edition, slot = _edition(one), one.slot
    return ToldTime(
        state=state,
        starts_at=slot.starts_at.astimezone(CHINA),
        ends_at=slot.starts_at.astimezone(CHINA) + timedelta(minutes=slot.minutes),
        place=slot.place,
        place_name=place_name(edition, slot.place),
        purpose=one.purpose,
        purpose_name=edition.reasons.get(one.purpose, one.purpose),
        office_name=slot.office.name,
    )
