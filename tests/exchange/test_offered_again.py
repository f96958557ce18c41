"""What is sent once more, and what cannot be composed for a while: nothing is forgotten or buried."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from lianban import vault
from lianban.cases import looks, services
from lianban.cases.models import FormVersionRecord
from lianban.engine import commands as c
from lianban.exchange import book, compose, inbound, partners, polling, relay, resend
from lianban.exchange.file_mode import files
from lianban.exchange.models import PartnerRecord, TaskRecord
from tests.exchange import partner as p
from tests.exchange.test_inbound import AT, message
from tests.exchange.test_relay import START, State, city, connected, handed_in, rows, system
from tests.services.cast import City

__all__ = ["city", "system"]  # the ground of those tests
pytestmark = pytest.mark.django_db(transaction=True)
POLICE = "public_security"


def test_a_page_that_cannot_be_composed_for_a_while_is_given_whole_later(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    police = p.connect(POLICE, "", mode="poll")
    handed_in(city)
    waiting = list(rows(POLICE).values_list("message_id", flat=True))

    def away(*_: Any, **__: Any) -> None:
        raise vault.Unreadable("no key just now")

    with monkeypatch.context() as broken:
        broken.setattr(compose, "compose", away)
        assert not polling.page(partner=police, after=0, at=START).messages
    assert not TaskRecord.objects.exists()
    later = START + timedelta(minutes=1)
    page = polling.page(partner=police, after=1, at=later)
    assert [m.id for m in page.messages] == [str(name) for name in waiting]


def test_what_a_partner_tells_does_not_wait_for_the_page_it_is_being_given(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    police = p.connect(POLICE, "", mode="poll")
    (case_id,) = handed_in(city)
    begun, told, usual = threading.Event(), threading.Event(), compose.compose

    def slow(*given: Any, **said: Any) -> Any:
        begun.set()
        assert told.wait(30)
        return usual(*given, **said)

    def ask() -> None:
        try:
            polling.page(partner=police, after=0, at=START)
        finally:
            connection.close()

    monkeypatch.setattr(compose, "compose", slow)
    asking = threading.Thread(target=ask)
    asking.start()
    assert begun.wait(30)
    partners.count_refused(POLICE, is_skew=False)  # the door counts in the partner's row
    taken = inbound.receive(partner=police, body=message(case_id, "receive"), at=AT)
    told.set()
    asking.join()
    assert taken.status == 200 and PartnerRecord.objects.get(code=POLICE).page == 1


def test_keys_that_are_gone_for_good_end_in_a_task(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    police = p.connect(POLICE, "", mode="poll")
    handed_in(city)
    first = rows(POLICE).first()

    def gone(*_: Any, **__: Any) -> None:
        raise vault.Unreadable("no key any more")

    monkeypatch.setattr(compose, "compose", gone)
    for hour in range(5):
        cursor = PartnerRecord.objects.get(code=POLICE).page
        polling.page(partner=police, after=cursor, at=START + timedelta(hours=hour))
    first.refresh_from_db()
    assert (first.state, first.last_error) == (State.DEAD, "not_composed")
    assert TaskRecord.objects.filter(about=str(first.message_id), kind="dead").count() == 1


def test_what_was_said_of_a_sub_case_that_ended_is_said_again_and_stays_in_our_book(
    city: City, system: p.System
) -> None:
    clock = p.Clock(START)
    connected(system, clock, POLICE)
    (case_id,) = handed_in(city)
    police = partners.get(POLICE)
    relay.drain(POLICE, now=clock)
    sent = rows(POLICE).get(item=3, topic="dispatch")
    services.run(c.Withdraw(3), case_id=case_id, actor=city.clerk, at=START)
    resend.resend(message_id=sent.message_id, actor=city.bureau, at=START)
    relay.drain(POLICE, now=clock)
    assert [m["id"] for m in system.arrived].count(str(sent.message_id)) == 2
    assert system.subjects("withdraw") == [f"{p.case_number(case_id)}-03"]
    subject = f"{p.case_number(case_id)}-03"
    assert book.line(partner=police, subject=subject, at=START).round == 1


def test_who_opens_a_file_is_kept_also_when_its_messages_were_sent_again(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    police = p.connect(POLICE, "", mode="file")
    (case_id,) = handed_in(city)
    officer = city.officer("department_officer", POLICE)
    made = files.hand_out(partner=police, actor=officer, at=START)
    for row in rows(POLICE):
        resend.resend(message_id=row.message_id, actor=city.bureau, at=START)
    kept: list[Any] = []
    monkeypatch.setattr(looks, "keep", lambda **said: kept.append(said["case_id"]))
    files.open_(made.id, actor=officer, at=START)
    assert kept == [case_id]


def test_a_partner_whose_address_was_mended_is_tried_at_once(city: City, system: p.System) -> None:
    clock = p.Clock(START)
    p.connect(POLICE, "http://127.0.0.1:9")
    handed_in(city)
    for _ in range(4):
        relay.drain(POLICE, now=clock)
        clock.at += timedelta(minutes=12)
    relay.drain(POLICE, now=clock)
    assert not relay.wanting(clock())
    address = f"{system.address}/{POLICE}"
    partners.connect(code=POLICE, name="公安", adapter="demo", address=address, at=clock())
    assert relay.wanting(clock()) == [POLICE]


def test_a_form_that_was_erased_is_not_sent_as_an_empty_one_and_its_end_is_told(
    city: City, system: p.System
) -> None:
    clock = p.Clock(START)
    connected(system, clock, POLICE)
    (case_id,) = handed_in(city)
    relay.drain(POLICE, now=clock)
    sent = rows(POLICE).get(item=3, topic="dispatch")
    FormVersionRecord.objects.filter(case_id=case_id).update(wrapped_key=None)
    resend.resend(message_id=sent.message_id, actor=city.bureau, at=START)
    services.run(c.Withdraw(14), case_id=case_id, actor=city.clerk, at=START)
    relay.drain(POLICE, now=clock)
    assert [m["id"] for m in system.arrived].count(str(sent.message_id)) == 1
    sent.refresh_from_db()
    assert (sent.state, sent.last_error) == (State.PENDING, "not_composed")
    for _ in range(5):
        clock.at += timedelta(hours=1)
        relay.drain(POLICE, now=clock)
    sent.refresh_from_db()
    assert sent.state == State.DEAD and TaskRecord.objects.filter(closed_at=None).count() == 1
    assert system.subjects("withdraw") == [f"{p.case_number(case_id)}-14"]


def test_a_number_in_a_partners_code_is_kept_nowhere(city: City, system: p.System) -> None:
    clock = p.Clock(START)
    connected(system, clock, POLICE)
    handed_in(city)
    said = {"code": "no_13800000001"}
    system.answers.append(lambda h, message: h.reply(message, 422, said))
    relay.drain(POLICE, now=clock)
    assert rows(POLICE).get(state=State.DEAD).last_error == "status_422"
