"""Departments' systems: the troop's money, a system that is played here, and one that is never there."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from lianban.cases import queries, services
from lianban.cases.models import ResultRecord
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.exchange import partners, relay
from lianban.exchange.models import PartnerRecord, TryRecord
from lianban.outbox.models import OutboxMessage
from tests.exchange import wire
from tests.exchange.wire import AT
from tests.services.cast import City
from tests.web.department import desk

pytestmark = pytest.mark.django_db
State = OutboxMessage.State
LATER = AT + timedelta(days=6)


@pytest.fixture
def city() -> City:
    return City(edition="retirement-2024").build()


def started(city: City) -> UUID:
    case_id = wire.registered(city)
    services.run(c.Grant(1), case_id=case_id, actor=city.clerk, at=AT)
    return case_id


def test_the_clock_of_a_transfer_starts_when_its_system_says_that_the_money_came(
    city: City,
) -> None:
    partner = wire.connect("human_resources")
    case_id = started(city)
    for number in (3, 12):
        actor = desk.officer(city, desk.row(case_id, number).department)
        services.run(c.Grant(number), case_id=case_id, actor=actor, at=AT)
    case = queries.current(case_id)
    assert str(case.sub_cases[5].state) == "dispatched" and case.sub_cases[5].clock is None
    name = queries.get(case_id=case_id, actor=city.bureau, at=AT).case_number
    for word in ("receive", "accept"):
        assert wire.hear(partner, word, {}, f"{name}-05").status == 200
    assert queries.current(case_id).sub_cases[5].clock is None
    strange = wire.hear(partner, "external_event", {"kind": "rain_fell"}, f"{name}-05")
    assert strange.status == 422
    came = {"kind": "funds_arrived"}
    for _ in range(2):
        assert wire.hear(partner, "external_event", came, f"{name}-05", LATER).status == 200
    clock = queries.current(case_id).sub_cases[5].clock
    assert clock is not None and (clock.started_on, clock.days) == (LATER.date(), 15)


def test_an_appointment_at_a_desk_stands_still_in_the_departments_own_words(city: City) -> None:
    partner = wire.connect("public_security")
    case_id = started(city)
    name = queries.get(case_id=case_id, actor=city.bureau, at=AT).case_number
    said = {"reason": "请本人到户政窗口采集指纹"}
    assert wire.hear(partner, "receive", {}, f"{name}-03").status == 200
    assert wire.hear(partner, "suspend", said, f"{name}-03").answer["state"] == "suspended"
    view = queries.get(case_id=case_id, actor=city.bureau, at=AT)
    assert any(said["reason"] in line.text for line in queries.history(view))
    assert wire.hear(partner, "resume", {}, f"{name}-03").answer["state"] == "received"


def played(code: str, adapter: str) -> PartnerRecord:
    return partners.connect(code=code, name="这里演的", adapter=adapter, at=wire.CONNECTED)


def test_a_department_without_a_system_is_played_here(city: City) -> None:
    played("public_security", "demo")
    case_id = started(city)
    done = relay.drain("public_security", now=lambda: AT)
    assert done.sent > 1 and done.dead == 0
    sub = queries.current(case_id).sub_cases[3]
    assert str(sub.outcome) == "granted"
    result = ResultRecord.objects.get(sub_case__case_id=case_id, sub_case__number=3)
    assert result.number.startswith("示范-")
    graded = queries.current(case_id).grades["settlement_proof"]
    assert (graded.grade, graded.source) == ("A", "verified:public_security")
    assert relay.wanting(AT) == []


def test_a_system_that_is_never_there_loses_nothing_and_harms_nobody(city: City) -> None:
    played("armed_forces", "failing")
    played("public_security", "demo")
    case_id = started(city)
    at: list[Any] = [AT]
    for _ in range(6):
        for code in relay.wanting(at[0]):
            relay.drain(code, now=lambda: at[0])
        at[0] += timedelta(hours=4)
    row = OutboxMessage.objects.get(department="armed_forces")
    assert (row.state, row.last_error) == (State.PENDING, "no_connection") and row.attempts > 3
    assert TryRecord.objects.filter(partner_code="armed_forces", ended="ok").count() == 0
    assert str(queries.current(case_id).sub_cases[3].outcome) == "granted"


def test_a_system_that_is_pushed_to_needs_an_address(city: City) -> None:
    with pytest.raises(Refused, match="地址"):
        partners.connect(code="armed_forces", name="", adapter="armed_forces", at=AT)
