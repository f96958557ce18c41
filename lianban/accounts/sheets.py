"""Tables that somebody sends, XLSX or CSV: read with care, the same way for everybody.

An XLSX is a ZIP with XML inside, and either can be made to unfold to gigabytes, to name files that
are not its own, or to fetch what it pleases. So the directory is judged before anything is
unfolded; every part is then unfolded with a limit, and its XML is read once without entities; only
what passed reaches the reader, as a fresh archive. A few cells far apart are as bad as a bomb, for
a reader lays out the rectangle around them: the rectangle is limited too.
"""

import csv
import io
import stat
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NoReturn
from xml.parsers import expat

import python_calamine

from lianban.engine.refusal import Refused

Cell = int | float | str | bool | time | date | datetime | timedelta
Grid = Sequence[Sequence[Cell]]

MOST_BYTES = 10 * 1024 * 1024
MOST_UNFOLDED = 64 * 1024 * 1024
MOST_PARTS = 1_000
MOST_RATIO = 100
#: The ratio is asked only of parts that unfold to more than this: small ones are no bombs.
_SMALL = 256 * 1024
#: Rows times columns of one sheet, and all sheets.
MOST_CELLS = 2_000_000

_CENTRAL = b"PK\x01\x02"
_LOCAL = b"PK\x03\x04"
_ARCHIVES = (".zip", ".jar", ".xlsx", ".xlsm", ".docx", ".rar", ".7z", ".gz", ".bin")
_AGAIN = "请在表格程序里打开，另存为不加密的 XLSX 再传"


def read(content: bytes, *, name: str) -> list[tuple[str, Grid]]:
    """All sheets of a file, by name, as rows of cells. Raises `Refused('bad_file')`.

    `name` decides between CSV (UTF-8 or GB 18030; one sheet, called as the file) and XLSX.
    `details["reason"]` names the kind of refusal, `message` says what to do.
    """
    if len(content) > MOST_BYTES:
        _refuse("too_large", f"文件太大，最多 {MOST_BYTES // 1024 // 1024} MB，请分成几个再传")
    stem, dot, extension = name.rpartition(".")
    if dot and extension.lower() == "csv":
        return [(stem, _csv(content))]
    return _workbook(content)


def text(cell: Cell) -> str:
    """Return a cell as the person means it: 990100.0 is a code, TRUE is 是."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _refuse(reason: str, message: str) -> NoReturn:
    raise Refused("bad_file", message, reason=reason)


def _csv(content: bytes) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(_decoded(content), newline=""), strict=True))
    except csv.Error:
        _refuse("damaged", "不是完好的 CSV 文件，请重新另存")


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    _refuse("damaged", "文字编码不认识，请另存为 UTF-8 的 CSV")


def _workbook(content: bytes) -> list[tuple[str, Grid]]:
    if not content.startswith(_LOCAL):
        _refuse("damaged", f"不是完好的 XLSX 文件，或者加了密码；{_AGAIN}")
    try:
        safe = _unfolded(content)
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(safe)) as book:
            return [
                (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
                for name in book.sheet_names
            ]
    except Refused:
        raise
    except Exception as error:  # a reader fed with hostile bytes may raise anything
        raise Refused("bad_file", f"不是完好的 XLSX 文件；{_AGAIN}", reason="damaged") from error


def _unfolded(content: bytes) -> bytes:
    """A fresh archive of the parts that a table needs, each checked."""
    if content.count(_CENTRAL) > MOST_PARTS:  # before Python makes an object of each
        _refuse("too_many_parts", f"这个 XLSX 里的东西太多，不像一张表；{_AGAIN}")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as fresh:
        parts = archive.infolist()
        _judge(parts)
        left, cells = MOST_UNFOLDED, MOST_CELLS
        for part in parts:
            if part.is_dir():
                continue
            body = _part(archive, part, left)
            left -= len(body)
            if part.filename.lower().endswith((".xml", ".rels")):
                cells -= _cells(body)
                fresh.writestr(zipfile.ZipInfo(part.filename), body)
            if cells < 0:
                _refuse("too_many_cells", "表格的范围太大，请删掉远处的空行、空列再传")
    return out.getvalue()


def _judge(parts: list[zipfile.ZipInfo]) -> None:
    """Refuse by the archive's directory alone, before anything is unfolded."""
    names = {part.filename for part in parts}
    if len(names) < len(parts) or "xl/workbook.xml" not in names:
        _refuse("damaged", f"不是完好的 XLSX 文件；{_AGAIN}")
    if sum(part.file_size for part in parts) > MOST_UNFOLDED:
        _refuse("bomb", f"这个文件展开以后太大，不收；{_AGAIN}")
    for part in parts:
        _judge_part(part)


def _judge_part(part: zipfile.ZipInfo) -> None:
    name = part.filename
    if stat.S_ISLNK(part.external_attr >> 16) or _leads_out(name):
        _refuse("leads_out", f"这个 XLSX 里有指向别处的文件，不收；{_AGAIN}")
    if part.flag_bits & 1:
        _refuse("locked", f"这个文件加了密码；{_AGAIN}")
    if part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        _refuse("damaged", f"不是完好的 XLSX 文件；{_AGAIN}")
    if part.file_size > _SMALL and part.file_size > MOST_RATIO * max(part.compress_size, 1):
        _refuse("bomb", f"这个文件展开以后太大，不收；{_AGAIN}")
    if name.lower().startswith("xl/externallinks/"):
        _refuse("leads_out", "这张表引用了别的文件里的数据。请把那些格子粘贴成数值，另存后再传")
    if name.lower().endswith(_ARCHIVES) and "printersettings" not in name.lower():
        _refuse("nested", f"这个 XLSX 里还装着别的文件，不收；{_AGAIN}")


def _leads_out(name: str) -> bool:
    return (
        name.startswith("/")
        or "\\" in name
        or ":" in name
        or "\0" in name
        or ".." in name.split("/")
    )


def _part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> bytes:
    """Unfold a part with a limit of its own: what the directory says may be a lie."""
    with archive.open(part) as stream:
        body = stream.read(min(part.file_size, left) + 1)
    if len(body) > left:
        _refuse("bomb", f"这个文件展开以后太大，不收；{_AGAIN}")
    if len(body) != part.file_size:
        _refuse("damaged", f"不是完好的 XLSX 文件；{_AGAIN}")
    if body.startswith(_LOCAL):
        _refuse("nested", f"这个 XLSX 里还装着别的文件，不收；{_AGAIN}")
    return body


class _Extent:
    """How large a rectangle the cells of a sheet span."""

    def __init__(self) -> None:
        self.rows = self.columns = self._in_row = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "row":
            self._in_row = 0
            self.rows = max(self.rows + 1, _number(attributes.get("r", "")))
        elif local == "c":
            letters = attributes.get("r", "").rstrip("0123456789")
            self._in_row = max(self._in_row + 1, _column(letters))
            self.columns = max(self.columns, self._in_row)
            self.rows = max(self.rows, _number(attributes.get("r", "")[len(letters) :]))

    @staticmethod
    def doctype(*_: object) -> NoReturn:
        _refuse("entities", f"这个 XLSX 里有不该有的定义，不收；{_AGAIN}")


def _cells(body: bytes) -> int:
    """Read a part's XML without entities; rows times columns that its cells span."""
    extent = _Extent()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = extent.doctype
    parser.StartElementHandler = extent.start
    parser.Parse(body, True)
    return extent.rows * extent.columns


def _number(digits: str) -> int:
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def _column(letters: str) -> int:
    found = 0
    for letter in letters[:5].upper():
        found = found * 26 + ord(letter) - 64
    return found
