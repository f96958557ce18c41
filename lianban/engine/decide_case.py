"""Commands on the joint case."""

from collections.abc import Callable
from typing import Any

from lianban.catalogue.calendar import day_of
from lianban.engine import commands as c
from lianban.engine import events as e
from lianban.engine import follow, hand_in, lapse, notices, prerequisite, trust
from lianban.engine.desk import Desk
from lianban.engine.refusal import Refused
from lianban.engine.states import CaseState, State
from lianban.engine.transitions import CASE_ROWS


def handle(desk: Desk, command: Any) -> None:
    """Apply a command to the joint case. Raises `Refused`."""
    name = c.NAME_OF[type(command)]
    row = CASE_ROWS.get(name)
    if row is None:
        raise Refused("not_permitted", "这个操作只能对某一个事项做", command=name)
    if desk.case.state in row.repeats or _is_repeat(desk, command):
        return
    if desk.case.state not in row.sources or (desk.case.ended and not _goes_on(desk, command)):
        code = "ended" if desk.case.ended else "not_ready"
        raise Refused(code, "联办件现在的状态不能这样做", state=desk.case.state)
    _HANDLERS[type(command)](desk, command)


def _is_repeat(desk: Desk, command: Any) -> bool:
    if isinstance(command, c.GatherBatch):
        return desk.case.gathered
    if not isinstance(command, c.ReceiveDossier | c.RegisterReception):
        return False
    found = _milestones(desk, c.NAME_OF[type(command)])
    reached = [code for code in found if code in desk.case.milestones]
    return bool(reached) and all(desk.case.milestones[code].reached_at for code in reached)


def _goes_on(desk: Desk, command: Any) -> bool:
    """Whether an ended case takes the command: to be reopened, or for the sake of its tail."""
    return isinstance(command, c.Reopen) or bool(desk.case.open_items)


def _milestones(desk: Desk, command: str) -> list[str]:
    return [m.code for m in desk.edition.milestones if m.command == command]


def require_reason(text: str) -> None:
    """Raise `Refused('needs_grounds')` when no reason was given."""
    if not text.strip():
        raise Refused("needs_grounds", "请写明理由")


def _register(desk: Desk, command: c.Register) -> None:
    """Hand in and accept; or accept what was handed in through the same channel before."""
    if desk.case.state is CaseState.DRAFT:
        hand_in.register(desk, command)
        return
    if desk.case.channel != command.channel:
        raise Refused("not_ready", "网上交来的申请由退役军人事务局预审", state=desk.case.state)
    _accept(desk)


def _pass_pre_review(desk: Desk, command: c.PassPreReview) -> None:
    _accept(desk)


def _accept(desk: Desk) -> None:
    """Accept what was handed in. Raises `Refused` while something is missing."""
    lapse.deem_case_accepted(desk)
    if desk.case.accepted_on is not None:
        return
    hand_in.require_materials(desk, desk.case.missing)
    desk.add(e.CaseAccepted(desk.at, desk.today))


def _refuse_acceptance(desk: Desk, command: c.RefuseAcceptance) -> None:
    require_reason(command.reason)
    desk.add(e.AcceptanceRefused(desk.at, None, command.reason))


def _request_correction(desk: Desk, command: c.RequestCorrection) -> None:
    if desk.case.state is CaseState.SUBMITTED and desk.case.since:
        notices.require_in_time(desk, None, day_of(desk.case.since))
    missing = hand_in.blocking(desk, desk.case.missing)
    state = desk.case.state is CaseState.CORRECTION_DUE
    notices.request(desk, None, desk.case.notice, (*command.defects, *missing), open_=state)


def _correct(desk: Desk, command: c.Correct) -> None:
    notices.correct(desk, None, command.supplied, command.form_hash)


def _accept_with_deferral(desk: Desk, command: c.AcceptWithDeferral) -> None:
    notices.defer(desk, None, command.materials)
    if desk.case.accepted_on is None:
        hand_in.require_materials(desk, (*desk.case.missing, *desk.case.notice.outstanding))
        desk.add(e.CaseAccepted(desk.at, desk.today))


def _receive_dossier(desk: Desk, command: c.ReceiveDossier) -> None:
    _reach(desk, "receive_dossier", e.DossierReceived)


def _register_reception(desk: Desk, command: c.RegisterReception) -> None:
    _reach(desk, "register_reception", e.ReceptionRegistered)


def _reach(
    desk: Desk, name: str, event: type[e.DossierReceived] | type[e.ReceptionRegistered]
) -> None:
    """Reach the milestones that the plan ties to this command, by hand."""
    found = [m for m in desk.edition.milestones if m.command == name]
    if not found and any(m.reached_at for m in desk.case.milestones.values()):
        return
    for milestone in found:
        if milestone.code not in desk.case.milestones:
            continue
        if desk.case.milestones[milestone.code].reached_at is not None:
            continue
        if not prerequisite.milestone_is_due(desk.case, milestone.code):
            raise Refused("not_ready", f"还不能登记「{milestone.name}」", milestone=milestone.code)
        desk.add(event(desk.at, milestone.code))
    if not found:
        raise Refused("not_ready", "按本方案这一步不用手工登记")


def _gather_batch(desk: Desk, command: c.GatherBatch) -> None:
    ready = [
        s.number
        for s in desk.case.sub_cases.values()
        if s.state is State.READY and not desk.is_lead(s)
    ]
    if desk.case.dispatch != "batch" or not ready:
        raise Refused("not_ready", "没有等着汇总的事项")
    desk.add(e.BatchGathered(desk.at, tuple(ready)))
    for number in ready:
        follow.dispatch(desk, number)


def _withdraw(desk: Desk, command: c.Withdraw) -> None:
    desk.add(e.Withdrawn(desk.at, None))


def _terminate(desk: Desk, command: c.Terminate) -> None:
    require_reason(command.reason)
    desk.add(e.Terminated(desk.at, None, command.reason))


def _conclude(desk: Desk, command: c.Conclude) -> None:
    if desk.case.holding_up:
        raise Refused("still_open", "还有事项没有办完", items=desk.case.holding_up)
    desk.add(e.Concluded(desk.at, tuple(desk.case.open_items)))


def _reopen(desk: Desk, command: c.Reopen) -> None:
    require_reason(command.reason)
    desk.add(e.Reopened(desk.at, None, command.reason))


_HANDLERS: dict[type, Callable[[Desk, Any], None]] = {
    c.Submit: hand_in.submit,
    c.Register: _register,
    c.PassPreReview: _pass_pre_review,
    c.RefuseAcceptance: _refuse_acceptance,
    c.RequestCorrection: _request_correction,
    c.Correct: _correct,
    c.AcceptWithDeferral: _accept_with_deferral,
    c.GradeMaterials: trust.grade,
    c.ReceiveDossier: _receive_dossier,
    c.RegisterReception: _register_reception,
    c.GatherBatch: _gather_batch,
    c.Withdraw: _withdraw,
    c.Terminate: _terminate,
    c.Conclude: _conclude,
    c.Reopen: _reopen,
    c.PassTime: lapse.pass_time,
}
