"""People of every kind get in, with a keyboard, a phone, or a page without scripts."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lianban.accounts.models import District, Office, RoleGrant, User
from tests.journeys.people import follow

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]
START, OWN = "ab2d-ef3g-hj4k", "seven green lanterns"


@pytest.fixture(autouse=True)
def demonstration(settings: Any) -> None:
    settings.LIANBAN_DEMO = True


@pytest.fixture
def administrator() -> User:
    district = District.objects.create(code="990100", name="甲市", level="city")
    office = Office.objects.create(department="lead", district=district, name="甲市退役军人事务局")
    user = User(kind="officer", username="lin", name="林某", office=office, must_set_password=True)
    user.set_password(START)
    user.save()
    RoleGrant.objects.create(user=user, role="administrator")
    return user


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, True), (390, False)])
def test_an_applicant_signs_in_with_a_phone_and_a_code(
    browser_page: OpenPage, barriers: Barriers, width: int, javascript: bool
) -> None:
    page = browser_page(width=width, javascript=javascript)
    page.goto("/sign-in/?next=/signed-out/")
    page.get_by_label("手机号码").fill("1380000020")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_role("link").click()
    field = page.get_by_label("手机号码")
    expect(field).to_have_value("1380000020")
    assert javascript is False or barriers(page) == []
    field.fill("13800000204")
    page.keyboard.press("Enter")
    code = page.locator("#demonstration-code").inner_text()
    assert javascript is False or barriers(page) == []
    page.get_by_label("6 位验证码").fill(code)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/signed-out/"))
    assert javascript is False or barriers(page) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_an_administrator_replaces_the_start_password_and_adds_an_officer(
    browser_page: OpenPage, barriers: Barriers, administrator: User, width: int
) -> None:
    page = browser_page(width=width)
    page.goto("/staff/")
    page.get_by_label("用户名").fill("lin")
    page.get_by_label("密码").fill(START)
    assert barriers(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/password/**")
    assert barriers(page) == []
    page.get_by_label("新密码", exact=True).fill(OWN)
    page.get_by_label("再填一次新密码").fill(OWN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/")
    assert barriers(page) == []
    page.get_by_role("button", name="添加人员").click()
    page.get_by_role("button", name="添加，生成初始密码").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(4)
    assert barriers(page) == []
    page.get_by_label("姓名").fill("周某")
    page.get_by_label("用户名").fill("zhou")
    page.get_by_label("单位").select_option(label="甲市 · 甲市退役军人事务局")
    page.get_by_label("综合窗口人员").check()
    follow(page.get_by_role("button", name="添加，生成初始密码"))
    assert re.fullmatch(r"\w{4}-\w{4}-\w{4}", page.locator("#start-password").inner_text())
    assert barriers(page) == []
    follow(page.get_by_role("link", name="抄好了"))
    follow(page.get_by_role("link", name="周某"))
    assert barriers(page) == []


def test_the_other_pages_have_no_barriers(
    browser_page: OpenPage, barriers: Barriers, administrator: User
) -> None:
    for width in (1280, 390):
        page = browser_page(width=width)
        for address in ("/r/abc/", "/sign-in/officer/", "/signed-out/"):
            page.goto(address)
            assert barriers(page) == [], address
