"""What holds for every person, every order of commands and both editions.

More examples: `ENGINE_EXAMPLES=2000 pytest tests/engine/test_properties.py`.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lianban.cases import codec
from lianban.engine import commands as c
from lianban.engine import event_data, prerequisite, turn
from lianban.engine import events as e
from lianban.engine.case import JointCase
from lianban.engine.decide import decide
from lianban.engine.evolve import evolve, fold
from lianban.engine.refusal import Refused
from tests.engine.walk import Walk

WALKS = st.builds(Walk, st.sampled_from(["2022", "2024"]), st.integers(0, 2**32))
STEPS = 40


def on_every_walk(check: Callable[[Walk], None]) -> Callable[[], None]:
    """Run a check on many walks."""
    examples = int(os.environ.get("ENGINE_EXAMPLES", "10"))
    return settings(max_examples=examples, deadline=None)(given(WALKS)(check))


@on_every_walk
def test_decide_raises_nothing_but_refused_whatever_it_is_asked(walk: Walk) -> None:
    for _ in range(STEPS):
        _command, found = walk.step()
        if isinstance(found, Refused):
            assert found.code.isidentifier()
            assert str(found)


@on_every_walk
def test_nothing_is_dispatched_or_decided_before_all_its_ancestors_are_met(walk: Walk) -> None:
    for _ in range(STEPS):
        case = walk.case
        _command, found = walk.step()
        for event in found if isinstance(found, tuple) else ():
            if isinstance(event, e.Dispatched | e.Granted | e.Denied):
                sub = case.sub_cases[event.item]
                assert prerequisite.is_ready(case, sub) or sub.needs_review, event
            if isinstance(event, e.Dispatched):
                assert event.department != walk.edition.lead_department
            case = evolve(case, event)


@on_every_walk
def test_no_command_changes_an_ended_case_but_its_tail(walk: Walk) -> None:
    for _ in range(STEPS):
        case = walk.case
        command, found = walk.step()
        if not case.ended or isinstance(found, Refused):
            continue
        assert case.open_items or isinstance(command, c.Reopen) or not found
        tails = {number for number, sub in case.sub_cases.items() if sub.split_off}
        if not isinstance(command, c.Reopen):
            assert walk.case.state == case.state
            assert {getattr(event, "item", None) for event in found} <= tails | {None}


@on_every_walk
def test_every_open_case_has_a_next_actor_and_a_clock(walk: Walk) -> None:
    for _ in range(STEPS):
        walk.step()
        turns = list(turn.turns(walk.edition, walk.calendar, walk.case))
        if walk.case.is_open or walk.case.open_items:
            assert turns
        assert all(found.by is not None for found in turns)


@on_every_walk
def test_folding_the_journal_gives_the_state_in_whatever_zone_a_database_tells_its_moments(
    walk: Walk,
) -> None:
    for _ in range(STEPS):
        walk.step()
    written = [
        (type(event).__name__, event.at.isoformat(), json.dumps(event_data.to_data(event)))
        for event in walk.journal
    ]
    read = [
        event_data.from_data(name, json.loads(body), at=datetime.fromisoformat(at).astimezone(UTC))
        for name, at, body in written
    ]
    assert read == walk.journal
    assert fold(read) == walk.case
    assert walk.case.sequence == len(walk.journal)


@on_every_walk
def test_the_rows_keep_everything_that_the_rules_need(walk: Walk) -> None:
    for _ in range(STEPS):
        walk.step()
    case = walk.case
    if case == JointCase():
        return
    columns = {name: getattr(case, name) for name in COLUMNS}
    detail: dict[str, Any] = json.loads(json.dumps(codec.case_to_data(case)))
    subs = [json.loads(json.dumps(codec.sub_to_data(sub))) for sub in case.sub_cases.values()]
    assert codec.case_from_data(detail, columns, subs) == case


COLUMNS = (
    "state", "edition_id", "edition_hash", "channel", "since", "submitted_at", "accepted_on",
    "sequence",
)  # fmt: skip


@on_every_walk
def test_the_same_inputs_give_the_same_outputs_and_a_repeat_gives_no_event(walk: Walk) -> None:
    for _ in range(STEPS):
        case = walk.case
        command, found = walk.step()
        assert outcome(walk, case, command) == (found if isinstance(found, tuple) else found.code)
        if isinstance(found, tuple):
            again = outcome(walk, walk.case, command)
            assert again == () or isinstance(again, str), (command, again)


def outcome(walk: Walk, case: JointCase, command: c.Command) -> tuple[e.Event, ...] | str:
    """The events, or the refusal's code."""
    try:
        return decide(walk.edition, case, command, at=walk.at, calendar=walk.calendar)
    except Refused as refusal:
        return refusal.code


@on_every_walk
def test_a_clock_stop_never_shortens_a_deadline(walk: Walk) -> None:
    due: dict[int, Any] = {}
    for _ in range(STEPS):
        command, found = walk.step()
        for event in found if isinstance(found, tuple) else ():
            if isinstance(event, e.Reopened | e.ReviewNeeded):
                due.clear()
        for number in walk.case.open_items:
            day = walk.due(number)
            if day:
                assert day >= due.get(number, day), (number, command)
                due[number] = day
