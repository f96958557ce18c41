"""Every step that an officer takes with one item, by its page."""

from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from lianban import clock
from lianban.cases import services
from lianban.cases.models import JointCaseRecord
from lianban.cases.services import claims
from lianban.engine import commands as c
from tests.services.cast import City
from tests.web.department import desk
from tests.web.department.desk import seen, text

pytestmark = pytest.mark.django_db(transaction=True)
DENY = {"outcome": "deny", "reason": "deny.not_qualified", "words": ""}


def press(client: Client, case_id: UUID, number: int, command: str, **more: Any) -> HttpResponse:
    """Press one button of the item's page."""
    data = {"seen": seen(client, case_id, number)} | more
    return client.post(desk.address(case_id, number, f"step/{command}/"), data)


def fill(client: Client, case_id: UUID, number: int, command: str, **data: Any) -> HttpResponse:
    """Fill in the page of a step that needs words."""
    data = {"seen": seen(client, case_id, number, f"with/{command}/")} | data
    return client.post(desk.address(case_id, number, f"with/{command}/"), data)


# One press ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "state"), [("receive", "received"), ("accept", "accepted")])
def test_one_press_receives_or_accepts_and_the_officer_has_the_item(
    city: City, command: str, state: str
) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    answer = press(client, case_id, 3, command)
    assert (answer.status_code, answer["Location"]) == (302, desk.address(case_id, 3))
    row = desk.row(case_id, 3)
    assert (row.state, row.claimed_by_id) == (state, desk.officer(city).user_id)


