"""`python -m tests.chaos.lives WHO`: `prepare`, `judge`, or one life after another of a worker or of the clerk.

Each life is a fork, so that a death costs no start of a Python; it does what the real command does.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from lianban.ops.main import main, set_up_django
from tests.chaos import fate
from tests.chaos.plan import Plan


def live(plan: Plan, who: str) -> None:
    """Live until somebody is done, or this process is asked to end."""
    life = 0
    while True:
        fated = plan.fate(who, life)
        child = os.fork()
        if child == 0:
            os._exit(_act(plan, fated))
        code = _watch(child, fated)
        if code == 0:
            return
        life += 1


def _watch(child: int, fated: fate.Fate) -> int:
    """Wait for a life's end, and be its death where it dies at random; its exit code."""
    ends = time.monotonic() + fated.after if fated.point == fate.RANDOM else float("inf")
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > ends:
            ends = float("inf")
            fated.note()
            os.kill(child, signal.SIGKILL)
        time.sleep(0.02)


def _act(plan: Plan, fated: fate.Fate) -> int:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if fated.kind == "clerk":
        return _clerk(plan, fated)
    return _worker(fated)


def _worker(fated: fate.Fate) -> int:
    from lianban.exchange import relay
    from lianban.outbox.models import OutboxMessage
    from tests.chaos import hurry

    hurry.up()

    def marks(_row: OutboxMessage, **columns: object) -> None:
        if columns.get("state") == OutboxMessage.State.SENT:
            fated.comes_to("after_send_before_mark")

    fate.before(relay, "drain", lambda *_, **__: fated.comes_to("holding_a_job"))
    fate.before(relay, "_speak", lambda *_: fated.comes_to("after_commit_before_send"))
    fate.before(relay, "_mark", marks)
    return main(["worker"])


def _clerk(plan: Plan, fated: fate.Fate) -> int:
    from lianban.exchange import waker
    from lianban.outbox import wake
    from tests.chaos import people

    fate.before(wake, "after_commit", lambda _: fated.comes_to("case_written_before_commit"))
    fate.before(waker, "wake", lambda _: fated.comes_to("after_commit_before_wake"))
    wake.configure(waker.wake)
    people.hand_in_all(plan.cases, random.Random(f"{plan.seed}/people"))
    plan.is_handed_in.touch()
    while True:  # until the whole town ends
        people.send_back()
        time.sleep(0.5)


def prepare(plan: Plan) -> None:
    """Make the tables, and what there is before anybody comes."""
    from lianban.ops.migrate import migrate
    from tests.chaos import people

    migrate()
    people.prepare(plan)


def main_of(plan: Plan, who: str) -> None:
    """Do what somebody is there for."""
    if who == "prepare":
        prepare(plan)
    elif who == "judge":
        from tests.chaos import judge

        judge.ask(plan)
    else:
        live(plan, who)


if __name__ == "__main__":
    set_up_django()
    main_of(Plan.read(Path(os.environ["LIANBAN_CHAOS_PLAN"])), sys.argv[1])
