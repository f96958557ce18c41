"""One row of a department's list, ready to draw."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases import codec, editions
from lianban.cases.queries import node_name
from lianban.catalogue.calendar import Calendar
from lianban.engine import deadlines
from lianban.engine.case import SubCase
from lianban.engine.states import State
from lianban.web.department.days import Left, left


@dataclass(frozen=True)
class Row:
    """What a list says of one sub-case."""

    case_id: UUID
    number: int
    item_name: str
    case_number: str
    person_name: str
    district_name: str
    state: str
    outcome: str
    is_overdue: bool
    #: Why it stands so, in a few words.
    remark: str
    due: date | None
    is_provisional: bool
    #: Words beside the date: how much is left, or why there is none.
    left: Left
    holder: str
    is_mine: bool
    is_claimable: bool
    is_done: bool

    @property
    def is_pickable(self) -> bool:
        """Whether it can be ticked: free, or one's own and not ended."""
        return self.is_claimable or (self.is_mine and not self.is_done)

    @property
    def key(self) -> str:
        """What a tick box sends."""
        return f"{self.case_id}.{self.number}"


_CLAIMABLE = ("dispatched", "received", "accepted", "suspended", "correction_due", "delivering")


def of(record: Any, *, actor: Actor, today: date, calendar: Calendar) -> Row:
    """The row of one record."""
    edition = editions.pinned(record.case.edition_id, record.case.edition_hash)
    sub = codec.sub_from_data(record.detail)
    mine = record.claimed_by_id is not None and record.claimed_by_id == actor.user_id
    overdue = bool(record.due_on and record.due_on < today and not record.outcome)
    return Row(
        case_id=record.case_id,
        number=record.number,
        item_name=edition.item(record.number).short_name,
        case_number=record.case.case_number,
        person_name=record.case.person.name,
        district_name=record.district.name,
        state=record.state,
        outcome=record.outcome,
        is_overdue=overdue,
        remark=_remark(edition, sub) or _pause(sub, today, calendar),
        due=record.due_on,
        is_provisional=record.is_provisional,
        left=_left(record, sub, today, calendar),
        holder="我" if mine else record.claimed_by.name if record.claimed_by else "",
        is_mine=mine,
        is_claimable=record.claimed_by_id is None and record.state in _CLAIMABLE,
        is_done=sub.ended,
    )


def _remark(edition: Any, sub: SubCase) -> str:
    if sub.state is State.CORRECTION_DUE:
        return f"等申请人补 {len(sub.notice.outstanding)} 样"
    if sub.state in (State.WAITING, State.BLOCKED):
        return "要先办 " + "、".join(node_name(edition, node) for node in sub.nodes)
    if sub.state is State.READY:
        return "退回牵头部门了" if sub.returned else "等牵头部门汇总推送"
    external = edition.item(sub.number).external
    if sub.state is State.EXTERNAL and external:
        return f"等{external.actor}"
    return _REMARKS.get(sub.state, "")


def _pause(sub: SubCase, today: date, calendar: Calendar) -> str:
    """How long the clock has stood still."""
    if sub.state is not State.SUSPENDED:
        return ""
    days = deadlines.paused_days(calendar, sub.clock, sub.pauses[-1:], on=today)
    return f"停了 {days} {'天' if sub.clock and sub.clock.counts == 'natural' else '个工作日'}"


_REMARKS = {
    State.DISPATCHED: "还没收件",
    State.RECEIVED: "已收件，还没受理",
    State.DELIVERING: "已准予，结果还没送到",
}


def _left(record: Any, sub: SubCase, today: date, calendar: Calendar) -> Left:
    if sub.ended or record.outcome:
        return Left("已办")
    if record.due_on:
        return left(calendar, record.due_on, today)
    if sub.state is State.SUSPENDED:
        return Left("不计时")
    if sub.state is State.CORRECTION_DUE:
        return Left("补正期间不计时")
    return Left("还没开始计时")
