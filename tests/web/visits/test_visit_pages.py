"""The page of visits for the person and the clerk, and the office's page of times."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from lianban import clock
from lianban.cases.models import AppointmentRecord, SlotRecord, VisitRecord
from lianban.cases.services import slots
from tests.services.cast import City, identity_number, moment
from tests.services.test_visits import PATTERN
from tests.web.applicant_my import story

pytestmark = pytest.mark.django_db(transaction=True)
NOW = moment("2026-09-04 10:00")  # a Friday
TUESDAY = "2026-09-08"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The wall's clock; a test moves it by its first entry."""
    present = [NOW]
    monkeypatch.setattr(clock, "now", lambda: present[0])
    return present


@pytest.fixture
def city() -> City:
    return City().build()


@pytest.fixture
def own(city: City) -> story.Own:
    """A person whose case is accepted, and a police desk with six times."""
    open_times(city)
    return story.own(city).accepted()


def open_times(city: City, **changes: Any) -> None:
    pattern = replace(PATTERN, first=NOW.date(), last=moment("2026-09-11 00:00").date(), **changes)
    police = city.officer("department_officer", "public_security")
    slots.open_slots(pattern=pattern, actor=police, at=NOW)


def signed_in(city: City, role: str, department: str) -> Client:
    client = Client()
    client.force_login(city.people[f"{role}@{department}.439901"])
    return client


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()[:400]
    return answer.content.decode()


def ids() -> list[str]:
    return [str(row.id) for row in SlotRecord.objects.order_by("starts_at")]


def book(client: Client, address: str, slot: str) -> Any:
    return client.post(address, {"slot-fingerprints": slot})


def test_the_page_says_where_what_to_bring_and_why_not_fewer(own: story.Own) -> None:
    page = text(own.client(), f"{own.address}visits/")
    assert "还要跑 1 次" in page
    assert "退出现役证件（原件 1 份）" in page
    assert "所以一次不来不行" in page
    assert page.count('type="radio"') == 6
    assert "9月8日（周二）" in page and "在439901 public_security" in page


def test_a_time_is_booked_changed_and_cancelled(own: story.Own) -> None:
    client, (first, second, *_) = own.client(), ids()
    address = f"{own.address}visits/"
    assert book(client, address, first).status_code == 302
    held = AppointmentRecord.objects.get()
    page = text(client, address)
    assert "约好了" in page and 'type="radio"' not in page
    assert "约好了" in text(client, own.address)
    answer = client.post(f"{address}{held.id}/", {"slot-fingerprints": second})
    assert answer.status_code == 302
    states = dict(AppointmentRecord.objects.values_list("slot_id", "state"))
    assert {str(key): state for key, state in states.items()} == {
        first: "cancelled", second: "booked",
    }  # fmt: skip
    live = AppointmentRecord.objects.get(state="booked")
    client.post(f"{address}{live.id}/cancel/")
    assert not SlotRecord.objects.filter(taken__gt=0).exists()


def test_nothing_is_booked_without_a_choice_or_in_a_time_that_is_gone(own: story.Own) -> None:
    client, address = own.client(), f"{own.address}visits/"
    for posted, status in (("", 400), ("no-id", 400), (str(uuid4()), 400)):
        answer = book(client, address, posted)
        assert answer.status_code == status
        assert "还没有约成" in answer.content.decode()
    first, second, *_ = ids()
    SlotRecord.objects.filter(id=first).update(taken=1)
    answer = book(client, address, first)
    assert answer.status_code == 409 and "刚被别人约走" in answer.content.decode()
    book(client, address, second)
    held = AppointmentRecord.objects.get()
    for data, status in (({}, 400), ({"slot-fingerprints": first}, 409)):
        assert client.post(f"{address}{held.id}/", data).status_code == status
    assert AppointmentRecord.objects.get().state == "booked"


def test_too_late_is_said_with_what_to_do(own: story.Own, now: list[datetime]) -> None:
    client, address = own.client(), f"{own.address}visits/"
    book(client, address, ids()[0])
    now[0] = moment(f"{TUESDAY} 08:00")
    held = AppointmentRecord.objects.get()
    answer = own.client().post(f"{address}{held.id}/cancel/", follow=True)
    assert "打窗口的电话" in answer.content.decode()
    assert AppointmentRecord.objects.get().state == "booked"


def test_somebody_elses_visits_are_not_there(city: City, own: story.Own) -> None:
    other = story.own(city, "13800000009", identity_number=identity_number(sequence="003"))
    book(own.client(), f"{own.address}visits/", ids()[0])
    held = AppointmentRecord.objects.get()
    client = other.client()
    for way in ("", "calendar.ics", f"{held.id}/"):
        assert client.get(f"{own.address}visits/{way}").status_code == 404
        assert client.get(f"{other.address}visits/{held.id}/").status_code == 404
    for address in (own.address, other.address):
        assert client.post(f"{address}visits/{held.id}/cancel/").status_code == 404
    assert AppointmentRecord.objects.get().state == "booked"


