"""Those who take part in a journey: each has a browser, signs in as people do, and clicks."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import APIResponse, Locator, Page, expect
from pypdf import PdfReader

from lianban import clock
from lianban.engine.commands import Grant
from lianban.ops import demo
from tests.services import money
from tests.services.cast import CONSCRIPT, FIELDS

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]
BEGUN = datetime(2026, 9, 3, 9, 0, tzinfo=clock.SHANGHAI)
_UNITS = ("year", "month", "day")
QUICK_HASHER = "django.contrib.auth.hashers.MD5PasswordHasher"


@dataclass
class Time:
    """The clock on everybody's wall; it moves only when a journey says so."""

    at: datetime

    def pass_(self, *, days: int = 0, hours: int = 0) -> None:
        """Let days and hours go by."""
        self.at += timedelta(days=days, hours=hours)

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Journey:
    """What all of them share: browsers, the clock, and what was found wrong on their pages."""

    open_page: OpenPage
    barriers: Barriers
    time: Time
    found: list[str] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    pages: list[Page] = field(default_factory=list)

    def officer(self, username: str, *, width: int = 1280) -> Page:
        """An officer of the demonstration city at their desk, signed in."""
        page = self._person(width)
        page.goto("/sign-in/officer/")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码", exact=True).fill(demo.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/(counter|bureau|department)/"))
        return page

    def applicant(self, *, width: int = 390) -> Page:
        """Somebody with a phone, not signed in."""
        return self._person(width)

    def _person(self, width: int) -> Page:
        page = self.open_page(width=width)
        page.on("console", lambda said: self._console(page, said.type, said.text))
        self.pages.append(page)
        return page

    def _console(self, page: Page, kind: str, text: str) -> None:
        if kind == "error" and "status of 422" not in text:  # a form that was not in order
            self.found.append(f"{page.url}: console: {text}")

    def look(self, page: Page) -> None:
        """Note what is wrong with the page; barriers once a kind of page, the crawl has them all."""
        kind = (re.sub(r"[0-9a-f-]{36}|\d+", "*", page.url), str(page.viewport_size))
        if kind not in self.seen:
            self.seen.add(kind)
            self.found += self.barriers(page)
        self.found += flaws(page)

    def leave(self, page: Page) -> None:
        """Close a browser; its cookies go with it."""
        self.pages.remove(page)
        page.context.close()

    def keep_pictures(self) -> None:
        """Where JOURNEY_PICTURES names a folder: how the open pages look at the end."""
        folder = os.environ.get("JOURNEY_PICTURES")
        for number, page in enumerate(self.pages if folder else []):
            page.screenshot(path=f"{folder}/end-{number}.png", full_page=True)


