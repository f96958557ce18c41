"""Everybody reads the same truth: whether a department's system has an item, and since when."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from lianban import clock
from lianban.accounts.models import User
from lianban.exchange.models import PartnerRecord
from lianban.outbox.models import OutboxMessage
from tests.services.cast import originals_seen
from tests.web.bureau import desk
from tests.web.exchange import ground
from tests.web.exchange.ground import POLICE

pytestmark = pytest.mark.django_db
AWAY = "正在送往公安部门，对方系统暂时联系不上，会自动重发，您不用做什么（10月19日起）"
THERE = "已送到公安部门，等他们办理（10月19日起）"


def at_work(city: Any) -> Any:
    """An online case that lies with the departments; the person's browser beside it."""
    case_id = desk.handed_in(city)
    desk.give(desk.c.PassPreReview(), case_id, city.bureau)
    originals_seen(case_id, by=city.clerk, at=clock.now())
    for command, actor in (
        (desk.c.Grant(1), city.clerk), (desk.c.Deliver(1), city.clerk),
        (desk.c.ReceiveDossier(), city.bureau), (desk.c.RegisterReception(), city.bureau),
    ):  # fmt: skip
        desk.give(command, case_id, actor)
    person = Client()
    person.force_login(User.objects.get(kind="applicant"))
    return case_id, person


def words(client: Client, address: str) -> str:
    """What a page says, without its tags."""
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"<[^>]+>", "", answer.content.decode())


def test_without_a_partner_nobody_reads_of_systems(city: Any, officer: Client) -> None:
    case_id, person = at_work(city)
    for said in (
        words(person, f"/my/{case_id}/"),
        words(person, f"/my/{case_id}/3/"),
        words(officer, f"/bureau/cases/{case_id}/"),
        words(ground.department(city), f"/department/{case_id}/3/"),
    ):
        assert "系统联系不上" not in said and "正在送往" not in said and "本部门系统" not in said


def test_what_was_sent_before_the_partner_came_stays_at_the_desk(
    city: Any, officer: Client
) -> None:
    case_id, person = at_work(city)
    OutboxMessage.objects.update(created_at=clock.now() - timedelta(days=2))
    ground.police()
    assert "已送到" not in words(person, f"/my/{case_id}/3/")
    OutboxMessage.objects.update(state="pending")
    assert "正在送往" not in words(person, f"/my/{case_id}/3/")


def test_the_person_reads_that_it_is_on_its_way_and_that_they_need_do_nothing(
    city: Any, police: PartnerRecord
) -> None:
    case_id, person = at_work(city)
    assert "正在送往公安部门（10月19日起）" in words(person, f"/my/{case_id}/3/")
    page = words(person, f"/my/{case_id}/")
    assert "2 件正在送往承办部门" in page and "公安部门在办" not in page
    PartnerRecord.objects.update(failing_since=clock.now())
    assert AWAY in words(person, f"/my/{case_id}/3/")
    assert AWAY in words(person, f"/my/{case_id}/")
    OutboxMessage.objects.filter(department=POLICE).update(state="dead", done_at=clock.now())
    assert "没能送到公安部门，工作人员正在处理" in words(person, f"/my/{case_id}/3/")


def test_the_person_reads_that_it_came_until_the_department_begins(
    city: Any, police: PartnerRecord
) -> None:
    case_id, person = at_work(city)
    ground.arrived(case_id)
    assert THERE in words(person, f"/my/{case_id}/3/")
    page = words(person, f"/my/{case_id}/")
    assert THERE in page and "正在送往公安部门（10月19日起）14" in page
    ground.came(ground.sub_case(case_id), "receive")
    assert "已送到" not in words(person, f"/my/{case_id}/3/")


def test_one_failed_try_is_told_although_the_partner_is_well_again(
    city: Any, police: PartnerRecord
) -> None:
    case_id, person = at_work(city)
    row = OutboxMessage.objects.filter(id=ground.message(case_id).id)
    row.update(attempts=1, last_error="too_slow")
    assert AWAY in words(person, f"/my/{case_id}/3/")
    row.update(last_error="not_composed")
    assert "正在送往公安部门（10月19日起）" in words(person, f"/my/{case_id}/3/")


def test_what_a_partner_fetches_is_said_so(city: Any) -> None:
    ground.police(mode="poll")
    case_id, person = at_work(city)
    assert "等公安部门的系统来取" in words(person, f"/my/{case_id}/3/")


@pytest.mark.parametrize(
    ("how", "bureau", "department"),
    [
        ("going", "正在送往对方系统，10月19日起", "正在送往本部门系统"),
        ("failing", "对方系统联系不上，10月19日起等着，自动重发", "系统联系不上，会自动重发"),
        ("reached", "10月19日送到对方系统", "10月19日 10:00 从平台送到了本部门系统"),
        ("stuck", "没能送到对方系统", "没能送到本部门系统"),
    ],
)
def test_the_cockpit_and_the_department_read_it_too(
    city: Any, police: PartnerRecord, officer: Client, how: str, bureau: str, department: str
) -> None:
    case_id, _ = at_work(city)
    states: dict[str, dict[str, Any]] = {
        "going": {},
        "failing": {"attempts": 3, "last_error": "no_connection"},
        "reached": {"state": "sent", "done_at": clock.now()},
        "stuck": {"state": "dead", "done_at": clock.now()},
    }
    rows = OutboxMessage.objects.filter(department=POLICE)
    rows.update(**states[how] or {"attempts": 0})
    assert bureau in words(officer, f"/bureau/cases/{case_id}/")
    said = words(ground.department(city), f"/department/{case_id}/3/")
    assert department in said and "这里办" in said


def test_of_several_messages_the_newest_counts(city: Any, police: PartnerRecord) -> None:
    case_id, person = at_work(city)
    ground.arrived(case_id)
    ground.came(ground.sub_case(case_id), "receive")
    first = ground.message(case_id)
    later: datetime = clock.now()
    OutboxMessage.objects.create(
        case_id=case_id, sequence=first.sequence + 90, item=3, topic="correction_supplied",
        department=POLICE, created_at=later,
    )  # fmt: skip
    assert "您补的材料正在送往公安部门（10月19日起）" in words(person, f"/my/{case_id}/3/")
