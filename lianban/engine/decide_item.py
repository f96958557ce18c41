"""Commands on one sub-case."""

from collections.abc import Callable
from typing import Any

from lianban.engine import commands as c
from lianban.engine import events as e
from lianban.engine import follow, hand_in, lapse, notices, prerequisite, trust, untick
from lianban.engine.case import Node, SubCase
from lianban.engine.decide_case import require_reason
from lianban.engine.desk import Desk
from lianban.engine.refusal import Refused
from lianban.engine.states import AT_WORK, Outcome, State
from lianban.engine.transitions import ITEM_ROWS


def handle(desk: Desk, command: Any, number: int) -> None:
    """Apply a command to one sub-case. Raises `Refused`."""
    name = c.NAME_OF[type(command)]
    row = ITEM_ROWS.get(name)
    if row is None:
        raise Refused("not_permitted", "这个操作只能对整件联办件做", command=name)
    sub = desk.sub(number)
    if _is_repeat(sub, command) or (sub.state in row.repeats and not _never_so(sub, command)):
        return
    _require_open(desk, sub, command)
    if sub.state not in row.sources or (
        sub.state is State.READY and not _at_lead(desk, sub, command)
    ):
        raise Refused(
            _too_early_or_late(sub), "这个事项现在的状态不能这样做", item=number, state=sub.state
        )
    _HANDLERS[type(command)](desk, command, sub)


def _is_repeat(sub: SubCase, command: Any) -> bool:
    """Whether the command asks for what is already so, whatever the state is by now."""
    match command:
        case c.Grant():
            return sub.outcome is Outcome.GRANTED
        case c.ChangeDelivery():
            return bool(command.delivery) and sub.delivery == command.delivery and not sub.ended
        case c.Deny():
            return sub.outcome is Outcome.DENIED
        case c.Waive():
            return _node(command.prerequisite) in sub.waived
        case c.ExternalEvent():
            return sub.event_on is not None
        case c.Return():
            return sub.returned and sub.state is State.READY
    return False


def _never_so(sub: SubCase, command: Any) -> bool:
    """Nothing is delivered after a denial."""
    return isinstance(command, c.Deliver) and sub.outcome is not Outcome.GRANTED


def _node(text: str) -> Node:
    """A prerequisite as it is written: an item's number or a milestone's code."""
    return int(text) if len(text) < _MOST_DIGITS and text.isdecimal() else text


#: More digits than any item number has; Python refuses to read thousands of them.
_MOST_DIGITS = 9


def _require_open(desk: Desk, sub: SubCase, command: Any) -> None:
    reopening = isinstance(command, c.Reopen)
    if reopening and not (desk.case.is_open or sub.split_off):
        raise Refused("ended", "联办件已经结束，请先重新办理联办件", item=sub.number)
    if sub.ended and not reopening:
        raise Refused("ended", "这个事项已经结束", item=sub.number)
    if desk.case.ended and not sub.split_off:
        raise Refused("ended", "联办件已经结束", item=sub.number)


def _at_lead(desk: Desk, sub: SubCase, command: Any) -> bool:
    """Ready items stay with the bureau; only its own, and what it may do to others, goes on."""
    free = (
        c.Dispatch | c.Withdraw | c.Terminate | c.SplitOff | c.ExternalEvent | c.Correct
        | c.ChangeDelivery
    )  # fmt: skip
    return desk.is_lead(sub) or isinstance(command, free)


def _too_early_or_late(sub: SubCase) -> str:
    if sub.ended:
        return "ended"
    return "stale" if sub.state in (State.DECIDED, State.DELIVERING) else "not_ready"


def _dispatch(desk: Desk, command: c.Dispatch, sub: SubCase) -> None:
    to_lead = command.department == desk.edition.lead_department
    if not sub.returned or to_lead:
        raise Refused("not_permitted", "这个事项会自动分发，或随汇总一起推送", item=sub.number)
    if not prerequisite.is_ready(desk.case, sub):
        raise Refused("not_ready", "它的前置事项又重新办理了", item=sub.number)
    if command.department and command.department not in desk.edition.department_names:
        raise Refused("unknown_department", "没有这个部门", item=sub.number)
    follow.dispatch(desk, sub.number, department=command.department)


def _receive(desk: Desk, command: c.Receive, sub: SubCase) -> None:
    desk.add(e.Received(desk.at, sub.number))


def _accept(desk: Desk, command: c.Accept, sub: SubCase) -> None:
    _imply_received(desk, sub)
    desk.add(e.Accepted(desk.at, sub.number))