def journey(
    open_page: OpenPage, barriers: Barriers, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Iterator[Journey]:
    """The demonstration city without people, on a Thursday morning; for a fixture."""
    settings.LIANBAN_DEMO = True
    settings.PASSWORD_HASHERS = [QUICK_HASHER]
    time = Time(BEGUN)
    monkeypatch.setattr(clock, "now", time)
    demo.load_city()
    found = Journey(open_page, barriers, time)
    yield found
    found.keep_pictures()


def flaws(page: Page) -> list[str]:
    """What a person with sharp eyes sees: more or less than one heading, a page that is cut."""
    found = []
    headings = page.locator("h1").count()
    if headings != 1:
        found.append(f"{page.url}: {headings} main headings")
    size = "d => [d.documentElement.scrollWidth, d.documentElement.clientWidth]"
    wide, seen = page.evaluate(f"({size})(document)")
    if wide > seen:
        found.append(f"{page.url}: {wide} wide in a window of {seen}")
    return found


def arrived(page: Page, pattern: str) -> None:
    """Wait for an address and for all that its page loads."""
    page.wait_for_url(re.compile(pattern))


def press(page: Page, name: str) -> None:
    """Press the first button of this name, with the keyboard, and wait for what it brings."""
    follow(page.get_by_role("button", name=name).first)


def follow(link: Locator) -> None:
    """Press a link or a button, with the keyboard, and wait for the page that it brings.

    A press alone returns while the old page may still stand there.
    """
    # a part of the page that was exchanged has yet to take the focus
    expect(link.page.locator(".htmx-added, .htmx-settling")).to_have_count(0)
    with link.page.expect_navigation():
        link.press("Enter")


def choose(page: Page, name: str, value: str) -> None:
    """Choose a radio button or tick a box, with the keyboard."""
    page.locator(f'input[name="{name}"][value="{value}"]').press("Space")


def fill(page: Page, values: Mapping[str, str]) -> None:
    """Fill in those of the values that the page asks for."""
    for code, value in values.items():
        place = page.locator(f'[name="{code}"], [name="{code}_year"]').first
        if place.count():
            _fill_one(page, place, code, value)


def _fill_one(page: Page, place: Locator, code: str, value: str) -> None:
    if place.get_attribute("name") == f"{code}_year":
        for unit, part in zip(_UNITS, value.split("-"), strict=True):
            page.locator(f'[name="{code}_{unit}"]').fill(part)
    elif place.get_attribute("type") == "radio":
        choose(page, code, value)
    elif place.evaluate("e => e.tagName") == "SELECT":
        place.select_option(value)
    else:
        place.fill(value)


# The applicant -------------------------------------------------------------------------------


def sign_in_by_phone(page: Page, *, phone: str) -> None:
    """Ask for a code, read it from the page of the demonstration, and type it."""
    page.get_by_label("手机号码").fill(phone)
    page.keyboard.press("Enter")
    code = page.locator("#demonstration-code").inner_text()
    page.get_by_label("6 位验证码").fill(code)
    page.keyboard.press("Enter")


def answer_guide(page: Page, *, look: Callable[[Page], None]) -> None:
    """Answer the thirteen questions, one page each."""
    for number, (key, value) in enumerate(CONSCRIPT.items(), start=1):
        arrived(page, f"/guide/{key}/$")
        expect(page.get_by_text(f"第 {number} 题")).to_be_visible()
        if number in (1, 8):
            look(page)
        page.locator(f"#answer-{value}").press("Space")
        page.get_by_role("button", name="下一题").press("Enter")
    arrived(page, "/guide/result/$")


def fill_form(page: Page, *, look: Callable[[Page], None]) -> list[str]:
    """Go through the form, page by page, until the materials; return the pages' headings."""
    seen = []
    while "/form/materials/" not in page.url:
        heading = page.get_by_role("heading", level=1)
        seen.append(heading.inner_text())
        look(page)
        fill(page, FIELDS)
        here = page.url
        press(page, "保存，下一步")
        assert page.url != here, page.locator(".govuk-error-summary").inner_text()
    return seen


def sign_and_submit(page: Page) -> str:
    """Sign both statements, hand in, and return the case's id."""
    fill(page, FIELDS)
    press(page, "签名并提交")
    arrived(page, "/receipt/[0-9a-f-]+/$")
    return page.url.rstrip("/").rsplit("/", 1)[-1]


# Paper ---------------------------------------------------------------------------------------


def open_papers(page: Page) -> list[tuple[str, str]]:
    """Open every paper linked on the page in the person's own session: titles and texts."""
    found = []
    for link in page.locator('a[href^="/papers/"]').all():
        answer = page.request.get(link.get_attribute("href") or "")
        found.append((" ".join(link.inner_text().split()), read_pdf(answer)))
    return found


def read_pdf(answer: APIResponse) -> str:
    """The text of an answer that must be a PDF, without blanks and line ends."""
    assert answer.ok, f"{answer.url}: {answer.status}"
    assert answer.headers["content-type"] == "application/pdf"
    pages = PdfReader(BytesIO(answer.body())).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


# Officers ------------------------------------------------------------------------------------


#: Who decides what, one after another, and which of the case's items lie there just before.
#: Nothing lies with a department before the items that it waits for are granted.
ORDER: tuple[tuple[str, tuple[int, ...], set[int]], ...] = (
    ("donghu-gongan", (3,), {3, 14}),
    ("donghu-renwu", (2,), {2}),
    ("donghu-zuzhi", (7,), {7}),
    ("donghu-gongan", (14, 4), {4, 14}),
    ("donghu-renshe", (12,), {12}),
    ("donghu-yibao", (13,), {13}),
    ("donghu-renshe", (5, 6), {5, 6}),
)
LAST = ("donghu-renshe", (11,), {11})
OWN = (8, 9)


@dataclass
class Officers:
    """The officers of one county at work on one case; each signs in, works, and leaves."""

    journey: Journey
    case: str
    #: Items whose results go their own ways, not noted as handed over by the department.
    on_their_way: frozenset[int] = frozenset()
    #: Those of them that were granted; they stay on the worklist until they have arrived.
    sent: set[int] = field(default_factory=set)

    @contextmanager
    def at_desk(self, username: str) -> Iterator[Page]:
        """One officer's turn."""
        page = self.journey.officer(username)
        yield page
        self.journey.leave(page)

    def bureau(self) -> AbstractContextManager[Page]:
        """An officer of the bureau."""
        return self.at_desk("donghu-jingban")

    def grant(self, username: str, numbers: tuple[int, ...], here: set[int]) -> None:
        """A department grants items; before, exactly those in `here` lie on its worklist."""
        with self.at_desk(username) as page:
            assert items_here(page, case=self.case) - self.sent == here
            for number in numbers:
                look, stays = self.journey.look, number not in self.on_their_way
                self.sent |= {number} & self.on_their_way
                grant(page, case=self.case, number=number, look=look, hands_over=stays)

    def decide_all_but_the_last(self) -> None:
        """Every department and the bureau decide their items; one is left."""
        for username, numbers, here in ORDER:
            self.grant(username, numbers, here)
            self.journey.time.pass_(hours=1)
        with self.bureau() as page:
            for number in OWN:
                grant_at_bureau(page, case=self.case, number=number, look=self.journey.look)

    def decide_the_last_and_conclude(self) -> None:
        """The last item; before it the bureau is told what stands in the way, after it nothing."""
        with self.bureau() as page:
            page.goto(f"/bureau/cases/{self.case}/")
            expect(page.get_by_role("button", name="办结联办件")).to_be_disabled()
            expect(page.locator("#cw")).to_contain_text("还差 1 件")
            expect(page.locator(".lb-obstacles")).to_contain_text("社会保障卡")
            self.journey.look(page)
        self.grant(*LAST)
        with self.bureau() as page:
            conclude(page, case=self.case, look=self.journey.look)


def items_here(page: Page, *, case: str) -> set[int]:
    """The numbers of a case's items that lie on a department's worklist now."""
    page.goto("/department/")
    links = page.locator(f'th a[href^="/department/{case}/"]').all()
    return {
        int((link.get_attribute("href") or "").rstrip("/").rsplit("/", 1)[-1]) for link in links
    }


def open_item(page: Page, *, case: str, number: int) -> None:
    """Open an item from the department's worklist."""
    page.goto("/department/")
    page.locator(f'th a[href="/department/{case}/{number}/"]').press("Enter")
    arrived(page, f"/department/{case}/{number}/")


def grant(
    page: Page,
    *,
    case: str,
    number: int,
    look: Callable[[Page], None],
    hands_over: bool = True,
) -> None:
    """Decide an item of one's department: look at what the person gets, grant, hand over."""
    open_item(page, case=case, number=number)
    look(page)
    if page.get_by_role("button", name="登记：等的事办到了").count():
        press(page, "登记：等的事办到了")
    choose(page, "outcome", "grant")
    page.locator("[name=result_number]").fill(f"柳 2026-{number:03d}")
    press(page, "看一看本人会收到什么")
    press(page, "决定：准予")
    expect(page.get_by_role("status").first).to_contain_text("已准予")
    if hands_over and page.get_by_role("button", name="已送达").count():
        press(page, "已送达")


def hand_over(page: Page, *, name: str) -> None:
    """Go to a result from its item, check the document, and let the person sign."""
    follow(page.get_by_role("button", name="交给本人").first)
    page.locator("[name=checked]").press("Space")
    page.locator("[name=receiver]").fill(name)
    press(page, "交付，签收了")
    expect(page.get_by_text("本人签收")).to_be_visible()


def do(page: Page, action: str) -> None:
    """Press the button of one of the bureau's actions on an item's page."""
    follow(page.locator(f"#do-{action}").get_by_role("button"))


def grant_at_bureau(page: Page, *, case: str, number: int, look: Callable[[Page], None]) -> None:
    """Decide one of the bureau's own items, from its list, and hand over what is made."""
    money.approve_first(Grant(number), case_id=UUID(case), at=clock.now())
    page.goto("/bureau/items/")
    page.locator(f'a[href="/bureau/cases/{case}/items/{number}/"]').first.press("Enter")
    arrived(page, f"/bureau/cases/{case}/items/{number}/")
    look(page)
    page.locator("#do-grant").get_by_role("textbox").fill(f"柳退 2026-{number:03d}")
    do(page, "grant")
    expect(page.get_by_role("status").first).to_contain_text("已准予")
    if page.locator("#do-deliver").count():
        do(page, "deliver")


def receive_dossier(page: Page, *, case: str, look: Callable[[Page], None]) -> None:
    """Note that the person's dossier came, with every voucher, then register reception."""
    page.goto("/bureau/dossiers/?show=people")
    look(page)
    choose(page, "case", case)
    for box in page.locator('input[name="vouchers"]').all():
        box.press("Space")
    follow(page.locator('button[name="state"][value="received"]'))
    page.goto("/bureau/reception/")
    look(page)
    expect(page.locator(f'input[name="case"][value="{case}"]')).to_be_checked()
    press(page, "勾上的都登记接收")
    expect(page.get_by_role("status").first).to_contain_text("登记了退役接收")


def conclude(page: Page, *, case: str, look: Callable[[Page], None]) -> None:
    """Conclude by hand, when nothing stands in the way any more."""
    page.goto("/bureau/cases/?show=to_conclude")
    page.locator(f'a[href="/bureau/cases/{case}/"]').first.press("Enter")
    arrived(page, f"/bureau/cases/{case}/")
    expect(page.get_by_text("没有什么拦着办结")).to_be_visible()
    press(page, "办结联办件")
    expect(page.get_by_role("status").first).to_contain_text("联办件已办结")
    look(page)
