"""Whose turn is it, until when? Every open case has a next actor and a clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lianban.catalogue.calendar import Calendar, day_of
from lianban.catalogue.model import Edition
from lianban.engine import deadlines, prerequisite
from lianban.engine.case import JointCase, SubCase
from lianban.engine.states import CaseState, State

APPLICANT, COUNTER, EXTERNAL = "applicant", "counter", "external"


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody must act: on the case (item None) or on an item."""

    actor: str
    item: int | None
    #: Limit or review date; None only where the plan's own limit has not begun to run.
    by: date | None


def turns(edition: Edition, calendar: Calendar, case: JointCase) -> Iterator[Turn]:
    """Everyone who must act now, and by when."""
    if case.is_open:
        yield from _case_turns(edition, calendar, case)
    if case.accepted_on is None:
        return
    for sub in case.sub_cases.values():
        actor = holder(edition, case, sub)
        if actor:
            yield Turn(actor, sub.number, clock_on(edition, calendar, sub))


def next_actors(edition: Edition, calendar: Calendar, case: JointCase) -> list[str]:
    """The sorted set of those who must act: departments, `applicant`, `counter`, `external`."""
    return sorted({turn.actor for turn in turns(edition, calendar, case)})


def _case_turns(edition: Edition, calendar: Calendar, case: JointCase) -> Iterator[Turn]:
    rules, lead = edition.rules, edition.lead_department
    assert case.since
    since = day_of(case.since)
    if case.state is CaseState.SUBMITTED:
        actor = COUNTER if not edition.channels[case.channel].pre_review else lead
        yield Turn(actor, None, deadlines.add_working_days(calendar, since, rules.notice_days).on)
    elif case.state is CaseState.CORRECTION_DUE:
        by = deadlines.add_working_days(calendar, since, rules.correction_review_days).on
        yield Turn(APPLICANT, None, by)
    for deferral in case.deferrals.values():
        yield Turn(APPLICANT, None, deferral.due_on)
    if case.accepted_on and not case.holding_up:
        last = day_of(max((sub.since for sub in case.sub_cases.values()), default=case.since))
        yield Turn(lead, None, deadlines.add_working_days(calendar, last, rules.conclude_days).on)


_DEPARTMENT = frozenset(
    {State.DISPATCHED, State.RECEIVED, State.ACCEPTED, State.SUSPENDED, State.DELIVERING}
)


def holder(edition: Edition, case: JointCase, sub: SubCase) -> str | None:
    """Who must act on a sub-case; None while it only waits for other items, or has ended."""
    if sub.state in _DEPARTMENT:
        return sub.department
    if sub.state is State.CORRECTION_DUE:
        return APPLICANT
    if sub.state is State.EXTERNAL:
        return EXTERNAL
    if sub.state in (State.READY, State.BLOCKED):
        return edition.lead_department
    if sub.state is State.WAITING and _only_milestones_left(case, sub):
        return edition.lead_department
    return None


def _only_milestones_left(case: JointCase, sub: SubCase) -> bool:
    unmet = [n for n in prerequisite.ancestors(case, sub) if not prerequisite.is_met(case, n)]
    return all(isinstance(node, str) for node in unmet)


def due(edition: Edition, calendar: Calendar, sub: SubCase) -> deadlines.Due | None:
    """The pledged date of a sub-case, or None while it is not known.

    The limit ends with the decision: a result on its way has a review date instead.
    """
    if sub.ended or sub.outcome is not None or sub.state is State.BLOCKED:
        return None
    return deadlines.due(
        calendar,
        sub.clock,
        pauses=sub.pauses,
        extended_days=sub.extended_days,
        natural_days_roll=edition.rules.natural_days_roll,
    )


def case_due(edition: Edition, calendar: Calendar, case: JointCase) -> deadlines.Due | None:
    """The latest date that is known among the open sub-cases."""
    known = [found for sub in case.sub_cases.values() if (found := due(edition, calendar, sub))]
    return max(known, key=lambda found: found.on, default=None)


def review_on(edition: Edition, calendar: Calendar, sub: SubCase) -> date | None:
    """The day after which somebody looks again, where no limit runs; None where one does."""
    if sub.ended or due(edition, calendar, sub):
        return None
    start = sub.reviewed_on or day_of(sub.since)
    return deadlines.add_working_days(calendar, start, edition.item(sub.number).review_days).on


def clock_on(edition: Edition, calendar: Calendar, sub: SubCase) -> date | None:
    """The limit of a sub-case, or its review date."""
    found = due(edition, calendar, sub)
    return found.on if found else review_on(edition, calendar, sub)


def is_overdue(edition: Edition, calendar: Calendar, sub: SubCase, *, on: date) -> bool:
    """Whether the pledged date has passed without a decision."""
    found = due(edition, calendar, sub) if sub.outcome is None else None
    return found is not None and found.on < on


@dataclass(frozen=True, slots=True)
class PersonalLimit:
    """A limit that the law sets the person, whatever the items wait for."""

    item: int
    on: date
    provisional: bool
    text: str
    source: str


def personal_limits(
    edition: Edition,
    calendar: Calendar,
    *,
    answers: Mapping[str, str],
    facts: Mapping[str, str],
    numbers: frozenset[int],
) -> list[PersonalLimit]:
    """The person's own statutory limits for these items, from the dates in the form (`facts`)."""
    found = []
    for item in edition.items:
        for limit in item.personal if item.number in numbers else ():
            start = facts.get(limit.since, "")
            if start and limit.when.holds(answers):
                roll = edition.rules.natural_days_roll
                day = _personal(calendar, date.fromisoformat(start), limit.days, limit.counts, roll)
                found.append(
                    PersonalLimit(item.number, day.on, day.provisional, limit.text, limit.source)
                )
    return found


def _personal(calendar: Calendar, start: date, days: int, counts: str, roll: bool) -> deadlines.Due:
    if counts == "working":
        return deadlines.add_working_days(calendar, start, days)
    return deadlines.add_natural_days(calendar, start, days, roll=roll)


def warnings(edition: Edition, calendar: Calendar, case: JointCase, *, at: datetime) -> list[str]:
    """Codes of what somebody should look at, sorted."""
    today = day_of(at)
    subs = list(case.sub_cases.values())
    found = {
        "deemed_accepted": case.deemed_accepted,
        "deferral_lapsed": any(deferral.lapsed for deferral in case.deferrals.values()),
        "overdue": any(is_overdue(edition, calendar, sub, on=today) for sub in subs),
        "review_needed": any(sub.needs_review for sub in subs),
        "review_due": any(sub.reviewed_on is not None for sub in subs),
        "provisional": any(d.provisional for s in subs if (d := due(edition, calendar, s))),
        "conclude_due": case.accepted_on is not None and case.is_open and not case.holding_up,
    }
    return sorted(code for code, holds in found.items() if holds)
