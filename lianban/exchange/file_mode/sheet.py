"""The workbook of file mode: how it is laid out, written and read. Pure: bytes in, values out.

Sheets: new sub-cases; what changed in those that were handed out; what is to be verified (核验), where
there is any; or, of a 对账表, what was sent and where it stands; how to fill it in; and a hidden one with what a program needs: number, contract version,
and a line for each row with its message, its check value and the codes of what can be named.
"""

import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import xlsxwriter

from lianban.accounts import sheets
from lianban.engine.refusal import Refused
from lianban.exchange import contract

NEW, CHANGED, ASKED, HOW, HIDDEN = "新送来的", "有变化的", "要核验的", "怎么填", "_lianban"
BOOK = "对账"
PLACE, SUB_CASE, ITEM = "序号", "子办件编号", "事项"
STEP, KIND, REASON = "办理情况", "原因类别", "原因"
DEFECTS, RESULT, ISSUED_ON = "要补的内容", "结果编号", "出证日期"
DIFFERS, DAYS = "不一致的内容", "延长几个工作日"
OWN, OWN_NUMBER = "您单位的账", "您单位的结果编号"
FILL = (STEP, KIND, REASON, DEFECTS, RESULT, ISSUED_ON, DAYS)
#: The columns to fill in, by sheet.
FILLS = {NEW: FILL, CHANGED: FILL, ASKED: (STEP, DIFFERS), BOOK: (OWN, OWN_NUMBER)}
_FILLED = frozenset((*FILL, DIFFERS, OWN, OWN_NUMBER))
#: What a row tells, in a cell of the second sheet.
NEWS = "变化"
STEPS = (
    *("受理", "不受理", "退回", "补正", "办结（准予）", "办结（不予）"),
    *("暂停", "恢复", "延期", "已送达"),
)
MATCHES = ("核验一致", "核验不一致")
OWNS = ("没有这一件", "在办", "准予", "不予")
_WIDTHS = {
    PLACE: 6,
    SUB_CASE: 24,
    ITEM: 22,
    NEWS: 40,
    STEP: 16,
    KIND: 16,
    REASON: 30,
    DEFECTS: 26,
    DIFFERS: 26,
    OWN: 16,
    OWN_NUMBER: 26,
}
#: Title, who and when, how: the headings come below.
_HEAD = 3
_MOST_CELL = 32_000


@dataclass(frozen=True, repr=False)
class Row:
    """One row as it is handed out. `given` holds heading and text; `asks` label and code."""

    place: int
    sheet: str
    #: What the message is about, and the same as the sheet shows it.
    subject: str
    sub_case: str
    message_id: str
    word: str
    given: Mapping[str, str]
    asks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class Known:
    """A row of the hidden sheet, as we wrote it."""

    place: int
    subject: str
    sub_case: str
    message_id: str
    word: str
    check: str
    asks: Mapping[str, str]


@dataclass(frozen=True, repr=False)
class Filled:
    """A row that came back, with what was filled in. `line` counts from 1, as programs show it."""

    sheet: str
    line: int
    place: str
    sub_case: str
    check: str
    cells: Mapping[str, sheets.Cell]

    def text(self, heading: str) -> str:
        """A cell as the person means it, without signs that nobody can see."""
        said = sheets.text(self.cells.get(heading, ""))
        return "".join(sign for sign in said if sign.isprintable() or sign == "\n").strip()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in."""
        return not any(map(self.text, self.cells))


def check(number: str, given: Sequence[str]) -> str:
    """The check value of a row: it changes when a cell that we gave does, as by half a sorting."""
    plain = json.dumps([number, *map(_folded, given)], ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()[:20]


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


# Writing -----------------------------------------------------------------------------------------


def write(*, number: str, name: str, by: str, at: datetime, rows: Sequence[Row]) -> bytes:
    """The workbook. Every word is a text cell, so no formula can hide in a name."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": number, "created": at.replace(tzinfo=None)})
        known: list[tuple[Row, str]] = []
        is_book = any(row.sheet == BOOK for row in rows)
        for title in FILLS:
            own = [row for row in rows if row.sheet == title]
            if not own and (is_book or title in (ASKED, BOOK)):
                continue
            headings = tuple(dict.fromkeys(h for row in own for h in row.given))
            headings = headings or (PLACE, SUB_CASE, ITEM if title == NEW else NEWS)
            known += [(row, check(number, _texts(row, headings))) for row in own]
            words = f"{name}　{at:%Y-%m-%d %H:%M}　{by}　共 {len(own)} 行"
            _Page(book, title, number, words).write(headings, own)
        _how(book, number, _BOOK_WORDS if is_book else _WORDS)
        _hide(book, number, known)
    return out.getvalue()


