"""Rules that fall due by time alone: deemed acceptance, lapsed deferrals, reviews."""

from datetime import date

from lianban.engine import commands as c
from lianban.engine import deadlines, turn
from lianban.engine import events as e
from lianban.engine.case import SubCase
from lianban.engine.desk import Desk
from lianban.engine.states import CaseState, State


def pass_time(desk: Desk, command: c.PassTime) -> None:
    """Apply every rule that has fallen due by the desk's moment."""
    _deem_case_accepted(desk)
    _lapse_deferrals(desk)
    for sub in tuple(desk.case.sub_cases.values()):
        _deem_item_accepted(desk, sub)
        review = turn.review_on(desk.edition, desk.calendar, sub)
        if review and review < desk.today:
            desk.add(e.ReviewFellDue(desk.at, sub.number))


def notice_due(desk: Desk, start: date) -> date:
    """The last day on which a correction notice may be given, counted from hand-in."""
    return deadlines.add_working_days(desk.calendar, start, desk.edition.rules.notice_days).on


def _silent(desk: Desk, start: date) -> bool:
    return desk.edition.rules.silence == "accepted" and notice_due(desk, start) < desk.today


def _deem_case_accepted(desk: Desk) -> None:
    case = desk.case
    if case.state is CaseState.SUBMITTED and case.since and _silent(desk, case.since.date()):
        desk.add(e.CaseAccepted(desk.at, case.since.date(), deemed=True))


def _deem_item_accepted(desk: Desk, sub: SubCase) -> None:
    if sub.state not in (State.DISPATCHED, State.RECEIVED) or sub.dispatched_on is None:
        return
    if _silent(desk, sub.since.date() if sub.notice.given else sub.dispatched_on):
        desk.add(e.Accepted(desk.at, sub.number, deemed=True))


def _lapse_deferrals(desk: Desk) -> None:
    lapsed = tuple(
        code for code, d in desk.case.deferrals.items() if not d.lapsed and d.due_on < desk.today
    )
    if lapsed:
        desk.add(e.DeferralLapsed(desk.at, lapsed))
