"""What an officer sees of one item: what the plan gives it, and nothing else."""

import re

import pytest

from lianban import clock
from lianban.cases import services
from lianban.cases.models import ViewRecord
from lianban.cases.services import claims
from lianban.engine import commands as c
from tests.services.cast import FIELDS, City, identity_number, moment
from tests.web.department import desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_page_shows_only_the_fields_and_materials_of_the_item(city: City) -> None:
    case_id = desk.with_departments(city)
    words = desk.browser(city).get(desk.address(case_id, 3)).content.decode()
    assert "家庭住址" in words and FIELDS["home_address"] in words
    assert "合法稳定住所证明" in words and "原件已核" in words and "看过原件" in words
    assert "准驾车型" not in words and "军队驾驶证有效期" not in words
    assert FIELDS["bank_account"] not in words and FIELDS["bank_name"] not in words
    assert "入伍通知书" not in words and "备用联系人电话" not in words


def test_a_file_of_a_material_is_opened_and_the_look_is_kept(city: City) -> None:
    case_id = desk.with_departments(city, photographed="settlement_proof")
    client = desk.browser(city)
    found = re.search(r'href="(/files/[^"]+)"', desk.text(client.get(desk.address(case_id, 3))))
    assert found and client.get(found[1]).status_code == 200
    assert ViewRecord.objects.count() == 1
    assert "/files/" not in desk.text(client.get(desk.address(case_id, 14)))
    assert desk.browser(city, desk.MEDICAL).get(found[1]).status_code == 404


def test_the_papers_of_the_item_are_opened_from_its_page(city: City) -> None:
    case_id = desk.with_departments(city)
    services.run(
        c.Deny(3, "不符合办理条件"), case_id=case_id, actor=desk.officer(city), at=clock.now()
    )
    client = desk.browser(city)
    words = desk.text(client.get(desk.address(case_id, 3)))
    assert "不予办理决定书" in words and f"/papers/{case_id}/denial_decision/3/" in words
    assert "不予办理决定书" not in desk.text(client.get(desk.address(case_id, 14)))


def test_another_item_of_the_same_office_shows_its_own_fields(city: City) -> None:
    case_id = desk.with_departments(city)
    words = desk.browser(city).get(desk.address(case_id, 14)).content.decode()
    assert "C1" in words and "合法稳定住所证明" not in words and "文化程度" not in words


def test_whole_numbers_are_masked_until_asked_for_and_the_look_is_kept(city: City) -> None:
    case_id = desk.with_departments(city)
    client, number = desk.browser(city), identity_number()
    words = client.get(desk.address(case_id, 3)).content.decode()
    assert number not in words and FIELDS["mobile"] not in words and "看全号" in words
    assert ViewRecord.objects.count() == 0
    shown = client.post(desk.address(case_id, 3, "reveal/identity_number/"))
    assert number in shown.content.decode() and shown["Cache-Control"] == "no-store"
    kept = ViewRecord.objects.get()
    assert (kept.case_id, kept.what) == (case_id, "identity_number")
    assert kept.user_id == desk.officer(city).user_id


def test_a_number_that_the_plan_does_not_give_this_item_is_not_found(city: City) -> None:
    case_id = desk.with_departments(city)
    for code in ("bank_account", "backup_phone", "no_such"):
        answer = desk.browser(city).post(desk.address(case_id, 3, f"reveal/{code}/"))
        assert answer.status_code == 404
    assert ViewRecord.objects.count() == 0


def test_a_field_of_the_offices_other_item_is_not_found_here(city: City) -> None:
    case_id = desk.with_departments(city)
    assert (
        desk.browser(city).post(desk.address(case_id, 14, "reveal/education/")).status_code == 404
    )
    assert ViewRecord.objects.count() == 0


def test_a_number_is_not_shown_by_following_a_link(city: City) -> None:
    case_id = desk.with_departments(city)
    answer = desk.browser(city).get(desk.address(case_id, 3, "reveal/identity_number/"))
    assert answer.status_code == 405


def test_what_the_item_rests_on_is_told_with_its_result_and_number(city: City) -> None:
    case_id = desk.with_departments(city)
    officer = desk.officer(city)
    services.run(
        c.Grant(3), case_id=case_id, actor=officer, at=moment("2026-10-19 09:30"),
        result_number="柳公户〔2026〕1187 号",
    )  # fmt: skip
    words = desk.browser(city).get(desk.address(case_id, 4)).content.decode()
    assert "3 户口登记 准予" in words and "柳公户〔2026〕1187 号" in words
    assert "居民户口簿" in words and "退役接收 已登记" in words


