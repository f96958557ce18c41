"""Every page of those who decide: no barrier, nothing cut, one heading; and no page is left out."""

from typing import Any

import pytest

from lianban.accounts.doors import Door
from tests.journeys import pages

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The demonstration city."""
    pages.build(monkeypatch, settings)


def test_no_page_of_those_who_decide_has_a_barrier_or_is_cut_off(
    browser_page: pages.OpenPage, barriers: pages.Barriers, live_server: Any, city: None
) -> None:
    deciding = [who for who in pages.WHO if who not in pages.COMING]
    tried, found = pages.walk_all(deciding, browser_page, barriers, live_server.url)
    # What the people and the counter may call is looked at in their own module.
    # A partner's system sees no page; its addresses are called in tests/api.
    every = {r.name for r in pages.routes() if r.access.door is not Door.PARTNER}
    assert every - pages.open_to(pages.COMING) - tried == set()
    assert not found, "\n".join(found)
