"""The summary sheet (汇总表) of a batch as XLSX; every cell is text, so no formula can hide in a name."""

import io
from collections.abc import Sequence

import xlsxwriter

from lianban.cases.batch_lists import BatchView, SheetRow
from lianban.web.components import dates, status

HEAD = ("序号", "办件编号", "姓名", "身份证号", "事项", "办理部门", "结果", "文号")
WIDTHS = (6, 20, 12, 22, 40, 26, 12, 20)


def write(batch: BatchView, rows: Sequence[SheetRow]) -> bytes:
    """The workbook: a title, a head that stays in sight and prints on each page, one row an item."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties(
            {"title": f"汇总表 {batch.number}", "created": batch.gathered_at.replace(tzinfo=None)}
        )
        sheet = book.add_worksheet("汇总表")
        bold = book.add_format({"bold": True, "border": 1, "bg_color": "#E7EEF1"})
        cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
        title = f"军人退役“一件事”联办汇总表 {batch.number}"
        sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
        day = dates.full_day(batch.gathered_at)
        sheet.write_string(1, 0, f"{batch.district_name}　{day}　{batch.gathered_by}")
        for column, (words, width) in enumerate(zip(HEAD, WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(2, column, words, bold)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(_cells(number, row)):
                sheet.write_string(number + 2, column, text, cell)
        sheet.freeze_panes(3, 0)
        sheet.repeat_rows(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    return out.getvalue()


def _cells(number: int, row: SheetRow) -> tuple[str, ...]:
    return (
        str(number),
        row.case_number,
        row.name,
        row.identity_masked,
        f"{row.item} {row.item_name}",
        row.department,
        status.of_sub_case(row.state, outcome=row.outcome).word,
        row.result_number,
    )
