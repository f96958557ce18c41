"""An officer of a department works through the list, on a desk, on a phone, without scripts."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from lianban import clock
from lianban.accounts.models import User
from tests.services.cast import City, identity_number, moment
from tests.web.department import desk

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]
SECRET = "seven green lanterns"
WAYS = [(1280, True), (390, False)]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment("2026-10-19 10:00"))


@pytest.fixture
def city() -> City:
    return City().build()


def sign_in(page: Page, city: City, department: str) -> None:
    """Get in as the department's officer, by the page for officers."""
    user = User.objects.get(id=city.people[f"department_officer@{department}.439901"].id)
    user.set_password(SECRET)
    user.save()
    page.goto("/sign-in/officer/?next=/department/")
    page.get_by_label("用户名").fill(user.username or "")
    page.get_by_label("密码", exact=True).fill(SECRET)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile("/department/"))


def check(page: Page, barriers: Barriers, javascript: bool) -> None:
    """No barrier, one h1, nothing wider than the window."""
    page.wait_for_load_state("load")
    expect(page.locator("h1")).to_have_count(1)
    if javascript:
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_an_officer_works_from_the_list_to_the_next_item(
    city: City, browser_page: OpenPage, barriers: Barriers, width: int, javascript: bool
) -> None:
    first = desk.with_departments(city, at=moment("2026-10-16 09:00"))
    desk.with_departments(city, sequence="002", name="林远")
    page = browser_page(width=width, javascript=javascript)
    sign_in(page, city, "public_security")
    check(page, barriers, javascript)
    row = (
        page.get_by_role("row").filter(has_text=desk.case_number(first)).filter(has_text="户口登记")
    )
    row.get_by_role("button", name="认领").click()
    expect(page.get_by_text("认领了 1 件")).to_be_visible()
    row.get_by_role("link", name="户口登记", exact=True).click()
    expect(page.get_by_role("heading", name="作决定")).to_be_visible()
    check(page, barriers, javascript)
    page.get_by_role("button", name="看全号").first.click()
    expect(page.get_by_text(identity_number(), exact=True)).to_be_visible()
    check(page, barriers, javascript)
    page.get_by_role("button", name="受理").click()
    expect(page.get_by_text("已受理。现在由您办")).to_be_visible()
    page.get_by_role("button", name="看一看本人会收到什么").click()
    expect(page.get_by_role("alert")).to_contain_text("请选准予还是不予办理")
    check(page, barriers, javascript)
    page.get_by_label("准予写结果的文号").check()
    page.get_by_label("结果的文号或流水号").fill("柳公户〔2026〕7 号")
    page.get_by_role("button", name="看一看本人会收到什么").click()
    expect(page.get_by_text("户口登记办好了")).to_be_visible()
    check(page, barriers, javascript)
    page.get_by_role("button", name="改一改").click()
    expect(page.get_by_label("结果的文号或流水号")).to_have_value("柳公户〔2026〕7 号")
    page.get_by_role("button", name="看一看本人会收到什么").click()
    page.get_by_role("button", name="决定：准予").click()
    expect(page.get_by_text("已准予，本人收到了消息")).to_be_visible()
    check(page, barriers, javascript)
    page.get_by_role("button", name="已送达").click()
    page.get_by_role("button", name="办下一件").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("户口登记")
    expect(page.get_by_text("林远").first).to_be_visible()
    assert desk.row(first, 3).result_number == "柳公户〔2026〕7 号"


@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_an_officer_asks_for_a_correction_and_denies_with_a_reason(
    city: City, browser_page: OpenPage, barriers: Barriers, width: int, javascript: bool
) -> None:
    case_id = desk.with_departments(city)
    page = browser_page(width=width, javascript=javascript)
    sign_in(page, city, "public_security")
    page.goto(desk.address(case_id, 3))
    page.get_by_role("link", name="请申请人补正").click()
    expect(page.get_by_role("heading", name="请申请人补正")).to_be_visible()
    check(page, barriers, javascript)
    page.get_by_role("button", name="发出补正通知").click()
    expect(page.get_by_role("alert")).to_contain_text("请至少选一样")
    check(page, barriers, javascript)
    page.get_by_label("家庭住址").check()
    page.get_by_role("button", name="发出补正通知").click()
    expect(page.get_by_role("heading", name="等申请人补")).to_be_visible()
    check(page, barriers, javascript)
    _deny(page, case_id, barriers, javascript)
    assert desk.row(case_id, 14).outcome == "denied"


