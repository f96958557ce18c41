"""The chaos twin of a system (混沌孪生): it can do everything wrong that a partner's system can.

Behaviours, each with its rate (`slow=0.2`; without one, a group's share, or 0.3):

- answers, before the message has its effect: `500`, `429`, `503` (both with Retry-After);
- answers, after it: `slow` (the right answer, later than the platform waits), `reset` (the
  connection is torn down), and the garbage: `html`, `half_json`, `gzip_bomb`, `endless`,
  `redirect`, `unsigned`, `wrong_key`, `other_digest` (signed for another request);
- own messages: `repeats` (once or twice again, same id), `reorders` (the next one first);
- `loses`: answers `accepted` and forgets the message;
- lies: `contradicts` (the opposite decision, new id), `steals` (a decision about a sub-case that
  it was not sent), `invents` (a status of something that does not exist).

Groups: `garbage`, `lies`, `mild` (all that in the end loses nothing and says the truth; no message
is ill-treated more than three times), `all`. What is done to a message follows from the seed, its
id and how often it came, so it does not depend on the order of threads.
"""

import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import Any

from simulators import signing
from simulators.memory import Row
from simulators.server import Line
from simulators.signing import Answer, Key, Request
from simulators.system import Reply, System
from simulators.twin import Honest

GARBAGE = (
    "html", "half_json", "gzip_bomb", "endless", "redirect", "unsigned", "wrong_key",
    "other_digest",
)  # fmt: skip
BEFORE = ("500", "429", "503")
ANSWERS = (*BEFORE, "slow", "reset", *GARBAGE)
OWN = ("repeats", "reorders")
LIES = ("contradicts", "steals", "invents")
GROUPS = {
    "garbage": GARBAGE,
    "lies": LIES,
    "mild": (*ANSWERS, *OWN),
    "all": (*ANSWERS, *OWN, "loses", *LIES),
}
#: How often a message is ill-treated at most, where the group `mild` is chosen.
PATIENCE = 3
_RATE = 0.3


def names() -> list[str]:
    """Every behaviour and group."""
    return [*GROUPS["all"], *GROUPS]


def rates(chosen: Iterable[str]) -> dict[str, float]:
    """The rate of every behaviour that was chosen. Raises `ValueError` for an unknown one.

    The answers of a group share its rate: together they spoil so many of all answers.
    """
    found: dict[str, float] = {}
    for one in chosen:
        name, _, rate = one.partition("=")
        if name not in names():
            raise ValueError(
                f"no behaviour is called {name[:40]!r}; there are {', '.join(names())}"
            )
        wanted = float(rate) if rate else _RATE
        members = GROUPS.get(name, (name,))
        sharing = sum(member in ANSWERS for member in members)
        for member in members:
            found[member] = wanted / sharing if member in ANSWERS else wanted
        if name == "mild":
            found["patience"] = PATIENCE
    return found


