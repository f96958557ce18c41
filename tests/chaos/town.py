"""Everything that runs in the chaos test, and the keeper that starts again what dies."""

import os
import random
import signal
import sqlite3
import sys
import time
from contextlib import closing
from subprocess import Popen
from typing import Any

import psycopg

from lianban.ops import tether
from tests.chaos import fate
from tests.chaos.plan import PARTNERS, POLICY, Plan

#: Departments work this many times faster than at speed 1: ten minutes are three seconds.
SPEED = 200
CHAOS = "mild=0.1"
PATIENCE = 120.0
SECONDS = {
    "LIANBAN_EXCHANGE_LADDER_SCALE": "0.005",
    "LIANBAN_EXCHANGE_TIMEOUT_SECONDS": "1",
    "LIANBAN_EXCHANGE_LEASE_SECONDS": "3",
    "LIANBAN_WORKER_SILENT_SECONDS": "2",
}


class Town:
    """The processes of one run. Each writes what it says to a file of its own."""

    def __init__(self, plan: Plan, *, database: str, port: int) -> None:
        self.plan, self.database, self.port = plan, database, port
        self.running: dict[str, Popen[bytes]] = {}
        self._dies_at: dict[str, float] = {}
        self.is_storm = True
        self._ready = 0
        plan_file = plan.write()
        own = {key: value for key, value in os.environ.items() if not key.startswith("LIANBAN_")}
        self.environment = own | SECONDS | {
            "DATABASE_URL": database,
            "LIANBAN_CHAOS_PLAN": str(plan_file),
            "LIANBAN_DATA_DIR": str(plan.folder / "data"),
            "LIANBAN_POLICY_DIR": str(POLICY),
            "LIANBAN_EXCHANGE_ADDRESS": f"http://127.0.0.1:{port}",
            "LIANBAN_DEMO": "0",
            "LIANBAN_DB_POOL": "14",
            "DJANGO_SETTINGS_MODULE": "lianban.config.settings",
        }  # fmt: skip

    # What runs --------------------------------------------------------------------------------

    def command(self, name: str) -> list[str]:
        """How a process is started."""
        python = sys.executable
        if name == "web":
            return [
                *(python, "-m", "granian", "tests.chaos.door:application", "--interface", "wsgi"),
                *("--no-ws", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"),
                *("--blocking-threads", "4", "--respawn-failed-workers", "--log-level", "error"),
            ]
        if name == "simulators":
            config, seed = str(self.plan.folder / "simulators.json"), str(self.plan.seed)
            return [
                *(python, "-m", "simulators", config, "--speed", str(SPEED), "--seed", seed),
                *(["--chaos", CHAOS, "--slow-seconds", "1.5"] if self.is_storm else []),
            ]
        return [python, "-m", "tests.chaos.lives", name]

    def start(self, name: str) -> None:
        """Start a process."""
        self.running[name] = tether.start(
            self.command(name),
            on_death=signal.SIGKILL,
            env=self.environment,
            log=self.plan.folder / f"{name}.log",
        )

    def tend(self) -> None:
        """Start again what died, and let die what is to die."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                tether.kill_session(process.pid)
                self.start(name)
        self._strike("web", most=self.plan.lives["killed_web"])
        self._strike("simulators", most=self.plan.lives["simulators"])

    def _strike(self, name: str, *, most: int) -> None:
        """Kill a whole process, children and all, at a random moment."""
        dice = random.Random(f"{self.plan.seed}/{name}/{self._struck(name)}")
        if self._struck(name) >= most or name not in self.running:
            return
        now = time.monotonic()
        if now < self._dies_at.setdefault(name, now + dice.uniform(2, 7)):
            return
        del self._dies_at[name]
        with self.plan.deaths.open("a") as log:
            log.write(f"{name}-whole {self._struck(name)} {fate.RANDOM}\n")
        tether.kill_session(self.running[name].pid)
        self.running[name].wait()
        self.start(name)

    def _struck(self, name: str) -> int:
        return sum(line.startswith(f"{name}-whole ") for line in self.deaths())

    def deaths(self) -> list[str]:
        """Who died where."""
        return self.plan.deaths.read_text().splitlines() if self.plan.deaths.exists() else []

    def begin(self) -> None:
        """Start everything; the departments first, so that their memories are there."""
        self.start("simulators")
        self.wait_for_simulators()
        for name in ("web", "worker-a", "worker-b", "clerk"):
            self.start(name)

    def wait_for_simulators(self) -> None:
        """Wait until they answer."""
        log = self.plan.folder / "simulators.log"
        until = time.monotonic() + PATIENCE
        begun = self._ready
        while log.read_text().count("ready ") <= begun:
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        self._ready = log.read_text().count("ready ")

    def calm(self) -> None:
        """Stop everybody, and let the departments answer honestly, for the books to be read."""
        self._ready = (self.plan.folder / "simulators.log").read_text().count("ready ")
        self.stop()
        self.is_storm = False
        self.start("simulators")
        self.wait_for_simulators()

    def run(self, who: str) -> None:
        """Do something to its end: `prepare`, `judge`."""
        log = self.plan.folder / f"{who}.log"
        process = tether.start(
            self.command(who), on_death=signal.SIGKILL, env=self.environment, log=log
        )
        assert process.wait() == 0, log.read_text()

    def stop(self) -> None:
        """Kill all that is left."""
        for process in self.running.values():
            tether.kill_session(process.pid)
            process.wait()
        self.running.clear()

    # Where it stands --------------------------------------------------------------------------

    def is_done(self) -> bool:
        """Whether everything is handed in, sent, answered and taken."""
        if not self.plan.is_handed_in.exists():
            return False
        return not any(self.left().values())

    def left(self) -> dict[str, int]:
        """What is still on its way: out, waiting for its turn, and what systems have yet to say."""
        with psycopg.connect(self.database) as connection:
            out = _one(
                connection, "SELECT count(*) FROM outbox_outboxmessage WHERE state='pending'"
            )
            parked = _one(
                connection, "SELECT count(*) FROM exchange_inboxmessage WHERE state = 'parked'"
            )
            returned = _one(
                connection,
                "SELECT count(*) FROM cases_subcaserecord WHERE state = 'ready' AND number > 1",
            )
        to_say = sum(
            memory(self.plan, code, "SELECT count(*) FROM steps WHERE done_at IS NULL")[0][0]
            for code in PARTNERS
        )
        return {"out": out, "parked": parked, "to_say": to_say, "returned": returned}


def _one(connection: Any, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


def memory(plan: Plan, code: str, sql: str) -> list[tuple[Any, ...]]:
    """Read a department's own memory."""
    file = plan.folder / "memory" / f"{code}.sqlite3"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as database:
        return list(database.execute(sql))
