"""Limits in words: how many days are left, and how a date came about, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lianban.cases.queries import CaseView, ItemView
from lianban.catalogue.calendar import ONE_DAY, Calendar
from lianban.catalogue.model import TimeLimit
from lianban.engine import deadlines
from lianban.engine.case import Clock
from lianban.engine.states import State
from lianban.web.components import dates


@dataclass(frozen=True)
class Left:
    """How far a day is away; `tone` late, warn or empty."""

    words: str
    tone: str = ""


def left(calendar: Calendar, due: date, today: date) -> Left:
    """The working days between today and a limit, in words."""
    if due == today:
        return Left("今天到期", "warn")
    count = working_days_between(calendar, min(due, today), max(due, today))
    if due < today:
        return Left(f"超 {count} 个工作日" if count else "已过期，今天补办", "late")
    return Left(f"还有 {count} 个工作日" if count else "休息日到期", "warn" if count <= 1 else "")


def working_days_between(calendar: Calendar, start: date, end: date) -> int:
    """The working days after `start` up to and including `end`."""
    day, count = start, 0
    while day < end:
        day += ONE_DAY
        count += calendar.is_working(day)
    return count


@dataclass(frozen=True)
class Used:
    """How much of the limit is used, in days of its own kind."""

    days: int
    limit: int
    counts: str
    state: str


def used(view: CaseView, item: ItemView, today: date) -> Used | None:
    """The days that have counted so far; None while no limit runs."""
    sub = item.sub
    if sub.clock is None or item.due is None:
        return None
    limit = sub.clock.days + sub.extended_days
    end = min(today, item.due.on)
    natural = sub.clock.counts == "natural"
    passed = sum(
        natural or view.calendar.is_working(day)
        for day in _days(sub.clock.started_on, end)
        if not any(p.from_on <= day < (p.to_on or day) for p in sub.pauses)
    )
    late = working_days_between(view.calendar, item.due.on, today) if item.is_overdue else 0
    state = "late" if item.is_overdue else "amber" if passed >= limit - 1 else ""
    return Used(passed + late, limit, "天" if natural else "个工作日", state)


def _days(start: date, end: date) -> Iterator[date]:
    day = start
    while day < end:
        day += ONE_DAY
        yield day


def statutory_due(view: CaseView, item: ItemView) -> deadlines.Due | None:
    """The law's own last day, counted from the same start with the same pauses."""
    limit, sub = item.item.statutory, item.sub
    start = sub.clock.started_on if sub.clock else sub.dispatched_on
    if limit is None or start is None or sub.ended:
        return None
    roll = view.edition.rules.natural_days_roll
    clock = Clock(start, limit.days, limit.counts)
    return deadlines.due(view.calendar, clock, pauses=sub.pauses, natural_days_roll=roll)


#: What a clock starts with, in words; every other start is an outside event.
STARTS = {"ready": "可以办的那天", "dispatch": "推送到本部门那天"}


def lines(view: CaseView, item: ItemView, today: date) -> list[tuple[str, str]]:
    """How the date came about: each step with its day or number."""
    pledged, sub = item.item.pledged, item.sub
    if pledged is None:
        return [("承诺时限", "方案没有定")]
    if sub.clock is None:
        return _not_running(item, pledged)
    kind = _kind(sub.clock.counts)
    found = [
        ("从哪天起", f"{dates.day(sub.clock.started_on)}，{starts(pledged)}，当天不算"),
        ("承诺时限", f"{sub.clock.days} {kind}"),
        *_pauses(view, item, today),
    ]
    if sub.extended_days:
        found.append(("延期", f"加 {sub.extended_days} {kind}"))
    confirmed = "" if pledged.verified else "（还没确认）"
    return [*found, *_end(item), ("依据", f"{pledged.source}{confirmed}")]


#: Why a date cannot be said while the clock stands still.
_STANDS = {
    State.SUSPENDED: "暂停着，算不出；恢复以后接着算",
    State.CORRECTION_DUE: "等补正，算不出；补齐以后接着算",
}


def _end(item: ItemView) -> Iterator[tuple[str, str]]:
    if item.due:
        yield "到期", dates.day(item.due.on)
        if item.due.provisional:
            yield "暂定", "明年的放假安排还没公布，先按周一到周五算，公布后可能变"
    elif item.sub.state in _STANDS:
        yield "到期", _STANDS[item.sub.state]


def _kind(counts: str) -> str:
    return "天" if counts == "natural" else "个工作日"


def starts(limit: TimeLimit) -> str:
    """What starts the clock, in words."""
    return STARTS.get(limit.starts, "等的事办到那天")


def _not_running(item: ItemView, pledged: TimeLimit) -> list[tuple[str, str]]:
    found = [("从哪天起", f"还没开始，{starts(pledged)}才开始算")]
    found.append(("承诺时限", f"{pledged.days} {_kind(pledged.counts)}"))
    found.append(("到期", "算不出"))
    if item.review_on:
        found.append(("再看一次", f"{dates.day(item.review_on)}前看看有没有进展"))
    return found


def _pauses(view: CaseView, item: ItemView, today: date) -> Iterator[tuple[str, str]]:
    for pause in item.sub.pauses:
        days = deadlines.paused_days(view.calendar, item.sub.clock, (pause,), on=today)
        kind = _kind(item.sub.clock.counts if item.sub.clock else "working")
        until = f"到 {dates.short_day(pause.to_on)}" if pause.to_on else "起，现在还停着"
        yield "不计时", f"{dates.short_day(pause.from_on)} {until}，停了 {days} {kind}"
