"""Waking the relay: one job a partner, and never two that wait."""

import time
from collections.abc import Iterable
from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.types import JSONValue

from lianban.exchange.models import PartnerRecord

TASK = "lianban.ops.exchange_jobs.relay"
#: The version of the job's arguments: a worker that does not know it leaves the job to a newer one.
VERSION = 1
_NEWER_SECONDS = 30
_REMEMBERED_SECONDS = 10.0


class _Known:
    """The partners as they were a moment ago, so that a city without systems asks for nothing."""

    codes: frozenset[str] = frozenset()
    until = 0.0


def wake(codes: Iterable[str], *, in_seconds: int = 0) -> None:
    """Let the relay look after these partners, as far as there are such."""
    for code in sorted(_pushed_to().intersection(codes)):
        _defer(code, in_seconds, {"version": VERSION})


def put_back(code: str, **arguments: JSONValue) -> None:
    """Leave a job that this version does not know to a worker of a newer one, with all it says."""
    _defer(code, _NEWER_SECONDS, arguments)


def _defer(code: str, in_seconds: int, arguments: dict[str, JSONValue]) -> None:
    lock = f"relay:{code}"
    schedule = {"seconds": in_seconds} if in_seconds else None
    job = app.configure_task(TASK, lock=lock, queueing_lock=lock, schedule_in=schedule)
    with suppress(AlreadyEnqueued):
        job.defer(partner=code, **arguments)


def _pushed_to() -> frozenset[str]:
    if time.monotonic() > _Known.until:
        rows = PartnerRecord.objects.filter(mode=PartnerRecord.Mode.PUSH)
        _Known.codes = frozenset(rows.values_list("code", flat=True))
        _Known.until = time.monotonic() + _REMEMBERED_SECONDS
    return _Known.codes


def forget() -> None:
    """Ask again who the partners are: somebody was connected."""
    _Known.until = 0.0
