"""Deciding one item: seen before it is given, once, and by one officer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from lianban import clock
from lianban.cases import services
from lianban.cases.models import MessageRecord
from lianban.engine import commands as c
from tests.services.cast import City, identity_number
from tests.web.department import desk
from tests.web.department.desk import seen, text

pytestmark = pytest.mark.django_db(transaction=True)
DENY = {"outcome": "deny", "reason": "deny.not_qualified", "words": ""}


def look(client: Client, case_id: UUID, number: int, **data: Any) -> HttpResponse:
    """Choose a decision and look at what the person will get."""
    data = {"seen": seen(client, case_id, number), "step": "look"} | data
    return client.post(desk.address(case_id, number, "decide/"), data)


def test_before_a_grant_the_officer_sees_what_the_person_will_get(city: City) -> None:
    case_id = desk.with_departments(city)
    words = text(look(desk.browser(city), case_id, 3, outcome="grant", result_number="柳公 12 号"))
    assert (
        "户口登记办好了" in words and "居民户口簿，邮寄（到付）" in words and "柳公 12 号" in words
    )
    assert "4 居民身份证、12 社会保险登记、13 医保参保登记就可以办了" in words
    assert desk.row(case_id, 3).outcome == ""


def test_before_a_denial_the_officer_sees_the_reason_and_the_remedies(city: City) -> None:
    case_id = desk.with_departments(city)
    words = text(look(desk.browser(city), case_id, 3, **DENY | {"words": "人不在本市"}))
    assert "不符合办理条件。人不在本市" in words and "不予办理决定书" in words
    assert "行政复议" in words and "会先停下" in words


def test_a_grant_keeps_the_results_number_and_tells_the_person(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    data = {"outcome": "grant", "result_number": "柳公户〔2026〕1187 号", "step": "give"}
    data["seen"] = seen(client, case_id, 3)
    for _ in range(2):
        assert client.post(desk.address(case_id, 3, "decide/"), data).status_code == 302
    row = desk.row(case_id, 3)
    assert (row.outcome, row.result_number) == ("granted", "柳公户〔2026〕1187 号")
    assert desk.row(case_id, 4).state == "dispatched"
    assert MessageRecord.objects.filter(case_id=case_id, kind="granted", item=3).count() == 1


def test_after_deciding_the_next_item_is_one_press_away(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    data = DENY | {"step": "give", "seen": seen(client, case_id, 3)}
    words = text(client.post(desk.address(case_id, 3, "decide/"), data, follow=True))
    assert "办下一件" in words and desk.address(case_id, 14) in words
    assert desk.row(case_id, 3).outcome == "denied"


def test_a_denial_needs_a_reason_and_what_was_typed_stays(city: City) -> None:
    case_id = desk.with_departments(city)
    answer = look(desk.browser(city), case_id, 3, outcome="deny", words="住址查不到")
    assert answer.status_code == 422
    assert "不予办理要选一个理由" in text(answer) and "住址查不到" in text(answer)
    answer = look(desk.browser(city), case_id, 3, outcome="deny", reason="other")
    assert answer.status_code == 422 and "请写出来" in text(answer)


def test_going_back_to_change_keeps_what_was_typed(city: City) -> None:
    case_id = desk.with_departments(city)
    answer = look(
        desk.browser(city), case_id, 3, outcome="grant", result_number="柳公 12 号", step="edit"
    )
    assert answer.status_code == 200 and "柳公 12 号" in text(answer)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "请选准予还是不予办理"),
        ({"outcome": "maybe"}, "决定没有这一项"),
        ({"outcome": "grant", "result_number": "x" * 61}, "最多 60 个字"),
        ({"outcome": "grant", "result_number": identity_number()}, "不要写身份证号"),
        ({"outcome": "deny", "reason": "deny.nonsense"}, "没有这一项"),
        ({"outcome": "deny", "reason": "other", "words": "长" * 301}, "最多 300 个字"),
    ],
)
def test_a_wrong_decision_form_says_what_is_wrong(
    city: City, data: dict[str, str], words: str
) -> None:
    case_id = desk.with_departments(city)
    answer = look(desk.browser(city), case_id, 3, **data)
    assert answer.status_code == 422 and words in text(answer)
    assert desk.row(case_id, 3).outcome == ""


def test_a_reason_with_somebodys_number_is_refused_and_kept_on_the_page(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    words = "请打 13800000001"
    answer = look(client, case_id, 3, **DENY | {"words": words, "step": "give"})
    assert answer.status_code == 400
    assert "不要写身份证号、手机号" in text(answer) and words in text(answer)
    assert desk.row(case_id, 3).outcome == ""


def test_nothing_is_granted_while_a_material_is_owed(city: City) -> None:
    case_id = desk.with_departments(city, missing=("pension_payment_voucher",))
    desk.grant(city, case_id, 3, 12)
    client = desk.browser(city, desk.PENSION)
    assert "还缺" in text(client.get(desk.address(case_id, 5)))
    answer = look(client, case_id, 5, outcome="grant")
    assert answer.status_code == 400 and "补来之前不能准予" in text(answer)
    answer = look(client, case_id, 5, outcome="grant", step="give")
    assert answer.status_code == 400 and desk.row(case_id, 5).outcome == ""


def test_of_two_decisions_at_once_one_wins_and_the_other_is_told(city: City) -> None:
    case_id = desk.with_departments(city)
    first, second, start = desk.browser(city), Client(), Barrier(2)
    second.force_login(desk.colleague("赵甲"))
    token = seen(first, case_id, 3)
    decisions = ((first, {"outcome": "grant"}), (second, DENY))

    def decide(pair: tuple[Client, dict[str, str]]) -> Any:
        client, data = pair
        try:
            start.wait()
            data = data | {"step": "give", "seen": token}
            return client.post(desk.address(case_id, 3, "decide/"), data)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(decide, decisions))
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 302 and 400 <= codes[1] < 500
    loser = next(answer for answer in answers if answer.status_code != 302)
    assert "最近一次：" in text(loser)
    assert desk.row(case_id, 3).outcome in ("granted", "denied")


def test_a_delivered_result_ends_the_item(city: City) -> None:
    case_id = desk.with_departments(city)
    services.run(c.Grant(3), case_id=case_id, actor=desk.officer(city), at=clock.now())
    client = desk.browser(city)
    data = {"seen": seen(client, case_id, 3)}
    assert client.post(desk.address(case_id, 3, "step/deliver/"), data).status_code == 302
    assert desk.row(case_id, 3).state == "concluded"
    assert "办完了" in text(client.get(desk.address(case_id, 3)))
    assert client.get("/department/?tab=done").content.decode().count(desk.address(case_id, 3))
