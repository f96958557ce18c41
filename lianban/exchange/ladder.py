"""When a message is tried again: a ladder to seven days. Pure; moments are arguments."""

import hashlib
from datetime import timedelta

#: Waiting times after the first, second … failure. The last one repeats.
STEPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200)
)
#: Past this age a message that still fails is given up, until a person sends it again.
LIFE = timedelta(days=7)
#: Tries whose process died before their end was written; so many, and it is the message's fault.
MOST_ABANDONED = 5
#: A partner that fails so often in a row is left alone for a while, longer each time.
CLOSE_AFTER = 3
_CLOSED = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300, 600))
#: The longest that we wait because a partner, or something before it, says so.
MOST_RETRY_AFTER = timedelta(hours=1)


def pause(attempts: int, *, name: str, scale: float = 1.0) -> timedelta:
    """How long to wait after `attempts` failures, up to a fifth more or less by the message's name.

    The jitter keeps messages that failed together from coming back together, and comes from the
    name, so that the same message waits the same time wherever it is worked out.
    """
    step = STEPS[min(max(attempts, 1), len(STEPS)) - 1]
    return step * (0.8 + 0.4 * _share(f"{name}/{attempts}")) * scale


def closed(failures: int, *, scale: float = 1.0) -> timedelta | None:
    """How long a partner is left alone after so many failures in a row; None: go on."""
    if failures < CLOSE_AFTER:
        return None
    return _CLOSED[min(failures - CLOSE_AFTER, len(_CLOSED) - 1)] * scale


def _share(text: str) -> float:
    """A number from 0 up to 1 that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32
