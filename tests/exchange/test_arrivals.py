"""A department's system says that the person came, or gives them a time."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID

import pytest

from lianban.cases import coming, messages, queries
from lianban.cases.models import AppointmentRecord, SlotRecord, VisitRecord
from lianban.cases.services import slots, visits
from lianban.engine.refusal import Refused
from lianban.exchange.models import PartnerRecord, TaskRecord
from lianban.journal.models import JournalEntry
from lianban.outbox.models import OutboxMessage
from tests.exchange import wire
from tests.exchange.card import (
    BY,
    CARD,
    GIVEN,
    TOMORROW,
    book,
    case_id,
    city,
    events,
    free,
    hear,
    name,
    police,
    send_card,
    told,
)
from tests.exchange.wire import AT
from tests.services.cast import City, moment

pytestmark = pytest.mark.django_db
__all__ = ["case_id", "city", "police"]  # the ground of these tests


# The person came ------------------------------------------------------------------------------


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


# The department gives a time -------------------------------------------------------------------


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
    assert told(police) == []  # it said so itself
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
    assert [one["state"] for one in told(police)] == ["booked"]
    given_back = SlotRecord.objects.get(starts_at=TOMORROW)
    assert (given_back.capacity, given_back.taken) == (0, 0)
    held = AppointmentRecord.objects.get(state=AppointmentRecord.State.BOOKED)
    visits.cancel(appointment_id=held.id, actor=city.clerk, at=AT)
    held.slot.refresh_from_db()
    assert held.slot.capacity == 0
    assert [one["state"] for one in told(police)] == ["booked", "cancelled"]


def test_a_given_time_that_the_person_changes_is_told_as_a_change(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    assert hear(police, case_id, "appoint", GIVEN).status == 200
    held = AppointmentRecord.objects.get()
    other = free(on=moment("2026-09-07 09:00").date())
    with pytest.raises(Refused, match="前一天"):
        visits.rebook(appointment_id=held.id, slot=other.id, actor=city.clerk, at=TOMORROW)
    visits.rebook(appointment_id=held.id, slot=other.id, actor=city.clerk, at=AT)
    assert [one["state"] for one in told(police)] == ["changed"]


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


def test_a_moment_that_was_given_to_one_person_can_be_opened_for_everybody(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    assert hear(police, case_id, "appoint", GIVEN).status == 200
    half_past = replace(BY, starts=time(9, 30), ends=time(9, 50), capacity=3)
    officer = city.officer("department_officer", "public_security")
    assert slots.open_slots(pattern=half_past, actor=officer, at=AT) > 1
    assert slots.open_slots(pattern=half_past, actor=officer, at=AT) == 0
    held = AppointmentRecord.objects.select_related("slot").get()
    assert (held.slot.capacity, held.slot.taken) == (4, 1)
    visits.cancel(appointment_id=held.id, actor=city.clerk, at=AT)
    held.slot.refresh_from_db()
    assert (held.slot.capacity, held.slot.taken) == (3, 0)


def test_a_time_that_is_booked_for_another_departments_item_too_is_not_moved(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    made = book(city, case_id, free())
    AppointmentRecord.objects.update(items=[CARD, 1])
    taken = hear(police, case_id, "appoint", GIVEN)
    assert (taken.status, taken.answer["code"]) == (202, "not_permitted")
    made.refresh_from_db()
    assert made.state == AppointmentRecord.State.BOOKED


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
