"""Strokes of a signature: points on a pad, as JSON, and as a drawing that we make ourselves. Pure.

Nobody sends a picture: a browser sends points, they are checked and written anew, and what is shown
or printed is drawn from them.
"""

import itertools
import json
from dataclasses import dataclass
from typing import Any

from lianban.engine.refusal import Refused

#: Characters of the JSON, lines, and points of all lines together.
MOST_LENGTH, MOST_LINES, MOST_POINTS = 60_000, 200, 4000
#: Width and height of a pad, in quarters of a CSS pixel.
SMALLEST_PAD, LARGEST_PAD = 100, 20_000
#: How long all lines together must be, as a share of the pad's width: a touch is no signature.
LEAST_INK = 0.08
_PEN = 0.006
_MARGIN = 0.02

Point = tuple[int, int]


@dataclass(frozen=True)
class Strokes:
    """A drawn signature: the pad's size, and its lines."""

    width: int
    height: int
    lines: tuple[tuple[Point, ...], ...]

    def to_json(self) -> str:
        """The strokes in their one spelling: `{"w":…,"h":…,"s":[[[x,y],…],…]}`."""
        data = {"w": self.width, "h": self.height, "s": self.lines}
        return json.dumps(data, separators=(",", ":"))


def parse(text: str) -> Strokes | None:
    """Read what a pad sent; None for an empty pad. Raises `Refused('bad_strokes')`."""
    if not text.strip():
        return None
    if len(text) > MOST_LENGTH:
        raise _bad("笔画太多了，请按“清除”再签一次")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise _bad("没有收到完整的笔画，请再签一次，或者输入姓名") from None
    found = _read(data)
    if not found.lines:
        return None
    if _ink(found) < LEAST_INK * found.width:
        raise _bad("只有一个点，看不出是签名，请再签一次，或者输入姓名")
    return found


def svg(strokes: Strokes) -> str:
    """The signature as an SVG image, cut to its lines, for pages and papers."""
    pen = max(strokes.width * _PEN, 1)
    margin = strokes.width * _MARGIN + pen
    xs = [x for line in strokes.lines for x, _ in line]
    ys = [y for line in strokes.lines for _, y in line]
    left, top = min(xs) - margin, min(ys) - margin
    width, height = max(xs) - min(xs) + 2 * margin, max(ys) - min(ys) + 2 * margin
    paths = "".join(f'<path d="{_path(line)}"/>' for line in strokes.lines)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}">'
        f'<g fill="none" stroke="#16242b" stroke-width="{pen:.1f}" '
        f'stroke-linecap="round" stroke-linejoin="round">{paths}</g></svg>'
    )


def _path(line: tuple[Point, ...]) -> str:
    """A line through the middles of its points, bent towards each: smooth without overshoot."""
    (x, y), *rest = line
    path = f"M{x} {y}"
    for (x, y), (u, v) in itertools.pairwise(rest):
        path += f"Q{x} {y} {(x + u) // 2} {(y + v) // 2}"
    x, y = line[-1]
    return f"{path}L{x} {y}"


def _ink(strokes: Strokes) -> float:
    return sum(
        float(abs(u - x) + abs(v - y))
        for line in strokes.lines
        for (x, y), (u, v) in itertools.pairwise(line)
    )


def _read(data: Any) -> Strokes:
    if not isinstance(data, dict) or set(data) != {"w", "h", "s"}:
        raise _bad("没有收到完整的笔画，请再签一次，或者输入姓名")
    width, height, lines = data["w"], data["h"], data["s"]
    if not all(_whole(side, SMALLEST_PAD, LARGEST_PAD) for side in (width, height)):
        raise _bad("手写区的大小不对，请刷新页面再签")
    if not isinstance(lines, list) or len(lines) > MOST_LINES:
        raise _bad("笔画太多了，请按“清除”再签一次")
    read = tuple(_line(line, width, height) for line in lines)
    if sum(map(len, read)) > MOST_POINTS:
        raise _bad("笔画太多了，请按“清除”再签一次")
    return Strokes(width, height, read)


def _line(line: Any, width: int, height: int) -> tuple[Point, ...]:
    if not isinstance(line, list) or not line:
        raise _bad("没有收到完整的笔画，请再签一次，或者输入姓名")
    for point in line:
        pair = isinstance(point, list) and len(point) == 2
        if not (pair and _whole(point[0], 0, width) and _whole(point[1], 0, height)):
            raise _bad("有笔画写到了外面，请按“清除”再签一次")
    return tuple((x, y) for x, y in line)


def _whole(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _bad(message: str) -> Refused:
    return Refused("bad_strokes", message)
