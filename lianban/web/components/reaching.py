"""Whether a department's own system has an item, in one plain line for whoever reads it.

Nothing is said of departments that work at their desks here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lianban.cases.queries import CaseView, ItemView
from lianban.engine.states import State
from lianban.exchange.watching import reach
from lianban.exchange.watching.reach import Reach
from lianban.web.components import dates

#: With its department, and not decided.
_AT_WORK = frozenset(
    {State.DISPATCHED, State.RECEIVED, State.CORRECTION_DUE, State.ACCEPTED, State.SUSPENDED}
)
#: The worst first.
_WORST = ("stuck", "failing", "going", "fetched_later", "reached")


def of_case(view: CaseView) -> dict[int, Reach]:
    """How far each item of this view has come that lies with a department and is not decided."""
    there = {
        item.item.number: item.sub.department
        for item in view.items
        if item.sub.state in _AT_WORK and item.sub.outcome is None
    }
    found = reach.of_case(view.id, there) if there else {}
    return {number: one for number, one in found.items() if one.topic != "withdraw"}


def has_not_come(one: Reach) -> bool:
    """Whether a dispatch has not reached the department yet."""
    return one.topic == "dispatch" and one.how != "reached"


def _day(at: datetime) -> str:
    return dates.short_day(at)


# For the person --------------------------------------------------------------------------------


def for_person(view: CaseView, item: ItemView, found: Mapping[int, Reach]) -> str:
    """One line for the person; nothing where the item's own words say all."""
    one = found.get(item.item.number)
    if one is None or (one.how == "reached" and item.sub.state is not State.DISPATCHED):
        return ""
    return _person(one, view.edition.department_names[one.department])


def _person(one: Reach, who: str) -> str:
    since = f"（{_day(one.since)}起）"
    what = "" if one.topic == "dispatch" else "您补的材料"
    return {
        "reached": f"{what}已送到{who}，等他们办理{since}",
        "going": f"{what}正在送往{who}{since}",
        "failing": f"{what}正在送往{who}，对方系统暂时联系不上，会自动重发，您不用做什么{since}",
        "fetched_later": f"{what}等{who}的系统来取{since}",
        "stuck": f"{what}没能送到{who}，工作人员正在处理，您不用做什么{since}",
    }[one.how]


@dataclass(frozen=True)
class Line:
    """What one department has, or has not: the sentence and the items that it is true of."""

    words: str
    items: tuple[ItemView, ...]
    is_there: bool


def lines_for_person(view: CaseView, found: Mapping[int, Reach]) -> list[Line]:
    """One line for each department and what is true of it, what is on its way first."""
    grouped: dict[tuple[str, str, date], list[ItemView]] = {}
    for item in view.items:
        one = found.get(item.item.number)
        if one is not None and for_person(view, item, found):
            key = (one.department, one.how, dates.local_date(one.since))
            grouped.setdefault(key, []).append(item)
    rows = sorted(grouped.items(), key=lambda row: (_WORST.index(row[0][1]), row[0][2]))
    return [
        Line(for_person(view, items[0], found), tuple(items), how == "reached")
        for (_, how, _), items in rows
    ]


# For officers ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """One line for an officer; `is_bad` where somebody may have to do something."""

    words: str
    is_bad: bool


def for_bureau(numbers: Iterable[int], found: Mapping[int, Reach]) -> Note | None:
    """The worst that is true of these items of one department."""
    ones = [found[number] for number in numbers if number in found]
    if not ones:
        return None
    one = min(ones, key=lambda each: (_WORST.index(each.how), each.since))
    since = _day(one.since)
    words = {
        "reached": f"{since}送到对方系统",
        "going": f"正在送往对方系统，{since}起",
        "failing": f"对方系统联系不上，{since}起等着，自动重发",
        "fetched_later": f"等对方系统来取，{since}起",
        "stuck": f"没能送到对方系统，{since}停的",
    }[one.how]
    return Note(words, one.how in ("stuck", "failing"))


def for_department(one: Reach | None) -> Note | None:
    """How the item came to the department's own system, and that it can be done here as well."""
    if one is None:
        return None
    at = dates.moment(one.since)
    what = "这一件" if one.topic == "dispatch" else "补来的内容"
    here = "急的在这里办也算数。"
    words = {
        "reached": f"{what} {at} 从平台送到了本部门系统，由本部门系统办理；在这里办也算数。",
        "going": f"{what}正在送往本部门系统。{here}",
        "failing": f"{what}还没送到本部门系统：系统联系不上，会自动重发。{here}",
        "fetched_later": f"{what}等本部门系统来取，从 {at} 起。{here}",
        "stuck": f"{what}没能送到本部门系统。{here}",
    }[one.how]
    return Note(words, one.how in ("stuck", "failing"))
