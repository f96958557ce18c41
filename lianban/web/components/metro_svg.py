"""The metro map's geometry: where lanes and columns lie in pixels, and what is written where."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from lianban.web.components import metro_key, metro_text
from lianban.web.components.metro_key import Key
from lianban.web.components.metro_layout import Capsule, Lanes, Line
from lianban.web.components.metro_list import Wave
from lianban.web.components.metro_network import Milestone, Station

LEFT = 28
TOP = 64
TEXT_X = 24  # from a station's centre to its text
BUS = 40  # from a vertical piece of line to the station it leads to
RADIUS = 16
BEFORE_CAPSULE, AFTER_CAPSULE, NEXT_CAPSULE = 168, 62, 60
MIN_PITCH, MAX_PITCH, LAST_ROOM = 198, 240, 150
_DRAWN_FIRST = ("wait", "blocked", "open", "done")


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading: 第 n 步, and how many items run at once."""

    x: int
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Hub:
    """A drawn capsule; `letters` are its name from top to bottom with their y."""

    milestone: Milestone
    x: int
    top: int
    height: int
    letters: tuple[tuple[str, int], ...]

    @property
    def left(self) -> int:
        """Left edge of the capsule."""
        return self.x - 18

    @property
    def date_y(self) -> int:
        """Baseline of the date below it."""
        return self.top + self.height + 18


@dataclass(frozen=True, slots=True)
class Edge:
    """A drawn line: an SVG path and its kind (``done``, ``open``, ``wait``, ``blocked``)."""

    path: str
    kind: str
    parent: str
    child: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A drawn station. `on_line`: a line leaves to the right, so the name stands above it."""

    station: Station
    x: int
    y: int
    name: str
    meta: str
    label: str
    on_line: bool
    marks: tuple[Milestone, ...]

    text_x = property(lambda self: self.x + TEXT_X)
    name_y = property(lambda self: self.y - (10 if self.on_line else 3))
    meta_y = property(lambda self: self.y + (22 if self.on_line else 17))
    glyph_x = property(lambda self: self.x - 13)
    glyph_y = property(lambda self: self.y - 13)
    mark_x = property(lambda self: self.x - 28)
    mark_y = property(lambda self: self.y - 28)
    mark_text_x = property(lambda self: self.mark_x + 8.5)
    mark_text_y = property(lambda self: self.mark_y + 13)
    late_x = property(lambda self: self.x + 11)
    late_y = property(lambda self: self.y - 11)
    late_left = property(lambda self: self.x + 3)
    late_top = property(lambda self: self.y - 19)


@dataclass(frozen=True, slots=True)
class Map:
    """Everything `components/metro.html` draws; sizes in SVG user units."""

    width: int
    height: int
    headings: tuple[Heading, ...]
    edges: tuple[Edge, ...]
    hubs: tuple[Hub, ...]
    stations: tuple[Placed, ...]
    key: Key | None
    marks: tuple[Milestone, ...]
    waves: tuple[Wave, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Pixel positions of columns, capsules and lanes."""

    lanes: Lanes
    columns: tuple[int, ...]
    capsules: tuple[int, ...]
    width: int
    pitch: int

    def y(self, lane: int) -> int:
        """Return a lane's centre line."""
        return TOP + lane * self.pitch

    @property
    def bottom(self) -> int:
        """Centre line of the lowest lane."""
        return self.y(max(self.lanes.lanes - 1, 0))


