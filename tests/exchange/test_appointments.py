"""A time for coming is told to the system of the department that asks for the person."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from lianban.cases.models import AppointmentRecord
from lianban.cases.services import slots, visits
from lianban.exchange import contract, relay, resend
from lianban.exchange.file_mode import rows as file_rows
from lianban.exchange.models import PartnerRecord, TaskRecord, TryRecord
from lianban.outbox import standing
from lianban.outbox.models import OutboxMessage
from tests.exchange import partner as p
from tests.exchange import wire
from tests.exchange.card import BY, CARD, book, case_id, city, free, name, police, send_card, told
from tests.exchange.wire import AT
from tests.services.cast import FIELDS, City, moment

pytestmark = pytest.mark.django_db
__all__ = ["case_id", "city", "police"]  # the ground of these tests


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


@pytest.mark.parametrize("status", [422, 415, 400])
def test_a_system_that_does_not_know_the_word_goes_without_and_nobody_is_troubled(
    city: City, refusing: p.System, status: int
) -> None:
    slots.open_slots(pattern=BY, actor=city.officer("department_officer", "public_security"), at=AT)
    police = p.connect("public_security", refusing.address)
    refusing.now = lambda: AT
    case = wire.registered(city)
    send_card(city, case, police)
    relay.drain("public_security", now=lambda: AT)
    book(city, case, free())
    refusing.answers.append(
        lambda h, m: h.reply(m, status, {"code": "unknown_type", "message": ""})
    )
    done = relay.drain("public_security", now=lambda: AT)
    (row,) = wire.rows("public_security", "appointment")
    assert (row.state, done.skipped, done.dead) == (OutboxMessage.State.DESK, 1, 0)
    assert TryRecord.objects.get(message=row).status == status
    assert not TaskRecord.objects.exists()
    assert standing.of_case(case)[CARD, "public_security"].topic == "dispatch"
    visits.cancel(appointment_id=AppointmentRecord.objects.get().id, actor=city.clerk, at=AT)
    assert relay.drain("public_security", now=lambda: AT).sent == 1


def test_a_dispatch_that_is_sent_once_more_takes_the_untold_times_with_it(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    send_card(city, case_id, police)
    (dispatch,) = (row for row in wire.rows("public_security", "dispatch") if row.item == CARD)
    sent = OutboxMessage.objects.filter(id=dispatch.id)
    sent.update(state="dead", last_status=422)  # it never had the sub-case
    made = book(city, case_id, free())
    visits.rebook(appointment_id=made.id, slot=free(1).id, actor=city.clerk, at=AT)
    times = OutboxMessage.objects.filter(topic="appointment")
    times.update(state="desk")  # so it is not told of the times
    first = times.earliest("id")
    TryRecord.objects.create(
        message=first,
        partner_code=police.code,
        at=AT,
        ended="status_422",
        status=422,
        milliseconds=1,
    )
    resend.resend(message_id=dispatch.message_id, actor=city.bureau, at=AT)
    waiting = OutboxMessage.objects.filter(state="pending", item=CARD).order_by("id")
    assert [row.topic for row in waiting] == ["dispatch", "appointment"]
    assert first.id not in {row.id for row in waiting}  # the word itself was refused
    sent.update(attempts=1)
    assert told(police)[-1]["state"] == "changed"


def test_a_file_says_the_time_in_words(city: City, police: PartnerRecord, case_id: UUID) -> None:
    send_card(city, case_id, police)
    book(city, case_id, free())
    (row,) = wire.rows("public_security", "appointment")
    envelope = contract.Envelope.model_validate(wire.said(row, police))
    (shown,) = file_rows.rows([envelope], {})
    assert "本人约好了 2026-09-04 09:00" in str(shown.given)
