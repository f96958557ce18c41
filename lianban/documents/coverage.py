"""Which characters a font file can show, read from its own table.

A PDF/A file may not hold a character without a glyph, so text is looked at before it is set. The
``cmap`` table is described in ISO/IEC 14496-22 (OpenType) §5.2.1; formats 4 (two bytes) and 12
(four bytes) cover every font in use for Chinese.
"""

from __future__ import annotations

import functools
import struct
import unicodedata
from pathlib import Path

_UNICODE_PLATFORMS = {(0, 3), (0, 4), (0, 6), (3, 1), (3, 10)}
_NEVER_PRINTED = {"Cc", "Cf", "Cs", "Co", "Cn"}


@functools.cache
def code_points(path: Path, *, face: int) -> frozenset[int]:
    """Return the code points that face number ``face`` of the font file has a glyph for.

    Raises ``ValueError`` when the file is no OpenType font or has no Unicode table.
    """
    data = path.read_bytes()
    start = _table(data, face=face)
    points: set[int] = set()
    (count,) = struct.unpack_from(">H", data, start + 2)
    for number in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", data, start + 4 + 8 * number)
        if (platform, encoding) in _UNICODE_PLATFORMS:
            points |= _subtable(data, start + offset)
    if not points:
        raise ValueError(f"{path.name} has no Unicode character table")
    return frozenset(points)


def _table(data: bytes, *, face: int) -> int:
    """Return where the face's ``cmap`` begins."""
    start = 0
    if data[:4] == b"ttcf":
        (start,) = struct.unpack_from(">I", data, 12 + 4 * face)
    (tables,) = struct.unpack_from(">H", data, start + 4)
    for number in range(tables):
        record = start + 12 + 16 * number
        if data[record : record + 4] == b"cmap":
            (offset,) = struct.unpack_from(">I", data, record + 8)
            return int(offset)
    raise ValueError("The font has no cmap table")


def _subtable(data: bytes, start: int) -> set[int]:
    (kind,) = struct.unpack_from(">H", data, start)
    if kind == 4:
        return _two_bytes(data, start)
    if kind == 12:
        return _four_bytes(data, start)
    return set()


def _two_bytes(data: bytes, start: int) -> set[int]:
    (double,) = struct.unpack_from(">H", data, start + 6)
    count = double // 2
    ends, starts = start + 14, start + 16 + double
    deltas, ranges = starts + double, starts + 2 * double
    points: set[int] = set()
    for number in range(count):
        step = 2 * number
        (first,) = struct.unpack_from(">H", data, starts + step)
        (last,) = struct.unpack_from(">H", data, ends + step)
        (delta,) = struct.unpack_from(">H", data, deltas + step)
        (reach,) = struct.unpack_from(">H", data, ranges + step)
        for point in range(first, min(last, 0xFFFE) + 1):
            glyph = point
            if reach:
                where = ranges + step + reach + 2 * (point - first)
                (glyph,) = struct.unpack_from(">H", data, where)
            if (glyph + delta if glyph else 0) & 0xFFFF:
                points.add(point)
    return points


def _four_bytes(data: bytes, start: int) -> set[int]:
    (count,) = struct.unpack_from(">I", data, start + 12)
    points: set[int] = set()
    for number in range(count):
        first, last, glyph = struct.unpack_from(">III", data, start + 16 + 12 * number)
        points.update(range(first + (glyph == 0), last + 1))
    return points


def printable(text: str, *, shown: frozenset[int]) -> str:
    """Return ``text`` with every character that cannot be shown as its code: 〔U+2A6D6〕.

    Characters that steer (controls, directions, variation selectors) and those of the private
    area have no agreed look and print as codes too. Line ends of every kind become one line feed.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = lines.replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(_shown_or_code(character, shown) for character in lines)


def _shown_or_code(character: str, shown: frozenset[int]) -> str:
    if character == "\n":
        return character
    if character == "\t":
        return " "
    if ord(character) in shown and unicodedata.category(character) not in _NEVER_PRINTED:
        return character
    return f"〔U+{ord(character):04X}〕"
