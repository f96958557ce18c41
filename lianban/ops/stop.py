"""`lianban stop`: ask the supervisor of the data folder to stop, and wait until it did."""

import argparse
import os
import re
import signal
import sys

from lianban.ops import environment, supervisor, tether
from lianban.ops.command import Commands

STOP_SECONDS = 90.0


def register(subparsers: Commands) -> None:
    """Add `stop`."""
    parser = subparsers.add_parser("stop", help="stop what `run` started", description=__doc__)
    parser.set_defaults(act=stop)


def stop(_options: argparse.Namespace) -> int:
    """Return 0 when nothing runs any more, 1 where it would not stop."""
    folder = environment.data_dir()
    if not supervisor.is_running(folder=folder):
        print("Nothing is running.")
        return 0
    found = re.match(r"process (\d+)", (folder / supervisor.LOCK).read_text())
    assert found is not None
    process = int(found[1])
    os.kill(process, signal.SIGTERM)
    if tether.wait_until_gone(process, seconds=STOP_SECONDS):
        return 0
    print(f"Process {process} does not stop.", file=sys.stderr)
    return 1
