"""The relay: in order for each case, one partner apart from the other, over days if need be."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from lianban.cases import services
from lianban.cases.services import hand_in
from lianban.engine import commands as c
from lianban.exchange import ladder, relay, resend
from lianban.exchange.models import PartnerRecord, TaskRecord
from lianban.outbox.models import OutboxMessage
from tests.exchange import partner as p
from tests.services.cast import FIELDS, City, identity_number, moment
from tests.services.test_case_life import filled

pytestmark = pytest.mark.django_db(transaction=True)
State = OutboxMessage.State
START = moment("2026-09-03 10:00")


@pytest.fixture
def city() -> City:
    return City(edition="retirement-2024").build()


@pytest.fixture
def system() -> Iterator[p.System]:
    with p.running() as started:
        yield started


def handed_in(city: City, count: int = 1) -> list[UUID]:
    """Cases whose first item is granted, so that departments are sent theirs."""
    cases = []
    for number in range(count):
        fields = {**FIELDS, "identity_number": identity_number(sequence=f"{number + 1:03d}")}
        draft = filled(city.clerk, fields=fields)
        receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=START)
        services.run(c.Grant(1), case_id=receipt.case_id, actor=city.clerk, at=START)
        cases.append(receipt.case_id)
    return cases


def rows(code: str) -> Any:
    return OutboxMessage.objects.filter(department=code).order_by("id")


def connected(system: p.System, clock: p.Clock, *codes: str) -> None:
    system.now = clock
    for code in codes:
        p.connect(code, system.address)


def test_a_sub_case_goes_out_with_what_the_plan_gives_its_item_and_nothing_more(
    city: City, system: p.System
) -> None:
    clock = p.Clock(START)
    connected(system, clock, "armed_forces", "public_security")
    (case_id,) = handed_in(city)
    assert relay.wanting(clock()) == ["armed_forces", "public_security"]
    done = relay.drain("public_security", now=clock)
    assert done.sent == len(system.effects) > 0 and done.dead == 0
    household = next(m for m in system.effects if m["data"].get("item") == "household_registration")
    assert household["subject"] == f"{p.case_number(case_id)}-03"
    assert household["id"] in system.keys
    assert "identity_number" in household["data"]["fields"]
    assert "bank_account" not in household["data"]["fields"]
    assert not rows("public_security").exclude(state=State.SENT).exists()
    assert rows("armed_forces").filter(state=State.PENDING).count() == 1


def test_one_case_keeps_its_order_and_a_stuck_case_delays_no_other(
    city: City, system: p.System
) -> None:
    clock = p.Clock(START)
    connected(system, clock, "public_security")
    first, second = handed_in(city, 2)
    system.answers.append(lambda handler, message: handler.reply(message, 500, {}))
    relay.drain("public_security", now=clock)
    services.run(c.Withdraw(3), case_id=first, actor=city.clerk, at=START)
    relay.drain("public_security", now=clock)
    stuck = rows("public_security").filter(case_id=first, state=State.PENDING)
    assert stuck.count() >= 2 and not rows("public_security").filter(
        case_id=second, state=State.PENDING
    )
    assert f"{p.case_number(second)}-03" in system.subjects("dispatch")
    clock.at += timedelta(seconds=10)
    relay.drain("public_security", now=clock)
    name = f"{p.case_number(first)}-03"
    told = [m["type"] for m in system.effects if m["subject"] == name]
    assert told == ["cn.lianban.dispatch.v1", "cn.lianban.withdraw.v1"]


def test_whoever_dies_between_sending_and_marking_sends_again_under_the_same_name(
    city: City, system: p.System, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = p.Clock(START)
    connected(system, clock, "armed_forces")
    handed_in(city)

    class Killed(BaseException):
        pass

    def dies(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(relay, "_mark", dies)
        with pytest.raises(Killed):
            relay.drain("armed_forces", now=clock)
    assert len(system.arrived) == 1 and rows("armed_forces").get().state == State.PENDING
    relay.drain("armed_forces", now=clock)
    assert len(system.arrived) == 1, "the lease still holds"
    clock.at += timedelta(seconds=60)
    relay.drain("armed_forces", now=clock)
    assert len(system.arrived) == 2 and len(system.effects) == 1
    row = rows("armed_forces").get()
    assert (row.state, row.attempts, row.abandoned) == (State.SENT, 2, 0)


def test_a_message_that_kills_whoever_sends_it_is_given_up_and_those_behind_it_go_on(
    city: City, system: p.System
) -> None:
    clock = p.Clock(START)
    connected(system, clock, "armed_forces")
    first, _second = handed_in(city, 2)
    poisoned = rows("armed_forces").filter(case_id=first)
    poisoned.update(abandoned=ladder.MOST_ABANDONED)
    done = relay.drain("armed_forces", now=clock)
    assert (done.sent, done.dead) == (1, 1)
    task = TaskRecord.objects.get()
    assert (task.kind, task.code, task.case_id) == ("refused", "never_ended", first)
    assert task.assigned_to is not None
    resend.resend(message_id=poisoned.get().message_id, actor=city.bureau, at=clock())
    assert relay.drain("armed_forces", now=clock).sent == 1
    task.refresh_from_db()
    assert task.closed_at is not None


def test_a_message_that_kills_takes_none_with_it_that_were_to_follow(
    city: City, system: p.System, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = p.Clock(START)
    connected(system, clock, "armed_forces")
    first, *others = handed_in(city, 3)
    speak = relay._speak
    deaths = 0

    class Killed(BaseException):
        pass

    def dies(partner: Any, said: Any, at: Any) -> None:
        if said.subject.startswith(p.case_number(first)):
            raise Killed
        speak(partner, said, at)

    monkeypatch.setattr(relay, "_speak", dies)
    while rows("armed_forces").filter(state=State.PENDING).exists() and deaths < 20:
        try:
            relay.drain("armed_forces", now=clock)
        except Killed:
            deaths += 1
        clock.at += timedelta(seconds=60)
    states = dict(rows("armed_forces").values_list("case_id", "state"))
    assert states == {first: State.DEAD, **dict.fromkeys(others, State.SENT)}
    assert deaths == ladder.MOST_ABANDONED
    assert max(rows("armed_forces").exclude(case_id=first).values_list("abandoned"))[0] <= 1


def test_a_message_that_is_refused_for_good_is_a_named_persons_task_at_once(
    city: City, system: p.System
) -> None:
    clock = p.Clock(START)
    connected(system, clock, "armed_forces")
    (case_id,) = handed_in(city)
    system.answers.append(lambda h, message: h.reply(message, 422, {"code": "no_such_item"}))
    assert relay.drain("armed_forces", now=clock).dead == 1
    task = TaskRecord.objects.get()
    assert task.code == "status_422_no_such_item" and task.case_id == case_id
    assert task.assigned_to == city.people["bureau_officer@veterans_affairs.439901"]
    assert relay.wanting(clock()) == []


BAD_ANSWERS = {
    "status_500": lambda h, m: h.reply(m, 500, {}),
    "not_json": lambda h, m: _signed(h, m, b"<html></html>", "text/html"),
    "not_a_receipt": lambda h, m: h.reply(m, 200, {"outcome": "accepted"}),
    "wrong_receipt": lambda h, m: h.reply(m, 200, {"id": "someone-else", "outcome": "accepted"}),
    "answer_unsigned": lambda h, m: h.raw(200, b"{}", {"Content-Type": "application/json"}),
    "redirected": lambda h, m: h.raw(302, b"", {"Location": "http://127.0.0.1:9/"}),
    "too_large": lambda h, m: h.raw(200, b"x" * (1024 * 1024 + 1), {}),
    "broken_off": lambda h, m: h.connection.shutdown(socket.SHUT_RDWR),
    "answer_bad_signature": lambda h, m: _answers_another(h, m),
}


def _signed(handler: Any, message: Any, body: bytes, kind: str) -> None:
    from lianban.exchange import signing

    answer = signing.Answer(message, 200, body, {"Content-Type": kind})
    signing.sign_answer(answer, key=handler.key, at=handler.system.now())
    handler.raw(200, body, answer.headers)


def _answers_another(handler: Any, message: Any) -> None:
    from lianban.exchange import signing

    other = signing.Message(
        "POST", message.url, b"{}", {**message.headers, "Content-Digest": "sha-256=:AAAA:"}
    )
    answer = signing.Answer(other, 200, b"{}", {"Content-Type": "application/json"})
    signing.sign_answer(answer, key=handler.key, at=handler.system.now())
    handler.raw(200, b"{}", answer.headers)


@pytest.mark.parametrize("code", sorted(BAD_ANSWERS))
def test_a_bad_answer_is_no_answer_and_the_message_goes_again(
    city: City, system: p.System, code: str
) -> None:
    clock = p.Clock(START)
    connected(system, clock, "armed_forces")
    handed_in(city)
    system.answers.append(BAD_ANSWERS[code])
    assert relay.drain("armed_forces", now=clock).retried == 1
    row = rows("armed_forces").get()
    assert (row.state, row.last_error) == (State.PENDING, code)
    clock.at += timedelta(seconds=10)
    assert relay.drain("armed_forces", now=clock).sent == 1


def test_a_partner_that_asks_for_patience_gets_it(city: City, system: p.System) -> None:
    clock = p.Clock(START)
    connected(system, clock, "armed_forces")
    handed_in(city)
    later = {"Retry-After": "900"}
    system.answers.append(lambda handler, message: handler.reply(message, 429, {}, later))
    relay.drain("armed_forces", now=clock)
    clock.at += timedelta(seconds=890)
    assert relay.wanting(clock()) == []
    clock.at += timedelta(seconds=20)
    assert relay.drain("armed_forces", now=clock).sent == 1


def test_what_departments_without_a_system_are_told_stays_at_their_desks(city: City) -> None:
    handed_in(city)
    assert relay.wanting(START) == []
    assert relay.leave_to_desks(at=START) > 0
    assert not OutboxMessage.objects.filter(state=State.PENDING).exists()
    partner = p.connect("armed_forces", "http://127.0.0.1:9")
    assert partner.code == "armed_forces" and relay.wanting(START) == []


def test_two_workers_never_send_the_same_message(city: City, system: p.System) -> None:
    import threading

    clock = p.Clock(START)
    connected(system, clock, "armed_forces")
    handed_in(city, 8)

    def work() -> None:
        try:
            relay.drain("armed_forces", now=clock)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(system.arrived) == len(system.effects) == 8


def test_a_message_that_kills_its_sender_costs_no_other_message_its_life(
    city: City, system: p.System, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = p.Clock(START)
    connected(system, clock, "armed_forces")
    first, *_others = handed_in(city, 3)
    deadly, speak = f"{p.case_number(first)}-02", relay._speak

    class Killed(BaseException):
        pass

    def may_die(partner: PartnerRecord, said: Any, at: Any) -> None:
        if said.subject == deadly:
            raise Killed
        speak(partner, said, at)

    monkeypatch.setattr(relay, "_speak", may_die)
    for _ in range(ladder.MOST_ABANDONED):
        with pytest.raises(Killed):
            relay.drain("armed_forces", now=clock)
        clock.at += timedelta(seconds=60)
    assert len(system.effects) == 2 and relay.drain("armed_forces", now=clock).dead == 1
    row = rows("armed_forces").get(state=State.DEAD)
    assert (row.case_id, row.last_error) == (first, "never_ended")


def test_a_message_has_seven_days_of_tries_whatever_its_age(city: City, system: p.System) -> None:
    clock = p.Clock(START)
    connected(system, clock, "armed_forces")
    handed_in(city)
    PartnerRecord.objects.update(held_at=START)
    clock.at += timedelta(days=8)
    assert relay.wanting(clock()) == []
    PartnerRecord.objects.update(held_at=None)
    system.away = True
    relay.drain("armed_forces", now=clock)
    assert rows("armed_forces").get().state == State.PENDING
    clock.at += timedelta(days=7, minutes=1)
    assert relay.drain("armed_forces", now=clock).dead == 1
    assert TaskRecord.objects.get(kind="dead").code == "too_old"
    resend.resend(message_id=rows("armed_forces").get().message_id, actor=city.bureau, at=clock())
    relay.drain("armed_forces", now=clock)
    assert rows("armed_forces").get().state == State.PENDING


def test_whoever_asks_for_a_long_wait_is_asked_again_within_the_hour_and_somebody_knows(
    city: City, system: p.System
) -> None:
    clock = p.Clock(START)
    connected(system, clock, "armed_forces")
    handed_in(city)
    later = {"Retry-After": "86400"}
    system.answers.append(lambda handler, message: handler.reply(message, 503, {}, later))
    relay.drain("armed_forces", now=clock)
    assert TaskRecord.objects.get().kind == "unreachable"
    clock.at += timedelta(hours=1, seconds=1)
    assert relay.drain("armed_forces", now=clock).sent == 1
    assert not TaskRecord.objects.filter(closed_at=None).exists()


def test_whoever_stops_the_sending_stops_it_at_the_next_message(
    city: City, system: p.System
) -> None:
    clock = p.Clock(START)
    connected(system, clock, "armed_forces")
    handed_in(city, 4)

    def hold(handler: Any, message: Any) -> None:
        PartnerRecord.objects.update(held_at=START)
        handler.take(message, json.loads(message.body))

    system.answers.append(hold)
    assert relay.drain("armed_forces", now=clock).sent == 1
    left = rows("armed_forces").filter(state=State.PENDING)
    assert left.count() == 3 and not left.exclude(leased_until=None).exists()
