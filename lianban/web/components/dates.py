"""Dates and spans as people read them, in the time of Shanghai."""

from datetime import date, datetime

from lianban.clock import SHANGHAI

_WEEKDAYS = "一二三四五六日"


def local_date(value: date | datetime) -> date:
    """Return the day in Shanghai; a naive datetime is taken as Shanghai's."""
    if isinstance(value, datetime):
        return (value.astimezone(SHANGHAI) if value.tzinfo else value).date()
    return value


def day(value: date | datetime) -> str:
    """10月26日（周一）."""
    found = local_date(value)
    return f"{short_day(found)}（周{_WEEKDAYS[found.weekday()]}）"


def short_day(value: date | datetime) -> str:
    """10月26日."""
    found = local_date(value)
    return f"{found.month}月{found.day}日"


def full_day(value: date | datetime) -> str:
    """2026年10月26日."""
    found = local_date(value)
    return f"{found.year}年{found.month}月{found.day}日"


def moment(value: datetime) -> str:
    """10月19日 09:20."""
    found = value.astimezone(SHANGHAI) if value.tzinfo else value
    return f"{short_day(found)} {found:%H:%M}"


def working_days(count: int) -> str:
    """4 个工作日; a negative count is the days over: 超 2 个工作日."""
    return f"超 {-count} 个工作日" if count < 0 else f"{count} 个工作日"
