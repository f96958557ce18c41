"""Where a process dies: at a named point, the n-th time it comes there, by SIGKILL of its own.

Wrapped around functions of the product from outside; the product itself knows nothing of it. What
a life is fated to follows from the seed, the process's name and the number of the life alone.
"""

import os
import random
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RANDOM = "at_random"
#: The points of each kind of process; the first lives go through them in turn.
POINTS: dict[str, tuple[str, ...]] = {
    "worker": (
        "holding_a_job",
        "after_commit_before_send",
        "after_send_before_mark",
        RANDOM,
    ),
    "web": (
        "after_effect_before_commit",
        "after_commit_before_answer",
    ),
    "clerk": (
        "case_written_before_commit",
        "after_commit_before_wake",
        RANDOM,
    ),
    "simulators": (RANDOM,),
}


@dataclass
class Fate:
    """What one life is fated to: nothing where `point` is empty."""

    who: str
    life: int
    point: str
    #: At which passing of the point; for `at_random`, after so many seconds.
    after: float
    log: Path
    passed: int = 0

    @property
    def kind(self) -> str:
        """The kind of process."""
        return self.who.split("-")[0]

    def comes_to(self, point: str) -> None:
        """Die here, if that is how it was to be."""
        if point != self.point:
            return
        with _lock:
            self.passed += 1
            if self.passed >= self.after:
                self.note()
                os.kill(os.getpid(), signal.SIGKILL)

    def note(self) -> None:
        """Write down that somebody dies; the file is read when all is over."""
        with self.log.open("a") as log:
            log.write(f"{self.who} {self.life} {self.point}\n")


_lock = threading.Lock()


def of(*, who: str, life: int, lives: int, seed: int, log: Path) -> Fate:
    """The fate of a life; from the life number `lives` on, nothing happens any more."""
    kind = who.split("-")[0]
    dice = random.Random(f"{seed}/{who}/{life}")
    if life >= lives:
        return Fate(who, life, "", 0, log)
    offset = 2 if who.endswith("-b") else 0
    point = POINTS[kind][(life + offset) % len(POINTS[kind])]
    most = {"worker": 30, "web": 200, "clerk": 12}.get(kind, 1)
    after = dice.uniform(1.5, 5.0) if point == RANDOM else dice.randint(1, most)
    return Fate(who, life, point, after, log)


def before(module: Any, name: str, act: Callable[..., None]) -> None:
    """Let `act` see the arguments of every call of a function before it begins."""
    whole = getattr(module, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        act(*args, **kwargs)
        return whole(*args, **kwargs)

    setattr(module, name, wrapped)


def after(module: Any, name: str, act: Callable[[], None]) -> None:
    """Let `act` come after every call of a function that returned."""
    whole = getattr(module, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = whole(*args, **kwargs)
        act()
        return result

    setattr(module, name, wrapped)
