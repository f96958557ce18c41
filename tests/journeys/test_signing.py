"""A signature drawn in a browser: undone, cleared, kept through a refused page, handed in."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Locator, Page, expect

from lianban.cases.models import JointCaseRecord
from lianban.cases.services import signatures
from tests.journeys import people
from tests.services.cast import FIELDS, City
from tests.web.applicant.people import Person

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def city(settings: Any) -> Iterator[City]:
    settings.LIANBAN_DEMO = True
    yield City().build()


def at_the_check_page(page: Page, address: str) -> None:
    """Somebody whose form is filled in, in this browser."""
    person = Person()
    person.fill_everything()
    name = django_settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": person.client.cookies[name].value, "url": address}]
    )
    page.goto("/form/check/")


def draw(page: Page, canvas: Locator, *, lines: int = 1) -> None:
    """Some zigzag lines with the pointer held down."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for line in range(lines):
        y = box["y"] + 30 + 40 * line
        page.mouse.move(box["x"] + 20, y)
        page.mouse.down()
        for step in range(1, 12):
            page.mouse.move(box["x"] + 20 + 15 * step, y + 12 * (step % 3))
        page.mouse.up()


def test_a_signature_is_drawn_undone_kept_and_handed_in(
    browser_page: Callable[..., Page], barriers: Callable[[Page], list[str]], live_server: Any
) -> None:
    page = browser_page()
    at_the_check_page(page, live_server.url)
    place = page.locator("#sig-commitment_signature")
    sent = place.locator("input[type=hidden]")
    undo, clear = (place.get_by_role("button", name=name) for name in ("撤销一笔", "清除"))
    expect(undo).to_be_disabled()
    draw(page, place.locator("canvas"), lines=2)
    expect(place.get_by_role("status")).to_have_text("已写 2 笔")
    undo.click()
    expect(place.get_by_role("status")).to_have_text("已写 1 笔")
    clear.press("Enter")  # with the keyboard; the typed name is next in hand
    expect(sent).to_have_value("")
    expect(place.get_by_role("textbox")).to_be_focused()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert barriers(page) + people.flaws(page) == []
    draw(page, place.locator("canvas"))
    expect(place.get_by_role("status")).to_have_text("已写 1 笔")
    # The other statement is not signed: the page comes back, and the strokes with it.
    page.get_by_role("button", name="签名并提交").click()
    expect(page.get_by_role("alert")).to_contain_text("自主就业申请")
    place = page.locator("#sig-commitment_signature")
    expect(place.get_by_role("status")).to_have_text("已写 1 笔")
    assert len(json.loads(place.locator("input[type=hidden]").input_value())["s"]) == 1
    page.locator("[name=self_employment_signature]").fill(FIELDS["name"])
    people.follow(page.get_by_role("button", name="签名并提交"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_url("**/receipt/**")
    record = JointCaseRecord.objects.get()
    kept = {one.purpose: one.way for one in signatures.of_case(case_id=record.id)}
    assert kept == {"commitment_signature": "drawn", "self_employment_signature": "typed"}
