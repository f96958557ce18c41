"""Pages of a material on a phone: several at once, one refused, put into order, looked at later."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from lianban import clock
from lianban.accounts.actor import Actor
from lianban.accounts.models import User
from lianban.cases.models import FileRecord
from lianban.cases.services import hand_in
from tests.hostile import corpus
from tests.hostile.ground import draft_of, someone
from tests.journeys.people import follow
from tests.services.cast import City

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
MATERIAL = "discharge_certificate"
CUT_OFF = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def opened(page: Page, actor: Actor, address: str) -> None:
    client = Client()
    client.force_login(User.objects.get(id=actor.user_id))
    for name, held in client.cookies.items():
        page.context.add_cookies([{"name": name, "value": held.value, "url": address}])


def looked(page: Page, barriers: Callable[[Page], list[str]]) -> None:
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        assert barriers(page) == []
        assert page.evaluate(CUT_OFF) <= 0, f"{page.url} is cut off at {width}"


def file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_pages_come_together_stay_in_order_and_the_head_may_ask_for_an_original(
    browser_page: Any, barriers: Any, live_server: Any
) -> None:
    city, who = City().build(), someone(601)
    person = city.applicant(who.phone)
    draft = draft_of(person, who, "439901", missing=(MATERIAL,))
    page = browser_page(width=390)
    opened(page, person, live_server.url)
    page.goto("/form/materials/")
    card = page.locator(f"#m-{MATERIAL}")
    card.locator("input[type=file]").set_input_files(
        [
            file("一.jpg", corpus.picture("JPEG")),
            file("坏的.pdf", b"%PDF-1.7"),
            file("二.heic", corpus.heic()),
        ]
    )
    expect(card.get_by_text("「坏的.pdf」没传上")).to_be_visible()
    expect(card.locator(".lb-file__name")).to_contain_text(["一.jpg", "二.jpg"])
    looked(page, barriers)
    card.get_by_role("button", name="往前").click()
    expect(card.locator(".lb-file__name")).to_contain_text(["二.jpg", "一.jpg"])
    receipt = hand_in.submit(draft_id=draft.id, actor=person, at=clock.now())
    page.context.close()
    page = browser_page(width=1280)
    opened(page, city.officer("bureau_head", "veterans_affairs", "439901"), live_server.url)
    page.goto(f"/bureau/cases/{receipt.case_id}/")
    follow(page.get_by_role("link", name="原始文件").first)
    first = FileRecord.objects.order_by("place").first()
    assert first is not None
    expect(page.get_by_text(first.original_digest)).to_be_visible()
    looked(page, barriers)
    with page.expect_download() as coming:
        page.get_by_role("button", name="下载原始文件，记下来").click()
    assert coming.value.suggested_filename == "原始文件-二.jpg"
