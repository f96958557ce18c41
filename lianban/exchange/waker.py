"""Waking the relay: one job a partner, and never two that wait."""

import time
from collections.abc import Iterable

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from lianban.exchange.models import PartnerRecord

TASK = "lianban.ops.exchange_jobs.relay"
#: The version of the job's arguments: a worker that does not know it leaves the job to a newer one.
VERSION = 1
_REMEMBERED_SECONDS = 10.0


class _Known:
    """The partners as they were a moment ago, so that a city without systems asks for nothing."""

    codes: frozenset[str] = frozenset()
    until = 0.0


def wake(codes: Iterable[str], *, in_seconds: int = 0) -> None:
    """Let the relay look after these partners, as far as there are such."""
    for code in sorted(_pushed_to().intersection(codes)):
        lock = f"relay:{code}"
        schedule = {"seconds": in_seconds} if in_seconds else None
        job = app.configure_task(TASK, lock=lock, queueing_lock=lock, schedule_in=schedule)
        try:
            job.defer(partner=code, version=VERSION)
        except AlreadyEnqueued:
            continue


def _pushed_to() -> frozenset[str]:
    if time.monotonic() > _Known.until:
        rows = PartnerRecord.objects.filter(mode=PartnerRecord.Mode.PUSH)
        _Known.codes = frozenset(rows.values_list("code", flat=True))
        _Known.until = time.monotonic() + _REMEMBERED_SECONDS
    return _Known.codes


def forget() -> None:
    """Ask again who the partners are: somebody was connected."""
    _Known.until = 0.0