def _imply_received(desk: Desk, sub: SubCase) -> None:
    if sub.state is State.DISPATCHED:
        desk.add(e.Received(desk.at, sub.number))


def _imply_accepted(desk: Desk, sub: SubCase) -> None:
    _imply_received(desk, sub)
    if sub.state is not State.ACCEPTED:
        desk.add(e.Accepted(desk.at, sub.number))


def _return(desk: Desk, command: c.Return, sub: SubCase) -> None:
    require_reason(command.reason)
    if desk.is_lead(sub):
        raise Refused("not_permitted", "牵头部门自己的事项没有地方可退", item=sub.number)
    desk.add(e.Returned(desk.at, sub.number, command.reason))


def _refuse_acceptance(desk: Desk, command: c.RefuseAcceptance, sub: SubCase) -> None:
    require_reason(command.reason)
    desk.add(e.AcceptanceRefused(desk.at, sub.number, command.reason))


def _request_correction(desk: Desk, command: c.RequestCorrection, sub: SubCase) -> None:
    open_ = sub.state is State.CORRECTION_DUE
    start = lapse.notice_start(sub)
    if start:
        notices.require_in_time(desk, sub.number, start)
    if sub.state is State.ACCEPTED and not sub.notice.given:
        raise Refused("old_defect", "已经受理，受理前就能看出的问题不能再要求补正", item=sub.number)
    if sub.state is State.DISPATCHED:
        _imply_received(desk, sub)
    defects = command.defects if open_ else (*command.defects, *_unmet(desk, sub))
    notices.request(desk, sub.number, sub.notice, defects, open_=open_)


def _unmet(desk: Desk, sub: SubCase) -> tuple[str, ...]:
    """What the item's materials lack by the rules for which a grant is refused."""
    lacking = hand_in.blocking(desk, [code for code in desk.case.missing if code in sub.materials])
    return (*lacking, *trust.expired(desk, sub))


def _correct(desk: Desk, command: c.Correct, sub: SubCase) -> None:
    notices.correct(desk, sub.number, command.supplied, command.form_hash)


def _accept_with_deferral(desk: Desk, command: c.AcceptWithDeferral, sub: SubCase) -> None:
    notices.defer(desk, sub.number, command.materials)
    left = desk.sub(sub.number).notice.outstanding
    if left:
        raise Refused("missing_material", "还有不能容缺的材料没有补齐", materials=list(left))
    if sub.state is not State.ACCEPTED:
        _imply_received(desk, sub)
        desk.add(e.Accepted(desk.at, sub.number))


def _suspend(desk: Desk, command: c.Suspend, sub: SubCase) -> None:
    require_reason(command.reason)
    desk.add(e.Suspended(desk.at, sub.number, command.reason))


def _resume(desk: Desk, command: c.Resume, sub: SubCase) -> None:
    desk.add(e.Resumed(desk.at, sub.number))


def _extend(desk: Desk, command: c.Extend, sub: SubCase) -> None:
    require_reason(command.grounds)
    most = desk.edition.rules.extension_most_days
    if sub.extended_days:
        raise Refused("not_permitted", "只能延期一次", item=sub.number)
    if sub.clock is None or not 0 < command.days <= most:
        raise Refused(
            "not_permitted",
            f"延期应为 1 到 {most} 个工作日，且期限已经开始",
            item=sub.number,
        )
    desk.add(e.Extended(desk.at, sub.number, command.days, command.grounds))


def _grant(desk: Desk, command: c.Grant, sub: SubCase) -> None:
    owed = [code for code, d in desk.case.deferrals.items() if sub.number in d.items]
    owed += [code for code in desk.case.missing if code in sub.materials]
    if owed:
        raise Refused("missing_material", "还有材料没有补来，补来之前不能办结发证", materials=owed)
    trust.require(desk, sub)
    _imply_accepted(desk, sub)
    desk.add(e.Granted(desk.at, sub.number))
    follow.conclude_item(desk, sub.number)
    trust.issue(desk, sub)


def _deny(desk: Desk, command: c.Deny, sub: SubCase) -> None:
    require_reason(command.reason)
    _imply_accepted(desk, sub)
    desk.add(e.Denied(desk.at, sub.number, command.reason))
    desk.add(e.ItemConcluded(desk.at, sub.number))


def _deliver(desk: Desk, command: c.Deliver, sub: SubCase) -> None:
    desk.add(e.Delivered(desk.at, sub.number))
    desk.add(e.ItemConcluded(desk.at, sub.number))