def _texts(row: Row, headings: Sequence[str]) -> list[str]:
    given = (row.given.get(heading, "")[:_MOST_CELL] for heading in headings)
    return ["".join(sign if sign.isprintable() else " " for sign in text) for text in given]


class _Page:
    """One visible sheet of rows."""

    def __init__(self, book: xlsxwriter.Workbook, title: str, number: str, words: str) -> None:
        self.sheet = book.add_worksheet(title)
        self.fill_in = FILLS[title]
        line = {"border": 1, "text_wrap": True, "valign": "top", "num_format": "@"}
        self.given = book.add_format(line)
        self.fill = book.add_format({**line, "bg_color": "#FFF9E0", "locked": False})
        self.day = book.add_format({**line, "bg_color": "#FFF9E0", "locked": False})
        self.day.set_num_format("yyyy-mm-dd")
        self.head = book.add_format({"bold": True, "border": 1, "bg_color": "#E7EEF1"})
        self.head_fill = book.add_format({"bold": True, "border": 1, "bg_color": "#FFE9A8"})
        big = book.add_format({"bold": True, "font_size": 14})
        self.sheet.write_string(0, 0, f"{title}　{number}", big)
        self.sheet.write_string(1, 0, words)
        self.sheet.write_string(2, 0, "只填黄色的格子；别的行空着。填法见“怎么填”")
        self.sheet.set_header(f"&L{title}&R{number}")
        self.sheet.set_footer(f"&L{number}&R第 &P 页，共 &N 页")

    def write(self, headings: Sequence[str], rows: Sequence[Row]) -> None:
        """Headings, and one line a row."""
        for column, words in enumerate((*headings, *self.fill_in)):
            look = self.head_fill if words in self.fill_in else self.head
            self.sheet.set_column(column, column, _WIDTHS.get(words, 18))
            self.sheet.write_string(_HEAD, column, words, look)
        for line, row in enumerate(rows, start=_HEAD + 1):
            for column, words in enumerate(_texts(row, headings)):
                self.sheet.write_string(line, column, words, self.given)
            for column, words in enumerate(self.fill_in, start=len(headings)):
                look = self.day if words == ISSUED_ON else self.fill
                self.sheet.write_blank(line, column, None, look)
        self._choices(len(headings), len(rows))
        self.sheet.freeze_panes(_HEAD + 1, 3)
        self.sheet.repeat_rows(_HEAD)
        self.sheet.set_landscape()
        self.sheet.set_paper(8)
        self.sheet.fit_to_pages(1, 0)
        # a guard against slips, not a lock: it has no password
        self.sheet.protect(options={"format_columns": True, "format_rows": True})

    def _choices(self, begin: int, count: int) -> None:
        """Lists to choose from; what is typed otherwise is judged when it comes back."""
        first, last = _HEAD + 1, _HEAD + max(count, 1)
        is_asked = DIFFERS in self.fill_in
        lists = {STEP: MATCHES if is_asked else STEPS, KIND: tuple(contract.REASONS.values())}
        lists[OWN] = OWNS
        for column, heading in enumerate(self.fill_in, start=begin):
            words = lists.get(heading)
            if words is None:
                continue
            rule = {"validate": "list", "source": list(words), "error_type": "warning"}
            self.sheet.data_validation(first, column, last, column, rule)


_WORDS = (
    ("办理情况", "从列表里选一个：" + "、".join(STEPS) + "。没有办的行空着，下次再填也行"),
    ("受理", "不用填别的"),
    ("不受理、退回", "选“原因类别”，写“原因”；两样至少有一样"),
    ("补正", "在“要补的内容”里写要补什么，用“材料”和各列的名称，几样之间用顿号；一次写全"),
    ("办结（准予）", "有证件或文件的，写“结果编号”和“出证日期”；没有的空着"),
    ("办结（不予）", "写“原因”，本人看得到"),
    ("暂停、延期", "写“原因”；延期只能一次，再写“延长几个工作日”，1 到 90"),
    ("恢复、已送达", "不用填别的；已送达在办结（准予）以后填"),
    ("出证日期", "写成 2026-11-24 这样"),
    (
        "要核验的",
        "一致的选“核验一致”；不一致的选“核验不一致”，再写哪些材料不一致，或者写“身份信息”",
    ),
    ("先受理、后办结", "同一个文件可以传几次：先填受理传一次，办结以后改成办结再传一次"),
    ("排序", "整行一起排。只排几列，姓名和编号会错开，这样的行不收"),
    ("传回来", "在本平台“文件”页里传；没有收的行，会逐行说明为什么"),
    ("材料的照片和扫描件", "在本平台“待办”里按子办件编号打开看"),
)


