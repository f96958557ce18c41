"""The background work: rules that fall due, and jobs whose worker died."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.db import SessionStore
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status

from lianban.accounts import services as accounts
from lianban.cases.services import due, file_checks, roster, visits
from lianban.clock import now
from lianban.ops import environment


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="pass_time", pass_context=False)
def pass_time(timestamp: int) -> None:
    """Apply the rules that fell due, every five minutes."""
    due.pass_time(at=now())
    visits.pass_by(at=now())


@app.periodic(cron="* * * * * */20")
@app.task(queueing_lock="rescue", pass_context=True)
async def rescue_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Put jobs of dead workers back; procrastinate leaves them `doing` for ever otherwise."""
    await take_over(context.app.job_manager, silent=environment.worker_silent_seconds())


async def take_over(manager: Any, *, silent: float) -> None:
    """Put back what workers hold that have not been heard of for so many seconds.

    Where the same work waits already (its queueing lock says so), the dead worker's job goes:
    otherwise it would keep its lock, and what waits could never begin.
    """
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=silent):
        with suppress(ConnectorException):  # it has ended, or another worker was quicker
            try:
                await manager.retry_job(job)
            except UniqueViolation:
                await manager.finish_job(job, Status.FAILED, delete_job=True)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="check_files", pass_context=False)
def check_files(timestamp: int) -> None:
    """Ask the scanner again about files that it could not look at, every minute."""
    file_checks.again(at=now())


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Delete sign-in codes, counted tries and sessions that ended, every hour."""
    accounts.sweep(at=now())
    SessionStore.clear_expired()


@app.task(pass_context=False, retry=RetryStrategy(max_attempts=5, wait=5))
def work_on_roster(roster_id: str) -> None:
    """Check a roster, or take it in, from where it stands; it survives a worker that dies."""
    roster.work(roster_id=UUID(roster_id), now=now)
