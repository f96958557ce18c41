"""The play: one scene after the other, until a rule is broken or all have passed."""

import time
from collections import deque
from dataclasses import dataclass
from datetime import timedelta

from lianban.exchange import contract
from lianban.exchange.conformance import books, refusals
from lianban.exchange.conformance.course import Course
from lianban.exchange.conformance.rules import RULES, Broken, Rule
from lianban.exchange.conformance.stage import Stage
from lianban.exchange.signing import Message


@dataclass
class Verdict:
    """What came of a play."""

    passed: list[Rule]
    #: Rules about what this partner never did, or does not have.
    not_arisen: list[Rule]
    broken: Broken | None = None
    partner_key_id: str = ""


def run(stage: Stage) -> Verdict:
    """Play all scenes; a broken rule ends the play."""
    broken = None
    try:
        _scenes(stage)
    except Broken as found:
        broken = found
    finally:
        stage.caller.close()
    left = [rule for code, rule in RULES.items() if code not in stage.passed]
    passed = sorted(stage.passed.values(), key=lambda rule: rule.number)
    return Verdict(passed, [] if broken else left, broken, stage.caller.partner_key_id)


def _scenes(stage: Stage) -> None:
    before = books.names(stage) if stage.post.has_book else set()
    first = _first(stage)
    refusals.play(stage, first)
    _faults(stage)
    withdrawn, at = None, 0.0
    if stage.post.has_book:
        _appointment(stage)
        _correction(stage)
        withdrawn, at = _withdrawal(stage), time.monotonic()
    for _ in range(stage.bounds.cases):
        stage.send(stage.course())
    stage.see_through()
    if withdrawn is not None:
        _release(stage, withdrawn, at)
    _ends(stage)
    if stage.post.has_book:
        books.play(stage, before)


def _first(stage: Stage) -> Message:
    """A message, and the same once more; the second one as it went out."""
    course = stage.course()
    envelope = stage.send(course)
    stage.ok("accepts_a_message")
    message, outcome = stage.give(envelope)
    if outcome != "repeated":
        raise Broken("repeat_is_repeated", "outcome 是 repeated", f"outcome 是 {outcome}")
    stage.ok("repeat_is_repeated")
    if stage.post.has_book:
        books.remembers(stage, course)
    return message


def _faults(stage: Stage) -> None:
    """Answer 500, then not at all, then 429: the same message must come each time."""
    course = stage.course()
    course.faults = deque(("500", "lost", "429"))
    stage.send(course)
    stage.see_through()
    stage.ok("tries_again", "tries_again_after_a_lost_answer", "honours_retry_after")


def _correction(stage: Stage) -> None:
    """Send something with gaps; a partner that asks for it must go on when it comes.

    No material has a file, and the value of one field is the word 补正: a system for tests may heed it.
    """
    course = stage.course()
    whole = course.sent
    assert isinstance(whole, contract.Dispatch)
    materials = {
        code: material.model_copy(update={"files": [], "grade": None})
        for code, material in whole.materials.items()
    }
    first = next(iter(whole.fields))
    fields = whole.fields | {first: whole.fields[first].model_copy(update={"value": "补正"})}
    course.sent = whole.model_copy(update={"fields": fields, "materials": materials})
    stage.send(course)
    stage.see_through()


def _appointment(stage: Stage) -> None:
    """Tell when the person comes: a word that the partner may refuse for good, and in no other way."""
    starts = stage.caller.now() + timedelta(days=1)
    data = contract.Appointment(
        state="booked",
        starts_at=starts,
        ends_at=starts + timedelta(minutes=20),
        place="counter",
        place_name="测试大厅",
        purpose="test",
        purpose_name="符合性测试",
        office_name="测试窗口",
    )
    envelope = stage.envelope("appointment", stage.courses[0], data)
    rule = "takes_or_refuses_a_time"
    stage.caller.good(
        stage.caller.post(envelope), status=200, also=422, rule=rule, expected=RULES[rule].sentence
    )
    stage.ok(rule)


def _withdrawal(stage: Stage) -> Course:
    """Send, take nothing, withdraw: no decision may be made after that."""
    course = stage.course(must_end=False)
    course.held = True
    stage.send(course)
    envelope = stage.envelope("withdraw", course, contract.Withdraw(why="withdrawn"))
    stage.give(envelope)
    with stage.platform.held():
        course.withdrawn(stage.caller.answered_at + timedelta(seconds=1))
    return course


def _release(stage: Stage, course: Course, withdrawn_at: float) -> None:
    """Take messages about it again, and wait for one that should not come."""
    left = withdrawn_at + stage.bounds.grace - time.monotonic()
    stage.platform.wait(lambda: False, max(left, 0))
    with stage.platform.held():
        course.held = False
    stage.platform.wait(lambda: False, stage.bounds.hold * 1.25)


def _ends(stage: Stage) -> None:
    """Let everything come to its end, and see that nothing more comes."""
    stage.platform.be_quiet(stage.bounds.quiet, stage.bounds.patience)
    stage.see_through()
    stage.ok("decides_in_time", "calls_are_signed", "calls_are_messages")
    stage.ok("calls_name_what_was_sent", "calls_come_in_order", "never_contradicts")
    stage.ok("sends_nothing_twice", "refused_has_no_effect")
    if stage.post.has_book:
        stage.ok("withdraw_stops")
    if stage.platform.fetched:
        stage.ok("fetches_files_signed")