_BOOK_WORDS = (
    (OWN, "照您单位自己的账，从列表里选一个：" + "、".join(OWNS) + "。没有查的行空着，空着的不对"),
    ("准予", f"有证件或文件的，写“{OWN_NUMBER}”"),
    ("没有这一件", "本平台说送到了，您单位的账里找不到"),
    ("传回来", "在本平台“文件”页里传；夜里对账，不一致的由牵头部门来问"),
    ("改", "填错了改好再传，以后传的算；没有再填的行，照先前传的算"),
)


def _how(book: xlsxwriter.Workbook, number: str, words: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet(HOW)
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, f"怎么填　{number}", book.add_format({"bold": True, "font_size": 14}))
    for line, (word, text) in enumerate(words, start=2):
        sheet.write_string(line, 0, word, wrap)
        sheet.write_string(line, 1, text, wrap)
    sheet.set_footer(f"&L{number}")


def _hide(book: xlsxwriter.Workbook, number: str, known: Sequence[tuple[Row, str]]) -> None:
    sheet = book.add_worksheet(HIDDEN)
    lines: list[tuple[str, ...]] = [("number", number), ("contract", contract.VERSION)]
    lines += [
        (
            str(r.place),
            r.subject,
            r.sub_case,
            r.message_id,
            r.word,
            check_,
            json.dumps(dict(r.asks)),
        )
        for r, check_ in known
    ]
    for line, cells in enumerate(lines):
        for column, words in enumerate(cells):
            sheet.write_string(line, column, words[:_MOST_CELL])
    sheet.hide()


# Reading -----------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Book:
    """A workbook that was read."""

    number: str
    version: str
    rows: tuple[Filled, ...]
    known: Mapping[str, Known]


def read(content: bytes, *, name: str) -> Book:
    """Read a workbook, ours or one that came back. Raises `Refused`: `bad_file`, `no_file_number`."""
    grids = dict(sheets.read(content, name=name))
    hidden = [[sheets.text(cell) for cell in row] for row in grids.get(HIDDEN, ())]
    number = next((row[1] for row in hidden if row[0] == "number" and len(row) > 1), "")
    version = next((row[1] for row in hidden if row[0] == "contract" and len(row) > 1), "")
    if not re.fullmatch(r"[A-Z0-9-]{1,40}", number, re.ASCII):
        raise Refused(
            "no_file_number",
            "这不是从本平台导出的文件，或者里面的隐藏表被删掉了。请在导出的那个文件上填，另存为 XLSX 再传",
        )
    known = {one.place: one for one in _known(hidden)}
    rows = [row for t in FILLS for row in _rows(t, grids.get(t, ()), number)]
    return Book(number, version, tuple(rows), {str(place): one for place, one in known.items()})


def _known(hidden: Sequence[Sequence[str]]) -> Iterator[Known]:
    for row in hidden:
        if len(row) >= 7 and row[0].isdecimal() and len(row[0]) < 9:
            try:
                asks = json.loads(row[6])
            except ValueError:
                continue
            if isinstance(asks, dict):
                subject, name, message_id, word, check_ = row[1:6]
                yield Known(int(row[0]), subject, name, message_id, word, check_, asks)


def _rows(title: str, grid: sheets.Grid, number: str) -> Iterator[Filled]:
    heading = next((at for at, row in enumerate(grid[:10]) if SUB_CASE in map(_heading, row)), None)
    if heading is None:
        return
    names = [_heading(cell) for cell in grid[heading]]
    given = [column for column, name in enumerate(names) if name and name not in _FILLED]
    for line, cells in enumerate(grid[heading + 1 :], start=heading + 2):
        if not any(sheets.text(cell) for cell in cells):
            continue
        by_name = {name: cells[at] for at, name in enumerate(names) if name and at < len(cells)}
        texts = [sheets.text(cells[at]) if at < len(cells) else "" for at in given]
        yield Filled(
            sheet=title,
            line=line,
            place=sheets.text(by_name.get(PLACE, ""))[:20],
            sub_case=sheets.text(by_name.get(SUB_CASE, ""))[:40],
            check=check(number, texts),
            cells={name: by_name.get(name, "") for name in FILLS[title]},
        )


def _heading(cell: sheets.Cell) -> str:
    return sheets.text(cell)[:60]
