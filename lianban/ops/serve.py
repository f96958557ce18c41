"""`lianban serve`: the pages, by granian, with the static files beside them."""

import argparse
import os
import sys

from lianban.ops import environment
from lianban.ops.command import Commands

#: glibc gives what a large file took back at once, instead of keeping room for the next one.
_FRUGAL = {"MALLOC_MMAP_THRESHOLD_": "262144", "MALLOC_ARENA_MAX": "2"}


def register(subparsers: Commands) -> None:
    """Add `serve`."""
    parser = subparsers.add_parser("serve", help="serve the pages", description=__doc__)
    parser.set_defaults(act=serve)


def serve(_options: argparse.Namespace) -> int:
    """Become the web server; does not return."""
    static = environment.static_dir()
    static.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        *("-m", "granian", "lianban.config.wsgi:application"),
        *("--interface", "wsgi", "--no-ws"),
        *("--host", environment.text("LIANBAN_HOST", default="127.0.0.1")),
        *("--port", str(environment.port())),
        *("--workers", str(environment.number("LIANBAN_WEB_PROCESSES", default=1, least=1))),
        *("--blocking-threads", str(environment.number("LIANBAN_WEB_THREADS", default=4, least=1))),
        *("--static-path-route", "/static", "--static-path-mount", str(static)),
        *("--respawn-failed-workers", "--workers-kill-timeout", "10", "--log-level", "error"),
    ]
    os.execve(sys.executable, command, {**os.environ, **_FRUGAL})
