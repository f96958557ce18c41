"""From the guide to the receipt: on a phone, with the keyboard alone, and without scripts."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from lianban.cases.models import JointCaseRecord
from tests.services.cast import CONSCRIPT, FIELDS, City

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]
CUT_OFF = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PHONE = "13800000204"
PAGES: dict[str, tuple[str, ...]] = {
    "basic": ("name", "identity_number", "education"),
    "service": ("enlisted_date", "discharge_date"),
    "contact": ("home_address",),
    "account": ("bank_name", "bank_account"),
    "licence": ("licence_class", "licence_valid_until"),
    "delivery": (
        "delivery_household_book",
        "delivery_identity_card",
        "delivery_social_security_card",
        "delivery_driving_licence",
    ),
}
SIGNATURES = ("self_employment_signature", "commitment_signature")


@pytest.fixture(autouse=True)
def city(settings: Any) -> Iterator[City]:
    settings.LIANBAN_DEMO = True
    yield City().build()


@pytest.fixture
def looked(barriers: Barriers) -> Callable[[Page], None]:
    """Look at a page at both widths: no barrier, nothing cut off."""

    def look(page: Page) -> None:
        for width, height in ((1280, 900), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            assert barriers(page) == []
            assert page.evaluate(CUT_OFF) <= 0, f"{page.url} is cut off at {width}"

    return look


def a_picture() -> dict[str, Any]:
    held = BytesIO()
    Image.new("RGB", (300, 400), "white").save(held, "JPEG")
    return {"name": "入伍通知书.jpg", "mimeType": "image/jpeg", "buffer": held.getvalue()}


def the_case() -> JointCaseRecord:
    return JointCaseRecord.objects.get()


# With a finger ----------------------------------------------------------------------------


def put(page: Page, code: str) -> None:
    """Fill one field in, whatever kind it is."""
    value = FIELDS[code]
    if page.locator(f"[name={code}_year]").count():
        for unit, part in zip(("year", "month", "day"), value.split("-"), strict=True):
            page.locator(f"[name={code}_{unit}]").fill(part)
    elif page.locator(f"select[name={code}]").count():
        page.locator(f"select[name={code}]").select_option(value)
    elif page.locator(f"input[type=radio][name={code}]").count():
        page.locator(f"[name={code}][value={value}] + label").click()
    else:
        page.locator(f"[name={code}]").fill(value)


def sign_in(page: Page) -> None:
    page.get_by_label("手机号码").fill(PHONE)
    page.keyboard.press("Enter")
    code = page.locator("#demonstration-code").inner_text()
    page.get_by_label("6 位验证码").fill(code)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_conscript_gets_from_the_guide_to_the_receipt_on_a_phone(
    browser_page: OpenPage, looked: Callable[[Page], None], javascript: bool
) -> None:
    page = browser_page(width=390, javascript=javascript)
    look = looked if javascript else (lambda _: None)
    page.goto("/")
    look(page)
    page.locator(".lb-hero").get_by_role("link", name="开始办理").click()
    for key, value in CONSCRIPT.items():
        page.wait_for_url(f"**/guide/{key}/")
        page.locator(f"#answer-{value} + label").click()
        if key == "pension_insurance" and javascript:
            expect(page.locator("#panel .is-new")).to_contain_text("社会保险登记")
            expect(page.locator("#dock-figures")).to_contain_text("8件事")
            look(page)
        page.get_by_role("button", name="下一题").click()
    page.wait_for_url("**/guide/result/")
    expect(page.get_by_role("heading", level=1)).to_have_text("您要办 13 件事")
    look(page)
    page.get_by_role("link", name="开始填表").click()
    sign_in(page)
    page.wait_for_url("**/start/")
    look(page)
    page.get_by_text("东湖县").click()
    page.get_by_role("button", name="继续").click()
    for code, fields in PAGES.items():
        page.wait_for_url(f"**/form/{code}/")
        for field in fields:
            put(page, field)
        look(page)
        page.get_by_role("button", name="保存，下一步").click()
    page.wait_for_url("**/form/more/")
    look(page)
    page.get_by_role("button", name="跳过，窗口再填").click()
    hand_in_materials(page, javascript=javascript)
    look(page)
    page.get_by_role("link", name="下一步，核对").click()
    look(page)
    for field in SIGNATURES:
        put(page, field)
    page.get_by_role("button", name="签名并提交").click()
    page.wait_for_url("**/receipt/**")
    expect(page.locator("main")).to_contain_text(the_case().case_number)
    expect(page.locator("#receipt-secret")).to_have_text(re.compile("^[0-9A-Z]{8}$"))
    look(page)
    assert the_case().state == "submitted"
    assert the_case().item_count == 13


def hand_in_materials(page: Page, *, javascript: bool) -> None:
    page.wait_for_url("**/form/materials/")
    card = page.locator("#m-enlistment_notice")
    card.locator("input[type=file]").set_input_files(a_picture())
    if not javascript:
        card.get_by_role("button", name="上传").click()
    expect(card).to_contain_text("入伍通知书.jpg")
    expect(page.locator("#rest")).to_contain_text("还有 8 份")
    voucher = page.locator("#m-pension_transfer_form")
    voucher.get_by_role("button", name="随档案来").click()
    expect(voucher.locator(".lb-saved")).to_have_text("随档案来")
    page.get_by_role("button", name="没选的都带到窗口").click()
    expect(page.locator("#rest")).to_contain_text("9 份都选好了")


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    browser_page: OpenPage, looked: Callable[[Page], None]
) -> None:
    page = browser_page(width=390)
    page.goto("/guide/rank/")
    page.get_by_role("button", name="下一题").click()
    looked(page)
    for key, value in CONSCRIPT.items():
        page.locator(f"#answer-{value} + label").click()
        page.get_by_role("button", name="下一题").click()
        page.wait_for_url(lambda url, key=key: f"/guide/{key}/" not in url)
    page.goto("/guide/leave-out/3/")
    looked(page)
    page.goto("/start/")
    sign_in(page)
    page.get_by_text("东湖县").click()
    page.get_by_role("button", name="继续").click()
    wrong = FIELDS["identity_number"][:-1] + ("0" if FIELDS["identity_number"][-1] != "0" else "1")
    page.locator("[name=identity_number]").fill(wrong)
    expect(page.locator("[data-autosave-status]")).to_contain_text("已自动保存")
    page.get_by_role("button", name="保存，下一步").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    looked(page)
    page.get_by_role("link", name=re.compile("最后一位对不上")).click()
    expect(page.locator("[name=identity_number]")).to_be_focused()
    expect(page.locator("[name=identity_number]")).to_have_value(wrong)
    page.goto("/form/check/")
    page.get_by_role("button", name="签名并提交").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("承诺信息：请填写申请人签名")
    looked(page)


def test_a_person_who_is_not_eligible_meets_no_barrier(
    browser_page: OpenPage, looked: Callable[[Page], None]
) -> None:
    page = browser_page(width=390)
    page.goto("/guide/rank/")
    for answer in ("军官", "退休"):
        page.get_by_text(answer, exact=True).click()
        page.get_by_role("button", name="下一题").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("您的事不在这里办")
    looked(page)


# With the keyboard alone ------------------------------------------------------------------


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    target.wait_for(state="attached")
    for _ in range(150):
        if target.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by Tab to {target} on {page.url}")


def choose(page: Page, name: str, value: str) -> None:
    """Get into a group of radios by Tab and choose by arrows and the space bar."""
    group = page.locator(f"input[type=radio][name={name}]")
    group.first.wait_for(state="attached")
    values = [each.get_attribute("value") for each in group.all()]
    tab_to(page, group.first)
    page.keyboard.press("Space")
    for _ in range(values.index(value)):
        page.keyboard.press("ArrowDown")
    expect(page.locator(f"input[name={name}][value='{value}']")).to_be_checked()


def press(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def type_in(page: Page, code: str) -> None:
    value = FIELDS[code]
    if page.locator(f"[name={code}_year]").count():
        for unit, part in zip(("year", "month", "day"), value.split("-"), strict=True):
            tab_to(page, page.locator(f"[name={code}_{unit}]"))
            page.keyboard.type(part)
    elif page.locator(f"select[name={code}]").count():
        select = page.locator(f"select[name={code}]")
        tab_to(page, select)
        for _ in range(20):
            if select.input_value() == value:
                break
            page.keyboard.press("ArrowDown")
        expect(select).to_have_value(value)
    elif page.locator(f"input[type=radio][name={code}]").count():
        choose(page, code, value)
    else:
        tab_to(page, page.locator(f"[name={code}]"))
        page.keyboard.press("Control+a")
        page.keyboard.type(value)


def test_a_keyboard_alone_gets_from_the_guide_to_the_receipt(browser_page: OpenPage) -> None:
    page = browser_page(width=1280)
    page.goto("/")
    press(page, page.locator(".lb-hero").get_by_role("link", name="开始办理"))
    for key, value in CONSCRIPT.items():
        page.wait_for_url(f"**/guide/{key}/")
        choose(page, "answer", value)
        press(page, page.get_by_role("button", name="下一题"))
    page.wait_for_url("**/guide/result/")
    press(page, page.get_by_role("link", name="开始填表"))
    tab_to(page, page.get_by_label("手机号码"))
    page.keyboard.type(PHONE)
    page.keyboard.press("Enter")
    code = page.locator("#demonstration-code").inner_text()
    tab_to(page, page.get_by_label("6 位验证码"))
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/start/")
    choose(page, "district", "439901")
    press(page, page.get_by_role("button", name="继续"))
    for code, fields in PAGES.items():
        page.wait_for_url(f"**/form/{code}/")
        for field in fields:
            type_in(page, field)
        press(page, page.get_by_role("button", name="保存，下一步"))
    page.wait_for_url("**/form/more/")
    press(page, page.get_by_role("button", name="跳过，窗口再填"))
    page.wait_for_url("**/form/materials/")
    mine = page.locator("#w-enlistment_notice")
    press(page, mine)
    expect(page.locator("#m-enlistment_notice .lb-saved")).to_have_text("带到窗口")
    expect(mine).to_be_focused()
    press(page, page.get_by_role("button", name="没选的都带到窗口"))
    press(page, page.get_by_role("link", name="下一步，核对"))
    page.wait_for_url("**/form/check/")
    for field in SIGNATURES:
        type_in(page, field)
    press(page, page.get_by_role("button", name="签名并提交"))
    page.wait_for_url("**/receipt/**")
    assert the_case().item_count == 13
