"""The day on which the bureau's pages are looked at, its city, and its officer's browser."""

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
def officer(city: Any) -> Client:
    """A browser in which the first county's officer is signed in."""
    from tests.web.bureau import desk

    return desk.browser(city)


@pytest.fixture
def head(city: Any) -> Client:
    """A browser in which the first county's head is signed in."""
    from tests.web.bureau import desk

    return desk.browser(city, "bureau_head")