def _deny(page: Page, case_id: UUID, barriers: Barriers, javascript: bool) -> None:
    page.goto(desk.address(case_id, 14))
    page.get_by_label("不予办理要选理由").check()
    page.get_by_label("不予办理的理由").select_option("deny.licence_expired")
    page.get_by_role("button", name="看一看本人会收到什么").click()
    expect(page.get_by_role("heading", name="不予办理决定书")).to_be_visible()
    check(page, barriers, javascript)
    page.get_by_role("button", name="决定：不予办理").click()
    expect(page.get_by_text("已决定不予办理，本人收到了理由")).to_be_visible()
    check(page, barriers, javascript)


@pytest.mark.parametrize("width", [390])
def test_every_other_page_is_without_barriers(
    city: City, browser_page: OpenPage, barriers: Barriers, width: int
) -> None:
    case_id = desk.with_departments(city)
    page = browser_page(width=width)
    sign_in(page, city, "public_security")
    tabs = ("mine", "overdue", "coming", "done", "correction")
    steps = ("suspend", "extend", "return", "accept_with_deferral")
    addresses = [f"/department/?tab={tab}" for tab in tabs]
    addresses += [desk.address(case_id, 3, f"with/{step}/") for step in steps]
    addresses += [desk.address(case_id, 4), desk.address(case_id, 14)]
    for address in addresses:
        page.goto(address)
        check(page, barriers, javascript=True)
    page.goto("/department/")
    page.get_by_label("姓名、办件编号或身份证号").fill(identity_number(sequence="009"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有找到")).to_be_visible()
    assert page.url.endswith("/department/")
    check(page, barriers, javascript=True)


def test_rows_are_granted_together_at_a_desk(
    city: City, browser_page: OpenPage, barriers: Barriers
) -> None:
    cases = [
        desk.with_departments(city, sequence=s, name=n)
        for s, n in (("001", "陈甲"), ("002", "林乙"))
    ]
    page = browser_page(width=1280)
    sign_in(page, city, "public_security")
    page.get_by_label("事项").select_option(label="户口登记")
    page.get_by_role("button", name="筛选").click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="一起准予").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("一起准予")
    check(page, barriers, javascript=True)
    page.get_by_label("陈甲 的文号").fill("柳 1 号")
    page.get_by_role("button", name="准予这 2 件").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("准予了 2 件")
    check(page, barriers, javascript=True)
    assert [desk.row(case_id, 3).outcome for case_id in cases] == ["granted", "granted"]


def test_a_tab_changes_the_list_and_the_address_without_a_new_page(
    city: City, browser_page: OpenPage
) -> None:
    case_id = desk.with_departments(city)
    page = browser_page()
    sign_in(page, city, "public_security")
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="还没到").click()
    expect(page.get_by_role("link", name="居民身份证", exact=True)).to_be_visible()
    assert "tab=coming" in page.url and page.evaluate("window.stayed") is True
    assert desk.row(case_id, 4).state == "waiting"


@pytest.mark.parametrize("width", [390])
def test_the_department_that_is_asked_answers(
    city: City, browser_page: OpenPage, barriers: Barriers, width: int
) -> None:
    desk.with_departments(city, answers={"children_schooling": "needed"})
    page = browser_page(width=width)
    sign_in(page, city, "education")
    check(page, barriers, javascript=True)
    page.get_by_role("link", name="子女教育").click()
    expect(page.get_by_role("textbox", name="答复")).to_be_visible()
    check(page, barriers, javascript=True)
    page.get_by_role("textbox", name="答复").fill("请到县教育局，带户口簿")
    page.get_by_role("button", name="发给本人").click()
    expect(page.get_by_text("没有等答复的")).to_be_visible()
    page.get_by_role("link", name="答复过的").first.click()
    expect(page.get_by_text("10月19日 10:00")).to_be_visible()
    check(page, barriers, javascript=True)
    page.get_by_role("link", name="子女教育").click()
    expect(page.get_by_text("请到县教育局，带户口簿")).to_be_visible()
    check(page, barriers, javascript=True)
