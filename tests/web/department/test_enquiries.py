"""Enquiries: a list for the department that is asked, one answer, read by the person."""

import re

import pytest

from lianban.cases import enquiry_lists
from lianban.cases.models import EnquiryRecord
from tests.services.cast import City
from tests.web.department import desk
from tests.web.department.desk import text

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = {"children_schooling": "needed"}


def test_the_department_that_is_asked_answers_and_the_person_reads_it(city: City) -> None:
    case_id = desk.with_departments(city, answers=ASKED)
    client = desk.browser(city, "education")
    assert client.get("/department/")["Location"] == "/department/enquiries/"
    page = text(client.get("/department/enquiries/"))
    assert desk.case_number(case_id) in page and "还有 5 个工作日" in page
    record = EnquiryRecord.objects.get()
    address = f"/department/enquiries/{record.id}/"
    data = {"text": "请到柳城区教育局\n带户口簿，8月底以前"}
    for _ in range(2):
        assert client.post(address, data).status_code == 302
    found = enquiry_lists.of_case(case_id)[0]
    assert (found.answer, found.answered_by_name) == (data["text"], "王明")
    assert not found.is_open and found.department_name == "教育部门"
    assert desk.case_number(case_id) in text(client.get("/department/enquiries/?tab=answered"))
    assert "没有等答复的" in text(client.get("/department/enquiries/"))


def test_a_second_answer_is_refused_and_what_was_typed_stays(city: City) -> None:
    desk.with_departments(city, answers=ASKED)
    address = f"/department/enquiries/{EnquiryRecord.objects.get().id}/"
    client = desk.browser(city, "education")
    client.post(address, {"text": "请到教育局"})
    answer = client.post(address, {"text": "请打电话来问"})
    assert answer.status_code == 409
    assert "王明已经答复过了" in text(answer) and "请打电话来问" in text(answer)
    assert EnquiryRecord.objects.get().answer == "请到教育局"


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "请写下答复"), ("   ", "请写下答复"), ("长" * 2001, "最多 2000 个字"),
     ("您的身份证 430102200503010012 查到了", "不要写身份证号")],
)  # fmt: skip
def test_a_wrong_answer_says_what_is_wrong(city: City, typed: str, words: str) -> None:
    desk.with_departments(city, answers=ASKED)
    address = f"/department/enquiries/{EnquiryRecord.objects.get().id}/"
    answer = desk.browser(city, "education").post(address, {"text": typed})
    assert 400 <= answer.status_code < 500 and words in text(answer)
    assert EnquiryRecord.objects.get().answered_at is None


def test_an_enquiry_of_another_county_or_department_is_not_found(city: City) -> None:
    desk.with_departments(city, answers=ASKED)
    address = f"/department/enquiries/{EnquiryRecord.objects.get().id}/"
    for client in (desk.browser(city, "education", "439902"), desk.browser(city)):
        assert client.get(address).status_code == 404
        assert client.post(address, {"text": "答"}).status_code == 404
        assert re.search(r"LB\d{14}", text(client.get("/department/enquiries/"))) is None


def test_a_department_that_nobody_asks_has_no_such_place(city: City) -> None:
    assert "咨询" not in text(desk.browser(city).get("/department/"))
