"""A person books on the phone by keyboard, the police note the arrival, and there is nothing left."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from lianban import clock
from lianban.cases.services import slots
from tests.journeys.people import follow
from tests.services.cast import City, moment
from tests.services.test_visits import PATTERN
from tests.web.applicant_my import story

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
NOW = moment("2026-09-04 10:00")


def enter(page: Page, client: Client, url: str) -> Page:
    """Sign in without the pages for it."""
    held = client.cookies["lianban-session"].value
    page.context.add_cookies([{"name": "lianban-session", "value": held, "url": url}])
    return page


def well(page: Page, barriers: Callable[[Page], list[str]]) -> None:
    """Neither width has a barrier or is cut off."""
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_person_books_by_keyboard_comes_once_and_is_done(
    browser_page: OpenPage,
    barriers: Callable[[Page], list[str]],
    live_server: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    city = City().build()
    police = city.officer("department_officer", "public_security")
    pattern = replace(PATTERN, first=NOW.date(), last=moment("2026-09-11 00:00").date())
    slots.open_slots(pattern=replace(pattern, weekdays=frozenset({4})), actor=police, at=NOW)
    slots.open_slots(
        pattern=replace(pattern, starts=PATTERN.ends, ends=PATTERN.ends.replace(hour=11)),
        actor=police,
        at=NOW,
    )
    own = story.own(city).accepted()
    page = enter(browser_page(width=390), own.client(), live_server.url)
    page.goto(own.address)
    follow(page.get_by_role("link", name="看要带什么，约时间"))
    expect(page.get_by_role("heading", level=1)).to_have_text("还要跑 1 次")
    well(page, barriers)
    page.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("约好了 1 个时间")).to_be_visible()
    well(page, barriers)
    follow(page.get_by_role("link", name=re.compile("^改时间")))
    well(page, barriers)
    desk = browser_page(width=1280)
    officer = Client()
    officer.force_login(city.people["department_officer@public_security.439901"])
    enter(desk, officer, live_server.url)
    desk.goto(f"/department/{own.case_id}/4/")
    follow(desk.get_by_role("button", name="本人来了：指纹采集"))
    expect(desk.get_by_text("9月4日来过了")).to_be_visible()
    desk.goto("/department/slots/")
    well(desk, barriers)
    desk.goto("/department/slots/open/")
    well(desk, barriers)
