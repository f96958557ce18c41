"""Answering enquiries: once, by the department that is asked."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import connection

from lianban.cases import enquiry_lists
from lianban.cases.content import Content
from lianban.cases.models import EnquiryRecord
from lianban.cases.services import drafts, enquiries, hand_in
from lianban.engine.refusal import Refused
from tests.services.cast import CONSCRIPT, FIELDS, City, moment

pytestmark = pytest.mark.django_db(transaction=True)
AT = moment("2026-09-03 10:00")


@pytest.fixture
def city() -> City:
    return City().build()


@pytest.fixture
def enquiry_id(city: City) -> UUID:
    draft = drafts.start(district="439901", actor=city.clerk, at=AT)
    content = Content(answers=CONSCRIPT | {"children_schooling": "needed"}, fields=FIELDS)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    content = replace(content, materials=dict.fromkeys(codes, "seen"))
    drafts.save(draft_id=draft.id, content=content, actor=city.clerk, at=AT)
    hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT)
    return EnquiryRecord.objects.get().id


def test_an_enquiry_is_due_within_the_plans_days(city: City, enquiry_id: UUID) -> None:
    officer = city.officer("department_officer", "education")
    found = enquiry_lists.get(enquiry_id=enquiry_id, actor=officer)
    assert found.due_on == moment("2026-09-10 00:00").date()
    assert not found.is_overdue(found.due_on) and found.is_open
    assert enquiry_lists.open_count(actor=officer) == 1


def test_an_answer_is_kept_with_who_gave_it_and_when(city: City, enquiry_id: UUID) -> None:
    officer = city.officer("department_officer", "education")
    done = enquiries.answer(enquiry_id=enquiry_id, text=" 请到教育局 ", actor=officer, at=AT)
    assert (done.answer, done.answered_at) == ("请到教育局", AT)
    row = EnquiryRecord.objects.get()
    assert row.answered_by_id == officer.user_id
    assert enquiries.of_case(row.case_id)[0].answer == "请到教育局"
    assert enquiry_lists.open_count(actor=officer) == 0


def test_of_two_answers_at_once_one_is_kept(city: City, enquiry_id: UUID) -> None:
    officer, start = city.officer("department_officer", "education"), Barrier(2)

    def answer(text: str) -> str:
        try:
            start.wait()
            enquiries.answer(enquiry_id=enquiry_id, text=text, actor=officer, at=AT)
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()
        return ""

    for _ in range(8):
        EnquiryRecord.objects.update(answer="", answered_at=None, answered_by=None)
        with ThreadPoolExecutor(2) as pool:
            codes = sorted(pool.map(answer, ("第一个", "第二个")))
        assert codes == ["", "already_answered"]


@pytest.mark.parametrize(
    ("role", "department", "district"),
    [("department_officer", "education", "439902"), ("department_officer", "public_security", "439901"),
     ("bureau_officer", "veterans_affairs", "439901"), ("counter_clerk", "veterans_affairs", "439901")],
)  # fmt: skip
def test_nobody_else_may_answer(
    city: City, enquiry_id: UUID, role: str, department: str, district: str
) -> None:
    with pytest.raises(Refused) as caught:
        enquiries.answer(
            enquiry_id=enquiry_id, text="答", actor=city.officer(role, department, district), at=AT
        )
    assert caught.value.code == "unknown_case"


def test_an_enquiry_that_is_not_there_is_unknown(city: City, enquiry_id: UUID) -> None:
    officer = city.officer("department_officer", "education")
    with pytest.raises(Refused):
        enquiries.answer(enquiry_id=uuid4(), text="答", actor=officer, at=AT)
    with pytest.raises(Refused):
        enquiry_lists.get(enquiry_id=uuid4(), actor=officer)
