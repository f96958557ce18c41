"""The list of payments for the finance office, as XLSX. The one place where whole accounts stand."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import xlsxwriter

TITLE = "付款清单"
REFERENCE, PAID_ON, RETURNED = "付款编号", "支付日期", "退回原因"
AMOUNT = "金额（元）"
HEAD = (
    ("序号", 6),
    (REFERENCE, 26),
    ("姓名", 12),
    ("身份证号", 22),
    ("开户银行", 26),
    ("银行卡号", 26),
    (AMOUNT, 14),
    (PAID_ON, 14),
    (RETURNED, 26),
)


@dataclass(frozen=True, repr=False)
class Line:
    """One person on the list."""

    reference: str
    name: str
    identity_number: str
    bank: str
    account: str
    fen: int


def write(
    *, number: str, office: str, by: str, at: datetime, what: str, lines: Sequence[Line]
) -> bytes:
    """The workbook. Every word is a text cell, so no formula can hide in a name; amounts are numbers.

    The last two columns are for the finance office to fill in and send back.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": f"{TITLE} {number}", "created": at.replace(tzinfo=None)})
        sheet = book.add_worksheet(TITLE)
        bold = book.add_format({"bold": True, "border": 1, "bg_color": "#E7EEF1"})
        text = book.add_format({"border": 1, "text_wrap": True, "valign": "top", "num_format": "@"})
        money = book.add_format({"border": 1, "valign": "top", "num_format": "#,##0.00"})
        big = book.add_format({"bold": True, "font_size": 14})
        sheet.write_string(0, 0, f"{what}{TITLE} {number}", big)
        day = f"{at.year}年{at.month}月{at.day}日"
        sheet.write_string(1, 0, f"{office}　{day}　{by}　共 {len(lines)} 笔")
        for column, (words, width) in enumerate(HEAD):
            sheet.set_column(column, column, width)
            sheet.write_string(2, column, words, bold)
        for place, line in enumerate(lines, start=1):
            for column, words in enumerate(_texts(place, line)):
                sheet.write_string(place + 2, column, words, text)
            sheet.write_number(place + 2, 6, line.fen / 100, money)
        end = len(lines) + 3
        sheet.write_string(end, 5, "合计", bold)
        sheet.write_number(end, 6, sum(line.fen for line in lines) / 100, money)
        sheet.freeze_panes(3, 0)
        sheet.repeat_rows(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    return out.getvalue()


def _texts(place: int, line: Line) -> tuple[str, ...]:
    own = (line.name, line.identity_number, line.bank, line.account)
    return (str(place), line.reference, *own, "", "", "")
