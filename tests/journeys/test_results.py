"""Results on their ways: an electronic one with its file, one fetched and signed for, one by courier."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from lianban import clock
from lianban.accounts.models import User
from lianban.cases.models import JointCaseRecord
from tests.journeys import people
from tests.journeys.people import follow, press
from tests.services.cast import FIELDS, City, moment
from tests.web.department import desk

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]
NEW = "柳城区南门街 1 号"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment("2026-10-19 10:00"))


def test_results_reach_the_person_electronically_by_hand_and_by_courier(
    browser_page: OpenPage, barriers: Barriers, live_server: Any
) -> None:
    city = City().build()
    case = desk.with_departments(city)
    owner = User.objects.get(id=city.applicant().user_id)
    JointCaseRecord.objects.filter(id=case).update(applicant=owner)
    number = desk.case_number(case)

    def person(user: User, width: int = 1280) -> Page:
        client = desk.Client()
        client.force_login(user)
        page = browser_page(width=width)
        for name, held in client.cookies.items():
            cookie = {"name": name, "value": held.value, "url": live_server.url}
            page.context.add_cookies([cookie])  # type: ignore[list-item]
        return page

    def look(page: Page) -> None:
        before = page.viewport_size
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert barriers(page) == []
            assert people.flaws(page) == []
        assert before
        page.set_viewport_size(before)

    def grant(page: Page, item: int, file: bytes = b"") -> None:
        page.goto(f"/department/{case}/{item}/")
        people.choose(page, "outcome", "grant")
        page.locator("[name=result_number]").fill(f"柳 {item} 号")
        press(page, "看一看本人会收到什么")
        if file:
            name = {"name": "结果.png", "mimeType": "image/png", "buffer": file}
            page.set_input_files("#file", name)  # type: ignore[arg-type]
        press(page, "决定：准予")
        expect(page.get_by_role("status").first).to_contain_text("已准予")

    police = person(city.people["department_officer@public_security.439901"])
    for item in (3, 14):
        grant(police, item)
    pension = person(city.people["department_officer@human_resources.439901"])
    grant(pension, 12, file=desk.photograph().read())
    phone = person(owner, width=390)
    _open_the_file(phone, str(case), look)
    code = phone.locator("#code-14").inner_text()
    clerk = person(city.people["counter_clerk@veterans_affairs.439901"])
    _fetch(clerk, code, look)
    _post(clerk, number, "LC20260001", look)
    _comes_back(clerk, "LC20260001")
    _new_address(phone, str(case), look)
    _post(clerk, number, "LC20260002", look, says=NEW)
    phone.goto(f"/my/{case}/results/")
    expect(phone.get_by_text("LC20260002")).to_be_visible()
    press(phone, "我收到了")
    expect(phone.get_by_text("快递签收了")).to_be_visible()
    assert [desk.row(case, item).state for item in (3, 12, 14)] == ["concluded"] * 3


def _open_the_file(page: Page, case: str, look: Callable[[Page], None]) -> None:
    page.goto(f"/my/{case}/results/")
    look(page)
    link = page.get_by_role("link", name="打开、下载").get_attribute("href")
    answer = page.request.get(link or "")
    assert answer.ok and answer.headers["content-type"] == "image/png"


def _fetch(page: Page, code: str, look: Callable[[Page], None]) -> None:
    """By the code that the person shows, with the document checked and a drawn signature."""
    page.goto("/results/")
    page.locator("#q").fill(code)
    press(page, "找")
    expect(page.get_by_role("heading", level=1)).to_contain_text("机动车驾驶证")
    press(page, "交付，签收了")
    expect(page.get_by_role("alert")).to_contain_text("请先核对身份证件")
    look(page)
    page.locator("[name=checked]").press("Space")
    page.locator("[name=receiver]").fill(FIELDS["name"])
    press(page, "交付，签收了")
    expect(page.get_by_text("本人签收")).to_be_visible()
    [(title, words)] = people.open_papers(page)
    assert title.startswith("送达回证") and FIELDS["name"] in words and "柳14号" in words


def _post(
    page: Page, case: str, tracking: str, look: Callable[[Page], None], *, says: str = ""
) -> None:
    page.goto("/results/?show=to_post")
    page.locator('input[name="row"]').first.press("Space")
    press(page, "装成一批，打印面单")
    if not says:
        look(page)
    link = page.get_by_role("button", name="打印面单").get_attribute("href")
    sheet = PdfReader(BytesIO(page.request.get(link or "").body())).pages[0].extract_text()
    assert case in sheet and (says or FIELDS["postal_address"]) in sheet
    page.locator("#carrier").fill("柳城快递")
    page.locator('[name^="number-"]').fill("12")
    press(page, "寄出了，记下单号")
    expect(page.get_by_text("快递单号是 8 到 30 位字母和数字")).to_be_visible()
    page.locator('[name^="number-"]').fill(tracking)
    press(page, "寄出了，记下单号")
    expect(page.get_by_role("status").first).to_contain_text("1 个寄出")


def _comes_back(page: Page, tracking: str) -> None:
    page.goto("/results/?show=posted")
    page.locator("#back-number").fill(tracking)
    page.locator("#back-reason").select_option("mail_returned.wrong_address")
    press(page, "登记退回")
    expect(page.get_by_role("status").first).to_contain_text("登记了退回")


def _new_address(page: Page, case: str, look: Callable[[Page], None]) -> None:
    page.goto(f"/my/{case}/results/")
    follow(page.get_by_role("button", name="改地址，或者改成自己领").first)
    look(page)
    page.locator("[name=postal_address]").fill(NEW)
    press(page, "就这样改")
    expect(page.get_by_text(NEW)).to_be_visible()
