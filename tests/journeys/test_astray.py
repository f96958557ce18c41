"""An officer proposes, the head approves, the person reads it; and a case moves to another county."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from lianban import clock
from lianban.accounts.models import User
from lianban.engine import commands as c
from tests.journeys.people import follow
from tests.services.cast import City, originals_seen
from tests.web.bureau import desk
from tests.web.bureau.conftest import TODAY

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]
SIZES = ((1280, 900), (390, 844))


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[datetime]:
    """A Monday within the confirmed calendar."""
    monkeypatch.setattr(clock, "now", lambda: TODAY)
    yield TODAY


def entered(open_page: OpenPage, user: User, url: str) -> Page:
    """A browser in which somebody is signed in; the pages for it have journeys of their own."""
    page, client = open_page(), Client()
    client.force_login(user)
    for name, held in client.cookies.items():
        page.context.add_cookies([{"name": name, "value": held.value, "url": url}])
    return page


def test_a_denial_needs_two_people_and_a_case_moves_when_the_other_bureau_takes_it(
    browser_page: OpenPage, barriers: Barriers, live_server: Any
) -> None:
    city = City(edition="retirement-2024").build()
    case_id = desk.handed_in(city, name="唐一鸣")
    desk.give(c.PassPreReview(), case_id, city.bureau)
    originals_seen(case_id, by=city.clerk, at=TODAY)
    for command in (c.Grant(1), c.Deliver(1)):
        desk.give(command, case_id, city.clerk)
    owner = User.objects.get(kind="applicant")
    names = ("bureau_officer", "bureau_head")
    officer, head = (
        entered(browser_page, city.people[f"{role}@{desk.LEAD}.439901"], live_server.url)
        for role in names
    )
    person = entered(browser_page, owner, live_server.url)
    there = entered(
        browser_page, city.people[f"bureau_officer@{desk.LEAD}.439902"], live_server.url
    )

    def look(page: Page) -> None:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert barriers(page) == []
            cut = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(cut) == 0
        page.set_viewport_size({"width": 1280, "height": 900})

    # proposed: the person reads nothing of it
    officer.goto(desk.page(case_id, "items/9/"))
    officer.locator("#do-deny summary").press("Enter")
    officer.locator("#do-deny select").select_option(index=1)
    follow(officer.get_by_role("button", name="提请不予办理"))
    expect(officer.get_by_text("等负责人批准").first).to_be_visible()
    look(officer)
    person.goto(f"/my/{case_id}/9/")
    expect(person.get_by_text("提请")).to_have_count(0)

    # approved, with the effect before the button
    head.goto("/bureau/")
    look(head)
    follow(head.get_by_role("link", name="提请，等批准"))
    look(head)
    follow(head.get_by_role("link", name="不予办理").first)
    expect(head.get_by_text("结束 1 件")).to_be_visible()
    look(head)
    follow(head.get_by_role("button", name="批准不予办理"))
    expect(head.get_by_text("批准了，已经生效")).to_be_visible()
    person.goto(f"/my/{case_id}/9/")
    expect(person.get_by_role("heading", name="为什么没有办成")).to_be_visible()
    expect(person.get_by_text("行政复议").first).to_be_visible()

    # another county takes the case over
    officer.goto(desk.page(case_id))
    follow(officer.get_by_role("link", name="转到别的区县"))
    look(officer)
    officer.get_by_label("转到哪个区县").select_option(label="西山县")
    officer.get_by_label("为什么转").fill("配偶在西山县落户")
    follow(officer.get_by_role("button", name="发给对方"))
    there.goto("/bureau/moves/")
    look(there)
    follow(there.get_by_role("link", name="唐一鸣").first)
    look(there)
    follow(there.get_by_role("button", name="接收这一件"))
    expect(there.get_by_text("接收了，没办完的事")).to_be_visible()
    officer.goto(desk.page(case_id))
    expect(officer.get_by_role("heading", name="这一件已转往西山县")).to_be_visible()
    person.goto(f"/my/{case_id}/history/")
    expect(person.get_by_text("从东湖县转到西山县接着办").first).to_be_visible()
