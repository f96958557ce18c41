"""A roster in the browser: uploaded, its progress seen, a line settled, taken in, taken back."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from lianban import clock
from lianban.cases.models import DossierRecord
from lianban.cases.services import roster
from tests.journeys import people
from tests.journeys.people import follow
from tests.services import rosters
from tests.services.cast import City
from tests.web.bureau import desk

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

AT = datetime(2026, 10, 19, 10, 0, tzinfo=clock.SHANGHAI)
PASSWORD = "seven green lanterns"
LINES = roster.CHUNK + 20


@pytest.fixture
def officer(browser_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch) -> Page:
    """The first county's officer at the page of rosters."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    city = City().build()
    user = city.people[f"bureau_officer@{desk.LEAD}.439901"]
    user.set_password(PASSWORD)
    user.save()
    page = browser_page(width=1280)
    page.goto("/bureau/rosters/")
    page.get_by_label("用户名").fill(user.username or "")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/bureau/rosters/")
    return page


def test_a_roster_is_brought_in_watched_settled_and_taken_back(
    officer: Page, barriers: Callable[[Page], list[str]]
) -> None:
    page, found = officer, list[str]()

    def look() -> None:
        for width, height in ((390, 844), (1280, 900)):
            page.set_viewport_size({"width": width, "height": height})
            found.extend([*barriers(page), *people.flaws(page)])

    look()
    content = rosters.workbook(list(rosters.rows(LINES)))
    page.set_input_files(
        "input[type=file]", {"name": "秋季名册.xlsx", "mimeType": "", "buffer": content}
    )
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url("**/rosters/*-*/")
    roster_id = UUID(page.url.rstrip("/").rsplit("/", 1)[-1])

    # the bar moves by itself while the worker works
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("value", "0")
    roster.work(roster_id=roster_id, now=lambda: AT, chunks=1)
    expect(bar).to_have_attribute("value", str(roster.CHUNK))
    look()
    roster.work(roster_id=roster_id, now=lambda: AT)
    expect(page.get_by_role("heading", name="核对好了，还什么都没写")).to_be_visible()
    assert not DossierRecord.objects.exists()
    look()

    # taken in
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_text("正在导入")).to_be_visible()
    roster.work(roster_id=roster_id, now=lambda: AT)
    expect(page.get_by_role("heading", name="导入了，还有要核对的")).to_be_visible()

    # one line settled
    page.get_by_role("link", name="身份证号最后一位对不上").click()
    page.wait_for_url("**conflict=bad_check_digit")
    look()
    who = page.locator("tbody th a").first
    right = {rosters.name(at): rosters.number(at) for at in range(LINES)}[who.inner_text()]
    follow(who)
    look()
    page.get_by_text("改正姓名或号码").click()
    page.get_by_label("对的身份证号").fill(right)
    follow(page.get_by_role("button", name="就这样处理"))
    expect(page.get_by_text("处理好了：新来的")).to_be_visible()

    # taken back
    before = DossierRecord.objects.count()
    page.goto(f"/bureau/rosters/{roster_id}/")
    page.get_by_text("撤销这份名册").click()
    follow(page.get_by_role("button", name="撤销"))
    expect(page.get_by_text(f"收回 {before} 份，留下 0 份").first).to_be_visible()
    look()
    assert not DossierRecord.objects.exists()
    assert not found, "\n".join(found)
