"""A person follows their own case on a phone and on a desk: mends, reads, fetches, takes back."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lianban.cases import queries
from lianban.engine import commands as c
from tests.journeys.people import follow
from tests.services.cast import City
from tests.web.applicant_my import story

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]


@pytest.fixture
def own() -> story.Own:
    """A case in handling of which one item waits for the person."""
    own = story.own(City().build()).in_handling()
    own.run(c.RequestCorrection(("bank_account", "photo"), 8), own.city.bureau, "2026-09-08 10:00")
    return own


@pytest.fixture
def open_own(browser_page: OpenPage, live_server: Any, own: story.Own) -> OpenPage:
    """Open the browser of the person, signed in."""
    session = own.client().cookies["lianban-session"].value

    def opened(**options: Any) -> Page:
        page = browser_page(**options)
        cookie = {"name": "lianban-session", "value": session, "url": live_server.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        return page

    return opened


def fits(page: Page) -> bool:
    """Whether nothing makes the page wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("width", [390])
def test_a_person_mends_what_is_owed_and_sees_the_case_go_on(
    open_own: OpenPage, barriers: Barriers, own: story.Own, width: int
) -> None:
    page = open_own(width=width)
    page.goto("/my/")
    page.wait_for_url(f"**{own.address}")
    expect(page.locator(".lb-turn")).to_contain_text("现在有 2 样要您补")
    assert barriers(page) == [] and fits(page)
    follow(page.get_by_role("link", name="现在补"))
    assert barriers(page) == [] and fits(page)
    page.get_by_label("本人银行卡号改成").fill("12")
    picture = story.picture()
    page.get_by_label(re.compile("拍照或选文件")).set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": picture.read()}
    )
    follow(page.get_by_role("button", name="补好了，送回去"))
    page.get_by_role("alert").get_by_role("link").click()
    field = page.get_by_label("本人银行卡号改成")
    expect(field).to_have_value("12")
    expect(page.get_by_text("传好了，还没送回去")).to_be_visible()
    assert barriers(page) == [] and fits(page)
    field.fill("6222 0200 0000 0000 002")
    follow(page.get_by_role("button", name="补好了，送回去"))
    page.wait_for_url(f"**{own.address}")
    expect(page.get_by_text("都送回去了")).to_be_visible()
    assert queries.current(own.case_id).sub_cases[8].state == "received"
    assert barriers(page) == []


@pytest.mark.parametrize("width", [390])
def test_a_person_reads_one_item_the_messages_and_the_whole_history(
    open_own: OpenPage, barriers: Barriers, own: story.Own, width: int
) -> None:
    page = open_own(width=width)
    page.goto(own.address)
    page.get_by_role("link", name=re.compile("^5 养老保险转移")).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/5/")
    expect(page.get_by_text("现在算不出：等 12 社会保险登记")).to_be_visible()
    assert barriers(page) == [] and fits(page)
    follow(page.get_by_role("link", name=re.compile("^消息")))
    expect(page.get_by_role("heading", name="请补交材料")).to_be_visible()
    assert barriers(page) == [] and fits(page)
    page.goto(own.address)
    expect(page.get_by_text("条未读")).to_have_count(0)
    follow(page.get_by_role("link", name="全部进展"))
    expect(page.get_by_role("heading", name="谁看过我的信息")).to_be_visible()
    assert barriers(page) == [] and fits(page)


@pytest.mark.parametrize("width", [390])
def test_a_person_takes_one_item_back_and_then_everything(
    open_own: OpenPage, barriers: Barriers, own: story.Own, width: int
) -> None:
    page = open_own(width=width)
    page.goto(f"{own.address}12/")
    follow(page.get_by_role("link", name="这一件不办了，撤回"))
    expect(page.get_by_text("11 社会保障卡")).to_be_visible()
    assert barriers(page) == [] and fits(page)
    follow(page.get_by_role("button", name="撤回这一件"))
    expect(page.get_by_text("请先勾选")).to_be_visible()
    assert barriers(page) == []
    page.get_by_label("我看过了，确定撤回").check()
    follow(page.get_by_role("button", name="撤回这一件"))
    page.wait_for_url(f"**{own.address}")
    follow(page.get_by_role("link", name="不办了，撤回申请"))
    assert barriers(page) == [] and fits(page)
    page.get_by_label("我看过了，确定撤回").check()
    follow(page.get_by_role("button", name="撤回申请"))
    page.wait_for_url(f"**{own.address}")
    expect(page.locator(".lb-casehead")).to_contain_text("已撤回")
    expect(page.locator(".lb-turn")).to_contain_text("来领报到回执")
    assert barriers(page) == [] and fits(page)
    assert queries.current(own.case_id).state == "withdrawn"


def test_without_scripts_and_with_a_receipt_everything_is_there(
    browser_page: OpenPage, own: story.Own
) -> None:
    page = browser_page(width=390, javascript=False)
    page.goto(f"/r/{own.receipt_id}/")
    page.get_by_label("查询码").fill(own.secret)
    follow(page.get_by_role("button", name="打开"))
    page.goto("/my/")
    expect(page.get_by_role("heading", name="我的办件")).to_be_visible()
    follow(page.get_by_role("link", name="现在补"))
    page.get_by_label("本人银行卡号改成").fill("6222020000000000002")
    page.get_by_label(re.compile("带到窗口")).check()
    follow(page.get_by_role("button", name="补好了，送回去"))
    expect(page.get_by_text("都送回去了")).to_be_visible()
    follow(page.get_by_role("link", name=re.compile("^3 户口登记")).last)
    expect(page.get_by_role("heading", name="3 户口登记")).to_be_visible()
