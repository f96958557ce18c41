"""What still stands before conclusion: a sentence for each item, and the buttons that remove it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lianban.cases import standing
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.timeline import name_of
from lianban.engine import prerequisite
from lianban.engine.states import State
from lianban.web.bureau import actions
from lianban.web.bureau.actions import Offer
from lianban.web.components import status
from lianban.web.components.case_map import short


@dataclass(frozen=True)
class Obstacle:
    """One item that keeps the case open."""

    item: ItemView
    status: status.Status
    #: Whose turn it is: 下一步在.
    who: str
    text: str
    #: How many open items wait for it.
    holds: int
    offers: tuple[Offer, ...]


#: Which actions remove an obstacle, by the item's state.
_REMOVE: dict[State, tuple[str, ...]] = {
    State.WAITING: ("split_off",),
    State.BLOCKED: ("waive", "split_off", "terminate"),
    State.EXTERNAL: ("external_event", "split_off", "terminate"),
    State.CORRECTION_DUE: ("split_off", "terminate"),
    State.SUSPENDED: ("resume", "split_off"),
    State.READY: ("dispatch",),
    State.DELIVERING: ("deliver",),
    State.DISPATCHED: ("external_event", "split_off"),
    State.RECEIVED: ("external_event", "split_off"),
    State.ACCEPTED: ("external_event", "split_off"),
}


def of_case(view: CaseView, *, at: datetime) -> list[Obstacle]:
    """The obstacles, those that hold up most first."""
    failed = [one.sub.number for one in view.items if one.sub.failed and holds(view, one)]
    numbers = [*view.case.holding_up, *failed]
    found = [_obstacle(view, view.item(number), at) for number in numbers]
    return sorted(found, key=lambda one: (-one.holds, one.item.sub.number))


def _obstacle(view: CaseView, item: ItemView, at: datetime) -> Obstacle:
    names = ("reopen",) if item.sub.failed else _REMOVE.get(item.sub.state, ())
    wanted = tuple(action for action in actions.ITEM if action.name in names)
    return Obstacle(
        item=item,
        status=status.of_sub_case(item.sub.state, outcome=item.sub.outcome or ""),
        who=_who(view, item),
        text=sentence(view, item),
        holds=holds(view, item),
        offers=tuple(actions.offers(wanted, view, item, at=at)),
    )


def _who(view: CaseView, item: ItemView) -> str:
    if item.sub.failed:
        return "负责人"
    return standing.who(view.edition, item.holder) if item.holder else "前面的事项"


def holds(view: CaseView, item: ItemView) -> int:
    """How many open items wait for this one, directly or not."""
    number, case = item.sub.number, view.case
    others = (case.sub_cases[n] for n in case.open_items if n != number)
    return sum(number in set(prerequisite.ancestors(case, sub)) for sub in others)


def sentence(view: CaseView, item: ItemView) -> str:
    """Why an open item is where it is, and what follows."""
    say = _failed if item.sub.failed else _SENTENCES.get(item.sub.state)
    words = say(view, item) if say else ""
    count = holds(view, item)
    return f"{words}。卡住后面 {count} 件" if count else words


def _failed(view: CaseView, item: ItemView) -> str:
    reason = standing.ending_reason(case_id=view.id, item=item.sub.number)
    word = status.of_sub_case(item.sub.state, outcome=item.sub.outcome or "").word
    said = f"{item.department_name}{short(item.sub.since.date())}{word}"
    return f"{said}：{reason}" if reason else said


def _waiting(view: CaseView, item: ItemView) -> str:
    return "等 " + "、".join(item.waiting_for) if item.waiting_for else "等前面的事项"


def _blocked(view: CaseView, item: ItemView) -> str:
    failed = prerequisite.failed_before(view.case, item.sub)
    if failed is None:
        return "前面的事项没有办成"
    return (
        f"前面的「{view.edition.item(failed).short_name}」没有办成：重新办理它，或者免掉这一项前置"
    )


def _external(view: CaseView, item: ItemView) -> str:
    outside = item.item.external
    until = f"，{short(item.review_on)}再看一次" if item.review_on else ""
    return f"等{outside.actor if outside else '外部单位'}去办{until}。办到了，在这里记一笔"


def _correction(view: CaseView, item: ItemView) -> str:
    names = "、".join(name_of(view.edition, code) for code in item.sub.notice.outstanding)
    return f"等本人补：{names}"


def _suspended(view: CaseView, item: ItemView) -> str:
    reason = standing.suspension_reason(case_id=view.id, item=item.sub.number)
    return f"{short(item.sub.since.date())}起不计时：{reason}"


def _ready(view: CaseView, item: ItemView) -> str:
    if item.sub.returned:
        reason = standing.return_reason(case_id=view.id, item=item.sub.number)
        return f"{item.department_name}退回来了：{reason}"
    if item.sub.department == view.edition.lead_department:
        return f"本局该办了{_until(item)}"
    return "可以办了，等汇总推送"


def _at_department(view: CaseView, item: ItemView) -> str:
    seen = "还没收件" if item.sub.state is State.DISPATCHED else "在办"
    who = f"（{item.claimed_by_name}）" if item.claimed_by_name else ""
    return f"{item.department_name}{who}{seen}{_until(item)}"


def _delivering(view: CaseView, item: ItemView) -> str:
    result = item.item.result
    way = view.edition.wording.get("delivery", {}).get(item.sub.delivery, "")
    name = result.name if result else "结果"
    return f"已准予，{name}还没交到本人手里" + (f"（{way}）" if way else "")


def _until(item: ItemView) -> str:
    if item.due is None:
        return "，期限还没起算"
    day = short(item.due.on)
    if item.is_overdue:
        return f"，应在{day}办好，已经超期"
    return f"，{'暂定' if item.due.provisional else ''}{day}前办好"


_SENTENCES: dict[State, Callable[[CaseView, ItemView], str]] = {
    State.WAITING: _waiting,
    State.BLOCKED: _blocked,
    State.EXTERNAL: _external,
    State.CORRECTION_DUE: _correction,
    State.SUSPENDED: _suspended,
    State.READY: _ready,
    State.DISPATCHED: _at_department,
    State.RECEIVED: _at_department,
    State.ACCEPTED: _at_department,
    State.DELIVERING: _delivering,
}
