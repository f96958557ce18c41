"""The metro map as a list (`lb-vline`): phones, 大字版, screen readers; the map's text alternative."""

from dataclasses import dataclass

from lianban.web.components import metro_text
from lianban.web.components.metro_layout import Lanes
from lianban.web.components.metro_network import Milestone, Station
from lianban.web.components.status import WORDS, Status

_ORDER = {code: index for index, code in enumerate(WORDS)}
_ENDED = {"done", "denied"}
_OPEN = {"needs-you", "progress", "ready", "suspended", "external"}


@dataclass(frozen=True, slots=True)
class WaveItem:
    """One item in the list: `name` is its link, `text` who, what and by when."""

    station: Station
    name: str
    status: Status
    text: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wave:
    """One step: its milestones (a bar across, before the items), heading and items."""

    number: int
    note: str
    state: str
    milestones: tuple[Milestone, ...]
    items: tuple[WaveItem, ...]


def waves(lanes: Lanes) -> tuple[Wave, ...]:
    """Return the steps from first to last; inside a step what needs the reader comes first."""
    by_number = {s.number: s for s in lanes.stations}
    steps = []
    for column in range(lanes.columns):
        inside = [s for s in lanes.stations if lanes.column[s.number] == column]
        inside.sort(key=lambda s: (_ORDER[s.status], s.number))
        steps.append(
            Wave(
                number=column + 1,
                note=f"{len(inside)} 件同时办" if len(inside) > 1 else "",
                state=_state(inside),
                milestones=tuple(c.milestone for c in lanes.capsules if c.after == column - 1),
                items=tuple(_item(s, by_number, lanes) for s in inside),
            )
        )
    return tuple(steps)


def _state(stations: list[Station]) -> str:
    statuses = {s.status for s in stations}
    if statuses <= _ENDED:
        return "done"
    return "open" if statuses & (_OPEN | _ENDED) else "wait"


def _item(station: Station, by_number: dict[int, Station], lanes: Lanes) -> WaveItem:
    parts = [_waits_for(station, by_number) or station.remark, station.date_text]
    return WaveItem(
        station=station,
        name=metro_text.name(station),
        status=Status(station.status, metro_text.word(station)),
        text=" · ".join(part for part in parts if part),
        marks=tuple(
            f"还要等{mark.name}" for mark in lanes.marks[station.number] if not mark.reached
        ),
    )


def _waits_for(station: Station, by_number: dict[int, Station]) -> str:
    """Name what a waiting item waits for, in full: 等 12 社会保险登记."""
    if station.status != "waiting" or metro_text.has_own_word(station):
        return ""
    missing = [
        metro_text.name(by_number[number])
        for number in station.requires
        if number in by_number and by_number[number].status != "done"
    ]
    return f"等 {'、'.join(missing)}" if missing else ""
