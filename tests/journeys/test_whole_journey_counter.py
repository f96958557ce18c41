"""The conscript of the first scenario, at the counter: one notice, one visit, a conclusion.

Something is missing, one notice says so, the phone brings it, the originals are seen, the results
come by courier and by hand, the person rates, and everything is packed.
"""

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from pypdf.generic import DictionaryObject
from python_calamine import CalamineWorkbook

from lianban.cases import figures_visits
from tests.journeys import people
from tests.journeys.people import Journey, Officers
from tests.services.cast import CONSCRIPT, FIELDS

COURIER, PICK_UP, PHOTO = 3, 14, "photo"
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def journey(
    browser_page: Callable[..., Page],
    barriers: Callable[[Page], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> Iterator[Journey]:
    yield from people.journey(browser_page, barriers, monkeypatch, settings)


def test_a_conscript_goes_from_the_counter_to_the_conclusion(journey: Journey) -> None:
    clerk = journey.officer("donghu-chuangkou")
    case = take_in(journey, clerk)
    address, secret = receipt(clerk)
    person = open_by_receipt(journey, address, secret)
    send_the_photo(journey, person, case)
    journey.leave(person)
    accept(journey, clerk, case)
    report_in(journey, clerk, case)
    journey.leave(clerk)
    assert figures_visits.visits_per_case().visits == 1
    officers = Officers(journey, case, on_their_way=frozenset({COURIER, PICK_UP}))
    journey.time.pass_(days=4)
    batch(officers)
    journey.time.pass_(days=1)
    officers.decide_all_but_the_last()
    with officers.at_desk("donghu-chuangkou") as clerk:
        person = open_by_receipt(journey, address, secret)
        fetch(journey, clerk, person, case)
        post(journey, clerk, person, case)
    journey.time.pass_(days=3)
    officers.decide_the_last_and_conclude()
    rate(journey, open_by_receipt(journey, address, secret), case)
    pack(officers)
    read_everything(journey, open_by_receipt(journey, address, secret))
    assert journey.found == []


def take_in(journey: Journey, page: Page) -> str:
    """Find nobody by the number, start, guide and form beside the person, tick the originals."""
    journey.look(page)
    page.locator("#id_text").fill(FIELDS["identity_number"])
    page.keyboard.press("Enter")
    people.arrived(page, "/counter/find/")
    people.press(page, "给这个人开始办")
    people.arrived(page, "/counter/forms/")
    for key, value in CONSCRIPT.items():
        people.choose(page, f"q_{key}", value)
        settled(page)
    expect(page.locator("#plan-t")).to_contain_text("13 件")
    for _ in range(2):  # where to post to is asked once somebody wants the post
        people.fill(page, FIELDS)
        settled(page)
    journey.look(page)
    for box in page.locator('input[name="seen"]').all():
        if box.get_attribute("value") != PHOTO:
            box.press("Space")
            settled(page)
    expect(page.locator("#acts").get_by_text("登记表填好了")).to_be_visible()
    expect(page.locator("#notice ins")).to_have_count(1)
    people.press(page, "告知补正")
    people.arrived(page, "/receipt/$")
    journey.look(page)
    return page.url.split("/cases/")[1].split("/")[0]


def settled(page: Page) -> None:
    """Wait until the page has kept itself."""
    page.wait_for_timeout(200)
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def receipt(page: Page) -> tuple[str, str]:
    """Print the receipt: the address in its code, as its text alternative has it, the secret."""
    secret = page.locator("#receipt-secret").inner_text()
    link = page.get_by_role("link", name="打印回执").get_attribute("href")
    file = page.request.get(link or "").body()
    root = PdfReader(BytesIO(file)).trailer["/Root"]["/StructTreeRoot"]  # type: ignore[index]
    alternatives = " ".join(_alternatives(root))
    address = re.search(r"http\S+/r/\S+/", alternatives)
    assert address, alternatives
    text = people.read_pdf(page.request.get(link or ""))
    assert re.sub(r"\s", "", secret) in text
    people.press(page, "都交给本人了，下一位")
    return address[0], secret


def _alternatives(node: Any) -> Iterator[str]:
    node = node.get_object()
    if isinstance(node, DictionaryObject):
        if "/Alt" in node:
            yield str(node["/Alt"])
        yield from _alternatives(node["/K"]) if "/K" in node else ()
    elif isinstance(node, list):
        for each in node:
            yield from _alternatives(each)


def send_the_photo(journey: Journey, page: Page, case: str) -> None:
    """The one notice names one thing; the phone brings it."""
    expect(page.get_by_role("heading", name="我的办件")).to_be_visible()
    journey.look(page)
    people.follow(page.locator(".lb-turn").get_by_role("link").first)
    expect(page.get_by_role("heading", level=1)).to_have_text("要补 1 样")
    picture = BytesIO()
    Image.effect_noise((600, 800), 60).save(picture, "JPEG")
    file = {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    page.set_input_files(f"#file-{PHOTO}", file)  # type: ignore[arg-type]
    people.press(page, "补好了，送回去")
    people.arrived(page, f"/my/{case}/$")
    expect(page.get_by_role("status").first).to_contain_text("都送回去了")


def accept(journey: Journey, page: Page, case: str) -> None:
    """The case is complete; what was sent by phone is seen as an original, once for all items."""
    page.goto(f"/counter/cases/{case}/")
    expect(page.get_by_text("材料齐了，可以受理")).to_be_visible()
    people.press(page, "受理")
    expect(page.get_by_text("已受理，请打印受理通知书交给本人")).to_be_visible()
    journey.look(page)
    page.locator(f"#seen_{PHOTO}").press("Space")
    people.press(page, "勾的原件都看过了")
    expect(page.locator('input[name="seen"]')).to_have_count(0)


def fetch(journey: Journey, clerk: Page, person: Page, case: str) -> None:
    """By the code on the phone, with the document checked and a signature."""
    person.goto(f"/my/{case}/results/")
    journey.look(person)
    clerk.goto("/results/")
    clerk.locator("#q").fill(person.locator(f"#code-{PICK_UP}").inner_text())
    people.press(clerk, "找")
    clerk.locator("[name=checked]").press("Space")
    clerk.locator("[name=receiver]").fill(FIELDS["name"])
    people.press(clerk, "交付，签收了")
    expect(clerk.get_by_text("本人签收")).to_be_visible()


def post(journey: Journey, clerk: Page, person: Page, case: str) -> None:
    """In a batch with a label and a tracking number; the person says that it came."""
    clerk.goto("/results/?show=to_post")
    clerk.locator('input[name="row"]').first.press("Space")
    people.press(clerk, "装成一批，打印面单")
    clerk.locator("#carrier").fill("柳城快递")
    clerk.locator('[name^="number-"]').first.fill("LC20260001")
    people.press(clerk, "寄出了，记下单号")
    expect(clerk.get_by_role("status").first).to_contain_text("1 个寄出")
    journey.look(clerk)
    person.goto(f"/my/{case}/results/")
    expect(person.get_by_text("LC20260001")).to_be_visible()
    people.press(person, "我收到了")
    expect(person.get_by_text("快递签收了")).to_be_visible()
    journey.leave(person)


def rate(journey: Journey, page: Page, case: str) -> None:
    """The person is not content with one thing, and told when somebody will call."""
    page.goto(f"/my/{case}/rate/")
    page.locator("#l-whole-5").press("Space")
    people.follow(page.locator("#t-whole").get_by_role("button"))
    expect(page.get_by_role("status").first).to_contain_text("谢谢您的评价")
    page.locator(f"#l-{COURIER}-2").press("Space")
    page.locator(f"#c-{COURIER}").fill("等了好几天")
    people.follow(page.locator(f"#t-{COURIER}").get_by_role("button"))
    expect(page.get_by_role("status").first).to_contain_text("打电话给您")
    journey.look(page)
    journey.leave(page)


def pack(officers: Officers) -> None:
    """Everything of the case in one ZIP whose manifest fits."""
    with officers.bureau() as page:
        page.goto(f"/bureau/cases/{officers.case}/pack/")
        people.press(page, "做归档包")
        officers.journey.look(page)
        link = page.get_by_role("link", name="下载 ZIP").get_attribute("href")
        archive = zipfile.ZipFile(BytesIO(page.request.get(link or "").body()))
        files = json.loads(archive.read("manifest.json"))["files"]
        assert archive.testzip() is None
        assert {file["path"] for file in files} == {*archive.namelist()} - {"manifest.json"}


def report_in(journey: Journey, page: Page, case: str) -> None:
    """The counter decides the first item for the bureau, and hands its papers out."""
    page.goto(f"/counter/cases/{case}/")
    journey.look(page)
    people.press(page, "准予")
    expect(page.get_by_text("退役报到：已准予")).to_be_visible()
    people.hand_over(page, name=FIELDS["name"])


def open_by_receipt(journey: Journey, address: str, secret: str) -> Page:
    """What the code on the receipt leads to, and its second secret."""
    page = journey.applicant()
    page.goto(address)
    page.get_by_label("查询码").fill(secret)
    page.keyboard.press("Enter")
    people.arrived(page, "/my/")
    return page


def batch(officers: Officers) -> None:
    """Reception, then one batch: nothing is pushed before, its sheet says what was."""
    with officers.bureau() as page:
        people.receive_dossier(page, case=officers.case, look=officers.journey.look)
    with officers.at_desk("donghu-gongan") as page:
        assert people.items_here(page, case=officers.case) == set()
    with officers.bureau() as page:
        page.goto("/bureau/batches/")
        officers.journey.look(page)
        people.press(page, "勾上的汇总成一批，推送")
        people.arrived(page, "/bureau/batches/[0-9a-f-]+/$")
        officers.journey.look(page)
        with page.expect_download() as waited:
            page.get_by_role("button", name="下载汇总表").click()
        rows = CalamineWorkbook.from_path(waited.value.path()).get_sheet_by_index(0).to_python()
    items = [str(row[4]).split()[0] for row in rows[3:]]
    assert items == ["2", "3", "7", "14"]
    assert {row[2] for row in rows[3:]} == {"陈小川"}
    assert not any(FIELDS["identity_number"] in str(cell) for row in rows for cell in row)


#: What must stand on each paper, in the order in which they came to be.
PAPERS: tuple[tuple[str, ...], ...] = (
    ("联办回执", "（共13项）", "2026年9月3日", "历史校验码"),
    ("联办办理登记表", FIELDS["identity_number"], "需办理事项", "自主就业申请", "承诺信息"),
    ("一次性告知书", "办理事项（共13项）"),
    ("补正通知书", "需要补正的内容（共1项）", "二寸彩色免冠照片"),
    ("受理通知书", "受理日期为2026年9月3日", "已收材料"),
    ("送达回证", "报到回执"),
    ("户口登记", "东湖县"),
    ("核定表", "玖仟元整"),
    ("送达回证", "机动车驾驶证"),
    ("办结通知书", "社会保障卡", "居民户口簿", "retirement-2022"),
)


def read_everything(journey: Journey, page: Page) -> None:
    """With the receipt alone: everything is done, and every paper can be read."""
    expect(page.get_by_role("heading", name="全部办好了")).to_be_visible()
    expect(page.get_by_text("13 件事，办结 13 件")).to_be_visible()
    journey.look(page)
    number = page.locator("header .lb-num").first.inner_text()
    opened = people.open_papers(page)
    assert len(opened) == len(PAPERS)
    for (title, text), words in zip(opened, PAPERS, strict=True):
        for each in (*words, number, "陈小川"):
            assert each in text, f"{title} does not say {each}"
    assert opened[-1][1].count("准予") == 13
    journey.leave(page)
