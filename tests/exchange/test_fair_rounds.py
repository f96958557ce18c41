"""No partner with thousands of due messages keeps a worker from the others."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from lianban.exchange import relay, waker
from lianban.ops import exchange_jobs
from lianban.outbox.models import OutboxMessage
from tests.exchange import partner as p
from tests.exchange.test_jobs import empty
from tests.exchange.test_relay import START, State, city, connected, handed_in, rows, system
from tests.services.cast import City

__all__ = ["city", "system"]  # the ground of those tests
pytestmark = pytest.mark.django_db(transaction=True)
MANY, FEW = "public_security", "armed_forces"
MOST = 2


@pytest.fixture(autouse=True)
def queue(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty queue, and rounds of two messages."""
    load: Any = app.perform_import_paths
    load()
    monkeypatch.setattr(exchange_jobs, "now", lambda: START)
    monkeypatch.setattr(relay, "MOST_A_ROUND", MOST)
    waker.forget()
    empty()
    yield
    waker.forget()
    empty()


def next_job() -> str:
    """Let the only worker take the next job that is due, and do it; whose it was."""
    manager = app.job_manager
    worker = async_to_sync(manager.register_worker)()
    job = async_to_sync(manager.fetch_job)(None, worker)
    if job is None:
        return ""
    said = ProcrastinateJob.objects.get(id=job.id).args
    exchange_jobs.send(**said)
    async_to_sync(manager.finish_job)(job, Status.SUCCEEDED, delete_job=True)
    return str(said["partner"])


def pending(code: str) -> int:
    return int(rows(code).filter(state=State.PENDING).count())


def test_who_waits_behind_a_partner_with_more_than_a_round_holds_is_next(
    city: City, system: p.System
) -> None:
    connected(system, p.Clock(START), MANY, FEW)
    waker.forget()
    handed_in(city, 2)
    empty()
    many, few = pending(MANY), pending(FEW)
    assert few <= MOST < many
    waker.wake([MANY])
    for _ in range(3):
        waker.wake([FEW])
        waker.wake([MANY])
    assert ProcrastinateJob.objects.count() == 2, "however often they are woken"
    assert next_job() == MANY
    assert (pending(MANY), pending(FEW)) == (many - MOST, few)
    assert next_job() == FEW
    assert (pending(MANY), pending(FEW)) == (many - MOST, 0)


def test_what_a_round_left_goes_in_later_rounds_in_order_until_nothing_is_left(
    city: City, system: p.System
) -> None:
    connected(system, p.Clock(START), MANY)
    waker.forget()
    cases = handed_in(city, 2)
    empty()
    waker.wake([MANY])
    rounds, many = 0, pending(MANY)
    while pending(MANY):
        assert next_job() == MANY and rounds <= many // MOST
        rounds += 1
        left = ProcrastinateJob.objects.filter(lock=f"relay:{MANY}")
        assert left.count() == bool(pending(MANY)), "one that waits, or none"
        left.update(scheduled_at=None)  # the pause between rounds is over
    assert rounds == -(-many // MOST)
    came = [message["id"] for message in system.arrived]
    for case_id in cases:
        sent = rows(MANY).filter(case_id=case_id).values_list("message_id", flat=True)
        assert [name for name in came if UUID(name) in sent] == [str(name) for name in sent]
    assert not OutboxMessage.objects.filter(department=MANY).exclude(state=State.SENT).exists()
