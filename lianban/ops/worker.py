"""`lianban worker`: the background work, by procrastinate, in this process."""

import argparse
import asyncio
from concurrent.futures import ThreadPoolExecutor

from procrastinate.contrib.django import app, django_connector

from lianban.clock import now
from lianban.exchange.watching import clocks
from lianban.ops import environment
from lianban.ops.command import Commands


def register(subparsers: Commands) -> None:
    """Add `worker`."""
    parser = subparsers.add_parser("worker", help="do the background work", description=__doc__)
    parser.set_defaults(act=work)


def work(_options: argparse.Namespace) -> int:
    """Take jobs until told to stop; a running job is finished first."""
    clocks.tell(clocks.WORKER, now=now)
    asyncio.run(_work(environment.number("LIANBAN_WORKER_JOBS", default=12, least=1)))
    return 0


async def _work(jobs: int) -> None:
    """Give each job a thread of its own: a partner that is slow to answer keeps one for a while."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(jobs))
    connector = app.connector
    assert isinstance(connector, django_connector.DjangoConnector)
    silent = environment.worker_silent_seconds()
    with app.replace_connector(connector.get_worker_connector()):
        async with app.open_async():
            await app.run_worker_async(
                concurrency=jobs,
                shutdown_graceful_timeout=10,
                delete_jobs="successful",
                update_heartbeat_interval=silent / 4,
                stalled_worker_timeout=silent,
            )
