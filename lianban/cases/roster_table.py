"""The troop's roster as a table: which heading means what, what its cells say, and an empty one.

Which headings and words there are is plan data (`wording/roster.yaml`). A heading that means
nothing there is neither read nor kept. Pure: bytes in, values out.
"""

import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import xlsxwriter

from lianban.accounts import sheets
from lianban.catalogue.model import Edition, Field
from lianban.engine.refusal import Refused

MOST_ROWS = 20_000
#: How far down the headings may stand: a title and a line of notes come first.
_TITLE_ROWS = 10
_MOST_TEXT = 200
_WORDS = "roster"
#: An 18-digit number as a number of the spreadsheet has lost its last digits.
_EXACT = 10**15


@dataclass(frozen=True)
class Line:
    """One line of the file. `number_typed` is as it stands there."""

    line: int
    name: str
    number_typed: str
    has_lost_digits: bool
    place: str
    birth: str
    fields: dict[str, str]
    answers: dict[str, str]
    #: Heading and cell that nobody could read.
    unread: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """All lines of a roster, and what of the file was left out."""

    lines: tuple[Line, ...]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class _Words:
    """The plan's words, folded: heading to what it means, and cell to value by question."""

    headings: dict[str, tuple[str, ...]]
    values: dict[str, dict[str, str]]
    fields: dict[str, Field]


def read(content: bytes, *, name: str, edition: Edition) -> Table:
    """Read a roster. Raises `Refused` (`bad_file`, `bad_roster`) with what to do."""
    words = _words(edition)
    grids = sheets.read(content, name=name)
    for index, (_, grid) in enumerate(grids):
        found = _headings(grid, words)
        if found is None:
            continue
        row, columns, ignored = found
        lines, empty = _lines(grid, row, columns, words)
        others = [title for at, (title, rows) in enumerate(grids) if at != index and rows]
        left = [*ignored, *(f"工作表「{title[:30]}」" for title in others), *empty]
        if not lines:
            raise Refused("bad_roster", "表里一个人也没有，请核对是不是这个文件")
        if len(lines) > MOST_ROWS:
            raise Refused("bad_roster", f"一次最多 {MOST_ROWS} 人，请分成几个文件")
        return Table(tuple(lines), tuple(left))
    raise Refused("bad_roster", "没找到“姓名”和“身份证号”这两列，请照模板的列名填，再传一次")


def template(edition: Edition) -> bytes:
    """An empty roster with the headings that are read: one each, as the plan puts it first."""
    wanted = _roster_words(edition)
    keys = [key for key in wanted if key.startswith("field.")]
    keys += [key for key in wanted if key.startswith("answer.")]
    headings = list(dict.fromkeys(_split(wanted[key])[0] for key in [*keys, *_place(wanted)]))
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名册")
        # Text, so that the program does not turn a number into one that it cannot hold.
        plain, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        sheet.set_column(0, len(headings) - 1, 20, plain)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def _place(words: Mapping[str, str]) -> list[str]:
    return ["district"] if "district" in words else []


# Words ---------------------------------------------------------------------------------------


def _roster_words(edition: Edition) -> dict[str, str]:
    """The plan's words; name and number are always read, under the form's own labels."""
    by_type = {field.type: field for field in reversed(edition.fields)}
    always = {
        f"field.{by_type[kind].code}": by_type[kind].label for kind in ("name", "identity_number")
    }
    return always | edition.wording.get(_WORDS, {})


def _split(text: str) -> list[str]:
    return [word for word in text.split("、") if word]


