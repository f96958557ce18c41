"""The tables a city fills in about its people: which sheets and columns, and how files are read.

XLSX, one CSV file, or a folder of CSV files (UTF-8 or GB 18030). Every complaint is in Chinese and
names sheet, row and column as the person sees them.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter

from lianban.accounts import sheets
from lianban.engine.refusal import Refused


@dataclass(frozen=True)
class Column:
    """One column: our key, its heading, whether it must be filled in, most characters."""

    key: str
    heading: str
    required: bool = True
    most: int = 60
    example: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: our key, its Chinese name, its columns."""

    key: str
    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Complaint:
    """What is wrong, where, and what to do."""

    sheet: str
    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        row = f"第 {self.row} 行" if self.row else ""
        column = f"“{self.column}”" if self.column else ""
        return f"{self.sheet} {row}{column}：{self.message}".replace(" ：", "：")


@dataclass(frozen=True)
class Row:
    """One filled-in row: sheet name and row number as the person sees them, and its texts."""

    sheet: str
    number: int
    values: dict[str, str]

    def __getitem__(self, key: str) -> str:
        return self.values.get(key, "")


@dataclass
class Tables:
    """All rows by sheet key, and all complaints so far."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {one.key: [] for one in SHEETS})
    complaints: list[Complaint] = field(default_factory=list)

    def complain(self, row: Row, key: str, message: str) -> None:
        """Note what is wrong with one cell."""
        heading = next(
            column.heading for one in SHEETS for column in one.columns if column.key == key
        )
        self.complaints.append(Complaint(row.sheet, row.number, heading, message))


SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "districts",
        "区划",
        (
            Column("code", "代码", most=12, example="990100"),
            Column("name", "名称", example="某某市"),
            Column("level", "级别", example="市"),
            Column("parent", "上级代码", required=False, most=12),
            Column("edition", "方案版本", required=False),
        ),
    ),
    Sheet(
        "offices",
        "办事机构",
        (
            Column("district", "区划代码", most=12, example="990100"),
            Column("department", "部门", example="退役军人事务部门"),
            Column("office", "单位", most=80, example="某某市退役军人事务局"),
            Column("phone", "电话", required=False, most=40),
            Column("address", "地址", required=False, most=200),
            Column("is_counter", "综合窗口", required=False, most=5, example="否"),
        ),
    ),
    Sheet(
        "officers",
        "人员",
        (
            Column("username", "用户名", example="zhangsan"),
            Column("officer", "姓名", example="张某"),
            Column("office_district", "单位区划代码", most=12, example="990100"),
            Column("officer_office", "所在单位", most=80, example="某某市退役军人事务局"),
        ),
    ),
    Sheet(
        "roles",
        "角色",
        (
            Column("role_username", "用户名", example="zhangsan"),
            Column("role", "角色", example="退役军人事务部门经办人"),
        ),
    ),
)
NOTES = "说明"


def read(path: Path) -> Tables:
    """Return the rows of a file or folder; what cannot be read is among the complaints."""
    tables = Tables()
    if path.is_dir():
        files = sorted(path.glob("*.csv"))
        if not files:
            tables.complaints.append(Complaint(path.name, None, None, "文件夹里没有 .csv 文件"))
    else:
        files = [path]
    for file in files:
        for name, grid in _grids(file, tables):
            _take(name, grid, tables)
    return tables


def write_template(path: Path, *, departments: Iterable[str], roles: Iterable[str]) -> None:
    """Write an XLSX to fill in: headings, one example row, and a page of notes.

    Raises OSError where the file cannot be written.
    """
    with xlsxwriter.Workbook(path) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for sheet in SHEETS:
            page = book.add_worksheet(sheet.name)
            page.set_column(0, len(sheet.columns) - 1, 24, text)
            for at, column in enumerate(sheet.columns):
                page.write_string(0, at, column.heading, bold)
                page.write_string(1, at, column.example)
            page.freeze_panes(1, 0)
        notes = book.add_worksheet(NOTES)
        notes.set_column(0, 0, 100)
        for at, line in enumerate(_notes(departments, roles)):
            notes.write_string(at, 0, line)


def _notes(departments: Iterable[str], roles: Iterable[str]) -> list[str]:
    return [
        "第二行是例子，填好以后请删掉。一个人有几个角色，就在“角色”里写几行。",
        "导入可以重复做：已有的会更新，表里没有的不会删除。停用账户请在“人员管理”页面做。",
        "级别：市、区县。区县要写上级代码。综合窗口：是、否，空着就是“否”。",
        "用户名：2 到 60 位，小写字母、数字、点和连字符，以字母或数字开头。",
        "部门可以写：" + "、".join(departments),
        "角色可以写：" + "、".join(roles),
    ]


def _grids(file: Path, tables: Tables) -> list[tuple[str, sheets.Grid]]:
    try:
        return sheets.read(file.read_bytes(), name=file.name)
    except OSError as problem:
        message = f"打不开这个文件（{problem.strerror}）"
    except Refused as refusal:
        message = refusal.message
    tables.complaints.append(Complaint(file.name, None, None, message))
    return []


def _take(name: str, grid: sheets.Grid, tables: Tables) -> None:
    """Add one sheet's rows, finding out by name, then by headings, which sheet it is."""
    headings = [sheets.text(cell) for cell in grid[0]] if grid else []
    sheet = _sheet_of(name, headings)
    if sheet is None:
        if name != NOTES and any(headings):
            known = "、".join(one.name for one in SHEETS)
            tables.complaints.append(
                Complaint(name, None, None, f"不认识这张表，请命名为：{known}")
            )
        return
    columns = _columns(name, sheet, headings, tables)
    if columns is None:
        return
    for number, cells in enumerate(grid[1:], start=2):
        texts = [sheets.text(cell) for cell in cells]
        if any(texts):
            values = {
                column.key: texts[at] if at < len(texts) else "" for at, column in columns.items()
            }
            row = Row(name, number, values)
            _check_cells(row, sheet, tables)
            tables.rows[sheet.key].append(row)


def _sheet_of(name: str, headings: list[str]) -> Sheet | None:
    for sheet in SHEETS:
        if name.strip().lower() in {sheet.name, sheet.key}:
            return sheet
    for sheet in SHEETS:
        if {column.heading for column in sheet.columns if column.required} <= set(headings):
            return sheet
    return None


def _columns(
    name: str, sheet: Sheet, headings: list[str], tables: Tables
) -> dict[int, Column] | None:
    by_heading = {column.heading: column for column in sheet.columns}
    before = len(tables.complaints)
    for heading in headings:
        if heading and heading not in by_heading:
            known = "、".join(by_heading)
            tables.complaints.append(
                Complaint(name, 1, heading, f"没有这一列，这张表的列是：{known}")
            )
    for column in sheet.columns:
        if column.required and column.heading not in headings:
            tables.complaints.append(Complaint(name, 1, column.heading, "少了这一列"))
        elif headings.count(column.heading) > 1:
            tables.complaints.append(Complaint(name, 1, column.heading, "这一列有两个，请删掉一个"))
    if len(tables.complaints) > before:
        return None
    return {at: by_heading[heading] for at, heading in enumerate(headings) if heading}


def _check_cells(row: Row, sheet: Sheet, tables: Tables) -> None:
    for column in sheet.columns:
        text = row[column.key]
        if column.required and not text:
            tables.complain(row, column.key, "请填写")
        elif len(text) > column.most:
            tables.complain(row, column.key, f"最多 {column.most} 个字，现在是 {len(text)} 个")
        elif any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text):
            tables.complain(row, column.key, "有看不见的控制字符，请重新输入")
