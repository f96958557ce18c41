"""The conscript of the first scenario, online: from the guide on a phone to the conclusion."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfWriter

from tests.journeys import people
from tests.journeys.people import Journey, Officers
from tests.services.cast import FIELDS

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PHONE = "13800000001"


@pytest.fixture
def journey(
    browser_page: Callable[..., Page],
    barriers: Callable[[Page], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> Iterator[Journey]:
    yield from people.journey(browser_page, barriers, monkeypatch, settings)


@pytest.fixture
def jpeg(tmp_path: Path) -> Path:
    file = tmp_path / "notice.jpg"
    Image.effect_noise((900, 1200), 60).save(file, "JPEG")
    return file


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    file = tmp_path / "certificate.pdf"
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(file)
    return file


def test_a_conscript_goes_from_the_guide_to_the_conclusion_online(
    journey: Journey, jpeg: Path, pdf: Path
) -> None:
    phone = journey.applicant()
    officers = Officers(journey, hand_in(journey, phone, jpeg, pdf))
    journey.leave(phone)
    journey.time.pass_(days=1)
    pre_review(officers)
    journey.time.pass_(hours=1)
    originals(officers)
    report_in(officers)
    journey.time.pass_(days=4)
    reception(officers)
    ask_for_correction(officers, 14)
    correct(officers, jpeg, pdf)
    journey.time.pass_(days=1)
    officers.decide_all_but_the_last()
    journey.time.pass_(days=3)
    officers.decide_the_last_and_conclude()
    read_everything(officers)
    assert journey.found == []


def hand_in(journey: Journey, page: Page, jpeg: Path, pdf: Path) -> str:
    page.goto("/")
    page.locator(".lb-hero").get_by_role("link", name="开始办理").press("Enter")
    people.answer_guide(page, look=journey.look)
    expect(page.get_by_role("heading", level=1)).to_have_text("您要办 13 件事")
    journey.look(page)
    page.get_by_role("link", name="开始填表").press("Enter")
    people.sign_in_by_phone(page, phone=PHONE)
    people.arrived(page, "/start/$")
    page.get_by_label("东湖县").press("Space")
    people.press(page, "继续")
    assert len(people.fill_form(page, look=journey.look)) == 7
    materials(page, jpeg, pdf)
    journey.look(page)
    page.get_by_role("link", name="下一步，核对").press("Enter")
    people.arrived(page, "/form/check/$")
    journey.look(page)
    case = people.sign_and_submit(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("交上去了")
    journey.look(page)
    return case


def materials(page: Page, jpeg: Path, pdf: Path) -> None:
    for code, file in (("enlistment_notice", jpeg), ("discharge_certificate", pdf)):
        page.locator(f"#f-{code}").set_input_files(file)
        expect(page.locator(f"#m-{code} .lb-filelist li")).to_have_count(1)
    page.locator("#m-pension_transfer_form").get_by_role("button", name="随档案来").press("Enter")
    expect(page.locator("#m-pension_transfer_form .lb-saved")).to_be_visible()
    people.press(page, "没选的都带到窗口")
    expect(page.locator("#rest")).to_contain_text("份都选好了")


def pre_review(officers: Officers) -> None:
    with officers.bureau() as page:
        officers.journey.look(page)
        page.get_by_role("link", name="预审", exact=True).first.press("Enter")
        people.arrived(page, "show=pre_review")
        page.get_by_role("link", name="陈小川").press("Enter")
        people.arrived(page, f"/bureau/cases/{officers.case}/review/$")
        officers.journey.look(page)
        people.press(page, "通过，受理")
        expect(page.get_by_role("status").first).to_contain_text("已受理")


def originals(officers: Officers) -> None:
    """The one visit: whatever was to be brought to the counter is seen there."""
    with officers.at_desk("donghu-chuangkou") as page:
        page.goto(f"/counter/cases/{officers.case}/")
        officers.journey.look(page)
        for box in page.locator('input[name="seen"]').all():
            box.press("Space")
        people.press(page, "勾的原件都看过了")
        expect(page.locator('input[name="seen"]')).to_have_count(0)


def report_in(officers: Officers) -> None:
    with officers.bureau() as page:
        people.grant_at_bureau(page, case=officers.case, number=1, look=officers.journey.look)
        page.goto(f"/bureau/cases/{officers.case}/")
        expect(page.get_by_role("button", name="办结联办件")).to_be_disabled()
        expect(page.locator("#cw")).to_contain_text("还差 12 件")
        officers.journey.look(page)


def reception(officers: Officers) -> None:
    """Nothing is pushed before reception is registered; afterwards what waits for it alone is."""
    with officers.at_desk("donghu-gongan") as page:
        assert people.items_here(page, case=officers.case) == set()
    with officers.bureau() as page:
        people.receive_dossier(page, case=officers.case, look=officers.journey.look)


def ask_for_correction(officers: Officers, number: int) -> None:
    with officers.at_desk("donghu-gongan") as page:
        people.open_item(page, case=officers.case, number=number)
        people.follow(page.get_by_role("link", name="请申请人补正"))
        officers.journey.look(page)
        for code in ("discharge_certificate", "licence_valid_until"):
            people.choose(page, "codes", code)
        people.press(page, "发出补正通知")
        expect(page.get_by_role("status").first).to_contain_text("补正通知发出去了")


def my_case(officers: Officers) -> Page:
    page = officers.journey.applicant()
    page.goto("/sign-in/?next=/my/")
    people.sign_in_by_phone(page, phone=PHONE)
    people.arrived(page, f"/my/{officers.case}/$")
    return page


def correct(officers: Officers, jpeg: Path, pdf: Path) -> None:
    """Mended in place, on the phone: a field typed again, a page photographed again.

    The very file that was found wanting is no answer.
    """
    journey, page = officers.journey, my_case(officers)
    journey.look(page)
    page.locator(".lb-turn").get_by_role("link").first.press("Enter")
    people.arrived(page, "/correct/$")
    journey.look(page)
    place = page.locator("#file-discharge_certificate")
    place.set_input_files(pdf)
    people.fill(page, {"licence_valid_until": "2031-05-01"})
    people.press(page, "补好了，送回去")
    expect(page.get_by_role("alert")).to_contain_text("同一个文件")
    place.set_input_files(jpeg)
    people.press(page, "补好了，送回去")
    people.arrived(page, f"/my/{officers.case}/$")
    expect(page.get_by_role("status").first).to_contain_text("都送回去了")
    journey.leave(page)


#: What must stand on each paper, in the order in which they came to be.
FORM = (
    "联办办理登记表",
    FIELDS["identity_number"],
    "陈小川",
    "需办理事项",
    "自主就业申请",
    "承诺信息",
)
PAPERS: tuple[tuple[str, ...], ...] = (
    ("联办回执", "（共13项）", "已收材料（共2种）", "2026年9月3日"),
    FORM,
    ("一次性告知书", "办理事项（共13项）", "义务兵退役医疗保险转移凭证"),
    ("受理通知书", "受理日期为2026年9月4日"),
    ("户口登记", "东湖县"),
    ("补正通知书", "机动车驾驶证换领", "需要补正的内容（共2项）", "退出现役证件", "东湖县公安局"),
    FORM,
    ("核定表", "玖仟元整"),
    ("办结通知书", "已于2026年9月12日办结", "社会保障卡", "居民户口簿", "retirement-2022"),
)


def read_everything(officers: Officers) -> None:
    """The whole picture is done, every message is there, every paper says what happened."""
    journey, page = officers.journey, my_case(officers)
    expect(page.get_by_role("heading", name="全部办好了")).to_be_visible()
    expect(page.get_by_text("13 件事，办结 13 件")).to_be_visible()
    journey.look(page)
    page.get_by_role("link", name="消息").first.press("Enter")
    people.arrived(page, "/messages/$")
    journey.look(page)
    titles = page.locator("article h2").all_inner_texts()
    assert {"全部办结", "社会保障卡办好了", "请补交材料", "退役接收登记好了", "已经受理"} <= {
        *titles
    }
    page.goto(f"/my/{officers.case}/")
    number = page.locator("header .lb-num").first.inner_text()
    opened = people.open_papers(page)
    assert len(opened) == len(PAPERS)
    for (title, text), words in zip(opened, PAPERS, strict=True):
        for each in (*words, number, "陈小川"):
            assert each in text, f"{title} does not say {each}"
    granted = opened[-1][1].count("准予")
    assert granted == 13
    journey.leave(page)
