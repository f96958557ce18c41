"""What a system does by itself: it takes the steps that are due and sends what it has to say.

A message that the platform does not take is sent again with the same id, later and later; nothing
about the same subject overtakes it. What the platform will never take is noted, and work goes on.
"""

import hashlib
import json
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Condition, Thread
from typing import Any

from simulators import signing
from simulators.caller import Away, Caller, Lost
from simulators.config import PREFIX
from simulators.department import spoiled
from simulators.memory import Row
from simulators.plan import FETCH, Plan
from simulators.signing import Answer, Request, Unsigned
from simulators.twin import Honest

SENDERS = 2
#: Seconds at speed 1: the first wait, and the longest.
FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0
_SHORTEST_WAIT = 0.05
_NEVER = (400, 409, 413, 415, 422)
_GONE = (403, 404, *_NEVER, 410)
_LOG = logging.getLogger("simulators")


@dataclass(frozen=True)
class Outcome:
    """What became of a try. `wait` in seconds where the platform, or nobody, asked for it."""

    kind: str
    why: str
    wait: float | None = None
    #: Nobody is there, or too much was sent: everything waits.
    is_for_all: bool = False


class Hands:
    """The threads of one system."""

    def __init__(self, twin: Honest, *, speed: float) -> None:
        self._twin, self._system, self._speed = twin, twin.system, speed
        self._memory = twin.system.memory
        twin.system.wake = self.wake
        self._busy: set[str] = set()
        self._lock = Condition()
        self._ends = False
        self._resting_until = 0.0
        self._caller = Caller(twin.system.platform.address)
        name = f"{twin.code} hand"
        self._threads = [Thread(target=self._work, name=name, daemon=True) for _ in range(SENDERS)]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take nothing up any more, and end what is in hand."""
        with self._lock:
            self._ends = True
            self._lock.notify_all()
        for thread in self._threads:
            thread.join(timeout=15)

    def wake(self) -> None:
        """Something may be due: look."""
        with self._lock:
            self._lock.notify()

    def _work(self) -> None:
        while (row := self._take()) is not None:
            try:
                self._step(row)
            except Exception:
                _LOG.exception("%s: %s failed", self._twin.code, row.word)
                self._memory.later(row, "failed", at=time.time() + 1)
            finally:
                with self._lock:
                    self._busy.discard(row.subject)
                    self._lock.notify()
        self._caller.close()

    def _take(self) -> Row | None:
        """Wait for a step that is due; None at the end."""
        with self._lock:
            while not self._ends:
                now = time.time()
                rest = self._resting_until - now
                if rest <= 0:
                    row = self._memory.due(now=now, not_about=self._busy)
                    if row is not None:
                        self._busy.add(row.subject)
                        return row
                    due = self._memory.next_due()
                    rest = 1.0 if due is None or due <= now else due - now
                self._lock.wait(min(rest, 1.0))
        return None

    def _step(self, row: Row) -> None:
        if row.word == FETCH:
            self._end(row, self._fetch(row))
            return
        happened = row if row.body else self._memory.happen(row, now=time.time())
        if happened is None:
            return
        if row.attempts == 0 and self._twin.hurries(row):
            self._hurry(happened)
        self._end(happened, self._send(happened))

    def _hurry(self, row: Row) -> None:
        follower = self._memory.follower(row)
        if follower is None:
            return
        happened = follower if follower.body else self._memory.happen(follower, now=time.time())
        if happened is not None and self._send(happened).kind == "done":
            self._memory.done(happened, "done early", now=time.time())

    def _end(self, row: Row, outcome: Outcome) -> None:
        now = time.time()
        if outcome.kind == "later":
            wait = self._wait(row) if outcome.wait is None else max(outcome.wait, _SHORTEST_WAIT)
            self._memory.later(row, outcome.why, at=now + wait)
            if outcome.is_for_all:
                self._resting_until = now + wait
            return
        if outcome.kind == "never":
            _LOG.warning("%s: %s was not taken: %s", self._twin.code, row.word, outcome.why)
            if row.word == FETCH and row.data["word"] != "verify":
                self._memory.plan(row.subject, Plan(spoiled(), drops=True), now=now)
        self._memory.done(row, outcome.why, now=now)
        if row.word != FETCH and outcome.kind == "done":
            self._besides(row)

    def _besides(self, row: Row) -> None:
        """What a chaos twin adds to a message that was taken."""
        for _ in range(self._twin.repeats(row)):
            self._send(row)
        for subject, word, data in self._twin.lies(row):
            lie = self._memory.say(subject, word, data, now=time.time())
            if lie is not None:
                self._memory.done(lie, self._send(lie).why, now=time.time())

    def _wait(self, row: Row) -> float:
        wait = min(FIRST_WAIT * 2.0 ** min(row.attempts, 10), LONGEST_WAIT) / self._speed
        return max(wait, _SHORTEST_WAIT)

    def _send(self, row: Row) -> Outcome:
        assert row.body is not None
        headers = {"Content-Type": "application/cloudevents+json", "Idempotency-Key": row.id}
        url = f"{self._system.platform.address}{PREFIX}/messages"
        answer = self._call(Request("POST", url, row.body, headers))
        if isinstance(answer, Outcome):
            return answer
        if answer.status_code in (200, 202):
            return Outcome("done", _said(answer))
        if answer.status_code in _NEVER:
            return Outcome("never", f"{answer.status_code} {_said(answer)}")
        return Outcome("later", str(answer.status_code))

    def _fetch(self, row: Row) -> Outcome:
        link = row.data["link"]
        if not link.startswith(f"{self._system.platform.address}/"):
            return Outcome("never", "a link to somewhere else")
        answer = self._call(Request("GET", link))
        if isinstance(answer, Answer) and answer.status_code == 200:
            is_good = hashlib.sha256(answer.body).hexdigest() == row.data["digest"]
            return Outcome("done", "fetched") if is_good else Outcome("never", "other digest")
        if isinstance(answer, Answer) and answer.status_code in _GONE:
            return Outcome("never", f"{answer.status_code}")
        if datetime.fromisoformat(row.data["link_until"]) < datetime.now(UTC):
            return Outcome("never", "the link has ended")
        return answer if isinstance(answer, Outcome) else Outcome("later", str(answer.status_code))

    def _call(self, request: Request) -> Answer | Outcome:
        """Call the platform; an answer that it signed, or why there is none."""
        signing.sign(request, key=self._system.key, at=datetime.now(UTC))
        try:
            got = self._caller.call(request)
        except Away as failure:
            return Outcome("later", str(failure), is_for_all=True)
        except Lost as failure:
            return Outcome("later", str(failure))
        if got.status in (429, 503):
            wait = got.headers.get("retry-after", "")
            seconds = float(wait) if wait.isdecimal() else None
            return Outcome("later", str(got.status), seconds, is_for_all=True)
        answer = Answer(request, got.status, got.body, got.headers)
        try:
            signing.check(answer, keys=self._system.platform.keys, at=datetime.now(UTC))
        except Unsigned as failure:
            return Outcome("later", f"{got.status} not signed: {failure}"[:120])
        return answer


def _said(answer: Answer) -> str:
    try:
        content: Any = json.loads(answer.body)
        return str(content.get("code") or content.get("outcome") or "")[:80]
    except (ValueError, AttributeError):
        return "not JSON"
