"""One day for all hostile tests, whatever the machine's own day is, and quick passwords."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from lianban import clock

TODAY = datetime(2026, 10, 19, 10, 0, tzinfo=clock.SHANGHAI)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A Monday within the confirmed calendar; a test may move it."""
    present = SimpleNamespace(now=TODAY)
    monkeypatch.setattr(clock, "now", lambda: present.now)
    return present


@pytest.fixture(autouse=True)
def quick_hashing(settings: Any) -> None:
    """Passwords are not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def city(db: None) -> Any:
    """Two counties with all their offices."""
    from tests.services.cast import City

    return City().build()


@pytest.fixture
def here(city: Any) -> Any:
    """The first county's person, whose case is at the departments."""
    from tests.hostile import ground

    return ground.county(city, ground.HERE, 101)


@pytest.fixture
def there(city: Any) -> Any:
    """The second county's."""
    from tests.hostile import ground

    return ground.county(city, ground.THERE, 201)
