"""The two editions that the tests hold against the city's document."""

import pytest

from lianban.catalogue import load
from lianban.catalogue.model import Edition


@pytest.fixture(name="plan", scope="session")
def city_plan() -> Edition:
    """The plan as the city issued it."""
    return load.load(load.find("retirement-2022"))


@pytest.fixture(name="later", scope="session")
def later_plan() -> Edition:
    """The plan as later law changes it."""
    return load.load(load.find("retirement-2024"))


@pytest.fixture(name="either", params=["plan", "later"])
def each_plan(request: pytest.FixtureRequest) -> Edition:
    """Each of the two."""
    found: Edition = request.getfixturevalue(request.param)
    return found
