"""What the metro map is drawn from: stations and milestones, as the engine and the plan give them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class Station:
    """One item on the map.

    `requires` holds item numbers, `milestones` codes of milestones it hangs on directly. `status`
    is a code of `status.WORDS`; `status_word` replaces its word (已终止). `remark` is one short
    reason (请补银行卡账户), `date_text` one date ready to read (预计10月23日, 10月12日 办结, 算不出).
    `expected_date` only breaks ties between equally long lines; it is never shown.
    """

    number: int
    code: str
    short_name: str
    wave: int
    requires: tuple[int, ...] = ()
    milestones: tuple[str, ...] = ()
    status: str = "waiting"
    remark: str = ""
    date_text: str = ""
    overdue: bool = False
    href: str = ""
    status_word: str = ""
    expected_date: date | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone of the plan.

    `after_items` are the items that lead to it. With some, and needed by a whole column, it is
    drawn as a capsule; otherwise as a small mark (first character of `name`) at its stations.
    """

    code: str
    name: str
    reached: bool = False
    after_items: tuple[int, ...] = ()
    date_text: str = ""
    note: str = ""


def reduced(stations: Sequence[Station]) -> list[Station]:
    """Drop what another prerequisite already implies, so that no line is drawn twice."""
    by_number = {s.number: s for s in stations}
    reach = {s.number: _above(s, by_number) for s in stations}
    found = []
    for station in stations:
        present = [n for n in station.requires if n in by_number]
        implied = {node for number in present for node in reach[number]}
        requires = tuple(n for n in present if n not in implied)
        milestones = tuple(m for m in station.milestones if m not in implied)
        found.append(replace(station, requires=requires, milestones=milestones))
    return found


def _above(station: Station, by_number: dict[int, Station]) -> set[int | str]:
    """Every item and milestone that must come before this item."""
    found: set[int | str] = set()
    todo = [station]
    while todo:
        current = todo.pop()
        found.update(current.milestones)
        for number in current.requires:
            if number in by_number and number not in found:
                found.add(number)
                todo.append(by_number[number])
    return found
