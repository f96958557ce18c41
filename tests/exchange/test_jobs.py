"""The jobs that wake the relay: a dead worker's are taken over, a newer version's are put back."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from lianban.exchange import waker
from lianban.ops import exchange_jobs, jobs
from tests.exchange import partner as p

pytestmark = pytest.mark.django_db(transaction=True)
SILENT = 40.0


@pytest.fixture(autouse=True)
def police(db: None) -> Any:
    app.perform_import_paths()
    p.connect("public_security", "http://127.0.0.1:9")
    p.connect("armed_forces", "http://127.0.0.1:9")
    waker.forget()
    empty()
    yield
    waker.forget()
    empty()


def empty() -> None:
    """The queue's tables are not Django's: the test runner leaves them as they are."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def held(*, seconds_ago: int) -> None:
    """Let every waiting job be held by a worker that was heard of so many seconds ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - make_interval(secs => %s)) RETURNING id",
            [seconds_ago],
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE status = 'todo'",
            cursor.fetchone(),
        )


def take_over() -> None:
    async_to_sync(jobs.take_over)(app.job_manager, silent=SILENT)


def standing() -> list[tuple[str, str]]:
    rows = ProcrastinateJob.objects.order_by("lock", "status")
    return [(row.lock or "", row.status) for row in rows]


def test_the_job_of_a_worker_that_was_killed_is_taken_over_and_a_living_ones_is_not() -> None:
    waker.wake(["armed_forces"])
    held(seconds_ago=int(SILENT) + 5)
    waker.wake(["public_security"])
    held(seconds_ago=int(SILENT) - 5)
    take_over()
    assert standing() == [("relay:armed_forces", "todo"), ("relay:public_security", "doing")]


def test_where_the_same_work_waits_already_a_dead_workers_job_does_not_stand_in_its_way() -> None:
    waker.wake(["armed_forces", "public_security"])
    held(seconds_ago=int(SILENT) + 5)
    waker.wake(["armed_forces"])
    assert ("relay:armed_forces", "doing") in standing()
    take_over()
    assert standing() == [("relay:armed_forces", "todo"), ("relay:public_security", "todo")]


def test_a_job_of_a_later_version_is_put_back_as_it_is_and_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange_jobs.relay, "drain", lambda *_, **__: pytest.fail("sent"))
    later = {"version": waker.VERSION + 1, "unheard_of": ["something"]}
    exchange_jobs.send("armed_forces", **later)
    exchange_jobs.send("armed_forces", **later)
    job = ProcrastinateJob.objects.get()
    assert job.args == {"partner": "armed_forces", **later}
    assert (job.status, job.task_name, job.scheduled_at is None) == ("todo", waker.TASK, False)


def test_the_relays_round_and_the_rescue_come_several_times_a_minute() -> None:
    """The seconds are the last of six fields: as the first, they would be minutes."""
    found = {one.task.name: one.croniter for one in app.periodic_registry.periodic_tasks.values()}
    for name, seconds in [("exchange_jobs.relay_round", 10), ("jobs.rescue_stalled_jobs", 20)]:
        rounds = found[f"lianban.ops.{name}"]
        rounds.set_current(1_795_000_000.5)
        first, second = rounds.get_next(float), rounds.get_next(float)
        assert second - first == seconds
