"""Dates from budgets of days. A case stores days and pauses, never a date (a calendar may change)."""

from dataclasses import dataclass
from datetime import date

from lianban.catalogue.calendar import ONE_DAY, Calendar
from lianban.engine.case import Clock, Pause


@dataclass(frozen=True, slots=True)
class Due:
    """A day by which something is due; provisional past the confirmed calendar."""

    on: date
    provisional: bool


def due(
    calendar: Calendar,
    clock: Clock | None,
    *,
    pauses: tuple[Pause, ...] = (),
    extended_days: int = 0,
    natural_days_roll: bool = True,
) -> Due | None:
    """The last day of a limit, or None while no clock runs.

    The day on which the clock starts is not counted, nor is any day of a pause. A limit in natural
    days that ends on a day off moves to the next working day if `natural_days_roll`.
    """
    if clock is None or any(pause.to_on is None for pause in pauses):
        return None
    day, left = clock.started_on, clock.days + extended_days
    while left > 0:
        day += ONE_DAY
        if _counts(calendar, clock, day) and not _paused(pauses, day):
            left -= 1
    while clock.counts == "natural" and natural_days_roll and not calendar.is_working(day):
        day += ONE_DAY
    return Due(day, not calendar.is_confirmed(day))


def add_working_days(calendar: Calendar, start: date, days: int) -> Due:
    """The `days`-th working day after `start`; `start` is not counted."""
    found = due(calendar, Clock(start, days, "working"))
    assert found
    return found


def add_natural_days(calendar: Calendar, start: date, days: int, *, roll: bool) -> Due:
    """The `days`-th natural day after `start`, moved off a day off if `roll`."""
    found = due(calendar, Clock(start, days, "natural"), natural_days_roll=roll)
    assert found
    return found


def paused_days(
    calendar: Calendar, clock: Clock | None, pauses: tuple[Pause, ...], *, on: date
) -> int:
    """How many days of the limit's own kind did not count up to, not including, the day `on`."""
    counts = clock.counts if clock else "working"
    total = 0
    for pause in pauses:
        day = max(pause.from_on, clock.started_on) if clock else pause.from_on
        end = min(pause.to_on or on, on)
        while day < end:
            total += counts == "natural" or calendar.is_working(day)
            day += ONE_DAY
    return total


def _counts(calendar: Calendar, clock: Clock, day: date) -> bool:
    return clock.counts == "natural" or calendar.is_working(day)


def _paused(pauses: tuple[Pause, ...], day: date) -> bool:
    return any(pause.from_on <= day < (pause.to_on or day) for pause in pauses)