def _change_delivery(desk: Desk, command: c.ChangeDelivery, sub: SubCase) -> None:
    """Another of the plan's ways; a result that becomes electronic has arrived with that."""
    result = desk.item(sub.number).result
    if result is None or command.delivery not in result.delivery:
        raise Refused("delivery_not_offered", "这个结果不能这样送达", item=sub.number)
    desk.add(e.DeliveryChanged(desk.at, sub.number, command.delivery))
    if sub.state is State.DELIVERING and command.delivery == "electronic":
        desk.add(e.Delivered(desk.at, sub.number))
        desk.add(e.ItemConcluded(desk.at, sub.number))


def _external_event(desk: Desk, command: c.ExternalEvent, sub: SubCase) -> None:
    item = desk.item(sub.number)
    if sub.state is State.EXTERNAL and item.external:
        if command.kind not in (item.external.event, *item.external.also):
            raise Refused("unknown_event", "这个事项等的不是这件事", item=sub.number)
        desk.add(e.ExternalEventReceived(desk.at, sub.number, command.kind))
        return
    if item.pledged is None or item.pledged.starts != command.kind:
        raise Refused("unknown_event", "这个事项不等这件事", item=sub.number)
    desk.add(e.ExternalEventReceived(desk.at, sub.number, command.kind))
    if sub.dispatched_on is not None:
        follow.start_clock(desk, sub.number, command.kind)


def _waive(desk: Desk, command: c.Waive, sub: SubCase) -> None:
    require_reason(command.grounds)
    text, node = command.prerequisite, _node(command.prerequisite)
    if node not in set(prerequisite.ancestors(desk.case, sub)):
        raise Refused(
            "not_a_prerequisite", "它不是这个事项的前置", item=sub.number, prerequisite=text
        )
    if not prerequisite.is_met(desk.case, node):
        desk.add(e.Waived(desk.at, sub.number, text, command.grounds))


def _split_off(desk: Desk, command: c.SplitOff, sub: SubCase) -> None:
    if sub.split_off:
        return
    tail = sub.state in (State.EXTERNAL, State.BLOCKED) or desk.item(sub.number).may_split_off
    if not tail:
        raise Refused("not_permitted", "这个事项不能转为后续事项", item=sub.number)
    desk.add(e.SplitOff(desk.at, sub.number))


def _untick(desk: Desk, command: c.Untick, sub: SubCase) -> None:
    untick.untick(desk, sub, command.evidence)


def _withdraw(desk: Desk, command: c.Withdraw, sub: SubCase) -> None:
    desk.add(e.Withdrawn(desk.at, sub.number))


def _terminate(desk: Desk, command: c.Terminate, sub: SubCase) -> None:
    require_reason(command.reason)
    desk.add(e.Terminated(desk.at, sub.number, command.reason))


#: Past waiting, not decided.
_BEGUN = AT_WORK | {State.CORRECTION_DUE, State.SUSPENDED}


def _reopen(desk: Desk, command: c.Reopen, sub: SubCase) -> None:
    """Take the item up again; what was decided on its strength is marked for review."""
    require_reason(command.reason)
    desk.add(e.Reopened(desk.at, sub.number, command.reason))
    for other in tuple(desk.case.sub_cases.values()):
        begun = other.outcome is Outcome.GRANTED or other.state in _BEGUN
        rests = begun and sub.number in set(prerequisite.ancestors(desk.case, other))
        if rests and not other.needs_review:
            desk.add(e.ReviewNeeded(desk.at, other.number, sub.number))


_HANDLERS: dict[type, Callable[[Desk, Any, SubCase], None]] = {
    c.Dispatch: _dispatch,
    c.Receive: _receive,
    c.Accept: _accept,
    c.Return: _return,
    c.RefuseAcceptance: _refuse_acceptance,
    c.RequestCorrection: _request_correction,
    c.Correct: _correct,
    c.AcceptWithDeferral: _accept_with_deferral,
    c.Suspend: _suspend,
    c.Resume: _resume,
    c.Extend: _extend,
    c.Grant: _grant,
    c.Deny: _deny,
    c.Deliver: _deliver,
    c.ChangeDelivery: _change_delivery,
    c.ExternalEvent: _external_event,
    c.Waive: _waive,
    c.SplitOff: _split_off,
    c.Untick: _untick,
    c.Withdraw: _withdraw,
    c.Terminate: _terminate,
    c.Reopen: _reopen,
}
