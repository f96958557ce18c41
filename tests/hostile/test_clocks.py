"""Clocks that jump, a year without a calendar, and days that are not in every year."""

import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from lianban import clock
from lianban.accounts.models import User
from lianban.cases import queries
from lianban.cases.models import JointCaseRecord, SubCaseRecord
from lianban.cases.services import due
from tests.hostile import at_once, ground
from tests.hostile.ground import HERE, LEAD
from tests.services.cast import identity_number

pytestmark = pytest.mark.django_db

_NEGATIVE = re.compile(r"(?<![\d\w/.-])-\d+ ?(?:天|个工作日|小时|分钟)")


def pages(city: Any, case_id: UUID, own: User) -> list[tuple[str, str]]:
    """Every page of a case, for everybody who may see it, with its text."""
    ids = {"draft_id": case_id, "dossier_id": case_id, "batch_id": case_id, "enquiry_id": case_id}
    found = []
    people = {
        name: ground.signed_in(city.people[f"{name}.{HERE}"])
        for name in (f"counter_clerk@{LEAD}", f"bureau_head@{LEAD}",
                     "department_officer@public_security")
    } | {"own": ground.signed_in(own)}  # fmt: skip
    for who, client in people.items():
        face = {"c": "/counter/", "b": "/bureau/", "d": "/department/", "o": "/my/"}[who[0]]
        for address, _ in ground.addresses(ids | {"case_id": case_id, "number": 3}, only=face):
            answer = client.get(address)
            assert answer.status_code < 500, f"{who} {address}"
            found.append((f"{who} {address}", ground.body(answer)))
    return found


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-1), timedelta(days=1)])
def test_a_clock_that_jumps_makes_no_negative_age_and_no_storm(
    city: Any, now: SimpleNamespace, jump: timedelta
) -> None:
    actor, receipt = ground.online(city, ground.someone(1))
    ground.sent(city, receipt.case_id)
    own = User.objects.get(id=actor.user_id)
    before = JointCaseRecord.objects.get(id=receipt.case_id).sequence
    now.now = now.now + jump
    for where, text in pages(city, receipt.case_id, own):
        assert _NEGATIVE.findall(text) == [], where
    due.pass_time(at=now.now)
    assert JointCaseRecord.objects.get(id=receipt.case_id).sequence == before
    assert at_once.the_journal_holds()


def test_a_command_after_the_clock_was_set_back_is_taken(city: Any, now: SimpleNamespace) -> None:
    _, receipt = ground.online(city, ground.someone(1))
    now.now = now.now - timedelta(hours=1)
    ground.finished(city, ground.sent(city, receipt.case_id))
    assert at_once.the_journal_holds()


def test_a_case_across_a_year_without_calendar_has_provisional_dates(
    city: Any, now: SimpleNamespace
) -> None:
    now.now = datetime(2026, 12, 31, 16, 30, tzinfo=clock.SHANGHAI)
    actor, receipt = ground.online(city, ground.someone(1))
    ground.sent(city, receipt.case_id)
    record = JointCaseRecord.objects.get(id=receipt.case_id)
    assert record.due_on is not None and record.due_on.year == 2027 and record.is_provisional
    assert SubCaseRecord.objects.get(case_id=receipt.case_id, number=3).is_provisional
    own = User.objects.get(id=actor.user_id)
    said = [where for where, text in pages(city, receipt.case_id, own) if "暂定" in text]
    for face in ("own /my/", f"bureau_head@{LEAD} /bureau/",
                 "department_officer@public_security /department/"):  # fmt: skip
        assert any(where.startswith(face) for where in said), face
    now.now = datetime(2027, 3, 15, 9, 0, tzinfo=clock.SHANGHAI)
    assert len(pages(city, receipt.case_id, own)) > 20
    ground.finished(city, receipt.case_id)
    assert at_once.the_journal_holds()


@pytest.mark.parametrize(
    ("day", "left"), [("2026-12-31 23:59", "2026-12-31"), ("2028-02-29 00:00", "2028-02-29")]
)
def test_a_day_ends_at_midnight_in_shanghai(
    city: Any, now: SimpleNamespace, day: str, left: str
) -> None:
    now.now = datetime.fromisoformat(day).replace(tzinfo=clock.SHANGHAI)
    _, receipt = ground.online(city, ground.someone(1))
    ground.sent(city, receipt.case_id)
    case = queries.current(receipt.case_id)
    assert str(case.accepted_on) == left


@pytest.mark.parametrize("born", ["19860504", "19880410", "19910915", "20040229", "20000101"])
def test_a_birthday_is_a_date_whatever_summer_time_there_was(city: Any, born: str) -> None:
    from lianban.cases import forms

    number = identity_number(born=born)
    receipt = ground.at_counter(city, ground.someone(2), identity_number=number)
    found = forms.latest(receipt.case_id)
    assert found is not None
    assert found.fields["birth_date"].replace("-", "") == born
