"""The ground every test stands on: a PostgreSQL of its own, in a folder that goes with the run.

`DATABASE_URL` names another server where it is set. Only tests that use the database wait for
the server; with xdist the controlling process owns it and each worker has its own database.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from lianban.ops import postgres

FOLDER = "LIANBAN_TEST_FOLDER"
ORDER = ["catalogue", "engine", "house", "vault", "documents", "services", "api", "components"]
#: Modules of one long test each.
LONGEST = frozenset(
    {
        "test_chaos",
        "test_every_desk",
        "test_every_page",
        "test_whole_journey_counter",
        "test_whole_journey_exchange",
        "test_whole_journey_online",
    }
)
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

IS_OWNER = FOLDER not in os.environ
if IS_OWNER:
    for name in [name for name in os.environ if name.startswith("LIANBAN_")]:
        del os.environ[name]
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="lianban-test-")
    os.environ["LIANBAN_DATA_DIR"] = os.environ[FOLDER]

# A property is about values, never about how fast this machine happens to be.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

SERVER = postgres.Server(folder=Path(os.environ[FOLDER]) / "postgres", settings=FAST)
IS_OURS = os.environ.setdefault("DATABASE_URL", SERVER.url()) == SERVER.url()
os.environ["DJANGO_SETTINGS_MODULE"] = "lianban.config.settings"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's loop runs in the test's own thread


def pytest_configure(config: pytest.Config) -> None:
    """Load the settings here, now that the environment says where the database will be."""
    from django.conf import settings

    assert settings.DATABASES
    if IS_OWNER and IS_OURS and getattr(config.option, "numprocesses", None):
        SERVER.start()


def pytest_unconfigure() -> None:
    """Take the server and its folder away."""
    if IS_OWNER:
        SERVER.stop()
        shutil.rmtree(os.environ[FOLDER], ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run what is quick and pure first, people's journeys last.

    Where several work side by side, the longest begin, so that none is left alone at the end.
    """
    if getattr(config.option, "numprocesses", None) or hasattr(config, "workerinput"):
        items.sort(key=lambda item: (_place(item.path), item.path.stem not in LONGEST))
    else:
        items.sort(key=lambda item: _rank(item.path))


def _place(path: Path) -> int:
    """As the rank, but the storm first: it is the longest, and no browser's loop is left behind it."""
    return -1 if path.parent.name == "chaos" else _rank(path)


def _rank(path: Path) -> int:
    folder = path.relative_to(Path(__file__).parent).parts[0]
    if folder == "journeys":
        return len(ORDER) + 1
    return ORDER.index(folder) if folder in ORDER else len(ORDER)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Start the server before the first test that needs it."""
    if IS_OWNER and IS_OURS and not SERVER.is_running():
        SERVER.start()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test runner empty the journal between tests, and drop the database at the end.

    Everyone else is refused. A browser's last request may still hold a session when all is done.
    """
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_journalentry DISABLE TRIGGER journal_table_stays")
    yield
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        connection.close()
        connection.close_pool()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
