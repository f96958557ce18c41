"""An officer of the bureau carries one case from pre-review to its conclusion, in the browser."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from lianban import clock
from lianban.engine import commands as c
from tests.journeys.people import follow
from tests.services import money
from tests.services.cast import City, identity_number, originals_seen
from tests.web.bureau import desk
from tests.web.bureau.conftest import TODAY

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]
PASSWORD = "seven green lanterns"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[datetime]:
    """A Monday within the confirmed calendar."""
    monkeypatch.setattr(clock, "now", lambda: TODAY)
    yield TODAY


@pytest.fixture
def city() -> City:
    built = City().build()
    for role in ("bureau_officer", "bureau_head"):
        user = built.people[f"{role}@{desk.LEAD}.439901"]
        user.set_password(PASSWORD)
        user.save()
    return built


def signed_in(page: Page, role: str) -> Page:
    page.goto("/bureau/")
    page.get_by_label("用户名").fill(f"{role}@{desk.LEAD}.439901")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/bureau/")
    return page


def departments_finish(city: City, case_id: UUID, *, but: tuple[int, ...]) -> None:
    """Every department grants and delivers what is with it, until only `but` is left."""
    step = {"delivering": c.Deliver, "dispatched": c.Grant, "received": c.Grant}
    while True:
        subs = desk.state(case_id, city.bureau).sub_cases
        ours = [s for s in subs.values() if s.state in step and s.number not in but]
        if not ours:
            return
        for sub in ours:
            role = "bureau_officer" if sub.department == desk.LEAD else "department_officer"
            desk.give(step[sub.state](sub.number), case_id, city.officer(role, sub.department))


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (390, False)])
def test_from_pre_review_to_conclusion(
    browser_page: OpenPage, barriers: Barriers, city: City, width: int, javascript: bool
) -> None:
    case_id = desk.handed_in(city, name="唐一鸣")
    page = signed_in(browser_page(width=width, javascript=javascript), "bureau_officer")

    def looked_at() -> None:
        assert not javascript or barriers(page) == []
        cut = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        for wide in (1280, width):
            page.set_viewport_size({"width": wide, "height": 844})
            assert not javascript or page.evaluate(cut) == 0, wide

    # pre-review
    follow(page.get_by_role("link", name="预审", exact=True))
    follow(page.get_by_role("link", name="唐一鸣"))
    looked_at()
    page.get_by_role("button", name="通过，受理").click()
    page.wait_for_url(f"**{desk.page(case_id)}")
    expect(page.get_by_text("已受理").first).to_be_visible()
    looked_at()

    # the bureau's own first item
    page.goto("/bureau/items/")
    looked_at()
    page.get_by_role("button", name="认领").click()
    follow(page.get_by_role("link", name="退役报到").first)
    looked_at()
    expect(page.get_by_role("button", name="准予")).to_have_count(0)
    for box in page.locator('input[name="original"]').all():
        box.check()
    follow(page.get_by_role("button", name="勾上的原件我看过了"))
    looked_at()
    follow(page.get_by_role("button", name="准予"))
    follow(page.get_by_role("button", name="结果已交给本人"))

    # the dossier, many at once
    page.goto("/bureau/dossiers/add/")
    page.get_by_label("名单").fill(
        f"唐一鸣 {identity_number()}\n周文 {identity_number(sequence='003')}"
    )
    page.get_by_text("已到", exact=True).click()
    looked_at()
    page.get_by_role("button", name="登记").click()
    page.wait_for_url("**/dossiers/?show=arrived")
    looked_at()
    page.get_by_role("checkbox", name="选 唐一鸣").check()
    follow(page.get_by_role("button", name="勾上的改为“已接收”"))
    expect(page.get_by_text("1 件已接收，记下了")).to_be_visible()

    # reception; an online case is dispatched at once
    page.goto("/bureau/reception/")
    looked_at()
    follow(page.get_by_role("button", name="勾上的都登记接收"))
    expect(page.get_by_text("1 件登记了退役接收")).to_be_visible()

    # the bureau decides, the departments do theirs; what was brought later was seen at the counter
    originals_seen(case_id, by=city.clerk, at=clock.now())
    page.goto(desk.page(case_id))
    looked_at()
    for number in (8, 9):
        money.approve_first(c.Grant(number), case_id=case_id, at=clock.now())
        page.goto(desk.page(case_id, f"items/{number}/"))
        follow(page.get_by_role("button", name="准予"))
        looked_at()
    departments_finish(city, case_id, but=(5,))

    # what is left stands there with its button
    page.goto(desk.page(case_id))
    looked_at()
    expect(page.get_by_role("button", name="办结联办件")).to_be_disabled()
    follow(page.get_by_role("button", name=re.compile("转为后续事项.*养老保险转移")))
    departments_finish(city, case_id, but=(5,))
    waive_if_waiting(browser_page, city, case_id)
    departments_finish(city, case_id, but=(5,))
    page.goto(desk.page(case_id))
    follow(page.get_by_role("button", name="办结联办件"))
    expect(page.get_by_text("联办件已办结")).to_be_visible()
    looked_at()
    assert desk.state(case_id, city.bureau).state == "concluded"


def waive_if_waiting(browser_page: OpenPage, city: City, case_id: UUID) -> None:
    """The head lets the card go ahead without the transfer that was split off."""
    head = signed_in(browser_page(), "bureau_head")
    for number in desk.state(case_id, city.bureau).holding_up:
        head.goto(desk.page(case_id, f"items/{number}/"))
        head.get_by_text("免一项前置", exact=True).first.click()
        deed = head.locator("#do-waive")
        deed.get_by_label("免哪一项前置").select_option("5")
        deed.get_by_label("常用的理由").select_option(label="这个人不需要这一步")
        follow(deed.get_by_role("button", name="免一项前置"))


def test_a_counters_cases_are_gathered_and_their_sheet_is_fetched(
    browser_page: OpenPage, barriers: Barriers, city: City
) -> None:
    desk.received(city, name="刘实")
    desk.received(city, sequence="003", name="周文")
    page = signed_in(browser_page(), "bureau_officer")
    follow(page.get_by_role("link", name="待汇总推送"))
    assert barriers(page) == []
    page.get_by_role("button", name="勾上的汇总成一批，推送").click()
    page.wait_for_url("**/bureau/batches/*/")
    expect(page.get_by_text("2 件汇总推送了")).to_be_visible()
    assert barriers(page) == []
    with page.expect_download() as waited:
        page.get_by_role("button", name="下载汇总表").click()
    download: Any = waited.value
    assert download.suggested_filename == "HZ20261019-439901-01.xlsx"


@pytest.mark.parametrize("width", [390])
def test_the_other_pages_have_no_barriers(
    browser_page: OpenPage, barriers: Barriers, city: City, width: int
) -> None:
    case_id = desk.sent(city, missing=("pension_payment_voucher",))
    police = city.officer("department_officer", "public_security")
    desk.give(c.Deny(3, "核查结果和申请内容不一致"), case_id, police)
    desk.give(c.Return(14, "不归本部门办理"), case_id, police)
    incomplete = desk.handed_in(city, sequence="003", name="周文", missing=("enlistment_notice",))
    page = signed_in(browser_page(width=width), "bureau_head")
    addresses = [
        "/bureau/find/", "/bureau/cases/?show=stuck", "/bureau/returned/", "/bureau/batches/",
        "/bureau/dossiers/", desk.page(case_id), desk.page(case_id, "items/12/"),
        desk.page(case_id, "items/14/"), desk.page(case_id, "items/3/"),
        desk.page(incomplete, "review/"),
    ]  # fmt: skip
    for address in addresses:
        page.goto(address)
        assert barriers(page) == [], address
        cut = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(cut) == 0, address
    page.goto(desk.page(case_id, "items/8/"))
    page.get_by_text("不予办理", exact=True).first.click()
    follow(page.get_by_role("button", name="不予办理"))
    expect(page.get_by_role("alert").get_by_text("请选一条理由，或者自己写")).to_be_visible()
    assert barriers(page) == []
