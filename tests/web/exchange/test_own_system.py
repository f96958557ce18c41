"""A department sees how far its items have come in its own system, and nothing of anybody else's."""

import re
from typing import Any

import pytest
from django.test import Client

from lianban import clock
from lianban.accounts.models import User
from lianban.exchange.models import PartnerRecord
from lianban.outbox.models import OutboxMessage
from tests.web.bureau import desk
from tests.web.exchange import ground
from tests.web.exchange.ground import POLICE

pytestmark = pytest.mark.django_db
PAGE = "/department/exchange/"


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:400]
    return str(answer.content.decode())


def figures(page: str) -> list[int]:
    """Sent, seen, decided, waiting, as the head of the page has them."""
    return [int(n) for n in re.findall(r"<dd>(\d+)<small>[件条]", page)]


def test_a_department_without_a_system_is_told_that_it_works_here(city: Any) -> None:
    schools = ground.department(city, "education")
    assert "本部门没有接自己的系统" in text(schools.get(PAGE))
    assert "本部门系统</a>" not in text(schools.get("/department/enquiries/"))


def test_sent_seen_decided_and_waiting_are_counted(city: Any, police: PartnerRecord) -> None:
    case_id, officer = desk.sent(city), ground.department(city)
    waiting = OutboxMessage.objects.filter(department=POLICE, state="pending").count()
    assert "本部门系统" in text(officer.get("/department/"))
    assert figures(text(officer.get(PAGE))) == [0, 0, 0, waiting]
    for item in (3, 14):
        ground.arrived(case_id, item)
    for number, word in enumerate(("receive", "accept"), start=1):
        ground.came(ground.sub_case(case_id), word, f"ga-0000000{number}")
    assert figures(text(officer.get(PAGE))) == [2, 1, 0, waiting - 2]
    ground.came(ground.sub_case(case_id, 14), "decide", "ga-00000009", outcome="granted")
    said = text(officer.get(PAGE + "?show=came"))
    assert figures(said) == [2, 2, 1, waiting - 2]
    assert "受理" in said and "决定" in said and "/bureau/" not in said


def test_a_department_sends_again_what_did_not_reach_its_own_system(
    city: Any, police: PartnerRecord
) -> None:
    row, officer = ground.dead(desk.sent(city)), ground.department(city)
    page = f"{PAGE}messages/{row.message_id}/"
    assert str(row.message_id) in text(officer.get(PAGE + "?show=dead"))
    assert "多次发送失败" in text(officer.get(PAGE + "?show=tasks"))
    assert f"/department/{row.case_id}/3/" in text(officer.get(page))
    assert "重发这条吗" in text(officer.get(page + "resend/"))
    assert "排上队了" in text(officer.post(page + "resend/", follow=True))
    row.refresh_from_db()
    assert row.state == "pending"


@pytest.mark.parametrize(
    ("code", "district"), [("medical_insurance", "439901"), (POLICE, "439902")]
)
def test_nobody_sees_or_sends_what_is_another_offices(
    city: Any, police: PartnerRecord, code: str, district: str
) -> None:
    case_id = desk.sent(city)
    row, other = ground.dead(case_id), ground.department(city, code, district)
    page = f"{PAGE}messages/{row.message_id}/"
    for address in (page, page + "resend/"):
        assert other.get(address).status_code == 404
    assert other.post(page + "resend/").status_code == 404
    for show in ("waiting", "dead", "sent", "came", "tasks"):
        assert desk.number(case_id) not in text(other.get(f"{PAGE}?show={show}"))
    row.refresh_from_db()
    assert row.state == "dead"


def test_what_a_service_is_told_of_an_own_item_is_not_the_departments(
    city: Any, police: PartnerRecord
) -> None:
    row = ground.dead(desk.sent(city))
    OutboxMessage.objects.filter(id=row.id).update(department="sms")
    page = f"{PAGE}messages/{row.message_id}/"
    assert ground.department(city).get(page).status_code == 404
    assert ground.department(city).post(page + "resend/").status_code == 404


def test_a_stranger_and_an_applicant_are_turned_away(city: Any, police: PartnerRecord) -> None:
    assert Client().get(PAGE).status_code == 302
    desk.handed_in(city)
    person = Client()
    person.force_login(User.objects.get(kind="applicant"))
    assert person.get(PAGE).status_code == 403


def test_a_system_that_cannot_be_reached_is_said_with_what_to_do(
    city: Any, police: PartnerRecord
) -> None:
    PartnerRecord.objects.update(failing_since=clock.now())
    said = text(ground.department(city).get(PAGE))
    assert "恢复以后自动补发" in said and "联系不上" in said
