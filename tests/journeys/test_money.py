"""One person's money in the browser: computed, approved, granted, sent, paid, and seen by the person."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from lianban import clock
from lianban.accounts.models import User
from tests.journeys import people
from tests.journeys.people import follow, press
from tests.services import money
from tests.services.cast import City
from tests.services.money import AT, ITEM

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]
SIZES = ((1280, 900), (390, 844))


def test_money_from_the_dossier_to_the_persons_account(
    browser_page: OpenPage, barriers: Barriers, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    city = City().build()
    person = city.applicant()
    case_id = money.ready(city, by=person)
    item = f"/bureau/cases/{case_id}/items/{ITEM}/"

    def entered(user_id: object) -> Page:
        client, page = Client(), browser_page()
        client.force_login(User.objects.get(id=user_id))
        for name, held in client.cookies.items():
            cookie = {"name": name, "value": held.value, "url": live_server.url}
            page.context.add_cookies([cookie])  # type: ignore[list-item]
        return page

    def looked_at(page: Page) -> None:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            found = barriers(page) + people.flaws(page)
            assert not found, "\n".join(found)

    officer, head = entered(city.bureau.user_id), entered(city.head.user_id)
    officer.goto(item)
    follow(officer.get_by_role("link", name="去核算"))
    officer.get_by_label("正常退役").press("Space")
    officer.get_by_label("滞留部队的天数").fill("3")
    press(officer, "核算")
    expect(officer.get_by_role("alert").first).to_contain_text("请写明为什么")
    looked_at(officer)
    officer.get_by_label("为什么不计").fill("档案记载，滞留 3 天")
    press(officer, "核算")
    expect(officer.get_by_text("这一笔是您核算的")).to_be_visible()

    head.goto(f"{item}amount/")
    looked_at(head)
    press(head, "复核，核定 9,000.00 元")
    expect(head.get_by_role("status").first).to_contain_text("复核过了")

    officer.goto(item)
    looked_at(officer)
    press(officer, "准予")
    officer.goto("/bureau/payments/?show=approved")
    looked_at(officer)
    press(officer, "勾上的列成清单，送财政")
    expect(officer.get_by_role("heading", level=1)).to_contain_text("付款清单 FK20261019")
    reference = officer.locator(".lb-sub").first.inner_text()
    officer.get_by_label("或者一行一笔写在这里").fill(f"{reference} {AT:%Y-%m-%d}")
    press(officer, "记下")
    expect(officer.get_by_text("已到账").first).to_be_visible()
    looked_at(officer)

    own = entered(person.user_id)
    own.goto(f"/my/{case_id}/{ITEM}/")
    expect(own.locator("#money")).to_contain_text("9,000.00 元")
    expect(own.locator("#money")).to_contain_text("10月19日到账")
    looked_at(own)
    own.goto(f"/my/{case_id}/{ITEM}/account/")
    expect(own.get_by_text("这一笔已经到账")).to_be_visible()
    looked_at(own)
