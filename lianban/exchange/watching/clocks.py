"""Whether the clocks of our own processes agree with the database's.

Leases, turns and the five minutes of a signature are worked out by a process's own clock, and several
processes share them through the database: one that is off sends twice, waits for nothing, or is
refused by every partner. Nothing is stopped for it; people are told.
"""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection
from django.db.models.functions import Now

from lianban import clock
from lianban.exchange.models import ClockRecord

#: What a process does.
WORKER, WEB = "worker", "web"
#: A difference beyond this is told.
MOST_OFF = timedelta(seconds=2)
#: What was measured longer ago says nothing of now.
_FRESH = timedelta(minutes=10)
log = structlog.get_logger()


@dataclass(frozen=True)
class Clock:
    """One process's clock beside the database's."""

    place: str
    #: How far it is ahead; negative: behind.
    ahead: timedelta
    #: What of that may be the time of the question and its answer.
    unsure: timedelta = timedelta()

    @property
    def is_off(self) -> bool:
        """Whether it is off for certain, by more than `MOST_OFF`."""
        return abs(self.ahead) - self.unsure > MOST_OFF


def measure(door: str, *, now: Callable[[], datetime] | None = None) -> Clock:
    """Compare this process's clock, or another, with the database's; `door` is what it does."""
    ours, began = (now or clock.now)(), time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    half = timedelta(seconds=time.monotonic() - began) / 2  # it answered somewhere in between
    return Clock(f"{door}@{socket.gethostname()}"[:80], ours + half - theirs, half)


def tell(door: str, *, now: Callable[[], datetime]) -> Clock:
    """Measure, keep what was found for the page that people watch, and log a clock that is off."""
    found = measure(door, now=now)
    said = {"at": Now(), "milliseconds": found.ahead // timedelta(milliseconds=1)}
    ClockRecord.objects.update_or_create(place=found.place, defaults=said)
    warn(found)
    return found


def warn(found: Clock) -> None:
    """Log a clock that is off."""
    if found.is_off:
        seconds = round(found.ahead.total_seconds(), 1)
        log.error("clock.off", place=found.place, seconds_ahead=seconds)


def off(*, door: str, now: Callable[[], datetime]) -> list[Clock]:
    """The clocks that are off: this process's now, and others' as they were told of late."""
    own = measure(door, now=now)
    fresh = ClockRecord.objects.filter(at__gt=Now() - _FRESH).exclude(place=own.place)
    others = [
        Clock(row.place, timedelta(milliseconds=row.milliseconds))
        for row in fresh.order_by("place")
    ]
    return [one for one in (own, *others) if one.is_off]
