"""One city, and a clerk at its counter."""

from typing import Any

import pytest


@pytest.fixture
def city(transactional_db: None) -> Any:
    """A small city under the plan of 2022."""
    from tests.services.cast import City

    return City().build()


@pytest.fixture
def clerk(city: Any) -> Any:
    """The clerk of the first county, with a browser."""
    from tests.web.counter.clerk import Clerk

    return Clerk(city)
