"""For which items a time is booked: what a department is told when it hears of the item at all."""

from collections.abc import Iterable
from uuid import UUID

from lianban.cases.models import AppointmentRecord
from lianban.catalogue.model import Edition
from lianban.engine import events as e


def along(case_id: UUID, edition: Edition, events: Iterable[e.Event]) -> frozenset[int]:
    """Items that are dispatched now and have a booked time; asked only where the plan has people come."""
    sent = {event.item for event in events if isinstance(event, e.Dispatched)}
    wanted = {number for number in sent if edition.item(number).presence}
    if not wanted:
        return frozenset()
    rows = AppointmentRecord.objects.filter(case_id=case_id, state=AppointmentRecord.State.BOOKED)
    booked = {
        (one.slot.place, one.purpose, number)
        for one in rows.select_related("slot")
        for number in one.items
    }
    return frozenset(
        number
        for number in wanted
        if any((p.place, p.why, number) in booked for p in edition.item(number).presence)
    )
