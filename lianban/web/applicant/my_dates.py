"""Why this date: the days of one item line by line, or why no date can be known."""

from datetime import date

from lianban.cases.queries import CaseView, ItemView
from lianban.catalogue.calendar import ONE_DAY, Calendar
from lianban.engine import deadlines
from lianban.engine.case import Clock, Pause
from lianban.engine.states import State
from lianban.web.components import dates

_KIND = {"working": "个工作日", "natural": "天"}
_STARTS = {"ready": "轮到这一件的那天", "dispatch": "送到部门的那天"}


def why(view: CaseView, item: ItemView) -> list[str]:
    """The lines of the reckoning; empty for an item that is decided or has ended."""
    if item.sub.ended or item.sub.outcome is not None:
        return []
    return _reckoned(view, item) if item.sub.clock else _unknown(view, item)


def unknown_because(view: CaseView, item: ItemView) -> str:
    """In a few words, what an unknown date waits for."""
    sub, external = item.sub, item.item.external
    if item.waiting_for:
        return "等 " + "、".join(item.waiting_for)
    if sub.state is State.EXTERNAL and external:
        return f"等{external.actor}"
    if any(pause.to_on is None for pause in sub.pauses):
        return "等您补材料" if sub.state is State.CORRECTION_DUE else "暂停计时"
    if item.item.pledged is None:
        return "这一件没有承诺天数"
    return _start_awaited(view, item)


def _start_awaited(view: CaseView, item: ItemView) -> str:
    limit = item.item.pledged
    assert limit
    if limit.starts in _STARTS:
        return f"还没送到{item.department_name}" if limit.starts == "dispatch" else "还没轮到"
    words = view.edition.wording.get("events", {}).get(limit.starts, "对方办好")
    return f"等{words}"


def _reckoned(view: CaseView, item: ItemView) -> list[str]:
    sub, limit = item.sub, item.item.pledged
    clock = sub.clock
    assert clock
    kind = _KIND[clock.counts]
    cause = _STARTS.get(limit.starts if limit else "", "")
    lines = [f"从 {dates.day(clock.started_on)}起算{f'，{cause}' if cause else ''}，当天不算"]
    unsure = "，待本市确认" if limit and not limit.verified else ""
    lines.append(f"承诺 {clock.days} {kind}{unsure}")
    lines += [_pause(view.calendar, clock.counts, pause) for pause in sub.pauses]
    if sub.extended_days:
        lines.append(f"延期 {sub.extended_days} {kind}")
    if item.due is None:
        return [*lines, f"现在算不出最晚哪天：{unknown_because(view, item)}"]
    lines.append(f"所以最晚 {dates.day(item.due.on)}")
    if item.due.provisional:
        lines.append("这一年的放假安排还没有公布，日期是暂定的")
    if item.is_overdue:
        lines.append("这个日期已经过了。可以打本页的电话催办")
    return lines


def _pause(calendar: Calendar, counts: str, pause: Pause) -> str:
    if pause.to_on is None:
        return f"{dates.short_day(pause.from_on)}起暂停，还没恢复，这段不算"
    clock = Clock(pause.from_on, 0, counts)
    days = deadlines.paused_days(calendar, clock, (pause,), on=pause.to_on)
    start, end = dates.short_day(pause.from_on), dates.short_day(pause.to_on)
    return f"{start}到{end}暂停，{days} {_KIND[counts]}不算"


def _unknown(view: CaseView, item: ItemView) -> list[str]:
    limit = item.item.pledged
    lines = [f"现在算不出：{unknown_because(view, item)}"]
    if limit is not None and item.sub.state is not State.EXTERNAL:
        lines.append(f"起算以后，承诺 {limit.days} {_KIND[limit.counts]}办好")
    if item.review_on is not None:
        lines.append(f"到 {dates.day(item.review_on)}还没动静，我们主动去问")
    return lines


def law(item: ItemView) -> str:
    """The statutory limit in words, or nothing."""
    limit = item.item.statutory
    if limit is None:
        return ""
    return f"法律规定最多 {limit.days} {_KIND[limit.counts]}（{limit.source}）"


def working_days_left(calendar: Calendar, today: date, until: date) -> int:
    """Working days from tomorrow to `until`; negative when it has passed."""
    if until < today:
        return -working_days_left(calendar, until, today)
    day, found = today, 0
    while day < until:
        day += ONE_DAY
        found += calendar.is_working(day)
    return found
