"""What the environment says: the one place that reads LIANBAN_* variables.

Nothing here imports Django, so the supervisor and the settings file share it.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
#: The tables of the demonstration city.
DEMO_CITY = ROOT / "demo" / "city"


class Misconfigured(Exception):
    """A setting is missing or cannot be read; the message says which and what to do."""


def text(name: str, *, default: str = "") -> str:
    """Return a variable, or `default` where it is unset or empty."""
    return os.environ.get(name) or default


def flag(name: str, *, default: bool = False) -> bool:
    """Return a yes/no variable. Raises Misconfigured for any other word."""
    word = text(name).lower()
    if not word:
        return default
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise Misconfigured(f"{name} must be 1 or 0, not {word!r}.")


def number(name: str, *, default: int, least: int = 0) -> int:
    """Return a whole number of at least `least`. Raises Misconfigured for anything else."""
    word = text(name, default=str(default))
    if not word.isascii() or not word.isdigit() or int(word) < least:
        raise Misconfigured(f"{name} must be a whole number of at least {least}, not {word!r}.")
    return int(word)


def ratio(name: str, *, default: float) -> float:
    """Return a positive decimal number. Raises Misconfigured for anything else."""
    word = text(name, default=str(default))
    try:
        value = float(word)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise Misconfigured(f"{name} must be a number above 0, not {word!r}.")
    return value


def words(name: str, *, default: str) -> list[str]:
    """Return a comma-separated list without blanks."""
    return [word.strip() for word in text(name, default=default).split(",") if word.strip()]


def is_production() -> bool:
    """Return whether LIANBAN_ENV is `production`. Raises Misconfigured for an unknown word."""
    word = text("LIANBAN_ENV", default="development")
    if word not in {"development", "production"}:
        raise Misconfigured(f"LIANBAN_ENV must be development or production, not {word!r}.")
    return word == "production"


def port() -> int:
    """Return the TCP port of the pages. Raises Misconfigured beyond 65535."""
    return _port("LIANBAN_PORT", number("LIANBAN_PORT", default=8000, least=1))


def simulators_port() -> int:
    """Return the TCP port of the simulated systems. Raises Misconfigured beyond 65535."""
    beside = port() + 100 if port() < 65000 else port() - 100
    chosen = number("LIANBAN_SIMULATORS_PORT", default=beside, least=1)
    return _port("LIANBAN_SIMULATORS_PORT", chosen)


def _port(name: str, chosen: int) -> int:
    if chosen > 65535:
        raise Misconfigured(f"{name} must be at most 65535, not {chosen}.")
    return chosen


def has_simulators() -> bool:
    """Return whether the demonstration's simulated systems are wanted."""
    has_demo = flag("LIANBAN_DEMO", default=not is_production())
    return flag("LIANBAN_SIMULATORS", default=True) and has_demo


def worker_silent_seconds() -> float:
    """Return for how long a worker may be silent before its jobs are taken over, in seconds."""
    return ratio("LIANBAN_WORKER_SILENT_SECONDS", default=40.0)


def data_dir() -> Path:
    """Return the absolute folder of everything that must outlive a restart."""
    return Path(text("LIANBAN_DATA_DIR", default=str(ROOT / "var"))).resolve()


def static_dir() -> Path:
    """Return the folder that the front end build writes and the web server hands out."""
    return Path(text("LIANBAN_STATIC_DIR", default=str(ROOT / "build" / "static"))).resolve()


def secret_file(name: str) -> Path:
    """Return the file of the secret `name`, made once where none is configured.

    `LIANBAN_<NAME>_FILE` names the file. In production it must be set and exist; elsewhere a
    secret of 32 random bytes (64 hexadecimal digits) is kept in `secrets/` of the data folder,
    mode 0600. Raises Misconfigured.
    """
    variable = f"LIANBAN_{name.upper()}_FILE"
    configured = text(variable)
    if configured:
        if not Path(configured).is_file():
            raise Misconfigured(f"{variable} names {configured}, which is not a file.")
        return Path(configured)
    if is_production():
        raise Misconfigured(f"{variable} must name a file with the secret in production.")
    return _made_once(data_dir() / "secrets" / name)


def _made_once(path: Path) -> Path:
    if path.is_file():
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_hex(32))
    try:
        os.link(fresh, path)  # of two processes that start at once, one secret wins
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path


def secret(name: str) -> str:
    """Return the text of the secret `name`. Raises Misconfigured where it is too short."""
    value = secret_file(name).read_text().strip()
    if len(value) < 32:
        raise Misconfigured(f"The secret {name} is shorter than 32 characters.")
    return value


def database() -> dict[str, object]:
    """Return Django's description of the database that DATABASE_URL names.

    `postgresql://user:password@host:port/name?host=/socket/folder&sslmode=…`; everything after
    the question mark goes to libpq. Raises Misconfigured for another scheme.
    """
    url = urlsplit(text("DATABASE_URL", default="postgresql:///lianban"))
    if url.scheme not in {"postgresql", "postgres"}:
        raise Misconfigured("DATABASE_URL must start with postgresql://.")
    options: dict[str, object] = dict(parse_qsl(url.query))
    host = options.pop("host", None) or unquote(url.hostname or "")
    return {
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(url.port or options.pop("port", "")),
        "OPTIONS": options,
    }
