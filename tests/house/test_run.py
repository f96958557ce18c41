"""`lianban run`, for real: one process owns everything, and leaves nothing behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from lianban.ops import tether

LONG = 90.0  # seconds: a limit for a machine under load, not a promise

Run = Callable[..., "subprocess.Popen[bytes]"]
#: The demonstration city without people: it is there in a moment.
SMALL = {"LIANBAN_DEMO": "1", "LIANBAN_DEMO_PEOPLE": "0"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder whose socket path is too long for its own folder.

    It is not below pytest's own: another run shuts that to the user that runs the database.
    """
    own = Path(tempfile.mkdtemp(dir=os.environ["LIANBAN_TEST_FOLDER"]))
    yield own / ("long-" * 20) / "var"
    shutil.rmtree(own)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def run(folder: Path, port: int) -> Iterator[Run]:
    started = []

    def start(**more: str) -> "subprocess.Popen[bytes]":
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("LIANBAN_")
        }
        environment.pop("DATABASE_URL")
        environment |= {"LIANBAN_DATA_DIR": str(folder), "LIANBAN_PORT": str(port)}
        environment |= {"LIANBAN_DEMO": "0"} | more
        process = subprocess.Popen(
            [sys.executable, "-m", "lianban.ops.main", "run"], env=environment
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(LONG)


def until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < limit, "waited too long"
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(json.load(answer)["database"] == "ok")
    except OSError:
        return False


def simulated(port: int) -> bool:
    """Whether a simulated system answers; it refuses us, since we sign nothing."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/public_security/book", timeout=5)
    except urllib.error.HTTPError as refusal:
        return refusal.code == 401
    except OSError:
        return False
    return False


def processes(folder: Path, *, words: bytes) -> list[int]:
    """The processes of a folder whose command line has these words."""
    found = []
    for process in tether.marked(str(folder)):
        with suppress(OSError):
            if words in Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" "):
                found.append(process)
    return found


def postmaster(folder: Path) -> int:
    """Return the process of the database server, 0 while there is none."""
    try:
        return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    except (OSError, IndexError):
        return 0


def nothing_runs(folder: Path) -> bool:
    return not tether.marked(str(folder)) and not (folder / "postgres" / "postmaster.pid").exists()


def test_a_killed_supervisor_takes_everything_with_it_and_the_next_one_starts(
    run: Run, folder: Path, port: int
) -> None:
    first = run()
    until(lambda: answers(port))
    first.kill()
    first.wait()
    until(lambda: nothing_runs(folder))
    second = run()
    until(lambda: answers(port))
    second.terminate()
    assert second.wait(LONG) == 0
    assert nothing_runs(folder)


def test_what_a_power_cut_leaves_is_cleared_and_a_dead_database_comes_back(
    run: Run, folder: Path, port: int
) -> None:
    first = run()
    until(lambda: answers(port))
    server = postmaster(folder)
    for process in (first.pid, server, *tether.marked(str(folder))):
        os.kill(process, signal.SIGKILL)
    first.wait()
    assert (folder / "postgres" / "postmaster.pid").exists()
    run()
    until(lambda: answers(port))
    killed = postmaster(folder)
    os.kill(killed, signal.SIGKILL)
    until(lambda: postmaster(folder) not in {0, killed} and answers(port))


def test_a_first_start_that_was_broken_off_is_made_up_for(
    run: Run, folder: Path, port: int
) -> None:
    first = run()
    until(lambda: (folder / "postgres.making" / "PG_VERSION").exists())
    first.kill()
    first.wait()
    run()
    until(lambda: answers(port))
    assert not (folder / "postgres.making").exists()


def test_a_second_supervisor_leaves_the_first_alone(run: Run, folder: Path, port: int) -> None:
    run()
    until(lambda: answers(port))
    assert run().wait(LONG) == 1
    assert answers(port)


def test_simulated_systems_run_with_the_demonstration_come_back_and_end_with_it(
    run: Run, folder: Path, port: int
) -> None:
    theirs = free_port()
    first = run(**SMALL, LIANBAN_SIMULATORS_PORT=str(theirs))
    until(lambda: answers(port) and simulated(theirs))
    killed = processes(folder, words=b"-m simulators ")
    assert len(killed) == 1
    os.kill(killed[0], signal.SIGKILL)
    until(lambda: simulated(theirs) and processes(folder, words=b"-m simulators ") != killed)
    first.kill()
    first.wait()
    until(lambda: nothing_runs(folder))
    keys = list((folder / "simulators" / "keys").iterdir())
    assert keys and all(key.stat().st_mode & 0o777 == 0o600 for key in keys)


def test_a_port_that_simulated_systems_cannot_have_is_named_with_its_setting(
    run: Run, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = run(**SMALL, LIANBAN_SIMULATORS_PORT=str(taken.getsockname()[1]))
        assert process.wait(LONG) == 1
    assert "LIANBAN_SIMULATORS_PORT" in capfd.readouterr().out
    assert nothing_runs(folder)
