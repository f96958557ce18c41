"""A partner that is away for days, and the ladder that leads over them."""

from datetime import timedelta

import pytest

from lianban.cases import services
from lianban.engine import commands as c
from lianban.exchange import ladder, relay
from lianban.exchange.models import PartnerRecord, TaskRecord, TryRecord
from tests.exchange import partner as p
from tests.exchange.test_relay import START, State, city, connected, handed_in, rows, system
from tests.services.cast import City

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["city", "system"]


def test_the_ladder_reaches_seven_days_and_no_two_messages_climb_it_alike() -> None:
    pauses = [ladder.pause(number, name="a") for number in range(1, 21)]
    assert sum(pauses, timedelta()) > timedelta(days=5)
    assert pauses == [ladder.pause(number, name="a") for number in range(1, 21)]
    assert ladder.pause(4, name="a") != ladder.pause(4, name="b")
    for number, step in enumerate(ladder.STEPS, start=1):
        assert step * 0.8 <= ladder.pause(number, name="x") <= step * 1.2


def test_a_department_is_down_for_three_days_and_then_gets_all_in_order_at_its_rate(
    city: City, system: p.System
) -> None:
    clock = p.Clock(START)
    connected(system, clock, "public_security")
    with p.running() as other:
        other.now = clock
        p.connect("armed_forces", other.address)
        PartnerRecord.objects.filter(code="public_security").update(sends_a_minute=6)
        cases = handed_in(city, 4)
        system.away = True
        tries = 0
        for hour in range(72):
            if hour == 20:
                services.run(c.Withdraw(3), case_id=cases[0], actor=city.clerk, at=clock())
            for code in relay.wanting(clock()):
                tries += relay.drain(code, now=clock).retried
            clock.at += timedelta(hours=1)
        assert other.subjects("dispatch") == [f"{p.case_number(case)}-02" for case in cases]
        assert not rows("public_security").exclude(state=State.PENDING).exists()
        assert TaskRecord.objects.get(closed_at=None).kind == "unreachable"
        assert 72 <= tries <= 3 * 72, "probed, not hammered"
        assert system.effects == []
        system.away = False
        waiting = rows("public_security").count()
        minutes = 0
        while rows("public_security").filter(state=State.PENDING).exists():
            before = len(system.effects)
            relay.drain("public_security", now=clock)
            assert len(system.effects) - before <= 6
            clock.at += timedelta(seconds=61)
            minutes += 1
            assert minutes < 60
        skipped = rows("public_security").filter(state=State.DESK).count()
        assert len(system.effects) == waiting - skipped
        for case in cases:
            order = [
                m["id"] for m in system.effects if m["subject"].startswith(p.case_number(case))
            ]
            sent = [str(r.message_id) for r in rows("public_security").filter(case_id=case)]
            assert order == [name for name in sent if name in order]
        assert not TaskRecord.objects.filter(closed_at=None).exists()
        assert TryRecord.objects.filter(partner_code="public_security").count() >= 72
