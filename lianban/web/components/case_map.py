"""The metro map of one case, from what its reader may see."""

from collections.abc import Callable
from datetime import date

from lianban.cases.queries import CaseView, ItemView
from lianban.catalogue import graph
from lianban.engine.case import JointCase
from lianban.engine.states import State
from lianban.web.components import metro, status
from lianban.web.components.metro import Map, Milestone, Station


def of_case(
    view: CaseView, *, href: Callable[[ItemView], str], width: int = metro.OFFICER_WIDTH
) -> Map:
    """The map; `href` gives the page of an item. Withdrawn items stay, satisfied ones are left out."""
    waves = _waves(view.case)
    shown = [v for v in view.items if v.sub.number in waves]
    stations = [_station(item, waves[item.sub.number], href(item)) for item in shown]
    milestones = [
        Milestone(
            code=m.code,
            name=next(x.name for x in view.edition.milestones if x.code == m.code),
            reached=m.reached_at is not None,
            after_items=m.requires,
            date_text=short(m.reached_at.date()) if m.reached_at else "",
        )
        for m in view.case.milestones.values()
    ]
    return metro.lay_out(stations=stations, milestones=milestones, width=width)


def _waves(case: JointCase) -> dict[int, int]:
    """Wave by item number, over the case's own graph; satisfied items are not on the map."""
    edges = {
        str(n): tuple(map(str, sub.nodes))
        for n, sub in case.sub_cases.items()
        if sub.state is not State.SATISFIED or sub.requires or sub.milestones
    }
    edges |= {m.code: (*map(str, m.requires), *m.milestones) for m in case.milestones.values()}
    found = graph.waves(edges, case.milestones.keys())
    return {int(node): wave for node, wave in found.items() if node.isdecimal()}


def _station(view: ItemView, wave: int, href: str) -> Station:
    sub = view.sub
    folded = status.of_sub_case(sub.state, outcome=sub.outcome or "")
    return Station(
        number=sub.number,
        code=view.item.code,
        short_name=view.item.short_name,
        wave=wave,
        requires=sub.requires,
        milestones=sub.milestones,
        status=folded.code,
        status_word=folded.word,
        remark=remark(view),
        date_text=date_text(view),
        overdue=view.is_overdue,
        href=href,
        expected_date=view.due.on if view.due else None,
    )


def remark(view: ItemView) -> str:
    """One short reason beside the station, or nothing."""
    state = view.sub.state
    if state is State.CORRECTION_DUE:
        return "请补材料"
    if state in (State.WAITING, State.BLOCKED) and view.waiting_for:
        return "等 " + "、".join(view.waiting_for)
    if state is State.EXTERNAL and view.item.external:
        return "等" + view.item.external.actor
    return ""


def date_text(view: ItemView) -> str:
    """One date ready to read: concluded on, expected by, or that none can be known."""
    sub = view.sub
    if sub.ended:
        return f"{short(sub.since.date())} 办结" if sub.met else ""
    if sub.state is State.DELIVERING:
        return f"{short(sub.since.date())} 办出来了"
    if view.due:
        return f"{'暂定' if view.due.provisional else '预计'}{short(view.due.on)}"
    return "" if sub.state in (State.WAITING, State.BLOCKED, State.CORRECTION_DUE) else "算不出"


def short(day: date) -> str:
    """10月26日."""
    return f"{day.month}月{day.day}日"
