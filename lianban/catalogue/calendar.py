"""Working days as a city confirms them: weekends, days off, extra working days, and how far it is known."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

from lianban.catalogue import source
from lianban.catalogue.finding import Finding, PolicyRefused

ONE_DAY = timedelta(days=1)
#: The time of the offices. China has had one time without summer time since 1991.
CHINA = timezone(timedelta(hours=8))


def day_of(moment: datetime) -> date:
    """The offices' day of a moment, whatever zone it is told in (a database tells UTC)."""
    return moment.astimezone(CHINA).date()


@dataclass(frozen=True)
class Calendar:
    """A confirmed calendar. Past `confirmed_until` days count Monday to Friday, provisionally."""

    confirmed_until: date
    days_off: frozenset[date] = field(default_factory=frozenset)
    working: frozenset[date] = field(default_factory=frozenset)

    def is_working(self, day: date) -> bool:
        """Whether offices work on this day."""
        if day in self.working:
            return True
        return day.weekday() < 5 and day not in self.days_off

    def is_confirmed(self, day: date) -> bool:
        """Whether the answer for this day is confirmed rather than assumed."""
        return day <= self.confirmed_until

    def changed(
        self, changes: list[tuple[date, bool]], confirmed_until: date | None = None
    ) -> "Calendar":
        """The calendar after the city declared single days working or off."""
        on = {day for day, working in changes if working}
        off = {day for day, working in changes if not working}
        return Calendar(
            confirmed_until or self.confirmed_until,
            (self.days_off - on) | off,
            (self.working - off) | on,
        )


@cache
def load(path: Path) -> Calendar:
    """Read a calendar file. Raises `PolicyRefused` when a date cannot be read."""
    document = source.read_text(path.read_text(encoding="utf-8"), name=path.name)
    return Calendar(
        _date(document, "confirmed_until"),
        _dates(document, "days_off"),
        _dates(document, "working"),
    )


def _dates(document: source.Document, key: str) -> frozenset[date]:
    return frozenset(_date(document, key, i) for i in range(len(document.data.get(key) or ())))


def _date(document: source.Document, *place: str | int) -> date:
    value: Any = document.data
    for step in place:
        value = value[step]
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        message = f"「{value}」不是日期，请写成 2026-10-01 这样"
        line = document.line(*place)
        raise PolicyRefused(
            [Finding("calendar", message, file=document.file, line=line)]
        ) from error
