"""A system waits for the time that the person booked, or offers one; and never longer than a demonstration."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from simulators import department
from simulators.kinds.public_security import KIND
from simulators.memory import Memory
from simulators.plan import Heard, Unheard
from tests.simulators.ground import dispatch

ABOUT = "LB202609033505211X-04"
CHINA = timezone(timedelta(hours=8))
AT = datetime(2026, 9, 3, 10, 0, tzinfo=CHINA)  # a Thursday
#: Received, and the person is awaited.
RECEIVED = AT + timedelta(seconds=department.RECEIVE)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    one = Memory(tmp_path / "memory.sqlite3", source="test", speed=1.0)
    yield one
    one.close()


def hear(memory: Memory, word: str, data: dict[str, Any], at: datetime = AT) -> None:
    now = at.timestamp()
    plan = KIND[word](Heard(word, ABOUT, data, memory.known(ABOUT), now))
    memory.plan(ABOUT, plan, now=now)


def booked(starts_at: datetime, state: str = "booked") -> dict[str, str]:
    return {
        "state": state,
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(minutes=20)).isoformat(),
        "place": "counter",
        "purpose": "fingerprints",
    }


def step(memory: Memory) -> tuple[str, datetime, dict[str, Any]]:
    """Let the next step happen when it is due: its word, its time, what it says."""
    due = memory.next_due()
    assert due is not None
    row = memory.due(now=due, not_about=set())
    assert row is not None
    happened = memory.happen(row, now=due)
    assert happened is not None and happened.body is not None
    memory.done(happened, "applied", now=due)
    said = json.loads(happened.body)["data"]
    return row.word, datetime.fromtimestamp(due, CHINA), said


def test_who_has_not_booked_is_given_a_time_and_comes(memory: Memory) -> None:
    hear(memory, "dispatch", dispatch("identity_card"))
    assert [step(memory)[0] for _ in range(5)] == [
        "receive", "appoint", "arrived", "accept", "decide",
    ]  # fmt: skip


def test_who_has_booked_is_waited_for_and_given_no_other_time(memory: Memory) -> None:
    hear(memory, "dispatch", dispatch("identity_card"))
    assert step(memory)[0] == "receive"
    time = AT + timedelta(minutes=7)
    hear(memory, "appointment", booked(time), RECEIVED)
    assert step(memory)[:2] == ("arrived", time)
    assert step(memory)[0] == "accept"


def test_a_time_that_comes_before_the_reception_counts_from_it(memory: Memory) -> None:
    hear(memory, "dispatch", dispatch("identity_card"))
    hear(memory, "appointment", booked(AT + timedelta(minutes=7)))
    assert [step(memory)[0] for _ in range(3)] == ["receive", "arrived", "accept"]


def test_nobody_is_waited_for_longer_than_a_demonstration(memory: Memory) -> None:
    hear(memory, "dispatch", dispatch("identity_card"))
    step(memory)
    hear(memory, "appointment", booked(AT + timedelta(days=3)), RECEIVED)
    assert step(memory)[1] == RECEIVED + timedelta(seconds=department.LONGEST)


def test_who_gives_the_time_back_comes_without_one(memory: Memory) -> None:
    hear(memory, "dispatch", dispatch("identity_card"))
    step(memory)
    hear(memory, "appointment", booked(AT + timedelta(minutes=7)), RECEIVED)
    hear(memory, "appointment", booked(AT + timedelta(minutes=7), "cancelled"), RECEIVED)
    word, at, _ = step(memory)
    assert (word, at) == ("arrived", RECEIVED + timedelta(seconds=department.LONGEST))


def test_a_time_that_is_told_after_the_arrival_changes_nothing(memory: Memory) -> None:
    hear(memory, "dispatch", dispatch("identity_card"))
    for _ in range(3):
        step(memory)
    hear(memory, "appointment", booked(AT + timedelta(days=1), "cancelled"))
    assert step(memory)[0] == "accept"


@pytest.mark.parametrize(
    ("at", "starts"),
    [
        ("2026-09-03 10:00", "2026-09-03 10:30"),
        ("2026-09-03 10:01", "2026-09-03 10:40"),
        ("2026-09-03 07:00", "2026-09-03 09:30"),
        ("2026-09-03 18:00", "2026-09-04 09:30"),
        ("2026-09-04 23:50", "2026-09-07 09:30"),
        ("2026-09-06 11:00", "2026-09-07 09:30"),
    ],
)
def test_a_time_is_offered_in_office_hours(memory: Memory, at: str, starts: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=CHINA)
    before = moment - timedelta(seconds=department.RECEIVE + department.OFFER)
    hear(memory, "dispatch", dispatch("identity_card"), before)
    step(memory)
    word, now, said = step(memory)
    assert (word, now) == ("appoint", moment)
    given = datetime.fromisoformat(said["starts_at"])
    assert given == datetime.fromisoformat(starts).replace(tzinfo=CHINA)


def test_an_appointment_that_names_no_moment_is_refused(memory: Memory) -> None:
    hear(memory, "dispatch", dispatch("identity_card"))
    with pytest.raises(Unheard, match="no moment"):
        hear(memory, "appointment", booked(AT) | {"starts_at": "tomorrow"})