class Chaos(Honest):
    """A system that behaves badly on purpose."""

    def __init__(
        self,
        system: System,
        *,
        rates: Mapping[str, float],
        seed: int,
        slow: float,
        retry_after: int,
    ) -> None:
        super().__init__(system)
        self._rates, self._seed, self._slow = rates, seed, slow
        self._retry_after = retry_after
        self._came: Counter[str] = Counter()
        self._lock = Lock()
        if rates.get("gzip_bomb"):
            _bomb()

    def respond(self, request: Request, path: str, line: Line) -> None:
        """Answer a call, well or badly."""
        name = _name(request)
        with self._lock:
            self._came[name] += 1
            count = self._came[name]
        is_message = path == "messages"
        if is_message and self._draw("loses", name):
            self._lose(request, path, line)
            return
        fault = self._fault(f"{name}/{count}") if count <= self._patience() else ""
        if fault in BEFORE:
            later = {} if fault == "500" else {"Retry-After": str(self._retry_after)}
            self._send(request, line, Reply(int(fault), {"code": "not_now", "message": ""}, later))
        elif fault:
            at = datetime.now(UTC)
            self._spoil(fault, request, line, self.system.answer(request, path, at))
        else:
            super().respond(request, path, line)

    def hurries(self, row: Row) -> bool:
        """Sometimes the next message goes first."""
        return self._draw("reorders", row.id)

    def repeats(self, row: Row) -> int:
        """Sometimes a message goes again, once or twice."""
        return (
            1 + self._random("twice", row.id).randrange(2) if self._draw("repeats", row.id) else 0
        )

    def lies(self, row: Row) -> list[tuple[str, str, dict[str, Any]]]:
        """What is said besides a decision or a receipt."""
        said: list[tuple[str, str, dict[str, Any]]] = []
        if row.word == "decide" and self._draw("contradicts", row.id):
            said.append((row.subject, "decide", _opposite(row.data["outcome"])))
        if row.word == "decide" and self._draw("steals", row.id):
            case, _, item = row.subject.rpartition("-")
            said.append((f"{case}-{int(item) % 15 + 1:02d}", "decide", _opposite("denied")))
        if row.word == "receive" and self._draw("invents", row.id):
            said.append(("LB000000000000000-01", "status", {"state": "lost_and_found"}))
        return said

    def _patience(self) -> float:
        return self._rates.get("patience", float("inf"))

    def _random(self, *key: str) -> random.Random:
        return random.Random("/".join((str(self._seed), self.code, *key)))

    def _draw(self, behaviour: str, key: str) -> bool:
        rate = self._rates.get(behaviour, 0.0)
        return rate > 0 and self._random(behaviour, key).random() < rate

    def _fault(self, key: str) -> str:
        """The behaviour that spoils this answer; empty for none."""
        drawn = self._random("answer", key).random()
        for behaviour in ANSWERS:
            drawn -= self._rates.get(behaviour, 0.0)
            if drawn < 0:
                return behaviour
        return ""

    def _send(self, request: Request, line: Line, reply: Reply) -> None:
        line.send(self.system.signed(request, reply, datetime.now(UTC)))

    def _lose(self, request: Request, path: str, line: Line) -> None:
        with self.system.memory.change():
            reply = self.system.answer(request, path, datetime.now(UTC))
            if reply.content.get("outcome") == "accepted":
                self.system.memory.forget(str(json.loads(request.body)["subject"]))
        self._send(request, line, reply)

    def _spoil(self, fault: str, request: Request, line: Line, reply: Reply) -> None:
        if fault == "slow":
            time.sleep(self._slow)
            self._send(request, line, reply)
        elif fault == "reset":
            line.reset()
        elif fault in _STREAMS:
            status, headers, chunks, length = _STREAMS[fault]()
            line.stream(status, headers, chunks, length=length)
        else:
            line.send(self._wrong(fault, request, reply))

    def _wrong(self, fault: str, request: Request, reply: Reply) -> Answer:
        """An answer that looks right, and is not."""
        at = datetime.now(UTC)
        if fault == "other_digest":
            kind = {"Content-Type": "application/json"}
            other = Request("POST", request.url, b"{}", kind)
            signing.sign(other, key=self.system.key, at=at)
            return self.system.signed(other, reply, at)
        answer = self.system.signed(request, reply, at)
        if fault == "half_json":
            answer.body = answer.body[: len(answer.body) // 2]
        elif fault == "unsigned":
            answer.headers = {"Content-Type": answer.headers["Content-Type"]}
            return answer
        key = Key.fresh(self.system.key.key_id) if fault == "wrong_key" else self.system.key
        signing.sign(answer, key=key, at=at)
        return answer


Stream = tuple[int, dict[str, str], Iterable[bytes], int | None]


def _html() -> Stream:
    page = "<!doctype html><title>网关</title><p>请先登录".encode()
    return 200, {"Content-Type": "text/html; charset=utf-8"}, [page], len(page)


def _gzip_bomb() -> Stream:
    bomb = _bomb()
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return 200, headers, [bomb], len(bomb)


def _endless() -> Stream:
    return 200, {"Content-Type": "application/json"}, _spaces(), None


def _redirect() -> Stream:
    headers = {"Location": "/elsewhere", "Content-Type": "text/plain"}
    return 307, headers, [], 0


_STREAMS: dict[str, Callable[[], Stream]] = {
    "html": _html,
    "gzip_bomb": _gzip_bomb,
    "endless": _endless,
    "redirect": _redirect,
}


@cache
def _bomb() -> bytes:
    """64 MiB of spaces, packed."""
    return gzip.compress(b" " * (64 << 20), compresslevel=1)


def _spaces() -> Iterator[bytes]:
    """More than anybody wants: 1 GiB, which nobody reads to its end."""
    piece = b" " * (64 << 10)
    for _ in range(16 << 10):
        yield piece


def _opposite(outcome: str) -> dict[str, str]:
    if outcome == "granted":
        return {"outcome": "denied", "reason": "与事实相反的决定"}
    return {"outcome": "granted"}


def _name(request: Request) -> str:
    """The message's id, or the address of a call without one."""
    try:
        return str(json.loads(request.body)["id"])
    except (ValueError, KeyError, TypeError):
        return request.url
