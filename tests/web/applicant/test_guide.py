"""The guide: what an answer changes, what does not apply, and what is left out."""

import pytest
from django.contrib.sessions.models import Session

from lianban.accounts.models import District
from lianban.cases import editions
from tests.services.cast import CONSCRIPT
from tests.web.applicant.people import Person

RETIRED = {"rank": "officer", "placement": "retired"}


def test_an_answer_shows_what_it_would_change_before_it_is_kept(person: Person) -> None:
    person.answer({"rank": "conscript"})
    shown = person.post("/guide/placement/preview/", {"answer": "self_employed"}).content.decode()
    assert "一次性经济补助" in shown and "新增" in shown and "您答：自主就业" in shown
    assert "刚才这题 +1" in shown
    assert "自主就业的士兵，地方发一次性经济补助" not in person.text("/guide/placement/")


def test_an_answer_that_takes_items_away_says_why(person: Person) -> None:
    person.answer({"rank": "conscript", "placement": "assigned_job"})
    page = person.text("/guide/")
    assert "因为您答“安排工作”" in page
    assert "不用办：一次性经济补助" in page


def test_a_question_without_an_answer_is_asked_again(person: Person) -> None:
    answer = person.post("/guide/rank/", {})
    assert answer.status_code == 422
    assert "请从列出的里面选一个" in answer.content.decode()


def test_a_value_that_the_plan_does_not_offer_is_refused(person: Person) -> None:
    person.answer({"rank": "conscript"})
    assert person.post("/guide/placement/", {"answer": "transferred"}).status_code == 422
    assert person.post("/guide/placement/", {"answer": "<script>"}).status_code == 422
    assert person.get("/guide/unknown/").status_code == 404


def test_an_earlier_answer_may_be_changed_and_later_ones_that_do_not_fit_are_asked_again(
    person: Person,
) -> None:
    person.answer()
    answer = person.post("/guide/rank/", {"answer": "officer"})
    assert answer["Location"] == "/guide/placement/"
    assert "义务兵" not in person.text("/guide/political_status/").split("您前面答的")[1]


def test_a_person_who_is_not_eligible_is_told_whom_to_ask(person: Person) -> None:
    person.answer(RETIRED)
    page = person.text("/guide/")
    assert "您的事不在这里办" in page and "军休服务机构" in page
    person.sign_in()
    assert person.get("/start/")["Location"] == "/guide/"


def test_answers_are_kept_sealed_and_stand_in_no_address(person: Person) -> None:
    person.answer({"rank": "conscript", "placement": "supported"})
    (session,) = Session.objects.all()
    assert "supported" not in str(session.get_decoded())
    assert "supported" not in person.get("/guide/")["Location"]


def test_the_list_says_what_does_not_apply_and_why(person: Person) -> None:
    person.answer()
    page = person.text("/guide/result/")
    assert "伤残抚恤转移" in page and "没有别的养老保险关系要转" in page
    assert "共 37 个工作日" in page.replace('<span class="lb-num">', "").replace("</span>", "")
    assert "等档案接收" in page


def test_an_item_that_others_wait_for_is_left_out_with_them(person: Person) -> None:
    person.answer()
    page = person.text("/guide/leave-out/3/")
    assert "等它办完才能办的还有 6 件" in page
    assert person.post("/guide/leave-out/3/", {"how": "all"}).status_code == 302
    assert "您要办 6 件事" in person.text("/guide/result/")
    assert person.post("/guide/take-back/11/").status_code == 302
    page = person.text("/guide/result/")
    assert "您要办 12 件事" in page, (
        "the card needs all that it waits for, but not the identity card"
    )


def test_an_item_that_was_done_elsewhere_needs_evidence(person: Person) -> None:
    person.answer()
    answer = person.post("/guide/leave-out/3/", {"how": "evidence", "proof": " "})
    assert answer.status_code == 422
    assert "请写在哪里办好的" in answer.content.decode()
    proof = {"how": "evidence", "proof": "原籍派出所已落户，有户口簿"}
    assert person.post("/guide/leave-out/3/", proof).status_code == 302
    page = person.text("/guide/result/")
    assert "您要办 12 件事" in page and "原籍派出所已落户" in page


def test_the_first_item_cannot_be_left_out(person: Person) -> None:
    person.answer()
    assert person.get("/guide/leave-out/1/").status_code == 404


def test_another_district_may_run_another_plan(person: Person) -> None:
    District.objects.filter(code="439902").update(policy_edition="retirement-2024")
    person.post("/place/", {"district": "439902"})
    person.answer({"rank": "conscript"})
    assert "兵役登记" in person.text("/guide/")


def test_a_city_without_a_plan_says_so(transactional_db: None) -> None:
    assert "还没有开通" in Person().text("/")


def test_where_online_is_not_open_the_page_points_to_the_counter(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        editions.in_force("retirement-2022").channels,
        "online",
        type(editions.in_force("retirement-2022").channels["online"])(False, True, "immediate"),
    )
    assert "网上办理还没开通" in person.text("/")
    person.answer(CONSCRIPT)
    page = person.text("/guide/result/")
    assert "开始填表" not in page and "综合窗口" in page