def test_the_calendar_file_says_when_and_where_and_nothing_personal(own: story.Own) -> None:
    client, address = own.client(), f"{own.address}visits/"
    book(client, address, ids()[0])
    answer = client.get(f"{address}calendar.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    lines = answer.content.decode().split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    whole = answer.content.decode().replace("\r\n ", "")
    assert "DTSTART:20260908T010000Z" in whole and "DTEND:20260908T012000Z" in whole
    assert "指纹采集" in whole and "退出现役证件" in whole
    assert "陈小川" not in whole and "1380000" not in whole


def test_without_open_times_one_comes_as_one_likes(city: City) -> None:
    own = story.own(city).accepted()
    page = text(own.client(), f"{own.address}visits/")
    assert "不用约，工作日来就行" in page and 'type="radio"' not in page


def test_the_clerk_books_with_the_person_beside(city: City, own: story.Own) -> None:
    clerk, address = signed_in(city, "counter_clerk", "veterans_affairs"), "/counter/cases/"
    page = f"{address}{own.case_id}/visits/"
    assert "还要跑 1 次" in text(clerk, page)
    assert book(clerk, page, ids()[1]).status_code == 302
    held = AppointmentRecord.objects.get()
    assert clerk.post(f"{page}{held.id}/", {"slot-fingerprints": ids()[0]}).status_code == 302
    assert "约好" in text(clerk, f"{address}{own.case_id}/")
    elsewhere = signed_in(city, "department_officer", "education")
    assert elsewhere.get(page).status_code == 403


def test_an_original_that_came_by_mail_is_no_visit(city: City, own: story.Own) -> None:
    clerk, address = signed_in(city, "counter_clerk", "veterans_affairs"), "/counter/cases/"
    code = "discharge_certificate"
    clerk.post(f"{address}{own.case_id}/seen/", {"seen": code, "by_mail": "yes"})
    assert not VisitRecord.objects.exists()
    clerk.post(f"{address}{own.case_id}/seen/", {"seen": "administrative_letter"})
    assert VisitRecord.objects.get().items == [1]


def test_the_police_note_who_comes_today_once(
    city: City, own: story.Own, now: list[datetime]
) -> None:
    book(own.client(), f"{own.address}visits/", ids()[0])
    police = signed_in(city, "department_officer", "public_security")
    assert "陈小川" in text(police, f"/department/slots/?on={TUESDAY}")
    assert "陈小川" not in text(police, "/department/slots/?on=nonsense")
    now[0] = moment(f"{TUESDAY} 09:02")
    police = signed_in(city, "department_officer", "public_security")
    held = AppointmentRecord.objects.get()
    for _ in range(2):
        police.post(f"/department/slots/{held.id}/arrived/")
    assert VisitRecord.objects.get().items == [4]
    assert "来了" in text(police, "/department/slots/")
    other = signed_in(city, "department_officer", "education")
    assert other.post(f"/department/slots/{held.id}/arrived/").status_code == 404


def test_the_police_note_an_arrival_on_the_items_page(city: City, own: story.Own) -> None:
    police = signed_in(city, "department_officer", "public_security")
    address = f"/department/{own.case_id}/4/"
    assert "本人来了：指纹采集" in text(police, address)
    police.post(f"{address}came/")
    assert "来过了" in text(police, address)
    assert VisitRecord.objects.count() == 1
    assert police.post(f"/department/{own.case_id}/3/came/").status_code == 404


def test_an_office_opens_and_closes_its_times(city: City) -> None:
    police = signed_in(city, "department_officer", "public_security")
    given = {
        "purpose": "counter.fingerprints",
        "first_year": "2026", "first_month": "9", "first_day": "7",
        "last_year": "2026", "last_month": "9", "last_day": "8",
        "weekdays": ["0", "1"], "starts": "09:00", "ends": "10:00", "minutes": "30",
        "capacity": "2",
    }  # fmt: skip
    assert police.post("/department/slots/open/", given).status_code == 302
    assert len(ids()) == 4
    wrong = police.post("/department/slots/open/", {**given, "ends": "09:00"})
    assert wrong.status_code == 422 and "结束的时刻要晚于开始" in wrong.content.decode()
    assert police.post("/department/slots/open/", {}).status_code == 422
    assert "9月7日（周一）" in text(police, "/department/slots/")
    for posted in ({"slot": ids()[0]}, {"day": TUESDAY}, {"slot": "x", "day": "y"}, {}):
        assert police.post("/department/slots/close/", posted).status_code == 302
    assert len(ids()) == 1


def test_an_office_that_sees_nobody_has_no_times_to_open(city: City) -> None:
    other = signed_in(city, "department_officer", "education")
    assert "没有要当面办的事" in text(other, "/department/slots/open/")
    assert "预约" not in re.sub("(?s)<main.*", "", text(other, "/department/enquiries/"))
