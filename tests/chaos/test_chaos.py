"""The storm: everything fails and is killed, and in the end nothing is lost and nothing came twice.

    pytest tests/chaos                                    what the suite does
    CHAOS_SUB_CASES=5000 CHAOS_SEED=7 pytest -s tests/chaos    more, and otherwise
    CHAOS_SECONDS=3600                                    how long it may take at most

Departments' systems are chaos twins (`simulators.chaos`, group `mild`). The web server, two workers,
the clerk who hands cases in, and the simulators are killed by SIGKILL, at random and at the points
named in `fate`; a keeper starts them again. How fast it goes is printed, and asserted nowhere.
"""

import contextlib
import json
import math
import os
import secrets
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.chaos import judge
from tests.chaos.plan import PARTNERS, Plan
from tests.chaos.town import Town

SUB_CASES = int(os.environ.get("CHAOS_SUB_CASES", "1000"))
SECONDS = float(os.environ.get("CHAOS_SECONDS", "600"))
SEED = int(os.environ.get("CHAOS_SEED", "20260903"))
#: Lives that end badly, for each thousand sub-cases.
LIVES = {"worker-a": 5, "worker-b": 5, "web": 2, "clerk": 3, "killed_web": 1, "simulators": 3}


@pytest.fixture
def database(django_db_modify_db_settings: None) -> Iterator[str]:
    """A database of its own on the run's server."""
    server, name = os.environ["DATABASE_URL"], f"chaos_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    """Everything that is to run, prepared and not yet begun."""
    plan = Plan(
        folder=tmp_path,
        seed=SEED,
        cases=math.ceil(SUB_CASES / len(PARTNERS)),
        lives={who: math.ceil(lives * SUB_CASES / 1000) for who, lives in LIVES.items()},
        simulators_port=free_port(),
    )
    made = Town(plan, database=database, port=free_port())
    made.run("prepare")
    yield made
    made.stop()


def free_port() -> int:
    """A port that nobody uses, below those that the system hands out for calls of its own."""
    while True:
        port = secrets.choice(range(20_000, 32_000))
        with socket.socket() as trial, contextlib.suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port


def test_nothing_is_lost_and_nothing_comes_twice_whoever_is_killed(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    town.begin()
    while not town.is_done():
        town.tend()
        if time.monotonic() - began > SECONDS:
            break
        time.sleep(0.5)
    left, took = town.left(), time.monotonic() - began
    town.calm()
    town.run("judge")
    said = json.loads((town.plan.folder / "commands.json").read_text())
    found = list(judge.problems(town))
    with capsys.disabled():
        sys.stdout.write(_told(town, took, said))
    if any(left.values()) or found:
        listed = "\n".join(found[:40])
        pytest.fail(f"left: {left}\n{len(found)} problems\n{listed}\n{judge.standing(town)}")
    assert [one["code"] for one in said.values()] == [0, 0, 0], said


def _told(town: Town, took: float, said: dict[str, dict[str, object]]) -> str:
    """What is printed in any case."""
    deaths = Counter(tuple(line.split()[::2]) for line in town.deaths())
    lines = [
        f"\nchaos: seed {town.plan.seed}, {town.plan.sub_cases} sub-cases, {took:.1f} s, "
        f"{deaths.total()} deaths",
        *(f"  {who} {point}: {count}" for (who, point), count in sorted(deaths.items())),
        f"  lianban exchange counts: {json.dumps(said['counts']['said']['total'])}",  # type: ignore[index]
    ]
    return "\n".join(lines) + "\n"
