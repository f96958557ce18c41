"""`lianban worker`: the background work, by procrastinate, in this process."""

import argparse

from django.core.management import call_command

from lianban.ops import environment
from lianban.ops.command import Commands


def register(subparsers: Commands) -> None:
    """Add `worker`."""
    parser = subparsers.add_parser("worker", help="do the background work", description=__doc__)
    parser.set_defaults(act=work)


def work(_options: argparse.Namespace) -> int:
    """Take jobs until told to stop; a running job is finished first."""
    jobs = environment.number("LIANBAN_WORKER_JOBS", default=8, least=1)
    call_command("procrastinate", "worker", concurrency=jobs, shutdown_graceful_timeout=10)
    return 0
