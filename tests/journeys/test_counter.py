"""The conscript of the first scenario at the counter, from the guide to the receipt, by keyboard."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from lianban import clock
from lianban.accounts.models import User
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord
from lianban.cases.services import counter, hand_in
from tests.services.cast import CONSCRIPT, FIELDS, City

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]
TODAY = datetime(2026, 10, 19, 10, 0, tzinfo=clock.SHANGHAI)
PASSWORD = "seven green lanterns"
DATES = ("enlisted_date", "discharge_date", "licence_valid_until")
NOT_BROUGHT = ("settlement_proof", "photo")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Monday within the confirmed calendar."""
    monkeypatch.setattr(clock, "now", lambda: TODAY)


@pytest.fixture
def city() -> City:
    found = City().build()
    user = User.objects.get(username="counter_clerk@veterans_affairs.439901")
    user.set_password(PASSWORD)
    user.save()
    return found


def sign_in(page: Page) -> None:
    page.goto("/sign-in/officer/?next=/counter/")
    page.get_by_label("用户名").fill("counter_clerk@veterans_affairs.439901")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    arrived(page, r"\d/counter/$")


def arrived(page: Page, pattern: str) -> None:
    page.wait_for_url(re.compile(pattern))


def settled(page: Page) -> None:
    """Wait until the page has kept itself."""
    page.wait_for_timeout(200)
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def seen(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at the pages."""
    folder = os.environ.get("PICTURES")
    if folder:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=f"{folder}/counter-{name}-{width}.png", full_page=True)


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f'input[name="{name}"][value="{value}"]').press("Space")


def guide(page: Page) -> None:
    for key, value in CONSCRIPT.items():
        choose(page, f"q_{key}", value)
        settled(page)


def form(page: Page) -> None:
    for code, value in FIELDS.items():
        if code in DATES:
            for unit, part in zip(("year", "month", "day"), value.split("-"), strict=True):
                page.locator(f"#id_{code}_{unit}").fill(part)
            continue
        if not page.locator(f'[name="{code}"]').count():  # the guide has asked it
            continue
        place = page.locator(f'[name="{code}"]').first
        if place.get_attribute("type") == "radio":
            choose(page, code, value)
            settled(page)
        elif place.evaluate("e => e.tagName") == "SELECT":
            place.select_option(value)
        else:
            place.fill(value)


def originals(page: Page, *, but: tuple[str, ...] = ()) -> None:
    for box in page.locator('input[name="seen"]').all():
        code = box.get_attribute("value")
        if code not in but:
            page.locator(f"#seen_{code}").press("Space")
            settled(page)


@pytest.mark.parametrize("width", [1280])
def test_a_conscript_is_taken_in_by_keyboard_and_leaves_with_a_receipt(
    browser_page: OpenPage, barriers: Barriers, city: City, width: int
) -> None:
    page = browser_page(width=width)
    sign_in(page)
    assert barriers(page) == []
    seen(page, "desk")
    page.keyboard.type(FIELDS["identity_number"])
    page.keyboard.press("Enter")
    arrived(page, "/counter/find/")
    expect(page.get_by_text("没有找到在办的或办过的")).to_be_visible()
    page.keyboard.press("F2")
    arrived(page, "/counter/forms/")
    assert barriers(page) == []
    seen(page, "intake-empty")
    guide(page)
    expect(page.locator("#plan-t")).to_have_text("到目前要办 13 件")
    form(page)
    originals(page, but=NOT_BROUGHT)
    expect(page.locator("#notice ins")).to_have_count(2)
    expect(page.locator("#acts").get_by_role("button", name="受理登记")).to_be_disabled()
    assert barriers(page) == []
    seen(page, "intake-missing")
    for code in NOT_BROUGHT:
        page.locator(f"#seen_{code}").press("Space")
        settled(page)
    expect(page.locator("#notice-t")).to_have_text("不用告知")
    seen(page, "intake-full")
    page.keyboard.press("F10")
    arrived(page, "/receipt/")
    assert barriers(page) == []
    seen(page, "receipt")
    record = JointCaseRecord.objects.get()
    assert record.state == "accepted"
    expect(page.get_by_role("heading", level=1)).to_contain_text(record.case_number)
    page.get_by_role("link", name="看这一件").press("Enter")
    arrived(page, f"/counter/cases/{record.id}/$")
    assert barriers(page) == []
    seen(page, "case")
    page.get_by_role("button", name="准予").press("Enter")
    expect(page.get_by_text("退役报到：已准予")).to_be_visible()
    page.goto("/counter/day/")
    assert barriers(page) == []
    seen(page, "day")
    page.goto("/counter/waiting/correction/")
    assert barriers(page) == []


@pytest.mark.parametrize("width", [390])
def test_a_case_with_a_notice_is_mended_accepted_and_every_page_is_open_to_all(
    browser_page: OpenPage, barriers: Barriers, city: City, width: int
) -> None:
    case_id = noticed(city)
    draft = counter.start(district="439901", content=Content(), actor=city.clerk, at=TODAY)
    page = browser_page(width=width)
    sign_in(page)
    assert barriers(page) == []
    page.get_by_label("身份证号").fill("陈小川")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="陈小川").first.wait_for()
    assert barriers(page) == []
    home = f"/counter/cases/{case_id}/"
    for place in (
        "/counter/waiting/correction/", f"{home}withdraw/", f"/counter/forms/{draft.id}/refuse/",
        f"/counter/forms/{draft.id}/give-up/", f"/counter/forms/{draft.id}/?check", home,
    ):  # fmt: skip
        page.goto(place)
        assert barriers(page) == []
    seen(page, "noticed")
    page.get_by_role("checkbox", name="二寸彩色免冠照片").press("Space")
    page.keyboard.press("F7")
    expect(page.get_by_text("材料齐了，可以受理")).to_be_visible()
    page.keyboard.press("F10")
    expect(page.get_by_text("已受理，请打印受理通知书交给本人")).to_be_visible()
    assert barriers(page) == []


def noticed(city: City) -> UUID:
    """The conscript's case, handed in without photographs."""
    content = Content(answers=CONSCRIPT, fields=FIELDS)
    draft = counter.start(district="439901", content=content, actor=city.clerk, at=TODAY)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    ways = {code: "seen" for code in codes if code != "photo"}
    content = replace(content, materials=ways)
    counter.keep(draft_id=draft.id, content=content, actor=city.clerk, at=TODAY)
    return counter.notify(draft_id=draft.id, actor=city.clerk, at=TODAY).case_id
