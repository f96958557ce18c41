"""The components in a real browser: no barrier, nothing cut off, and all of it without scripts too."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.journey,
    pytest.mark.urls("tests.components.showcase"),
    pytest.mark.django_db(transaction=True),
]
PAGES = ["/case/", "/desk/", "/form/"]
WIDTHS = [1280, 390]
CUT_OFF = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OVERLAPS = """() => {
  const svg = document.querySelector("svg.lb-metro__picture"), view = svg.viewBox.baseVal;
  const parts = [...svg.querySelectorAll(".lb-metro__name, .lb-metro__meta, .lb-metro__dot, .lb-metro__hub, .lb-metro__key-box")];
  const boxes = parts.map(e => [e.textContent || e.className.baseVal, e.getBBox()]);
  const wrong = boxes.filter(([, b]) => b.x + b.width > view.width || b.y + b.height > view.height).map(([n]) => n + " leaves the map");
  boxes.forEach(([n, a], i) => boxes.slice(i + 1).forEach(([m, b]) => {
    if (a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1 && a.y < b.y + b.height - 6 && b.y < a.y + a.height - 6) wrong.push(n + " over " + m);
  }));
  return wrong;
}"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_no_barrier_and_nothing_is_cut_off(browser_page, barriers, address, width):
    page = browser_page(width=width)
    refused = []
    page.on("console", lambda m: refused.append(m.text) if m.type == "error" else None)
    page.goto(address)
    assert barriers(page) == []
    assert page.evaluate(CUT_OFF) <= 0
    assert refused == []


@pytest.mark.parametrize("address", PAGES)
def test_large_print_has_no_barrier_and_nothing_is_cut_off(browser_page, barriers, address):
    page = browser_page(width=390)
    page.goto(address)
    page.get_by_role("button", name="大字版").click()
    expect(page.locator("html")).to_have_class(re.compile("lb-large"))
    assert barriers(page) == []
    assert page.evaluate(CUT_OFF) <= 0


@pytest.mark.parametrize("address", ["/case/", "/desk/"])
def test_nothing_on_the_map_is_written_over_anything_else(browser_page, address):
    page = browser_page()
    page.goto(address)
    expect(page.locator("svg.lb-metro__picture")).to_be_visible()
    assert page.evaluate(OVERLAPS) == []


def test_large_print_works_without_scripts_and_stays(browser_page):
    page = browser_page(javascript=False)
    page.goto("/case/?a=1")
    page.get_by_role("button", name="大字版").click()
    expect(page).to_have_url(re.compile(r"/case/\?a=1$"))
    expect(page.locator("html")).to_have_class(re.compile("lb-large"))
    expect(page.get_by_role("button", name="大字版")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="大字版").click()
    expect(page.locator("html")).not_to_have_class(re.compile("lb-large"))


def test_large_print_keeps_what_is_typed_and_survives_a_reload(browser_page):
    page = browser_page()
    page.goto("/form/")
    page.get_by_label("姓名").fill("陈思远")
    page.get_by_role("button", name="大字版").click()
    expect(page.get_by_label("姓名")).to_have_value("陈思远")
    page.goto("/case/")
    expect(page.locator("html")).to_have_class(re.compile("lb-large"))


def test_the_map_gives_way_to_the_list_and_comes_back(browser_page):
    page = browser_page()
    page.goto("/case/")
    switch = page.get_by_role("button", name="换成列表")
    switch.click()
    expect(page.locator("svg.lb-metro__picture")).to_be_hidden()
    expect(page.locator(".lb-metro__list")).to_be_visible()
    switch.click()
    expect(page.locator("svg.lb-metro__picture")).to_be_visible()


def test_on_a_phone_and_without_scripts_the_list_is_there(browser_page):
    page = browser_page(width=390, javascript=False)
    page.goto("/case/")
    expect(page.locator(".lb-metro__list")).to_be_visible()
    expect(page.get_by_role("button", name="换成列表")).to_be_hidden()


def type_name(page: Page) -> None:
    page.get_by_label("姓名").fill("陈思远")


def test_what_is_typed_saves_itself_and_says_when(browser_page):
    page = browser_page()
    page.goto("/form/")
    type_name(page)
    expect(page.locator("[data-autosave-status]")).to_have_text(re.compile(r"已自动保存 \d\d:\d\d"))


def test_an_expired_session_says_so_and_loses_nothing(browser_page):
    page = browser_page()
    page.goto("/form/?fail=403")
    type_name(page)
    expect(page.locator("[data-autosave-status]")).to_contain_text("登录过期了")
    expect(page.get_by_label("姓名")).to_have_value("陈思远")


def test_the_error_summary_has_the_focus_and_leads_to_the_field(browser_page):
    page = browser_page()
    page.goto("/form/")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.get_by_role("link", name="手机号码应是 11 位，现在是 10 位").click()
    expect(page.get_by_label("手机号码")).to_be_focused()