def test_a_double_click_is_harmless(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    data = {"seen": seen(client, case_id, 3)}
    answers = [client.post(desk.address(case_id, 3, "step/accept/"), data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert JointCaseRecord.objects.get(id=case_id).sequence == _sequence_after_one_accept(case_id)


def _sequence_after_one_accept(case_id: UUID) -> int:
    from lianban.journal.models import JournalEntry

    entries = JournalEntry.objects.filter(case_id=case_id)
    assert entries.filter(event="Accepted", body__contains='"item":3').count() == 1
    return entries.count()


@pytest.mark.parametrize("command", ["grant", "nonsense", "withdraw"])
def test_a_step_that_needs_words_is_not_a_press(city: City, command: str) -> None:
    case_id = desk.with_departments(city)
    answer = desk.browser(city).post(desk.address(case_id, 3, f"step/{command}/"))
    assert answer.status_code == 404


def test_a_page_out_of_date_is_refused_with_who_changed_it_and_when(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    old = seen(client, case_id, 3)
    services.run(c.Suspend(3, "等听证"), case_id=case_id, actor=desk.officer(city), at=clock.now())
    answer = client.post(desk.address(case_id, 3, "decide/"), DENY | {"step": "give", "seen": old})
    words = text(answer)
    assert answer.status_code in (400, 409)
    assert "没有办成" in words and "最近一次：王明 10月19日 10:00" in words
    assert desk.row(case_id, 3).outcome == ""


def test_a_decision_on_an_older_page_is_refused_even_where_it_would_be_possible(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    old = seen(client, case_id, 3)
    services.run(
        c.Extend(3, 5, "情况复杂"), case_id=case_id, actor=desk.officer(city), at=clock.now()
    )
    answer = client.post(desk.address(case_id, 3, "decide/"), DENY | {"step": "give", "seen": old})
    assert answer.status_code == 409 and "延期 5 天" in text(answer)
    assert desk.row(case_id, 3).outcome == ""


def test_another_departments_step_does_not_make_the_page_out_of_date(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    old = seen(client, case_id, 3)
    services.run(
        c.Accept(7), case_id=case_id, actor=desk.officer(city, "party_organisation"), at=clock.now()
    )
    answer = client.post(desk.address(case_id, 3, "step/accept/"), {"seen": old})
    assert answer.status_code == 302 and desk.row(case_id, 3).state == "accepted"


def test_the_item_is_claimed_and_given_back_from_its_page(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    assert client.post(desk.address(case_id, 3, "claim/")).status_code == 302
    assert "我在办" in text(client.get(desk.address(case_id, 3)))
    client.post(desk.address(case_id, 3, "give-back/"))
    assert desk.row(case_id, 3).claimed_by_id is None


def test_a_colleagues_claim_stands_in_the_way_until_it_is_given_back(city: City) -> None:
    case_id = desk.with_departments(city)
    other = desk.acting(desk.colleague("赵甲"))
    client = desk.browser(city)
    old = seen(client, case_id, 3)
    claims.claim(case_id=case_id, item=3, actor=other, at=clock.now())
    answer = client.post(desk.address(case_id, 3, "step/accept/"), {"seen": old})
    assert 400 <= answer.status_code < 500 and "赵甲已经认领了这一件" in text(answer)
    assert "赵甲" in text(client.post(desk.address(case_id, 3, "claim/"), follow=True))
    client.post(desk.address(case_id, 3, "give-back/"))
    assert press(client, case_id, 3, "accept").status_code == 302


def test_an_outside_event_starts_the_clock(city: City) -> None:
    case_id = desk.with_departments(city)
    for number, department in ((3, desk.POLICE), (12, desk.PENSION)):
        services.run(
            c.Grant(number), case_id=case_id, actor=desk.officer(city, department), at=clock.now()
        )
    client = desk.browser(city, desk.PENSION)
    assert desk.row(case_id, 5).due_on is None
    assert press(client, case_id, 5, "external_event").status_code == 302
    assert desk.row(case_id, 5).due_on is not None
    assert "登记：等的事办到了" not in text(client.get(desk.address(case_id, 5)))


# With words ---------------------------------------------------------------------------------


def test_a_correction_names_all_defects_in_one_notice(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    page = text(client.get(desk.address(case_id, 3, "with/request_correction/")))
    assert "合法稳定住所证明" in page and "家庭住址" in page and "银行" not in page
    answer = fill(
        client, case_id, 3, "request_correction", codes=["settlement_proof", "home_address"]
    )
    assert answer.status_code == 302 and desk.row(case_id, 3).state == "correction_due"
    words = text(client.get(desk.address(case_id, 3)))
    assert "等申请人补" in words and "家庭住址" in words
    assert desk.address(case_id, 3) in text(client.get("/department/?tab=correction"))


def test_a_correction_of_nothing_says_what_to_do(city: City) -> None:
    case_id = desk.with_departments(city)
    answer = fill(desk.browser(city), case_id, 3, "request_correction")
    assert answer.status_code == 422 and "请至少选一样" in text(answer)


def test_a_second_notice_of_the_same_is_refused_with_what_the_law_says(city: City) -> None:
    case_id = desk.with_departments(city)
    client, officer, at = desk.browser(city), desk.officer(city), clock.now()
    services.run(c.RequestCorrection(("home_address",), 3), case_id=case_id, actor=officer, at=at)
    services.run(c.Correct(("home_address",), 3), case_id=case_id, actor=city.clerk, at=at)
    address = desk.address(case_id, 3, "with/request_correction/")
    answer = client.post(address, {"codes": "settlement_proof", "seen": seen(client, case_id, 3)})
    words = text(answer)
    assert 400 <= answer.status_code < 500 and "不能再次告知" in words and "第三十二条" in words
    assert desk.row(case_id, 3).state == "received"


def test_after_acceptance_no_notice_is_offered_and_the_page_says_why(city: City) -> None:
    case_id = desk.with_departments(city)
    services.run(c.Accept(3), case_id=case_id, actor=desk.officer(city), at=clock.now())
    client = desk.browser(city)
    words = text(client.get(desk.address(case_id, 3, "with/request_correction/")))
    assert (
        "已经受理" in words
        and "第三十二条" in words
        and '<form method="post" novalidate' not in words
    )
    assert "请申请人补正" not in text(client.get(desk.address(case_id, 3)))


def test_an_item_is_suspended_with_a_reason_and_resumed(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    answer = fill(client, case_id, 14, "suspend", reason="suspend.troop_reply", words="")
    assert answer.status_code == 302 and desk.row(case_id, 14).state == "suspended"
    assert "等部队回函核对" in text(client.get(desk.address(case_id, 14)))
    assert press(client, case_id, 14, "resume").status_code == 302
    assert desk.row(case_id, 14).state == "dispatched"


def test_a_limit_is_extended_once_with_grounds(city: City) -> None:
    case_id = desk.with_departments(city)
    client, before = desk.browser(city), desk.row(case_id, 3).due_on
    data = {"days": "5", "reason": "extend.complex_facts", "words": ""}
    assert fill(client, case_id, 3, "extend", **data).status_code == 302
    after = desk.row(case_id, 3).due_on
    assert before and after and after > before
    assert "只能延一次" in text(client.get(desk.address(case_id, 3, "with/extend/")))
    again = fill(client, case_id, 3, "extend", **data | {"days": "6"})
    assert 400 <= again.status_code < 500 and "只能延期一次" in text(again)


@pytest.mark.parametrize(
    ("days", "words"),
    [("", "请填写延长几个工作日"), ("x", "请填数字"), ("0", "1 到 10 之间"), ("11", "1 到 10 之间"),
     ("1.5", "请填数字"), ("9" * 400, "1 到 10 之间")],
)  # fmt: skip
def test_wrong_days_are_refused_beside_their_field(city: City, days: str, words: str) -> None:
    case_id = desk.with_departments(city)
    data = {"days": days, "reason": "extend.complex_facts", "words": "我写的"}
    answer = fill(desk.browser(city), case_id, 3, "extend", **data)
    assert answer.status_code == 422 and words in text(answer) and "我写的" in text(answer)


def test_what_is_not_ours_goes_back_to_the_bureau_with_a_reason(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    answer = fill(client, case_id, 3, "return", reason="return.wrong_district", words="归西山县")
    assert answer.status_code == 302
    row = desk.row(case_id, 3)
    assert row.state == "ready" and row.detail["returned"]
    assert "退回牵头部门了" in text(client.get("/department/?tab=coming"))
    assert "归西山县" in text(client.get(desk.address(case_id, 3)))


def test_a_secondary_material_may_come_later_and_others_may_not(city: City) -> None:
    case_id = desk.with_departments(city)
    desk.grant(city, case_id, 3, 12, 13, 5, 6)
    client, officer = desk.browser(city, desk.PENSION), desk.officer(city, desk.PENSION)
    address = desk.address(case_id, 11, "with/accept_with_deferral/")
    assert "没有缺着的、可以容缺的材料" in text(client.get(address))
    services.run(
        c.RequestCorrection(("photo",), 11), case_id=case_id, actor=officer, at=clock.now()
    )
    assert "二寸彩色免冠照片" in text(client.get(address))
    answer = fill(client, case_id, 11, "accept_with_deferral", codes="photo")
    assert answer.status_code == 302 and desk.row(case_id, 11).state == "accepted"
    words = text(client.get(desk.address(case_id, 11)))
    assert "容缺后补" in words and "补来之前不能准予" in words


@pytest.mark.parametrize(
    "command", ["request_correction", "accept_with_deferral", "suspend", "extend", "return"]
)
def test_a_step_out_of_its_state_is_explained_and_refused(city: City, command: str) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    page = client.get(desk.address(case_id, 4, f"with/{command}/"))
    assert page.status_code == 200 and "回到这一件" in text(page)
    data = {"codes": "home_address", "reason": "other", "words": "试一试", "days": "3", "seen": "x"}
    answer = client.post(desk.address(case_id, 4, f"with/{command}/"), data)
    assert 400 <= answer.status_code < 500
    assert desk.row(case_id, 4).state == "waiting"
