"""Fold events into the case. Total: every event of the journal can be folded, in order."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from lianban.catalogue.calendar import day_of
from lianban.engine import events as e
from lianban.engine.case import (
    Clock,
    Deferral,
    Graded,
    JointCase,
    Milestone,
    Notice,
    Pause,
    SubCase,
    replace,
)
from lianban.engine.records import Record
from lianban.engine.states import CaseState, Outcome, State


def evolve(case: JointCase, event: e.Event) -> JointCase:
    """The case after the event."""
    after = case if isinstance(event, Record) else _FOLDS[type(event)](case, event)
    return replace(after, sequence=case.sequence + 1)


def fold(events: Iterable[e.Event], *, start: JointCase | None = None) -> JointCase:
    """The case after all events, from a draft unless `start` is given."""
    case = start or JointCase()
    for event in events:
        case = evolve(case, event)
    return case


_KIND_STATE = {"open": State.WAITING, "external": State.EXTERNAL, "satisfied": State.SATISFIED}


def _sub(plan: e.ItemPlan, at: datetime) -> SubCase:
    return SubCase(
        number=plan.number,
        state=_KIND_STATE[plan.kind],
        department=plan.department,
        since=at,
        external=plan.kind == "external",
        requires=plan.requires,
        milestones=plan.milestones,
        delivery=plan.delivery,
        materials=plan.materials,
    )


def _submitted(case: JointCase, event: e.Submitted) -> JointCase:
    registered = isinstance(event, e.Registered)
    return replace(
        case,
        state=CaseState.ACCEPTED if registered else CaseState.SUBMITTED,
        edition_id=event.edition_id,
        edition_hash=event.edition_hash,
        channel=event.channel,
        dispatch=event.dispatch,
        since=event.at,
        submitted_at=event.at,
        accepted_on=day_of(event.at) if registered else None,
        missing=event.missing,
        sub_cases={plan.number: _sub(plan, event.at) for plan in event.items},
        milestones={m.code: Milestone(m.code, m.requires, m.milestones) for m in event.milestones},
    )


def _moved(case: JointCase, event: e.Event, state: CaseState, **changes: Any) -> JointCase:
    return replace(case, state=state, since=event.at, **changes)


def _sub_moved(case: JointCase, event: Any, state: State, **changes: Any) -> JointCase:
    return case.with_sub(event.item, state=state, since=event.at, reviewed_on=None, **changes)


def _case_accepted(case: JointCase, event: e.CaseAccepted) -> JointCase:
    return _moved(
        case, event, CaseState.ACCEPTED, accepted_on=event.since, deemed_accepted=event.deemed
    )


def _refused(case: JointCase, event: e.AcceptanceRefused) -> JointCase:
    if event.item is None:
        return _end_all(_moved(case, event, CaseState.REFUSED), event, State.REFUSED)
    return _sub_moved(case, event, State.REFUSED)


def _correction_requested(case: JointCase, event: e.CorrectionRequested) -> JointCase:
    if event.item is None:
        notice = Notice(event.defects, case.notice.given + 1, at=event.at)
        return _moved(case, event, CaseState.CORRECTION_DUE, notice=notice)
    sub = case.sub_cases[event.item]
    notice = Notice(event.defects, sub.notice.given + 1, at=event.at)
    pauses = (*sub.pauses, Pause(day_of(event.at)))
    return _sub_moved(case, event, State.CORRECTION_DUE, notice=notice, pauses=pauses)


def _answered(notice: Notice, supplied: tuple[str, ...]) -> Notice:
    left = tuple(code for code in notice.outstanding if code not in supplied)
    fresh = tuple(dict.fromkeys((*notice.fresh, *supplied))) if notice.given else ()
    return replace(notice, outstanding=left, fresh=fresh)


def _corrected(case: JointCase, event: e.Corrected) -> JointCase:
    """What was supplied once serves every notice, whichever it answers."""
    supplied = event.supplied
    case = replace(
        case,
        missing=tuple(code for code in case.missing if code not in supplied),
        deferrals={code: d for code, d in case.deferrals.items() if code not in supplied},
    )
    notice = _answered(case.notice, supplied)
    done = case.state is CaseState.CORRECTION_DUE and not notice.outstanding
    case = replace(case, notice=notice)
    case = _moved(case, event, CaseState.SUBMITTED) if done else case
    for number in case.sub_cases:
        case = _sub_corrected(case, event.at, number, supplied)
    return case


def _graded(case: JointCase, event: e.MaterialGraded) -> JointCase:
    graded = Graded(event.grade, event.source, event.until)
    return replace(case, grades={**case.grades, **dict.fromkeys(event.codes, graded)})


def _sub_corrected(
    case: JointCase, at: datetime, number: int, supplied: tuple[str, ...]
) -> JointCase:
    sub = case.sub_cases[number]
    if not sub.notice.given:
        return case
    notice = _answered(sub.notice, supplied)
    if sub.state is not State.CORRECTION_DUE or notice.outstanding:
        return case.with_sub(number, notice=notice)
    changes: dict[str, Any] = {"state": State.RECEIVED, "since": at, "reviewed_on": None}
    return case.with_sub(number, notice=notice, pauses=_unpaused(sub, at), **changes)


def _unpaused(sub: SubCase, at: datetime) -> tuple[Pause, ...]:
    return tuple(p if p.to_on else replace(p, to_on=day_of(at)) for p in sub.pauses)


def _deferral_granted(case: JointCase, event: e.DeferralGranted) -> JointCase:
    deferrals = dict(case.deferrals)
    for code in event.materials:
        items = (
            (event.item,)
            if event.item is not None
            else tuple(n for n, sub in case.sub_cases.items() if code in sub.materials)
        )
        deferrals[code] = Deferral(event.due_on, items)
    missing = tuple(code for code in case.missing if code not in event.materials)
    if event.item is None:
        left = tuple(c for c in case.notice.outstanding if c not in event.materials)
        return replace(
            case,
            deferrals=deferrals,
            missing=missing,
            notice=replace(case.notice, outstanding=left),
        )
    sub = case.sub_cases[event.item]
    left = tuple(c for c in sub.notice.outstanding if c not in event.materials)
    case = replace(case, deferrals=deferrals, missing=missing)
    return case.with_sub(event.item, notice=replace(sub.notice, outstanding=left))


def _deferral_lapsed(case: JointCase, event: e.DeferralLapsed) -> JointCase:
    lapsed = {
        code: replace(deferral, lapsed=True) if code in event.materials else deferral
        for code, deferral in case.deferrals.items()
    }
    return replace(case, deferrals=lapsed)


def _milestone_reached(
    case: JointCase, event: e.DossierReceived | e.ReceptionRegistered
) -> JointCase:
    reached = replace(case.milestones[event.milestone], reached_at=event.at)
    return replace(case, milestones={**case.milestones, event.milestone: reached})


def _accepted(case: JointCase, event: e.Accepted) -> JointCase:
    sub = case.sub_cases[event.item]
    return _sub_moved(case, event, State.ACCEPTED, pauses=_unpaused(sub, event.at))


def _clock_started(case: JointCase, event: e.ClockStarted) -> JointCase:
    return case.with_sub(event.item, clock=Clock(event.on, event.days, event.counts))


def _suspended(case: JointCase, event: e.Suspended) -> JointCase:
    sub = case.sub_cases[event.item]
    pauses = (*sub.pauses, Pause(day_of(event.at)))
    return _sub_moved(case, event, State.SUSPENDED, resumes_to=sub.state, pauses=pauses)


def _resumed(case: JointCase, event: e.Resumed) -> JointCase:
    sub = case.sub_cases[event.item]
    pauses = _unpaused(sub, event.at)
    return _sub_moved(case, event, sub.resumes_to or State.RECEIVED, resumes_to=None, pauses=pauses)


def _extended(case: JointCase, event: e.Extended) -> JointCase:
    extended = case.sub_cases[event.item].extended_days + event.days
    return case.with_sub(event.item, extended_days=extended)


def _external_event(case: JointCase, event: e.ExternalEventReceived) -> JointCase:
    if case.sub_cases[event.item].state is State.EXTERNAL:
        return _sub_moved(case, event, State.SATISFIED)
    return case.with_sub(event.item, event_on=day_of(event.at))


def _waived(case: JointCase, event: e.Waived) -> JointCase:
    node = int(event.prerequisite) if event.prerequisite.isdecimal() else event.prerequisite
    return case.with_sub(event.item, waived=(*case.sub_cases[event.item].waived, node))


def _unticked(case: JointCase, event: e.Unticked) -> JointCase:
    plans = {plan.number: plan for plan in event.items}
    subs = {
        number: replace(sub, requires=plans[number].requires, milestones=plans[number].milestones)
        if number in plans
        else sub
        for number, sub in case.sub_cases.items()
    }
    milestones = {m.code: Milestone(m.code, m.requires, m.milestones) for m in event.milestones}
    case = replace(case, sub_cases=subs, milestones=milestones)
    kind = plans[event.item].kind if event.item in plans else "withdrawn"
    return _sub_moved(case, event, State.SATISFIED if kind == "satisfied" else State.WITHDRAWN)


def _end_all(case: JointCase, event: e.Event, state: State) -> JointCase:
    """End every sub-case with its case. A result that is on its way still is: it goes on alone."""
    subs = {
        number: sub
        if sub.ended
        else replace(sub, split_off=True)
        if sub.state is State.DELIVERING
        else replace(sub, state=state, since=event.at)
        for number, sub in case.sub_cases.items()
    }
    return replace(case, sub_cases=subs)


def _ended(case_state: CaseState, state: State) -> Callable[[JointCase, Any], JointCase]:
    def end(case: JointCase, event: e.Withdrawn | e.Terminated) -> JointCase:
        if event.item is None:
            return _end_all(_moved(case, event, case_state), event, state)
        return _sub_moved(case, event, state)

    return end


def _reopened(case: JointCase, event: e.Reopened) -> JointCase:
    if event.item is not None:
        fresh = _afresh(case.sub_cases[event.item], event.at)
        return replace(case, sub_cases={**case.sub_cases, event.item: fresh})
    ended_with_it = case.state is CaseState.TERMINATED
    subs = {
        number: _afresh(sub, event.at)
        if ended_with_it and sub.state is State.TERMINATED and sub.since == case.since
        else sub
        for number, sub in case.sub_cases.items()
    }
    state = CaseState.ACCEPTED if case.accepted_on else CaseState.SUBMITTED
    return _moved(replace(case, sub_cases=subs), event, state)


def _afresh(sub: SubCase, at: datetime) -> SubCase:
    return SubCase(
        number=sub.number, state=State.EXTERNAL if sub.external else State.WAITING,
        department=sub.department, since=at, external=sub.external, requires=sub.requires,
        milestones=sub.milestones, delivery=sub.delivery, materials=sub.materials,
        waived=sub.waived, event_on=sub.event_on, split_off=sub.split_off,
    )  # fmt: skip


def _review_needed(case: JointCase, event: e.ReviewNeeded) -> JointCase:
    """What nobody has begun waits again; what somebody has begun is marked."""
    sub = case.sub_cases[event.item]
    if sub.state is State.READY and not sub.returned:
        return _sub_moved(case, event, State.WAITING, clock=None, pauses=())
    return case.with_sub(event.item, needs_review=True)


def _sets(state: State, **changes: Any) -> Callable[[JointCase, Any], JointCase]:
    return lambda case, event: _sub_moved(case, event, state, **changes)


def _marks(**changes: Any) -> Callable[[JointCase, Any], JointCase]:
    return lambda case, event: case.with_sub(event.item, **changes)


_FOLDS: dict[type, Callable[[JointCase, Any], JointCase]] = {
    e.Submitted: _submitted,
    e.Registered: _submitted,
    e.CaseAccepted: _case_accepted,
    e.HandlingBegan: lambda case, event: _moved(case, event, CaseState.IN_HANDLING),
    e.AcceptanceRefused: _refused,
    e.CorrectionRequested: _correction_requested,
    e.Corrected: _corrected,
    e.MaterialGraded: _graded,
    e.DeferralGranted: _deferral_granted,
    e.DeferralLapsed: _deferral_lapsed,
    e.DossierReceived: _milestone_reached,
    e.ReceptionRegistered: _milestone_reached,
    e.BatchGathered: lambda case, event: replace(case, gathered=True),
    e.Readied: _sets(State.READY),
    e.Dispatched: lambda case, event: _sub_moved(
        case,
        event,
        State.DISPATCHED,
        returned=False,
        department=event.department,
        dispatched_on=day_of(event.at),
    ),
    e.Received: _sets(State.RECEIVED),
    e.Accepted: _accepted,
    e.ClockStarted: _clock_started,
    e.Returned: _sets(State.READY, returned=True),
    e.Suspended: _suspended,
    e.Resumed: _resumed,
    e.Extended: _extended,
    e.Granted: _sets(State.DECIDED, outcome=Outcome.GRANTED, needs_review=False),
    e.Denied: _sets(State.DECIDED, outcome=Outcome.DENIED, needs_review=False),
    e.Issued: _sets(State.DELIVERING),
    e.DeliveryChanged: lambda case, event: case.with_sub(event.item, delivery=event.delivery),
    e.Delivered: lambda case, event: case,
    e.ItemConcluded: _sets(State.CONCLUDED),
    e.ExternalEventReceived: _external_event,
    e.Waived: _waived,
    e.Blocked: _sets(State.BLOCKED),
    e.Unblocked: _sets(State.WAITING),
    e.ReviewNeeded: _review_needed,
    e.ReviewFellDue: lambda case, event: case.with_sub(event.item, reviewed_on=day_of(event.at)),
    e.SplitOff: _marks(split_off=True),
    e.Unticked: _unticked,
    e.Withdrawn: _ended(CaseState.WITHDRAWN, State.WITHDRAWN),
    e.Terminated: _ended(CaseState.TERMINATED, State.TERMINATED),
    e.Concluded: lambda case, event: _moved(case, event, CaseState.CONCLUDED),
    e.Reopened: _reopened,
}
