"""A photographed or scanned sheet of the printed form, laid straight by its four black corners.

Where they are printed: `documents/typst/registration_form.typ`. The code is found before; from its
place each corner is looked for where it must be, the nearest first, for the far ones are guessed
better once a near one is known. Runs in the process of `cases.decoding` only.
"""

import math
from collections.abc import Sequence

from PIL import Image

Point = tuple[float, float]

#: A4 and what is printed on it, in millimetres from the upper left corner.
SIZE = (210.0, 297.0)
_CODE: tuple[Point, ...] = ((179, 4), (191, 4), (191, 16), (179, 16))
_CORNERS: tuple[Point, ...] = ((202, 8), (8, 8), (202, 289), (8, 289))
#: How far around its guessed place a corner is looked for, and how wide it is.
_AROUND, _WIDTH = 32, 4
#: A ring so far around a corner is paper, and lighter by so much.
_RING, _CONTRAST = 4, 40
#: Dots per millimetre of the sheet once it is straight: about 200 to the inch.
_DOTS = 8


def straight(image: Image.Image, code: Sequence[Point]) -> Image.Image:
    """The sheet upright and straight; turned by the code alone where a corner cannot be seen.

    `code` holds the corners of the form's code in the picture, from its own upper left, clockwise.
    """
    seen = _corners(image, code)
    if seen is None:
        return image.rotate(angle(code), expand=True, fillcolor="white")
    corners = [(x * _DOTS, y * _DOTS) for x, y in _CORNERS]
    size = (round(SIZE[0] * _DOTS), round(SIZE[1] * _DOTS))
    return image.transform(
        size,
        Image.Transform.PERSPECTIVE,
        _perspective(corners, seen),
        Image.Resampling.BICUBIC,
        fillcolor="white",
    )


def angle(code: Sequence[Point]) -> float:
    """By how many degrees the code is turned clockwise in the picture."""
    (left, top), (right, other) = code[0], code[1]
    return math.degrees(math.atan2(other - top, right - left))


def _corners(image: Image.Image, code: Sequence[Point]) -> list[Point] | None:
    grey = image.convert("L")
    printed, seen = [*_CODE], [*code]
    for corner in _CORNERS:
        found = _corner(grey, _plane(printed, seen), corner)
        if found is None:
            return None
        printed.append(corner)
        seen.append(found)
    return seen[len(_CODE) :]


def _corner(grey: Image.Image, plane: "_Plane", corner: Point) -> Point | None:
    """The middle of a black square near its guessed place."""
    around = _patch(grey, plane, corner, _AROUND, 1)
    darkest, column, row = max(
        (_stands_out(around, column, row), column, row)
        for row in range(_RING, around.height - _RING)
        for column in range(_RING, around.width - _RING)
    )
    if darkest < _CONTRAST:
        return None
    near = (corner[0] - _AROUND + column + 0.5, corner[1] - _AROUND + row + 0.5)
    middle = _middle(_patch(grey, plane, near, _WIDTH, _DOTS))
    return plane.at((near[0] + middle[0], near[1] + middle[1])) if middle else None


def _stands_out(around: Image.Image, column: int, row: int) -> float:
    """How much darker a place is than the paper in a ring around it; a table is dark all over."""
    block = around.crop((column - 1, row - 1, column + 2, row + 2)).tobytes()
    side = 2 * _RING + 1
    ring = around.crop((column - _RING, row - _RING, column + _RING + 1, row + _RING + 1))
    dots = ring.tobytes()
    edges = dots[:side] + dots[-side:] + dots[::side] + dots[side - 1 :: side]
    return sorted(edges)[len(edges) // 8] - sum(block) / len(block)


def _patch(
    grey: Image.Image, plane: "_Plane", middle: Point, reach: float, dots: int
) -> Image.Image:
    """The part of the picture around a place of the sheet, as it would lie straight."""
    side = round(2 * reach * dots)
    left, top = plane.at((middle[0] - reach, middle[1] - reach))
    a, b, d, e = (value / dots for value in (plane.a, plane.b, plane.d, plane.e))
    fine = 4 if dots == 1 else 1  # a coarse patch must not fall between the dots
    drawn = grey.transform(
        (side * fine, side * fine),
        Image.Transform.AFFINE,
        (a / fine, b / fine, left, d / fine, e / fine, top),
        Image.Resampling.BILINEAR,
        fillcolor=255,
    )
    return drawn.reduce(fine) if fine > 1 else drawn


def _middle(patch: Image.Image) -> Point | None:
    """The middle of what is dark in a patch, in millimetres from the patch's own middle."""
    dots = patch.tobytes()
    limit = (min(dots) + max(dots)) / 2
    dark = patch.point([255 if value < limit else 0 for value in range(256)])
    across, down = (
        dark.resize((dark.width, 1), Image.Resampling.BOX),
        dark.resize((1, dark.height), Image.Resampling.BOX),
    )
    total = sum(across.tobytes())
    if not total:
        return None
    x = sum(at * value for at, value in enumerate(across.tobytes())) / total
    y = sum(at * value for at, value in enumerate(down.tobytes())) / max(sum(down.tobytes()), 1)
    half = (patch.width - 1) / 2
    return ((x - half) / _DOTS, (y - half) / _DOTS)


# Planes ----------------------------------------------------------------------------------------


class _Plane:
    """From millimetres of the sheet to dots of the picture, as far as it is flat and parallel."""

    def __init__(self, across: Sequence[float], down: Sequence[float]) -> None:
        self.a, self.b, self.c = across
        self.d, self.e, self.f = down

    def at(self, place: Point) -> Point:
        x, y = place
        return (self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f)


def _plane(printed: Sequence[Point], seen: Sequence[Point]) -> _Plane:
    """The plane that fits all pairs best (least squares)."""
    rows = [(x, y, 1.0) for x, y in printed]
    squares = [[sum(row[i] * row[j] for row in rows) for j in range(3)] for i in range(3)]
    both = [
        _solved(
            squares,
            [sum(row[i] * at[axis] for row, at in zip(rows, seen, strict=True)) for i in range(3)],
        )
        for axis in (0, 1)
    ]
    return _Plane(*both)


def _perspective(straight: Sequence[Point], seen: Sequence[Point]) -> list[float]:
    """Pillow's eight numbers that lead from the straight sheet into the picture."""
    rows, values = [], []
    for (x, y), (u, v) in zip(straight, seen, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return _solved(rows, values)


def _solved(rows: Sequence[Sequence[float]], values: Sequence[float]) -> list[float]:
    """Linear equations by elimination. Raises ZeroDivisionError where there is no one answer."""
    table = [[*map(float, row), float(value)] for row, value in zip(rows, values, strict=True)]
    for at in range(len(table)):
        pivot = max(range(at, len(table)), key=lambda row: abs(table[row][at]))
        table[at], table[pivot] = table[pivot], table[at]
        table[at] = [value / table[at][at] for value in table[at]]
        for row in range(len(table)):
            if row != at:
                factor = table[row][at]
                table[row] = [v - factor * p for v, p in zip(table[row], table[at], strict=True)]
    return [row[-1] for row in table]
