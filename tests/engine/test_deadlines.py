"""Limits: what counts, what does not, what is provisional, what a stop and an extension do."""

import os
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lianban.catalogue.calendar import Calendar
from lianban.engine import commands as c
from lianban.engine import deadlines, turn
from lianban.engine.case import Clock, Pause
from tests.engine.story import CONSCRIPT, Story, at_departments, china, edition

DAYS = st.dates(date(2026, 1, 1), date(2027, 6, 30))


def test_the_day_on_which_the_clock_starts_is_not_counted() -> None:
    story = at_departments()
    assert story.due(3) == date(2026, 9, 4)
    assert story.due(2) == date(2026, 9, 10)


def test_days_off_do_not_count_and_worked_sundays_do() -> None:
    story = Story().register("2026-09-18 09:00").grant(1)
    assert story.due(3) == date(2026, 9, 20)
    assert story.due(7) == date(2026, 10, 9)  # 09-25 and 10-01..07 are off, 09-20 is worked


def test_the_leads_own_clock_starts_when_ready_and_others_when_dispatched() -> None:
    story = Story("2022").register().grant(1)
    story.do(c.ReceiveDossier())
    story.do(c.RegisterReception(), at="2026-09-07 09:00")
    assert (story.due(9), story.due(3)) == (date(2026, 9, 14), None)
    story.do(c.GatherBatch(), at="2026-09-09 09:00")
    assert story.due(3) == date(2026, 9, 10)


def test_where_the_start_is_not_known_there_is_no_date() -> None:
    story = at_departments().grant(3, 12)
    assert (story.states(5), story.due(5)) == (["dispatched"], None)
    story.do(c.ExternalEvent(5, "funds_arrived"), at="2026-09-07 09:00")
    assert story.due(5) == date(2026, 9, 28)
    assert story.do(c.ExternalEvent(5, "funds_arrived"), at="2026-09-08 09:00") == ()


def test_funds_that_come_early_start_the_clock_on_dispatch() -> None:
    story = at_departments()
    story.do(c.ExternalEvent(5, "funds_arrived"))
    assert (story.states(5), story.due(5)) == (["waiting"], None)
    story.grant(3, 12, at="2026-09-07 09:00")
    assert story.due(5) == date(2026, 9, 28)


def test_a_suspended_day_does_not_count_and_the_date_is_unknown_meanwhile() -> None:
    story = at_departments()
    assert story.refused(c.Suspend(7)) == "needs_grounds"
    story.do(c.Suspend(7, "等原单位回函"), at="2026-09-07 09:00")
    assert (story.states(7), story.due(7)) == (["suspended"], None)
    assert story.do(c.Suspend(7, "等原单位回函")) == ()
    assert story.refused(c.Grant(7)) == "not_ready"
    story.do(c.Resume(7), at="2026-09-09 09:00")
    assert story.states(7) == ["dispatched"]
    assert story.due(7) == date(2026, 9, 20)  # 09-17 and two working days; this Sunday is worked
    sub = story.sub(7)
    paused = deadlines.paused_days(china(), sub.clock, sub.pauses, on=date(2026, 9, 30))
    assert paused == 2
    assert story.do(c.Resume(7)) == ()


def test_a_correction_stops_the_clock() -> None:
    story = at_departments()
    story.do(c.RequestCorrection(("party_letter",), 7), at="2026-09-07 09:00")
    assert story.due(7) is None
    story.do(c.Correct(("party_letter",), 7), at="2026-09-09 09:00")
    assert story.due(7) == date(2026, 9, 20)


def test_an_extension_is_given_once_with_grounds_and_within_bounds() -> None:
    story = at_departments()
    assert story.refused(c.Extend(7, 5)) == "needs_grounds"
    for days in (0, -1, 11):
        assert story.refused(c.Extend(7, days, "原单位合并")) == "not_permitted"
    before = story.due(7)
    story.do(c.Extend(7, 1, "原单位合并"))
    assert before == date(2026, 9, 17)
    assert story.due(7) == date(2026, 9, 18)
    assert story.refused(c.Extend(7, 2, "再等等")) == "not_permitted"
    assert story.refused(c.Extend(8, 2, "还没开始")) == "not_ready"


