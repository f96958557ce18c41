"""One moment for all calls, a city, the police with a system of their own, and a case with them."""

from typing import Any

import pytest

from lianban import clock


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The door's clock stands."""
    from tests.api.caller import NOW

    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def city(db: None) -> Any:
    """Two counties and their offices."""
    from tests.services.cast import City

    return City(edition="retirement-2024").build()


@pytest.fixture
def police(db: None) -> Any:
    """The police's system."""
    from tests.api import caller

    return caller.Caller(caller.connect(caller.POLICE))


@pytest.fixture
def subject(city: Any, police: Any) -> str:
    """A sub-case that the police were sent."""
    from tests.api import caller

    return caller.subjects(caller.dispatched(city), caller.POLICE)[0]