def draw(lanes: Lanes, *, width: int, waves: tuple[Wave, ...]) -> Map:
    """Turn columns and lanes into positions, paths and texts."""
    grid = _grid(lanes, width)
    hubs = tuple(_hub(grid, index) for index in range(len(lanes.capsules)))
    key = metro_key.place(grid, counts=Counter(s.status for s in lanes.stations))
    lowest = max([grid.bottom + 42, *(h.date_y + 2 for h in hubs)], default=0)
    if key and key.beneath:
        key = metro_key.moved(key, y=lowest + 8)
        lowest = key.y + key.height
    marks = {m.code: m for found in lanes.marks.values() for m in found}
    return Map(
        width=grid.width,
        height=lowest + 4,
        headings=tuple(
            Heading(grid.columns[w.number - 1] - 16, f"第 {w.number} 步", w.note) for w in waves
        ),
        edges=tuple(sorted(_edges(grid), key=lambda e: _DRAWN_FIRST.index(e.kind))),
        hubs=hubs,
        stations=tuple(
            _placed(grid, s, key)
            for s in sorted(
                lanes.stations, key=lambda s: (lanes.column[s.number], lanes.lane[s.number])
            )
        ),
        key=key,
        marks=tuple(marks.values()),
        waves=waves,
    )


def _grid(lanes: Lanes, width: int) -> Grid:
    after = Counter(capsule.after for capsule in lanes.capsules)
    plain = [c for c in range(lanes.columns - 1) if not after[c]]
    fixed = LEFT + LAST_ROOM + sum(_capsule_gap(count) for count in after.values())
    pitch = min(max((width - fixed) // max(len(plain), 1), MIN_PITCH), MAX_PITCH)
    columns, capsules, x = [], [], LEFT
    for column in range(lanes.columns):
        columns.append(x)
        capsules += [x + BEFORE_CAPSULE + NEXT_CAPSULE * i for i in range(after[column])]
        x += _capsule_gap(after[column]) if after[column] else pitch
    needed = max([0, *(c + LAST_ROOM for c in columns[-1:]), *(c + 60 for c in capsules)])
    pitch_y = 66 if width <= 1002 else 60
    return Grid(lanes, tuple(columns), tuple(capsules), max(width, needed), pitch_y)


def _capsule_gap(count: int) -> int:
    return BEFORE_CAPSULE + AFTER_CAPSULE + NEXT_CAPSULE * (count - 1)


def _hub(grid: Grid, index: int) -> Hub:
    """A capsule over all lanes that enter or leave it, and at least as long as its name."""
    lanes, capsule = grid.lanes, grid.lanes.capsules[index]
    beside = [
        lanes.lane[s.number]
        for s in lanes.stations
        if lanes.column[s.number] == capsule.after + 1 or s.number in capsule.milestone.after_items
    ]
    top, bottom = grid.y(min(beside)) - 24, grid.y(max(beside)) + 24
    letters = capsule.milestone.name
    short = max(0, 22 * len(letters) + 28 - (bottom - top))
    top, bottom = max(28, top - short // 2), bottom + short - short // 2
    first = (top + bottom) // 2 - 11 * len(letters) + 16
    return Hub(
        milestone=capsule.milestone,
        x=grid.capsules[index],
        top=top,
        height=bottom - top,
        letters=tuple((letter, first + 22 * i) for i, letter in enumerate(letters)),
    )


def _edges(grid: Grid) -> list[Edge]:
    edges = [
        Edge(
            _path(grid, line),
            _kind(line.child, line.parent),
            str(line.parent.number),
            str(line.child.number),
        )
        for line in grid.lanes.lines
    ]
    for index, capsule in enumerate(grid.lanes.capsules):
        edges += _capsule_edges(grid, index, capsule)
    return edges


def _path(grid: Grid, line: Line) -> str:
    column = grid.lanes.column[line.parent.number]
    parts = [f"M{grid.columns[column]} {grid.y(line.lanes[0])}"]
    for offset, (lane, following) in enumerate(pairwise(line.lanes), 1):
        if lane == following:
            continue
        bus, y, to = grid.columns[column + offset] - BUS, grid.y(lane), grid.y(following)
        turn = RADIUS if to > y else -RADIUS
        parts.append(f"H{bus - RADIUS}Q{bus} {y} {bus} {y + turn}V{to - turn}")
        parts.append(f"Q{bus} {to} {bus + RADIUS} {to}")
    return "".join(parts) + f"H{grid.columns[grid.lanes.column[line.child.number]]}"


def _kind(child: Station, parent: Station) -> str:
    if child.status in ("waiting", "blocked"):
        return "wait" if child.status == "waiting" else "blocked"
    if child.status == "done":
        return "done"
    return "wait" if parent.status in ("waiting", "blocked") else "open"


def _capsule_edges(grid: Grid, index: int, capsule: Capsule) -> list[Edge]:
    lanes, code, x = grid.lanes, capsule.milestone.code, grid.capsules[index]
    same_gap = [i for i, c in enumerate(lanes.capsules) if c.after == capsule.after]
    reached = capsule.milestone.reached
    edges = []
    if index == same_gap[0]:
        for station in lanes.stations:
            if station.number in capsule.milestone.after_items:
                met = "open" if station.status == "done" else "wait"
                path = f"M{grid.columns[lanes.column[station.number]]} {grid.y(lanes.lane[station.number])}H{x}"
                edges.append(Edge(path, "done" if reached else met, str(station.number), code))
    right = [s for s in lanes.stations if lanes.column[s.number] == capsule.after + 1]
    if index != same_gap[-1] and right:
        y = grid.y(lanes.lane[right[0].number])
        following = lanes.capsules[index + 1].milestone
        kind = "done" if following.reached else "open" if reached else "wait"
        return [*edges, Edge(f"M{x} {y}H{grid.capsules[index + 1]}", kind, code, following.code)]
    for station in right:
        kind = _kind(station, station) if reached or station.status == "blocked" else "wait"
        path = f"M{x} {grid.y(lanes.lane[station.number])}H{grid.columns[capsule.after + 1]}"
        edges.append(Edge(path, kind, code, str(station.number)))
    return edges


def _placed(grid: Grid, station: Station, key: Key | None) -> Placed:
    lanes = grid.lanes
    x, y = grid.columns[lanes.column[station.number]], grid.y(lanes.lane[station.number])
    on_line = _has_line(lanes, station)
    end = _end_of_room(grid, station, on_line)
    if key and not key.beneath and key.y - 24 < y < key.y + key.height + 24 and x < key.x:
        end = min(end, key.x - 12)
    return Placed(
        station=station,
        x=x,
        y=y,
        name=metro_text.name(station),
        meta=metro_text.meta(station, room=end - x - TEXT_X),
        label=_label(station, lanes.marks[station.number]),
        on_line=on_line,
        marks=lanes.marks[station.number],
    )


def _has_line(lanes: Lanes, station: Station) -> bool:
    into_capsule = any(station.number in c.milestone.after_items for c in lanes.capsules)
    return into_capsule or any(line.parent is station for line in lanes.lines)


def _end_of_room(grid: Grid, station: Station, on_line: bool) -> int:
    """Where the text right of a station must end: before the next bus, capsule, station or edge."""
    lanes, column = grid.lanes, grid.lanes.column[station.number]
    lane, ends = lanes.lane[station.number], [grid.width]
    if on_line and column + 1 < lanes.columns:
        ends.append(grid.columns[column + 1] - 28)
    ends += [x - 24 for x in grid.capsules if x > grid.columns[column]]
    for line in lanes.lines:
        first = lanes.column[line.parent.number]
        for offset, (start, end) in enumerate(pairwise(line.lanes), 1):
            passes = start != end and min(start, end) <= lane <= max(start, end)
            if passes and first + offset > column:
                ends.append(grid.columns[first + offset] - BUS)
    return min(ends) - 6


def _label(station: Station, marks: tuple[Milestone, ...]) -> str:
    waits = [f"还要等{m.name}" for m in marks if not m.reached]
    late = ["超期"] if station.overdue else []
    return "，".join([metro_text.name(station), metro_text.full_meta(station), *late, *waits])
