"""Tables that somebody sends: the good ones are read, the others refused before they unfold."""

import io
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter

from lianban.accounts import sheets
from lianban.engine.refusal import Refused

TEXTS = ["=cmd()", "+1", "-1", "@SUM(A1)", "\tx", "'=1", "周𠮷"]


def table() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("名单")
        page.write_string(0, 0, "姓名")
        page.write_number(1, 0, 990100)
        page.write_boolean(2, 0, True)
        for row, text in enumerate(TEXTS, start=3):
            page.write_string(row, 0, text)
    return out.getvalue()


def with_part(
    name: str, body: bytes, *, mode: int = 0o644, packing: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """The table with one part more, or another."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(table())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        info = zipfile.ZipInfo(name)
        info.external_attr, info.compress_type = mode << 16, packing
        new.writestr(info, body)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
_HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def sheet(body: bytes, *, before: bytes = b"") -> bytes:
    return with_part(SHEET, before + _HEAD + body + b"</sheetData></worksheet>")


def lying() -> bytes:
    """A sheet of 30 MB whose two directories say 900 bytes."""
    made = bytearray(with_part(SHEET, _HEAD + b" " * 30_000_000))
    size = len(_HEAD) + 30_000_000
    for at in [n for n in range(len(made) - 4) if made[n : n + 4] == struct.pack("<I", size)]:
        made[at : at + 4] = struct.pack("<I", 900)
    return bytes(made)


def many_parts() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for n in range(sheets.MOST_PARTS + 1):
            made.writestr(f"{n}", b"")
    return out.getvalue()


_LAUGH = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
_FETCH = b'<!DOCTYPE f [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]>'
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb of spaces": (lambda: with_part(SHEET, _HEAD + b" " * 30_000_000), "bomb"),
    "a bomb by sum": (
        lambda: with_part("xl/media/a.png", bytes(70_000_000)),
        "bomb",
    ),
    "a directory that lies": (lying, "damaged"),
    "a million parts, nearly": (many_parts, "too_many_parts"),
    "an archive inside": (lambda: with_part("xl/a.zip", table()), "nested"),
    "an archive under another name": (lambda: with_part("xl/media/a.png", table()), "nested"),
    "a link": (lambda: with_part("xl/a", b"/etc/passwd", mode=stat.S_IFLNK | 0o777), "leads_out"),
    "a name that climbs": (lambda: with_part("xl/../../etc/passwd", b"x"), "leads_out"),
    "a name from the root": (lambda: with_part("/etc/passwd", b"x"), "leads_out"),
    "a name of another system": (lambda: with_part("xl\\..\\..\\a.dll", b"x"), "leads_out"),
    "values of another file": (
        lambda: with_part("xl/externalLinks/externalLink1.xml", b"<a/>"),
        "leads_out",
    ),
    "entities that multiply": (
        lambda: sheet(b'<row r="1"><c r="A1"><v>&b;</v></c></row>', before=_LAUGH),
        "entities",
    ),
    "an entity that fetches": (
        lambda: sheet(b'<row r="1"><c r="A1"><v>&x;</v></c></row>', before=_FETCH),
        "entities",
    ),
    "two cells far apart": (
        lambda: sheet(
            b'<row r="1"><c r="A1"><v>1</v></c></row>'
            b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        ),
        "too_many_cells",
    ),
    "XML that does not end": (lambda: with_part(SHEET, _HEAD), "damaged"),
    "an old packing": (
        lambda: with_part("xl/a.xml", b"<a/>", packing=zipfile.ZIP_LZMA),
        "damaged",
    ),
    "half an XLSX": (lambda: table()[:2000], "damaged"),
    "a ZIP with other things": (
        lambda: many_parts()[:0] + with_part("a", b"b").replace(b"workbook", b"workbonk"),
        "damaged",
    ),
    "a locked XLSX": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "damaged"),
    "nothing": (lambda: b"", "damaged"),
    "10 MB and one byte": (lambda: bytes(sheets.MOST_BYTES + 1), "too_large"),
}


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_a_bad_table_is_refused_before_it_unfolds(case: str) -> None:
    made, reason = REFUSED[case]
    content = made()
    tracemalloc.start()
    try:
        with pytest.raises(Refused) as caught:
            sheets.read(content, name="a.xlsx")
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.details["reason"] == reason
    assert "请" in caught.value.message
    assert taken < 20_000_000


def test_texts_that_look_like_formulas_come_back_as_they_were() -> None:
    [(name, grid)] = sheets.read(table(), name="a.xlsx")
    assert name == "名单"
    assert [row[0] for row in grid[3:]] == TEXTS
    assert [sheets.text(row[0]) for row in grid[1:3]] == ["990100", "是"]


def test_a_csv_is_read_in_both_encodings_of_the_country() -> None:
    for encoding in ("utf-8-sig", "gb18030"):
        assert sheets.read("姓名,周𠮷\n".encode(encoding), name="名单.CSV") == [
            ("名单", [["姓名", "周𠮷"]])
        ]
    for content in (b"\xff\xfe\xff", b'"a'):
        with pytest.raises(Refused) as caught:
            sheets.read(content, name="a.csv")
        assert caught.value.code == "bad_file"
