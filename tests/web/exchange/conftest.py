"""The day, the city, and a police system that it is connected to."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from lianban import clock

TODAY = datetime(2026, 10, 19, 10, 0, tzinfo=clock.SHANGHAI)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Monday within the confirmed calendar, whatever the machine's own day is."""
    monkeypatch.setattr(clock, "now", lambda: TODAY)


@pytest.fixture
def city() -> Any:
    """Two counties with all their offices."""
    from tests.services.cast import City

    return City().build()


@pytest.fixture
def police(city: Any) -> Any:
    """The police's own system, connected since the day before."""
    from tests.web.exchange import ground

    return ground.police()


@pytest.fixture
def officer(city: Any) -> Client:
    """A browser in which the first county's officer of the bureau is signed in."""
    from tests.web.bureau import desk

    return desk.browser(city)
