"""`lianban run`: one process owns database, web and worker, and ends with all of them.

A data folder has one supervisor, which holds a lock that the kernel releases when it dies. What
it starts carries the folder's mark, dies with it, and is cleared by the next start if it did not.
"""

import argparse
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TextIO

from lianban.ops import environment, postgres, tether
from lianban.ops.command import Commands

READY_SECONDS = 60.0
STOP_SECONDS = 15.0
RESTARTS = 5  # within RESTART_WINDOW_SECONDS; more, and everything stops
RESTART_WINDOW_SECONDS = 60.0
LOCK = "supervisor.lock"


class Stopped(Exception):
    """Somebody asked for the end."""


class Failed(Exception):
    """A part could not be started or kept; the message says which."""


def register(subparsers: Commands) -> None:
    """Add `run`."""
    parser = subparsers.add_parser(
        "run", help="start database, web and worker, and keep them running", description=__doc__
    )
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the process that called this ends"
    )
    parser.set_defaults(act=run)


def run(options: argparse.Namespace) -> int:
    """Start everything, keep it running until told to stop, stop everything."""
    if options.with_parent:
        tether.die_with_parent(signal.SIGTERM, parent=os.getppid())
    folder = environment.data_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a+") as lock:
        if not _is_ours(lock):
            lock.seek(0)
            _say(f"Already running ({lock.read().strip()}). To stop it: lianban stop")
            return 1
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, _stop)
        house = House(folder=folder)
        try:
            house.open()
            house.keep()
        except Stopped:
            _say("Stopping …")
        except (Failed, postgres.Failed) as failure:
            _say(f"lianban run: {failure}")
            return 1
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            house.close()
    return 0


class House:
    """Everything that one supervisor runs on one data folder."""

    def __init__(self, *, folder: Path) -> None:
        self.folder = folder
        self.environment = dict(os.environ) | {tether.MARK: str(folder)}
        if _has_simulators() and not environment.text("LIANBAN_PUBLIC_ADDRESS"):
            here = f"http://127.0.0.1:{environment.port()}"
            self.environment.setdefault("LIANBAN_EXCHANGE_ADDRESS", here)
        self.server: postgres.Server | None = None
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths: list[float] = []

    def open(self) -> None:
        """Clear what an earlier run left, and start. Raises Failed."""
        self._clear_leftovers()
        self._refuse_taken_ports()
        if not environment.text("DATABASE_URL"):
            self._start_database()
        self._finish("migrate")
        if _has_demo():
            self._finish("demo", "load", "--if-empty")
        self._start("serve")
        self._start("worker")
        if _has_simulators():
            self._start("simulators")
        self._wait_until_answering()
        _say(f"Lianban answers at http://localhost:{environment.port()}/  (Ctrl-C stops it)")
        if _has_demo():
            self._finish("demo", "accounts")

    def keep(self) -> None:
        """Start again what dies. Raises Failed where that does not help."""
        while True:
            self._tend()
            time.sleep(0.5)

    def _tend(self) -> None:
        if self.server and not self.server.is_running():
            self._count_death("PostgreSQL")
            self.server.start()
        for name, child in list(self.children.items()):
            if child.poll() is not None:
                tether.kill_session(child.pid)
                self._count_death(name)
                self._start(name)

    def close(self) -> None:
        """Stop everything, the database last."""
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        for child in self.children.values():
            tether.end(child, seconds=STOP_SECONDS)
        if self.server:
            self.server.stop()

    def _start_database(self) -> None:
        self.server = postgres.Server(folder=self.folder / "postgres")
        self.server.start()
        self.environment["DATABASE_URL"] = self.server.url()

    def _clear_leftovers(self) -> None:
        for process in tether.marked(str(self.folder)):
            os.kill(process, signal.SIGKILL)
            tether.wait_until_gone(process, seconds=STOP_SECONDS)

    def _refuse_taken_ports(self) -> None:
        host = environment.text("LIANBAN_HOST", default="127.0.0.1")
        _refuse_taken_port(host, environment.port(), variable="LIANBAN_PORT")
        if _has_simulators():
            port, variable = environment.simulators_port(), "LIANBAN_SIMULATORS_PORT"
            _refuse_taken_port("127.0.0.1", port, variable=variable)

    def _finish(self, *words: str) -> None:
        child = self._child(*words)
        self.children[words[0]] = child
        if child.wait() != 0:
            raise Failed(f"`lianban {' '.join(words)}` failed with {child.returncode}.")
        del self.children[words[0]]

    def _start(self, name: str) -> None:
        self.children[name] = self._child(name)

    def _child(self, *words: str) -> "subprocess.Popen[bytes]":
        return tether.start(
            [sys.executable, "-m", "lianban.ops.main", *words],
            # granian must end its own processes; the others have nobody left to finish for
            on_death=signal.SIGTERM if words[0] == "serve" else signal.SIGKILL,
            env=self.environment,
        )

    def _count_death(self, name: str) -> None:
        now = time.monotonic()
        self.deaths = [at for at in self.deaths if now - at < RESTART_WINDOW_SECONDS] + [now]
        if len(self.deaths) > RESTARTS:
            raise Failed(f"{name} ends again and again; see the messages above.")
        _say(f"{name} ended; starting it again.")

    def _wait_until_answering(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while not _answers():
            self._tend()
            if time.monotonic() > until:
                raise Failed(f"no answer from the pages after {READY_SECONDS:.0f} s.")
            time.sleep(0.1)


def _refuse_taken_port(host: str, port: int, *, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise Failed(
                f"port {port} cannot be had ({taken.strerror}): "
                f"stop what uses it, or choose another with {variable}."
            ) from taken


def _answers() -> bool:
    url = f"http://localhost:{environment.port()}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(json.load(answer)["database"] == "ok")
    except (OSError, ValueError):
        return False


def _is_ours(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    lock.truncate(0)
    lock.write(f"process {os.getpid()}, http://localhost:{environment.port()}/\n")
    lock.flush()
    return True


def is_running(*, folder: Path) -> bool:
    """Return whether a living supervisor holds the data folder."""
    try:
        with (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _has_demo() -> bool:
    wanted = environment.flag("LIANBAN_DEMO", default=not environment.is_production())
    return wanted and find_spec("lianban.ops.demo") is not None


def _has_simulators() -> bool:
    return _has_demo() and environment.has_simulators() and find_spec("simulators") is not None


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _say(text: str) -> None:
    print(text, flush=True)
