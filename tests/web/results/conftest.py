"""The day on which the desk for results is looked at."""

from datetime import datetime
from typing import Any

import pytest

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
