"""What a simulator is made of: what it hears, and the steps that it takes then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: The word of a step that fetches a material's file instead of sending a message.
FETCH = "fetch"


@dataclass(frozen=True)
class Step:
    """Something to be done `after` so many seconds (at speed 1) behind the step before it.

    `state` is what the system's own book says from then on; empty where that stays as it is.
    """

    word: str
    data: dict[str, Any] = field(default_factory=dict)
    state: str = ""
    after: float = 0.0


@dataclass(frozen=True)
class Known:
    """What the system's memory knows of a subject."""

    subject: str
    item: str
    state: str
    outcome: str
    round: int
    seen_at: float
    decided_at: float | None
    result_number: str


@dataclass(frozen=True)
class Heard:
    """A message of the platform's, and what was known of its subject before."""

    word: str
    subject: str
    data: dict[str, Any]
    known: Known | None
    #: When it came, in seconds since 1970.
    at: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What follows from a message.

    `opens` is the item (or the order) that begins with it; `drops` forgets steps not yet taken,
    `forgets` those of one word. `waits` says how long a step of a word waits from now on (at speed 1).
    """

    steps: list[Step] = field(default_factory=list)
    opens: str = ""
    round: int = 1
    state: str = ""
    drops: bool = False
    forgets: str = ""
    waits: Mapping[str, float] = field(default_factory=dict)


class Unheard(Exception):
    """A message that this system takes never; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


#: A kind of system: what it does about each of the platform's words.
Kind = Mapping[str, Callable[[Heard], Plan]]