def folded(text: str) -> str:
    """A heading or a cell as it is compared: no blanks, plain width, no case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _words(edition: Edition) -> _Words:
    fields = {field.code: field for field in edition.fields}
    headings: dict[str, tuple[str, ...]] = {}
    values: dict[str, dict[str, str]] = {}
    for key, text in _roster_words(edition).items():
        if key.startswith("value."):
            _, question, value = key.split(".", 2)
            values.setdefault(question, {}).update({folded(w): value for w in _split(text)})
            continue
        for word in (*_split(text), *_label(key, fields)):
            known = headings.get(folded(word), ())
            headings[folded(word)] = tuple(dict.fromkeys((*known, key)))
    return _Words(headings, values, fields)


def _label(key: str, fields: Mapping[str, Field]) -> tuple[str, ...]:
    field = fields.get(key.removeprefix("field."))
    return (field.label,) if field and key.startswith("field.") else ()


def _headings(
    grid: sheets.Grid, words: _Words
) -> tuple[int, dict[int, tuple[str, tuple[str, ...]]], list[str]] | None:
    """Where the headings stand, what each column means, and those that mean nothing."""
    for row, cells in enumerate(grid[:_TITLE_ROWS]):
        texts = [sheets.text(cell)[:60] for cell in cells]
        columns = {
            at: (text, words.headings[folded(text)])
            for at, text in enumerate(texts)
            if folded(text) in words.headings
        }
        types = {_type(key, words) for _, keys in columns.values() for key in keys}
        if {"name", "identity_number"} <= types:
            ignored = [text for at, text in enumerate(texts) if text and at not in columns]
            return row, columns, list(dict.fromkeys(ignored))
    return None


def _type(key: str, words: _Words) -> str:
    field = words.fields.get(key.removeprefix("field."))
    return field.type if field and key.startswith("field.") else ""


# Lines ---------------------------------------------------------------------------------------


def _lines(
    grid: sheets.Grid,
    heading: int,
    columns: Mapping[int, tuple[str, tuple[str, ...]]],
    words: _Words,
) -> tuple[list[Line], list[str]]:
    lines: list[Line] = []
    empty: list[str] = []
    for at, cells in enumerate(grid[heading + 1 :], start=heading + 2):
        if not any(sheets.text(cell) for cell in cells):
            continue
        line = _line(at, cells, columns, words)
        if line.name or line.number_typed:
            lines.append(line)
        elif len(empty) < 5:
            empty.append(f"第 {at} 行（没有姓名和号码）")
    return lines, empty


def _line(
    at: int,
    cells: Sequence[sheets.Cell],
    columns: Mapping[int, tuple[str, tuple[str, ...]]],
    words: _Words,
) -> Line:
    found: dict[str, str] = {}
    unread: list[tuple[str, str]] = []
    lost = False
    for column, (heading, keys) in columns.items():
        cell = cells[column] if column < len(cells) else ""
        text = sheets.text(cell).replace("\x00", "")
        if not text:
            continue
        read_ = {key: value for key in keys if (value := _value(key, cell, text, words))}
        found |= read_
        if not read_:
            unread.append((heading, text[:_MOST_TEXT]))
        if "identity_number" in {_type(key, words) for key in keys}:
            lost = isinstance(cell, int | float) and cell >= _EXACT
    return _made(at, found, tuple(unread), lost, words)


def _made(
    at: int,
    found: Mapping[str, str],
    unread: tuple[tuple[str, str], ...],
    lost: bool,
    words: _Words,
) -> Line:
    by_type = {_type(key, words): value for key, value in found.items()}
    derived = {f"field.{f.code}" for f in words.fields.values() if f.derived_from}
    kept = {
        key.removeprefix("field."): value
        for key, value in found.items()
        if key.startswith("field.")
        and _type(key, words) not in ("name", "identity_number")
        and key not in derived
    }
    birth = next((v for k, v in found.items() if k in derived and _type(k, words) == "date"), "")
    answers = {k.removeprefix("answer."): v for k, v in found.items() if k.startswith("answer.")}
    return Line(
        line=at,
        name=by_type.get("name", ""),
        number_typed=by_type.get("identity_number", ""),
        has_lost_digits=lost,
        place=found.get("district", ""),
        birth=birth,
        fields=kept,
        answers=answers,
        unread=unread,
    )


def _value(key: str, cell: sheets.Cell, text: str, words: _Words) -> str:
    """What a cell says for one meaning of its column; "" when it says nothing that is known."""
    if key.startswith("answer."):
        return words.values.get(key.removeprefix("answer."), {}).get(folded(text), "")
    field = words.fields.get(key.removeprefix("field."))
    if field is None:
        return text[:_MOST_TEXT] if key == "district" else ""
    if field.type == "date":
        return _date(cell, text)
    if field.type == "choice":
        labels = {folded(choice.label): choice.value for choice in field.choices}
        return (labels | words.values.get(field.code, {})).get(folded(text), "")
    if field.type in ("name", "identity_number"):
        return text[:_MOST_TEXT]
    return text[: field.max_length or _MOST_TEXT]


_DATE = re.compile(r"(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})日?", re.ASCII)


def _date(cell: sheets.Cell, text: str) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    plain = folded(text)
    match = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", plain, re.ASCII) or _DATE.fullmatch(plain)
    try:
        return date(*(int(part) for part in match.groups())).isoformat() if match else ""
    except ValueError:
        return ""
