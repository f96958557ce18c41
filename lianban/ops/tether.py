"""Processes that end with the one that started them, and finding those that did not.

Linux only: the kernel's parent-death signal, and /proc.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

MARK = "LIANBAN_SUPERVISED"
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: int, *, parent: int) -> None:
    """Ask the kernel for signal `number` when `parent`, our parent, is gone.

    Call it after a change of user, which clears the request.
    """
    _libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it went before we asked
        os.kill(os.getpid(), number)


def start(
    command: Sequence[str],
    *,
    on_death: signal.Signals,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    user: int | None = None,
    groups: Iterable[int] = (),
) -> "subprocess.Popen[bytes]":
    """Start a command in a session of its own that gets `on_death` when this process dies.

    `user` and `groups` (the first is the main one) are taken where given; only root may.
    Output goes to `log` where given, appended.
    """
    out = log.open("ab") if log else None
    try:
        return subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT if out else None,
            start_new_session=True,
            preexec_fn=_before(os.getpid(), on_death=on_death, user=user, groups=list(groups)),
        )
    finally:
        if out:
            out.close()


def _before(
    parent: int, *, on_death: signal.Signals, user: int | None, groups: list[int]
) -> Callable[[], None]:
    def become() -> None:
        if user is not None:
            os.setgroups(groups)
            os.setgid(groups[0])
            os.setuid(user)
        die_with_parent(on_death, parent=parent)

    return become


def end(process: "subprocess.Popen[bytes]", *, seconds: float) -> None:
    """Ask a child to stop, then make its whole session stop."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    kill_session(process.pid)
    process.wait()


def kill_session(leader: int) -> None:
    """Kill what is left of the session that `leader` began."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def marked(mark: str) -> list[int]:
    """Return the living processes, not this one, whose environment carries the mark."""
    needle = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
        except OSError:  # gone, or not ours to read
            continue
        if needle in environment:
            found.append(int(entry.name))
    return found


def wait_until_gone(process: int, *, seconds: float) -> bool:
    """Return whether a process that is not our child ends within `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not is_alive(process):
            return True
        time.sleep(0.05)
    return not is_alive(process)


def is_alive(process: int) -> bool:
    """Return whether the process runs; one that only waits to be buried does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
