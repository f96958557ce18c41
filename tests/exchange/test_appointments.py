"""A person comes for an item of a department that has a system: both sides know when, and that they came."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from lianban.cases import coming, messages, queries, services
from lianban.cases.models import AppointmentRecord, SlotRecord, VisitRecord
from lianban.cases.services import slots, visits
from lianban.engine import commands as c
from lianban.exchange import contract, relay
from lianban.exchange.file_mode import rows as file_rows
from lianban.exchange.models import PartnerRecord, TaskRecord, TryRecord
from lianban.journal.models import JournalEntry
from lianban.outbox import standing
from lianban.outbox.models import OutboxMessage
from tests.exchange import partner as p
from tests.exchange import wire
from tests.exchange.wire import AT
from tests.services.cast import FIELDS, City, moment

pytestmark = pytest.mark.django_db
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
    slots.open_slots(pattern=BY, actor=city.officer("department_officer", "public_security"), at=AT)
    return wire.connect("public_security")


@pytest.fixture
def case_id(city: City, police: PartnerRecord) -> UUID:
    return wire.registered(city)


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


# Out -----------------------------------------------------------------------------------------------


def test_a_booking_is_told_in_the_words_of_the_contract_and_without_a_person(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    slot = free()
    book(city, case_id, slot)
    (row,) = wire.rows("public_security", "appointment")
    said = wire.said(row, police)
    assert (said["type"], said["subject"]) == ("cn.lianban.appointment.v1", name(case_id))
    assert said["data"] == {
        "state": "booked",
        "starts_at": slot.starts_at.astimezone(AT.tzinfo).isoformat(),
        "ends_at": (slot.starts_at + timedelta(minutes=20)).astimezone(AT.tzinfo).isoformat(),
        "place": "counter",
        "place_name": said["data"]["place_name"],
        "purpose": "fingerprints",
        "purpose_name": said["data"]["purpose_name"],
        "office_name": "439901 public_security",
    }
    assert not any(FIELDS[key] in str(said) for key in ("name", "identity_number", "mobile"))
    dispatch = OutboxMessage.objects.get(item=CARD, topic="dispatch")
    assert row.id > dispatch.id and row.case_id == dispatch.case_id


def test_another_time_is_one_change_and_a_time_given_back_is_told(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    made = book(city, case_id, free())
    other = free(1, on=moment("2026-09-07 09:00").date())
    made = visits.rebook(appointment_id=made.id, slot=other.id, actor=city.clerk, at=AT)
    visits.cancel(appointment_id=made.id, actor=city.clerk, at=AT)
    visits.cancel(appointment_id=made.id, actor=city.clerk, at=AT)
    book(city, case_id, free())
    assert [one["state"] for one in told(police)] == ["booked", "changed", "cancelled", "booked"]
    assert told(police)[1]["starts_at"] == told(police)[2]["starts_at"]
    assert moment("2026-09-07 09:20").isoformat() == told(police)[1]["starts_at"]


def test_a_time_that_nobody_kept_is_told(city: City, police: PartnerRecord, case_id: UUID) -> None:
    send_card(city, case_id, police)
    book(city, case_id, free())
    assert visits.pass_by(at=AT + timedelta(days=4)) == 1
    assert [one["state"] for one in told(police)] == ["booked", "missed"]


def test_a_booking_made_before_the_dispatch_is_told_right_behind_it(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    book(city, case_id, free())
    assert told(police) == []
    send_card(city, case_id, police)
    (row,) = wire.rows("public_security", "appointment")
    dispatch = OutboxMessage.objects.get(item=CARD, topic="dispatch")
    assert row.id > dispatch.id and row.sequence == dispatch.sequence
    assert [one["state"] for one in told(police)] == ["booked"]


def test_a_booking_given_back_before_the_dispatch_is_nobodys_business(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    made = book(city, case_id, free())
    visits.cancel(appointment_id=made.id, actor=city.clerk, at=AT)
    send_card(city, case_id, police)
    assert wire.rows("public_security", "appointment") == []


def test_a_department_that_was_never_told_of_the_item_is_not_told_of_its_times(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    book(city, case_id, free())
    (row,) = wire.rows("public_security", "appointment")
    OutboxMessage.objects.filter(topic="dispatch").update(attempts=0)
    assert wire.said(row, police) is None


def test_a_booking_that_is_rolled_back_leaves_no_message(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    with pytest.raises(RuntimeError), transaction.atomic():
        book(city, case_id, free())
        raise RuntimeError
    assert wire.rows("public_security", "appointment") == []


@pytest.fixture
def refusing(city: City) -> Any:
    """The police's system as of yesterday's contract: 422 to a word that it does not know."""
    with p.running() as system:
        yield system


def test_a_system_that_does_not_know_the_word_goes_without_and_nobody_is_troubled(
    city: City, refusing: p.System
) -> None:
    slots.open_slots(pattern=BY, actor=city.officer("department_officer", "public_security"), at=AT)
    police = p.connect("public_security", refusing.address)
    refusing.now = lambda: AT
    case = wire.registered(city)
    send_card(city, case, police)
    relay.drain("public_security", now=lambda: AT)
    book(city, case, free())
    refusing.answers.append(lambda h, m: h.reply(m, 422, {"code": "unknown_type", "message": ""}))
    done = relay.drain("public_security", now=lambda: AT)
    (row,) = wire.rows("public_security", "appointment")
    assert (row.state, done.skipped, done.dead) == (OutboxMessage.State.DESK, 1, 0)
    assert TryRecord.objects.get(message=row).status == 422
    assert not TaskRecord.objects.exists()
    assert standing.of_case(case)[CARD, "public_security"].topic == "dispatch"
    visits.cancel(appointment_id=AppointmentRecord.objects.get().id, actor=city.clerk, at=AT)
    assert relay.drain("public_security", now=lambda: AT).sent == 1


def test_a_file_says_the_time_in_words(city: City, police: PartnerRecord, case_id: UUID) -> None:
    send_card(city, case_id, police)
    book(city, case_id, free())
    (row,) = wire.rows("public_security", "appointment")
    envelope = contract.Envelope.model_validate(wire.said(row, police))
    (shown,) = file_rows.rows([envelope], {})
    assert "本人约好了 2026-09-04 09:00" in str(shown.given)


# In: the person came ----------------------------------------------------------------------------


def test_arrival_does_what_the_desks_one_press_does_and_a_repeat_changes_nothing(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    made = book(city, case_id, free())
    hear(police, case_id, "receive")
    for minutes in (5, 6):
        at = TOMORROW + timedelta(minutes=minutes)
        taken = hear(police, case_id, "arrived", at=at)
        assert (taken.status, taken.answer["outcome"]) == (200, "applied")
        assert taken.answer["state"] == "received"
    made.refresh_from_db()
    assert made.state == AppointmentRecord.State.KEPT
    visit = VisitRecord.objects.get(case_id=case_id, on=TOMORROW.date())
    assert (visit.place, visit.items, visit.officer_id) == ("counter", [CARD], None)
    assert len(events(case_id, "VisitMade")) == 2  # at hand-in, and now
    entry = JournalEntry.objects.filter(case_id=case_id, event="VisitMade").latest("sequence")
    assert entry.actor_kind == "partner"
    view = queries.get(case_id=case_id, actor=city.bureau, at=AT)
    assert coming.of_case(view).open == ()


def test_an_arrival_that_is_told_late_counts_on_its_own_day(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    made = book(city, case_id, free())
    visits.pass_by(at=AT + timedelta(days=4))
    came = {"came_at": TOMORROW.isoformat()}
    assert hear(police, case_id, "arrived", came, at=AT + timedelta(days=5)).status == 200
    assert VisitRecord.objects.filter(on=TOMORROW.date(), items=[CARD]).count() == 1
    made.refresh_from_db()
    assert made.state == AppointmentRecord.State.KEPT


def test_who_comes_early_needs_no_later_time_and_its_place_is_free_again(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    made = book(city, case_id, free())
    assert hear(police, case_id, "arrived").status == 200
    made.refresh_from_db()
    assert (made.state, made.slot.taken) == (AppointmentRecord.State.CANCELLED, 0)
    assert [one["state"] for one in told(police)] == ["booked", "cancelled"]
    assert visits.pass_by(at=AT + timedelta(days=4)) == 0


@pytest.mark.parametrize(
    "came",
    [AT + timedelta(hours=1), AT - timedelta(days=2), datetime(2000, 1, 1, tzinfo=AT.tzinfo)],
)
def test_a_day_on_which_nobody_can_have_come_is_complained_of(
    city: City, police: PartnerRecord, case_id: UUID, came: datetime
) -> None:
    send_card(city, case_id, police)
    taken = hear(police, case_id, "arrived", {"came_at": came.isoformat()})
    assert (taken.status, taken.answer["code"]) == (422, "wrong_time")


def test_an_arrival_that_fits_nothing_is_parked(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    nobody = wire.hear(police, "arrived", {}, name(case_id, 3))
    assert (nobody.status, nobody.answer["code"]) == (202, "nobody_comes")
    hear(police, case_id, "return", {"reason_code": "other", "reason": "请核对"})
    early = hear(police, case_id, "arrived")
    assert (early.status, early.answer["code"]) == (202, "not_ready")
    assert VisitRecord.objects.filter(items__contains=CARD).count() == 0
    other = wire.connect("human_resources")
    assert hear(other, case_id, "arrived").status == 202
    assert TaskRecord.objects.filter(kind=TaskRecord.Kind.PARKED).count() == 3


def test_an_arrival_after_the_decision_is_parked_unless_it_is_a_repeat(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    for word in ("receive", "arrived", "accept"):
        assert hear(police, case_id, word).status == 200
    assert hear(police, case_id, "decide", {"outcome": "granted"}).status == 200
    assert hear(police, case_id, "arrived").status == 200
    after = hear(police, case_id, "arrived", at=AT + timedelta(days=1))
    assert (after.status, after.answer["code"]) == (202, "ended")


# In: the department gives a time ------------------------------------------------------------------


def test_a_department_gives_a_time_and_the_person_reads_it_and_gets_a_text(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    for _ in range(2):
        assert hear(police, case_id, "appoint", GIVEN).answer["outcome"] == "applied"
    view = queries.get(case_id=case_id, actor=city.bureau, at=AT)
    (going,) = coming.of_case(view).open
    (booked,) = going.booked
    assert (booked.slot.starts_at, booked.given_by) == (TOMORROW, "public_security")
    assert booked.slot.office_name == "439901 public_security"
    shown = messages.of_case(view)[0]
    assert (shown.kind, shown.title) == ("time_given", "请您来的时间：9月4日 09:30")
    (text,) = OutboxMessage.objects.filter(topic="text", sequence=entry_of(case_id, "TimeGiven"))
    assert text.item is None
    assert [one["state"] for one in told(police)] == ["booked"]
    assert any("公安部门定了 9月4日 09:30" in line.text for line in queries.history(view))


def entry_of(case_id: UUID, event: str) -> int:
    return JournalEntry.objects.get(case_id=case_id, event=event).sequence


def test_another_given_time_is_a_change_and_its_place_is_offered_to_nobody_else(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    made = book(city, case_id, free())
    assert hear(police, case_id, "appoint", GIVEN).status == 200
    made.slot.refresh_from_db()
    assert (made.slot.capacity, made.slot.taken) == (1, 0)
    later = {key: value.replace("09-04", "09-07") for key, value in GIVEN.items()}
    assert hear(police, case_id, "appoint", later).status == 200
    assert [one["state"] for one in told(police)] == ["booked", "changed", "changed"]
    given_back = SlotRecord.objects.get(starts_at=TOMORROW)
    assert (given_back.capacity, given_back.taken) == (0, 0)
    held = AppointmentRecord.objects.get(state=AppointmentRecord.State.BOOKED)
    visits.cancel(appointment_id=held.id, actor=city.clerk, at=AT)
    held.slot.refresh_from_db()
    assert held.slot.capacity == 0


def test_a_time_at_which_a_place_is_open_makes_one_more_and_takes_nobodys(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    slot = free()
    given = {
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": (slot.starts_at + timedelta(minutes=20)).isoformat(),
    }
    assert hear(police, case_id, "appoint", given).status == 200
    slot.refresh_from_db()
    assert (slot.capacity, slot.taken) == (2, 1)


@pytest.mark.parametrize("word", ["accept", "suspend"])
def test_a_given_time_is_shown_however_far_the_department_is(
    city: City, police: PartnerRecord, case_id: UUID, word: str
) -> None:
    send_card(city, case_id, police)
    hear(police, case_id, "receive")
    said = {"reason": "等本人来按指纹"} if word == "suspend" else {}
    assert hear(police, case_id, word, said).status == 200
    assert hear(police, case_id, "appoint", GIVEN).status == 200
    view = queries.get(case_id=case_id, actor=city.bureau, at=AT)
    assert [len(going.booked) for going in coming.of_case(view).open] == [1]


def test_who_waits_for_the_person_may_stop_the_clock_and_the_person_can_still_book(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    hear(police, case_id, "receive")
    assert hear(police, case_id, "suspend", {"reason": "等本人来按指纹"}).status == 200
    book(city, case_id, free())
    assert [one["state"] for one in told(police)] == ["booked"]


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": moment("2026-09-03 09:30").isoformat()},
        {"ends_at": moment("2026-09-04 09:30").isoformat()},
        {"ends_at": moment("2026-09-05 09:30").isoformat()},
        {
            "starts_at": moment("2028-09-04 09:30").isoformat(),
            "ends_at": moment("2028-09-04 09:50").isoformat(),
        },
    ],
)
def test_a_time_that_cannot_be_is_complained_of(
    city: City, police: PartnerRecord, case_id: UUID, changes: dict[str, str]
) -> None:
    send_card(city, case_id, police)
    taken = hear(police, case_id, "appoint", GIVEN | changes)
    assert (taken.status, taken.answer["code"]) == (422, "wrong_time")


def test_a_given_time_that_fits_nothing_is_parked(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    hear(police, case_id, "arrived")
    after = hear(police, case_id, "appoint", GIVEN)
    assert (after.status, after.answer["code"]) == (202, "came_already")
    assert not AppointmentRecord.objects.exists()
