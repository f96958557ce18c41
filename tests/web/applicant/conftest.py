"""One city, and a person who comes to its first page."""

from typing import Any

import pytest


@pytest.fixture
def city(transactional_db: None) -> Any:
    """A small city under the plan of 2022."""
    from tests.services.cast import City

    return City().build()


@pytest.fixture
def person(city: Any) -> Any:
    """Somebody with a browser, unknown so far."""
    from tests.web.applicant.people import Person

    return Person()
