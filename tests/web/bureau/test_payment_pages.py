"""The bureau's pages for money: computing, approving, lists for the finance office, its answers."""

import io
import re
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader

from lianban.cases.models import PaymentBatchRecord
from lianban.engine import commands as c
from tests.services import money
from tests.services.cast import FIELDS, City, identity_number
from tests.web.bureau import desk
from tests.web.bureau.conftest import TODAY

pytestmark = pytest.mark.django_db(transaction=True)
RIGHT = {"fact-left_service": "normal", "days": "0", "reason": ""}
LISTS = "/bureau/payments/lists/"


def amount(case_id: object) -> str:
    return f"/bureau/cases/{case_id}/items/8/amount/"


def test_an_amount_is_computed_on_its_page_and_approved_by_another(
    city: City, officer: Client, head: Client
) -> None:
    case_id = desk.sent(city)
    assert "还没有核算" in desk.text(officer.get(desk.page(case_id, "items/8/")))
    page = desk.text(officer.get(amount(case_id)))
    assert FIELDS["bank_account"] not in page and identity_number() not in page
    wrong = officer.post(amount(case_id), RIGHT | {"days": "7"})
    assert (wrong.status_code, "请写明为什么" in desk.text(wrong)) == (422, True)
    for days in ("-1", "x", "30000", ""):
        assert officer.post(amount(case_id), RIGHT | {"days": days}).status_code == 422
    gone = officer.post(amount(case_id), RIGHT | {"fact-left_service": "dismissed"})
    assert (gone.status_code, "被除名的不发" in desk.text(gone)) == (422, True)
    assert officer.post(amount(case_id), RIGHT).status_code == 302
    shown = desk.text(officer.get(amount(case_id)))
    assert "9,000.00" in shown and "这一笔是您核算的" in shown and "待本市确认" in shown
    digest = {"digest": money.current(case_id).digest}
    officer.post(amount(case_id) + "approve/", digest)
    assert money.current(case_id).state == "computed"
    head.post(amount(case_id) + "approve/", {"digest": "old"})
    assert money.current(case_id).state == "computed"
    assert head.post(amount(case_id) + "approve/", digest).status_code == 302
    item = desk.text(head.get(desk.page(case_id, "items/8/")))
    assert money.current(case_id).state == "approved"
    assert "核定表" in item and "9,000.00" in item
    link = re.search(r'href="(/papers/[^"]*amount_assessment[^"]*)"', item)
    assert link
    file = b"".join(head.get(link[1]))
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)
    for text in ("陈小川", "¥ 9,000.00", "人民币玖仟元整", "标准待本市确认", "尾号 0001"):
        assert text.replace(" ", "") in words.replace(" ", "").replace("\n", "")
    assert FIELDS["bank_account"] not in words


def test_granting_first_is_refused_and_says_what_to_do(city: City, officer: Client) -> None:
    case_id = desk.sent(city)
    answer = officer.post(desk.page(case_id, "items/8/"), {"do": "grant"})
    assert answer.status_code == 400
    assert "先核算金额，由另一个人复核，再准予" in desk.text(answer)


def test_an_item_that_pays_nothing_has_no_page_for_it(city: City, officer: Client) -> None:
    case_id = desk.sent(city)
    assert officer.get(desk.page(case_id, "items/9/amount/")).status_code == 404
    stranger = desk.browser(city, district="439902")
    assert stranger.get(amount(case_id)).status_code == 404
    assert stranger.post(amount(case_id), RIGHT).status_code == 404


@pytest.fixture
def listed(city: City, officer: Client) -> PaymentBatchRecord:
    """One payment on a list."""
    case_id = desk.sent(city)
    desk.give(c.Grant(8), case_id, city.bureau)
    page = desk.text(officer.get("/bureau/payments/?show=approved"))
    assert "陈小川" in page and FIELDS["bank_account"] not in page
    ticked = {"payment": [str(money.current(case_id).id)]}
    answer = officer.post("/bureau/payments/", ticked)
    assert answer["Location"].startswith(LISTS)
    assert officer.post("/bureau/payments/", ticked)["Location"] == answer["Location"]
    return PaymentBatchRecord.objects.get()


def test_the_list_downloads_and_other_counties_do_not_see_it(
    city: City, officer: Client, listed: PaymentBatchRecord
) -> None:
    address = f"{LISTS}{listed.id}/"
    page = desk.text(officer.get(address))
    assert "尾号" in page and FIELDS["bank_account"] not in page
    file = officer.get(address + "sheet.xlsx")
    assert file["Content-Disposition"] == f'attachment; filename="{listed.number}.xlsx"'
    assert file["Cache-Control"] == "no-store"
    assert listed.number in desk.text(officer.get(LISTS))
    stranger = desk.browser(city, district="439902")
    assert [stranger.get(a).status_code for a in (address, address + "sheet.xlsx")] == [404, 404]
    assert listed.number not in desk.text(stranger.get(LISTS))
    nothing = officer.post("/bureau/payments/", {}, follow=True)
    assert "请至少选一笔" in desk.text(nothing)


def test_wrong_rows_stay_in_the_box_and_the_right_ones_are_noted(
    officer: Client, listed: PaymentBatchRecord
) -> None:
    address, reference = f"{LISTS}{listed.id}/", f"{listed.number}-001"
    lines = f"{reference} {TODAY:%Y-%m-%d}\n{listed.number}-009 {TODAY:%Y-%m-%d}"
    answer = officer.post(address, {"lines": lines})
    page = desk.text(answer)
    assert (answer.status_code, "有 1 行没记下" in page) == (422, True)
    box = page.split("<textarea")[1].split("</textarea>")[0]
    assert f"{listed.number}-009" in box and reference not in box
    assert listed.payments.get().state == "paid"
    empty = officer.post(address, {"lines": ""})
    assert (empty.status_code, "一行都没有填" in desk.text(empty)) == (422, True)


def test_the_filled_in_table_is_taken_and_a_broken_one_refused(
    officer: Client, listed: PaymentBatchRecord
) -> None:
    address = f"{LISTS}{listed.id}/"
    broken = officer.post(address, {"file": upload(b"PK\x03\x04 nothing"), "lines": ""})
    assert (broken.status_code, "不是完好的" in desk.text(broken)) == (422, True)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["付款编号", "金额（元）", "支付日期", "退回原因"])
        sheet.write_row(1, 0, [f"{listed.number}-001", 9000, "", "户名不符"])
    answer = officer.post(address, {"file": upload(out.getvalue()), "lines": ""})
    assert answer.status_code == 302
    assert listed.payments.get().state == "returned"
    page = desk.text(officer.get("/bureau/payments/?show=returned"))
    assert "户名不符" in page and "陈小川" in page


def upload(content: bytes) -> Any:
    return SimpleUploadedFile("answer.xlsx", content)
