"""The map's key: how many items have which status, in a corner where nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from lianban.web.components.metro_layout import Lanes
from lianban.web.components.status import WORDS

CELL, ROW, PAD = 126, 30, 18
COLUMNS = 3


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One status with its count, and where its glyph stands (the text stands 25 right of it)."""

    status: str
    word: str
    count: int
    x: int
    y: int

    text_x = property(lambda self: self.x + 25)
    text_y = property(lambda self: self.y + 14)


@dataclass(frozen=True, slots=True)
class Key:
    """The key's box and entries; `beneath` when no corner was free and it stands below the map."""

    x: int
    y: int
    width: int
    height: int
    entries: tuple[KeyEntry, ...]
    beneath: bool


class Pixels(Protocol):
    """What the key must know of the grid."""

    @property
    def lanes(self) -> Lanes: ...
    @property
    def columns(self) -> tuple[int, ...]: ...
    @property
    def width(self) -> int: ...
    @property
    def bottom(self) -> int: ...
    def y(self, lane: int) -> int:
        """Return a lane's centre line."""


def place(grid: Pixels, *, counts: Mapping[str, int]) -> Key | None:
    """Put the key at the lower right, else the upper right, else below the map."""
    found = [status for status in WORDS if counts.get(status)]
    if len(found) < 2:
        return None
    rows = -(-len(found) // COLUMNS)
    width, height = CELL * min(COLUMNS, len(found)) - 2, ROW * rows + 22
    x = grid.width - 10 - width
    for y in (grid.bottom + 10 - height, grid.y(0) - 24):
        if y >= grid.y(0) - 24 and _is_free(grid, x, y, y + height):
            return _key(x, y, width, height, found, counts, beneath=False)
    wide = min(len(found), (grid.width - 24) // CELL)
    height = ROW * -(-len(found) // wide) + 22
    return _key(12, 0, CELL * wide, height, found, counts, beneath=True)


def moved(key: Key, *, y: int) -> Key:
    """Return the key at another height."""
    entries = tuple(replace(e, y=e.y - key.y + y) for e in key.entries)
    return replace(key, y=y, entries=entries)


def _key(
    x: int,
    y: int,
    width: int,
    height: int,
    found: list[str],
    counts: Mapping[str, int],
    *,
    beneath: bool,
) -> Key:
    wide = max(1, width // (CELL - 2))
    entries = tuple(
        KeyEntry(
            status,
            WORDS[status],
            counts[status],
            x + PAD + CELL * (index % wide),
            y + PAD - 1 + ROW * (index // wide),
        )
        for index, status in enumerate(found)
    )
    return Key(x, y, width, height, entries, beneath)


def _is_free(grid: Pixels, left: int, top: int, bottom: int) -> bool:
    """No line or station in the box, and room for the texts that run towards it."""
    lanes = grid.lanes
    inside = {lane for lane in range(lanes.lanes) if top - 24 < grid.y(lane) < bottom + 24}
    stations = [grid.columns[lanes.column[n]] for n, lane in lanes.lane.items() if lane in inside]
    if any(x + 24 + 180 > left for x in stations):
        return False
    for line in lanes.lines:
        end = grid.columns[lanes.column[line.child.number]]
        if end > left and inside & set(range(min(line.lanes), max(line.lanes) + 1)):
            return False
    return True