def test_other_departments_work_is_only_counted(city: City) -> None:
    case_id = desk.with_departments(city)
    words = desk.browser(city).get(desk.address(case_id, 14)).content.decode()
    assert "一共 13 件事，办结 1 件" in words
    assert "党团关系转接" not in words and "一次性经济补助" not in words


@pytest.mark.parametrize("number", [1, 2, 7, 8, 13, 99])
def test_an_item_of_another_department_is_not_found(city: City, number: int) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    assert client.get(desk.address(case_id, number)).status_code == 404
    for rest in ("claim/", "give-back/", "step/accept/", "decide/", "with/suspend/"):
        assert client.post(desk.address(case_id, number, rest)).status_code == 404


def test_a_case_of_another_county_is_not_found(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city, district="439902")
    assert client.get(desk.address(case_id, 3)).status_code == 404
    assert client.post(desk.address(case_id, 3, "reveal/mobile/")).status_code == 404
    assert client.post(desk.address(case_id, 3, "step/accept/")).status_code == 404
    assert ViewRecord.objects.count() == 0


def test_the_date_is_explained_line_by_line(city: City) -> None:
    case_id = desk.with_departments(city, at=moment("2026-10-14 09:00"))
    officer = desk.officer(city)
    services.run(
        c.Suspend(3, "等部队回函核对"),
        case_id=case_id,
        actor=officer,
        at=moment("2026-10-14 10:00"),
    )
    services.run(c.Resume(3), case_id=case_id, actor=officer, at=moment("2026-10-16 10:00"))
    services.run(
        c.Extend(3, 2, "情况复杂，需要多几天核实"), case_id=case_id, actor=officer,
        at=moment("2026-10-16 11:00"),
    )  # fmt: skip
    words = desk.browser(city).get(desk.address(case_id, 3)).content.decode()
    assert "10月14日（周三），推送到本部门那天，当天不算" in words
    assert "10月14日 到 10月16日" in words and "加 2 个工作日" in words
    assert "等部队回函核对" in words


def test_a_clock_that_waits_for_money_says_so(city: City) -> None:
    case_id = desk.with_departments(city)
    police, pension = desk.officer(city), desk.officer(city, desk.PENSION)
    at = clock.now()
    services.run(c.Grant(3), case_id=case_id, actor=police, at=at)
    services.run(c.Grant(12), case_id=case_id, actor=pension, at=at)
    words = desk.browser(city, desk.PENSION).get(desk.address(case_id, 5)).content.decode()
    assert "算不出" in words and "还没开始计时" in words and "登记：等的事办到了" in words


def test_past_the_confirmed_calendar_the_date_is_provisional(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = moment("2026-12-31 09:00")
    monkeypatch.setattr(clock, "now", lambda: at)
    case_id = desk.with_departments(city, at=at)
    words = desk.browser(city).get(desk.address(case_id, 3)).content.decode()
    assert "暂定" in words and "放假安排还没公布" in words


def test_a_colleagues_item_can_be_read_but_not_worked_on(city: City) -> None:
    case_id = desk.with_departments(city)
    other = desk.acting(desk.colleague("赵甲"))
    claims.claim(case_id=case_id, item=3, actor=other, at=clock.now())
    words = desk.browser(city).get(desk.address(case_id, 3)).content.decode()
    assert "赵甲在办这一件" in words and "作决定" not in words and "替赵甲退回认领" in words


def test_an_item_that_has_not_come_can_be_read_but_not_worked_on(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    words = client.get(desk.address(case_id, 4)).content.decode()
    assert "还没到" in words and "等 3 户口登记" in words and "作决定" not in words
    assert "送到本部门以后才能看" in words and FIELDS["home_address"] not in words
    assert client.post(desk.address(case_id, 4, "reveal/mobile/")).status_code == 404
    answer = client.post(desk.address(case_id, 4, "decide/"), {"outcome": "grant", "step": "give"})
    assert answer.status_code in (400, 409)
    assert desk.row(case_id, 4).state == "waiting"
