"""Rules that fall due by time alone: deemed acceptance, lapsed deferrals, reviews."""

from datetime import date

from lianban.catalogue.calendar import day_of
from lianban.engine import commands as c
from lianban.engine import deadlines, turn
from lianban.engine import events as e
from lianban.engine.case import SubCase
from lianban.engine.desk import Desk
from lianban.engine.states import CaseState, State


def pass_time(desk: Desk, command: c.PassTime) -> None:
    """Apply every rule that has fallen due by the desk's moment."""
    deem_case_accepted(desk)
    _lapse_deferrals(desk)
    if desk.case.accepted_on is None:
        return
    for sub in tuple(desk.case.sub_cases.values()):
        _deem_item_accepted(desk, sub)
        review = turn.review_on(desk.edition, desk.calendar, sub)
        if review and review < desk.today:
            desk.add(e.ReviewFellDue(desk.at, sub.number))


def notice_due(desk: Desk, start: date) -> date:
    """The last day on which a correction notice may be given, counted from hand-in."""
    return deadlines.add_working_days(desk.calendar, start, desk.edition.rules.notice_days).on


def is_silent(desk: Desk, start: date) -> bool:
    """Whether silence past the notice limit means acceptance by now."""
    return desk.edition.rules.silence == "accepted" and notice_due(desk, start) < desk.today


def notice_start(sub: SubCase) -> date | None:
    """The day from which a department's notice limit counts, None while it does not run."""
    if sub.state not in (State.DISPATCHED, State.RECEIVED) or sub.dispatched_on is None:
        return None
    return day_of(sub.since) if sub.notice.given else sub.dispatched_on


def deem_case_accepted(desk: Desk) -> None:
    """Accept from the day of hand-in what nobody answered in time."""
    case = desk.case
    if case.state is CaseState.SUBMITTED and case.since and is_silent(desk, day_of(case.since)):
        desk.add(e.CaseAccepted(desk.at, day_of(case.since), deemed=True))


def _deem_item_accepted(desk: Desk, sub: SubCase) -> None:
    start = notice_start(sub)
    if start and is_silent(desk, start):
        desk.add(e.Accepted(desk.at, sub.number, deemed=True))


def _lapse_deferrals(desk: Desk) -> None:
    lapsed = tuple(
        code for code, d in desk.case.deferrals.items() if not d.lapsed and d.due_on < desk.today
    )
    if lapsed:
        desk.add(e.DeferralLapsed(desk.at, lapsed))
