"""What all commands of `lianban exchange` that use the database share: honest codes, and one JSON."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from lianban.engine.refusal import Refused

GOOD, BAD, WRONG_CALL = 0, 1, 2
#: Refusals of what was asked for, and not of the state of things.
_CALLS = ("unknown_", "no_address", "bad_key")
Act = Callable[[argparse.Namespace], int]


def guarded(act: Act) -> Act:
    """Say why something was refused, and answer with the code that fits."""

    @wraps(act)
    def guarded_act(options: argparse.Namespace) -> int:
        try:
            return act(options)
        except Refused as refusal:
            print(f"{refusal.message}（{refusal.code}）", file=sys.stderr)
            return WRONG_CALL if refusal.code.startswith(_CALLS) else BAD

    return guarded_act


def as_json(data: Any) -> None:
    """Print one JSON value."""
    print(json.dumps(data, ensure_ascii=False, indent=2))


def moment(at: datetime | None) -> str | None:
    """A moment as it is printed."""
    return at.isoformat(timespec="seconds") if at else None


def add_json(parser: argparse.ArgumentParser) -> None:
    """Let the command print JSON."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
