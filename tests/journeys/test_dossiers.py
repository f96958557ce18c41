"""Five dossiers are scanned in a row, one goes back and comes again; the police verify the notice."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from lianban import clock
from lianban.cases import dossier_code
from lianban.cases.models import DossierRecord, JointCaseRecord
from lianban.cases.services import dossiers
from tests.journeys import people
from tests.journeys.people import follow
from tests.services.cast import City, identity_number
from tests.web.bureau import desk
from tests.web.bureau.conftest import TODAY

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]
#: The whole text of the field is chosen, so that typing replaces it.
_CHOSEN = (
    "() => (f => f && f.selectionEnd - f.selectionStart === 13)(document.querySelector('#scan'))"
)
PASSWORD = "seven green lanterns"
NAMES = ("陈小川", "周文", "何林")
NUMBERS = tuple(identity_number(sequence=f"{n:03d}") for n in (1, 3, 5, 7))
STRANGE = identity_number(sequence="009")


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch, settings: Any) -> City:
    """A county in which three dossiers are announced, and one person who has reported."""
    settings.PASSWORD_HASHERS = [people.QUICK_HASHER]
    ticks = itertools.count()
    monkeypatch.setattr(clock, "now", lambda: TODAY + timedelta(seconds=next(ticks)))
    built = City(edition="retirement-2024").build()
    for name in ("bureau_officer@veterans_affairs", "department_officer@public_security"):
        user = built.people[f"{name}.439901"]
        user.set_password(PASSWORD)
        user.save()
    desk.reported(built)
    rows = list(zip(NAMES, NUMBERS, strict=False))
    dossiers.record(rows=rows, state="expected", district="439901", actor=built.bureau, at=TODAY)
    return built


def signed_in(page: Page, name: str, to: str) -> Page:
    page.goto(to)
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    follow(page.get_by_role("button", name="登录"))
    return page


def scan(page: Page, text: str, *, rows: int) -> None:
    """Type as a scanner does: into whatever has the focus, and Enter."""
    expect(page.locator("#scan")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(rows)
    expect(page.locator("#scan")).to_have_value("")


def row(page: Page, name: str) -> Locator:
    """The newest row of this name."""
    return page.locator("tbody tr").filter(has_text=name).first


def test_dossiers_are_received_in_a_row_and_the_police_verify_the_notice(
    browser_page: OpenPage, barriers: Barriers, city: City
) -> None:
    page = signed_in(
        browser_page(width=1280), "bureau_officer@veterans_affairs.439901", "/bureau/dossiers/scan/"
    )

    def looked_at() -> None:
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert barriers(page) + people.flaws(page) == []

    # five in a row: by label, by number, one that nobody announced, and one by mistake
    labels = {row.name: dossier_code.encode(row.id) for row in DossierRecord.objects.all()}
    scan(page, labels[NAMES[0]], rows=1)
    scan(page, labels[NAMES[1]].lower(), rows=2)
    scan(page, NUMBERS[2], rows=3)
    scan(page, NUMBERS[3], rows=4)
    scan(page, STRANGE, rows=5)
    expect(page.get_by_role("heading", name="今天收了 3 份")).to_be_visible()
    newest = page.locator("tbody tr").first
    expect(newest).to_contain_text("没预告过")
    looked_at()
    newest.get_by_role("button", name="撤销").click()
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.locator("#scan")).to_be_focused()
    page.get_by_label("照档案写姓名").fill("许诺")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("heading", name="今天收了 4 份")).to_be_visible()
    expect(page.locator("#scan")).to_be_focused()
    row(page, NAMES[1]).get_by_role("button", name="都齐了").click()
    expect(row(page, NAMES[1])).to_contain_text("已接收")
    expect(page.locator("#scan")).to_be_focused()

    # a slip of the finger stays in the field, chosen, so that the next scan replaces it
    page.locator("#scan").fill("D-AAAAA-BBBBB")
    page.keyboard.press("Enter")
    expect(page.locator("#scan-error")).to_contain_text("档案编号不对")
    page.wait_for_function(_CHOSEN)
    page.keyboard.type(labels[NAMES[0]])
    expect(page.locator("#scan")).to_have_value(labels[NAMES[0]])

    # the checklist: one piece is missing, so it goes back with a letter
    follow(row(page, NAMES[0]).get_by_role("link", name="逐项核对"))
    page.get_by_label("入伍材料（登记表、批准书、政审表、体检表）", exact=True).check()
    looked_at()
    follow(page.get_by_role("button", name="不齐，退回并出函"))
    expect(page.get_by_role("status").first).to_contain_text("已记为不齐退回")
    letter = page.get_by_role("link", name="打印退回函").get_attribute("href") or ""
    assert "缺少的材料" in people.read_pdf(page.request.get(letter))

    # it comes again, and the checklist goes on where it was
    page.goto("/bureau/dossiers/scan/")
    scan(page, labels[NAMES[0]], rows=5)
    follow(row(page, NAMES[0]).get_by_role("link", name="逐项核对"))
    for box in page.locator("tbody input[type=checkbox]").all():
        box.check()
    for part, text in {"year": "2026", "month": "10", "day": "1"}.items():
        page.locator(f"[name$=_{part}]").first.fill(text)
    follow(page.get_by_role("button", name="齐了，接收"))
    expect(page.get_by_role("status").first).to_contain_text("已接收")

    # the police see the notice and verify it
    number = open_at_the_police(browser_page(width=1280))
    expect(number).to_contain_text("发给")


def open_at_the_police(page: Page) -> Any:
    """The verification page of the settlement notice, as the police reach it."""
    signed_in(page, "department_officer@public_security.439901", "/department/")
    case = JointCaseRecord.objects.get()
    follow(page.locator(f'th a[href="/department/{case.id}/3/"]'))
    row = page.locator("tr").filter(has_text="落户通知书")
    number = row.locator(".lb-num").inner_text()
    page.goto(row.get_by_role("link", name="验真").get_attribute("href") or "")
    answer = page.get_by_role("main")
    expect(answer).to_contain_text(number)
    return answer
