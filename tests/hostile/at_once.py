"""Really at once: everybody is held back at the same table until all of them stand before it."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, connections, transaction
from django.http import HttpResponse

from lianban.cases import verify

_PATIENCE_SECONDS = 8.0


def race(table: str, *acts: Callable[[], Any], until_done: bool = False) -> list[Any]:
    """Run each act in a thread of its own; none can write to `table` before all of them wait.

    Returns what each act returned or raised, in order. Reading the table is possible meanwhile, so
    that everybody sees the state before the others' writes. With `until_done` the table stays
    locked until every act has given up.
    """
    found: list[Any] = [None] * len(acts)
    threads = [
        threading.Thread(target=_run, args=(act, found, place)) for place, act in enumerate(acts)
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'LOCK TABLE "{table}" IN SHARE MODE')
        for thread in threads:
            thread.start()
        _wait_until_all_wait(cursor, threads)
        for thread in threads if until_done else ():
            thread.join(30)
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return found


def _run(act: Callable[[], Any], found: list[Any], place: int) -> None:
    try:
        found[place] = act()
    except Exception as error:  # the test looks at it
        found[place] = error
    finally:
        connections.close_all()


def _wait_until_all_wait(cursor: Any, threads: list[threading.Thread]) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        waiting = cursor.fetchone()[0]
        if waiting >= sum(thread.is_alive() for thread in threads):
            return
        time.sleep(0.02)


def statuses(answers: list[Any]) -> list[int]:
    """The status of each answer, sorted; whatever was raised is raised here."""
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    assert all(isinstance(answer, HttpResponse) for answer in answers)
    return sorted(answer.status_code for answer in answers)


def the_journal_holds() -> bool:
    """Whether journal and rows agree on every case."""
    return list(verify.problems()) == []
