"""Every page of those who come, and of the counter: no barrier, nothing cut, one heading."""

from typing import Any

import pytest

from tests.journeys import pages

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The demonstration city."""
    pages.build(monkeypatch, settings)


def test_no_page_of_people_or_the_counter_has_a_barrier_or_is_cut_off(
    browser_page: pages.OpenPage, barriers: pages.Barriers, live_server: Any, city: None
) -> None:
    tried, found = pages.walk_all(pages.COMING, browser_page, barriers, live_server.url)
    assert pages.open_to(pages.COMING) - tried == set()
    assert not found, "\n".join(found)
