"""The identity card's person: times at the police's office, and the card with the police's system."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from lianban.cases import queries, services
from lianban.cases.models import AppointmentRecord, SlotRecord
from lianban.cases.services import slots, visits
from lianban.engine import commands as c
from lianban.exchange import contract
from lianban.exchange.models import PartnerRecord
from lianban.journal.models import JournalEntry
from lianban.outbox.models import OutboxMessage
from tests.exchange import partner as p
from tests.exchange import wire
from tests.exchange.wire import AT
from tests.services.cast import City, moment

CARD = 4  # the identity card: fingerprints, at the counter's hall
BY = slots.Pattern(
    place="counter",
    purpose="fingerprints",
    first=AT.date(),
    last=AT.date() + timedelta(days=6),
    weekdays=frozenset(range(5)),
    starts=time(9, 0),
    ends=time(10, 0),
    minutes=20,
    capacity=1,
)
TOMORROW = moment("2026-09-04 09:30")
GIVEN = {"starts_at": TOMORROW.isoformat(), "ends_at": moment("2026-09-04 09:50").isoformat()}


@pytest.fixture
def city() -> City:
    return City(edition="retirement-2024").build()


@pytest.fixture
def police(city: City) -> PartnerRecord:
    return opened(city)


@pytest.fixture
def case_id(city: City, police: PartnerRecord) -> UUID:
    return wire.registered(city)


def opened(city: City) -> PartnerRecord:
    """The police open times, and have a system."""
    slots.open_slots(pattern=BY, actor=city.officer("department_officer", "public_security"), at=AT)
    return wire.connect("public_security")


def name(case_id: UUID, item: int = CARD) -> str:
    return contract.sub_case(p.case_number(case_id), item)


def send_card(city: City, case_id: UUID, police: PartnerRecord) -> None:
    """What the card waits for is granted, and the card is with the police."""
    services.run(c.Grant(1), case_id=case_id, actor=city.clerk, at=AT)
    for word, data in (("receive", {}), ("accept", {}), ("decide", {"outcome": "granted"})):
        assert wire.hear(police, word, data, name(case_id, 3)).status == 200
    OutboxMessage.objects.filter(topic="dispatch").update(attempts=1)
    assert state(case_id) == "dispatched"


def state(case_id: UUID) -> str:
    return str(queries.current(case_id).sub_cases[CARD].state)


def free(n: int = 0, *, on: date | None = None) -> SlotRecord:
    rows = SlotRecord.objects.filter(starts_at__gt=AT).order_by("starts_at")
    return [row for row in rows if on is None or row.starts_at.astimezone(AT.tzinfo).date() == on][
        n
    ]


def book(city: City, case_id: UUID, slot: SlotRecord) -> AppointmentRecord:
    (made,) = visits.book_all(case_id=case_id, slots=[slot.id], actor=city.clerk, at=AT)
    return made


def told(police: PartnerRecord) -> list[dict[str, Any]]:
    """What the police's system is told about times, in order."""
    said = [wire.said(row, police) for row in wire.rows("public_security", "appointment")]
    return [one["data"] for one in said]


def hear(
    police: PartnerRecord, case_id: UUID, word: str, data: Any = None, at: datetime = AT
) -> Any:
    return wire.hear(police, word, data or {}, name(case_id), at)


def events(case_id: UUID, *kinds: str) -> list[str]:
    entries = JournalEntry.objects.filter(case_id=case_id, event__in=kinds)
    return list(entries.order_by("sequence").values_list("event", flat=True))