def test_past_the_confirmed_calendar_a_date_is_provisional() -> None:
    story = Story().register("2026-12-28 09:00").grant(1)
    assert (story.due(2), story.is_provisional(2)) == (date(2027, 1, 4), True)
    assert (story.due(3), story.is_provisional(3)) == (date(2026, 12, 29), False)
    assert "provisional" in story.warnings()


def test_natural_days_that_end_on_a_day_off_move_to_the_next_working_day() -> None:
    plan = edition("retirement-2024")
    facts = {"discharge_date": "2026-09-01"}
    numbers = frozenset({1, 2})
    limits = turn.personal_limits(plan, china(), answers=CONSCRIPT, facts=facts, numbers=numbers)
    days = {limit.item: limit.on for limit in limits}
    assert days == {1: date(2026, 10, 8), 2: date(2026, 10, 12)}  # 10-01 off; 10-11 is a Sunday
    unrolled = deadlines.add_natural_days(china(), date(2026, 9, 1), 30, roll=False)
    assert unrolled.on == date(2026, 10, 1)


def test_an_overdue_item_is_a_warning_until_it_is_decided() -> None:
    story = at_departments().on("2026-09-07 09:00")
    assert "overdue" in story.warnings()
    story.grant(3, 14)
    assert "overdue" not in story.warnings()


def test_the_case_is_due_when_its_latest_known_item_is() -> None:
    story = at_departments()
    found = turn.case_due(story.edition, story.calendar, story.case)
    assert found
    assert found.on == story.due(7) == date(2026, 9, 17)


QUICK = settings(max_examples=int(os.environ.get("ENGINE_EXAMPLES", "40")), deadline=None)
CALENDARS = st.builds(
    Calendar,
    st.just(date(2026, 12, 31)),
    st.frozensets(DAYS, max_size=20),
    st.frozensets(DAYS, max_size=20),
)
PAUSES = st.lists(
    st.tuples(DAYS, st.integers(0, 40)).map(lambda p: Pause(p[0], p[0] + timedelta(p[1]))),
    max_size=4,
).map(tuple)
CLOCKS = st.builds(Clock, DAYS, st.integers(1, 60), st.sampled_from(["working", "natural"]))


def naive(calendar: Calendar, clock: Clock, pauses: tuple[Pause, ...], extra: int) -> date:
    """Count day by day on a list: the rule as a person would check it."""
    off = {day for p in pauses for day in _from(p.from_on, (p.to_on or p.from_on))}
    counted = [
        day
        for day in _from(clock.started_on + timedelta(1), clock.started_on + timedelta(600))
        if day not in off and (clock.counts == "natural" or calendar.is_working(day))
    ]
    found = counted[clock.days + extra - 1]
    while clock.counts == "natural" and not calendar.is_working(found):
        found += timedelta(1)
    return found


def _from(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days)]


@QUICK
@given(CALENDARS, CLOCKS, PAUSES, st.integers(0, 10))
def test_a_limit_is_what_counting_on_a_list_gives(
    calendar: Calendar, clock: Clock, pauses: tuple[Pause, ...], extra: int
) -> None:
    found = deadlines.due(calendar, clock, pauses=pauses, extended_days=extra)
    assert found
    assert found.on == naive(calendar, clock, pauses, extra)
    assert found.provisional == (found.on > calendar.confirmed_until)


@QUICK
@given(CALENDARS, CLOCKS, PAUSES, DAYS, st.integers(0, 40))
def test_a_clock_stop_never_shortens_a_limit(
    calendar: Calendar, clock: Clock, pauses: tuple[Pause, ...], start: date, length: int
) -> None:
    before = deadlines.due(calendar, clock, pauses=pauses)
    more = (*pauses, Pause(start, start + timedelta(length)))
    after = deadlines.due(calendar, clock, pauses=more)
    assert before
    assert after
    assert after.on >= before.on


def test_no_clock_and_a_clock_that_stands_have_no_date() -> None:
    assert deadlines.due(china(), None) is None
    clock = Clock(date(2026, 9, 3), 5, "working")
    assert deadlines.due(china(), clock, pauses=(Pause(date(2026, 9, 7)),)) is None
    assert (
        deadlines.paused_days(china(), None, (Pause(date(2026, 9, 7)),), on=date(2026, 9, 9)) == 2
    )
