"""Fault 86 (the numbering of the faults that this product must survive): a clock that is not the database's."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from procrastinate.contrib.django import app
from structlog.testing import capture_logs

from lianban import clock
from lianban.exchange.models import ClockRecord
from lianban.exchange.watching import clocks
from lianban.ops import exchange_jobs, worker
from tests.services.cast import City
from tests.web.bureau import desk

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
_real = clock.now


def jumped(by: timedelta) -> Any:
    return lambda: _real() + by


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    with capture_logs() as entries:
        yield entries


@pytest.mark.parametrize(
    ("by", "is_off"),
    [(timedelta(), False), (timedelta(seconds=1), False), (timedelta(seconds=-1), False),
     (timedelta(seconds=30), True), (-HOUR, True), (HOUR, True), (timedelta(days=-1), True),
     (timedelta(days=40), True)],
)  # fmt: skip
def test_a_clock_off_by_more_than_two_seconds_is_told_either_way(
    logged: list[Any], by: timedelta, is_off: bool
) -> None:
    found = clocks.tell(clocks.WORKER, now=jumped(by))
    assert found.is_off is is_off and abs(found.ahead - by) <= found.unsure + timedelta(seconds=1)
    assert [entry["event"] for entry in logged] == (["clock.off"] if is_off else [])
    if is_off:
        assert abs(logged[0]["seconds_ahead"] - by.total_seconds()) < 5


def test_what_a_slow_answer_may_explain_is_no_fault_of_the_clock() -> None:
    slow = timedelta(seconds=8)
    assert not clocks.Clock("worker", timedelta(seconds=9), unsure=slow).is_off
    assert clocks.Clock("worker", timedelta(seconds=-11), unsure=slow).is_off


def test_the_worker_compares_its_clock_when_it_starts_and_every_minute(
    monkeypatch: pytest.MonkeyPatch, logged: list[Any]
) -> None:
    began: list[int] = []

    async def taking(jobs: int) -> None:
        began.append(jobs)

    monkeypatch.setattr(worker, "_work", taking)
    monkeypatch.setattr(worker, "now", jumped(HOUR))
    assert worker.work(None) == 0 and len(began) == 1  # type: ignore[arg-type]
    monkeypatch.setattr(exchange_jobs, "now", jumped(-HOUR))
    exchange_jobs.compare_clocks(0)
    assert [round(entry["seconds_ahead"] / 60) for entry in logged] == [60, -60]
    app.perform_import_paths()
    periods = {one.task.name: one.cron for one in app.periodic_registry.periodic_tasks.values()}
    assert periods["lianban.ops.exchange_jobs.compare_clocks"] == "* * * * *"


def test_the_house_says_that_its_clock_is_off_and_goes_on_serving(
    client: Client, monkeypatch: pytest.MonkeyPatch, logged: list[Any]
) -> None:
    assert client.get("/healthz").json()["clock"] == "ok" and not logged
    monkeypatch.setattr(clock, "now", jumped(-HOUR))
    answer = client.get("/healthz")
    said = answer.json()
    assert (answer.status_code, said["database"], said["clock"]) == (200, "ok", "off")
    assert round(said["clock_seconds_ahead"] / 60) == -60
    assert [entry["event"] for entry in logged] == ["clock.off"]


def test_the_bureau_sees_which_clock_is_off_and_a_workers_only_while_it_is_fresh(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    officer = desk.browser(City().build())
    page = "/bureau/exchange/"
    assert "的时钟比数据库" not in officer.get(page).content.decode()
    behind = clocks.tell(clocks.WORKER, now=jumped(timedelta(seconds=-30)))
    assert f"{behind.place} 的时钟比数据库慢 30 秒" in officer.get(page).content.decode()
    ClockRecord.objects.update(at=F("at") - timedelta(minutes=11))
    assert "的时钟比数据库" not in officer.get(page).content.decode()
    monkeypatch.setattr(clock, "now", jumped(HOUR / 6))
    assert "的时钟比数据库快 10 分钟" in officer.get(page).content.decode()
