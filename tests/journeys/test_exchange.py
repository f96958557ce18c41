"""A message that a department's system refuses: somebody by name finds it, and sends it again."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from lianban import clock
from lianban.accounts.models import User
from lianban.exchange import relay
from lianban.exchange.models import PartnerRecord
from lianban.outbox.models import OutboxMessage
from tests.exchange import partner as system_of
from tests.journeys.people import flaws, follow
from tests.web.bureau import desk
from tests.web.bureau.conftest import TODAY
from tests.web.exchange import ground
from tests.web.exchange.ground import POLICE

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]
SIZES = ((390, 844), (1280, 900))


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Monday within the confirmed calendar."""
    monkeypatch.setattr(clock, "now", lambda: TODAY)


@pytest.fixture
def system() -> Iterator[system_of.System]:
    """The police's own system, which refuses the first message as wrong."""
    with system_of.running() as started:
        started.now = lambda: TODAY
        complaint = {"code": "wrong_data", "message": "no"}
        started.answers.append(lambda handler, message: handler.reply(message, 422, complaint))
        yield started


def entered(open_page: OpenPage, user: User, url: str, **options: Any) -> Page:
    """A browser in which somebody is signed in; the pages for it have journeys of their own."""
    page, client = open_page(**options), Client()
    client.force_login(user)
    for name, held in client.cookies.items():
        page.context.add_cookies([{"name": name, "value": held.value, "url": url}])
    return page


def test_what_a_system_refused_is_found_sent_again_and_arrives(
    browser_page: OpenPage, barriers: Barriers, live_server: Any, system: system_of.System
) -> None:
    city = desk.City(edition="retirement-2022").build()
    system_of.connect(POLICE, system.address)
    PartnerRecord.objects.update(name="公安部门", connected_at=TODAY - timedelta(days=1))
    case_id = desk.sent(city)
    OutboxMessage.objects.filter(topic="verify").update(state="desk")
    relay.drain(POLICE, now=clock.now)
    assert len(system.effects) == 1
    officer = entered(
        browser_page, city.people["bureau_officer@veterans_affairs.439901"], live_server.url,
        javascript=False,
    )  # fmt: skip
    shots = os.environ.get("JOURNEY_PICTURES")

    def look(name: str) -> None:
        for width, height in SIZES:
            officer.set_viewport_size({"width": width, "height": height})
            assert flaws(officer) == []
            if shots:
                officer.screenshot(path=f"{shots}/{name}-{width}.png", full_page=True)

    # the desk says that something waits, and leads to it
    officer.goto("/bureau/")
    follow(officer.get_by_role("link", name="对接", exact=False).first)
    look("overview")
    follow(officer.get_by_role("button", name="待处理"))
    if officer.get_by_text("没有等您看的").count():
        follow(officer.get_by_role("link", name="看全部"))
    look("tasks")
    follow(officer.get_by_role("link", name="对方拒收").first)
    expect(officer.get_by_text("对方系统答复 422（wrong_data）")).to_be_visible()
    look("task")
    follow(officer.get_by_role("link", name="这条消息"))
    expect(officer.get_by_text("个人信息已遮住")).to_be_visible()
    look("message")

    # it is asked first, then sent, and nothing is left to do
    follow(officer.get_by_role("button", name="重发这条"))
    look("resend")
    follow(officer.get_by_role("button", name="重发"))
    expect(officer.get_by_text("排上队了，马上重发")).to_be_visible()
    relay.drain(POLICE, now=clock.now)
    officer.reload()
    expect(officer.get_by_role("heading", level=1)).to_contain_text("已送达")
    assert [m["subject"] for m in system.effects][1:] == [ground.sub_case(case_id)]
    officer.goto("/bureau/exchange/")
    expect(officer.get_by_text("没有要人看的")).to_be_visible()
    officer.goto(f"/bureau/exchange/partners/{POLICE}/?show=sent")
    look("partner")
