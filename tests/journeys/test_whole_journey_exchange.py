"""The conscript of the first scenario, where every department but the bureau has a system of its own.

Real processes: the pages, the worker that sends, and simulators that know nothing but the contract.
No officer of any other department touches the case.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.db import connection
from playwright.sync_api import Locator, Page, expect

from lianban import clock
from lianban.cases.models import SubCaseRecord
from lianban.exchange import partners
from lianban.exchange.models import InboxMessage, TaskRecord
from lianban.journal.models import JournalEntry
from lianban.ops import simulators
from lianban.ops.environment import ROOT
from lianban.outbox.models import OutboxMessage
from tests.exchange.kit import free_port
from tests.journeys import people
from tests.journeys.people import Journey, Officers
from tests.journeys.test_whole_journey_online import originals, pre_review
from tests.services.cast import FIELDS

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

LEAD, PHONE = "veterans_affairs", FIELDS["mobile"]
#: Seconds: a limit for a machine under load, not a promise.
LONG = 90.0


class Nanchuan(Officers):
    """The officers of the county that works by the plan of 2024."""

    @contextmanager
    def at_desk(self, username: str) -> Iterator[Page]:
        with super().at_desk(username.replace("donghu", "nanchuan")) as page:
            yield page


@pytest.fixture
def journey(
    browser_page: Callable[..., Page],
    barriers: Callable[[Page], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    live_server: Any,
) -> Iterator[Journey]:
    """As every journey, but by the real clock: signatures are only good for minutes."""
    real = clock.now
    settings.EXCHANGE_ADDRESS = live_server.url
    for one in people.journey(browser_page, barriers, monkeypatch, settings):
        monkeypatch.setattr(clock, "now", real)
        yield one


@pytest.fixture
def systems(
    journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], None]]:
    """Connect every department's system; what is yielded brings all of them to life, and the worker."""
    kept = os.environ["LIANBAN_DATA_DIR"]
    monkeypatch.setenv("LIANBAN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LIANBAN_SIMULATORS_PORT", str(free_port()))
    config = simulators.write(simulators.connect(at=clock.now()))
    monkeypatch.setenv("LIANBAN_DATA_DIR", kept)
    with ExitStack() as processes:

        def start() -> None:
            quick = [str(config), "--speed", "20000"]
            processes.enter_context(running("-m", "simulators", *quick))
            processes.enter_context(running("-m", "lianban.ops.main", "worker"))

        yield start


@contextmanager
def running(*words: str) -> Iterator[None]:
    """A process beside the test, on the test's own database."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name_of_database()}")
    own = {
        "DATABASE_URL": database.geturl(),
        "LIANBAN_EXCHANGE_ADDRESS": partners.public_address(),
        "LIANBAN_EXCHANGE_LADDER_SCALE": "0.01",
    }
    process = subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env={**os.environ, **own}, stdout=subprocess.DEVNULL
    )
    try:
        yield
        assert process.poll() is None, f"{words} ended by itself"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(LONG)
        finally:
            process.kill()


def name_of_database() -> str:
    """The database of this test's process."""
    return str(connection.settings_dict["NAME"])


def reload_until(page: Page, wanted: Callable[[], Locator]) -> None:
    """Look again, as somebody does who waits, until it is there."""
    limit = time.monotonic() + LONG
    while not wanted().count():
        assert time.monotonic() < limit, page.locator("main").inner_text()
        page.wait_for_timeout(300)
        page.reload()


def test_every_department_decides_in_its_own_system_and_nobody_types_anything_twice(
    journey: Journey, systems: Callable[[], None]
) -> None:
    phone = journey.applicant()
    officers = Nanchuan(journey, hand_in(phone))
    pre_review(officers)
    originals(officers)
    with officers.bureau() as page:
        receive_dossier(page, case=officers.case)
        for number in (1, *people.OWN):
            people.grant_at_bureau(page, case=officers.case, number=number, look=seen_elsewhere)
    waits_for_the_departments(phone, officers.case, journey)
    systems()
    post(officers)
    reload_until(phone, lambda: phone.get_by_text("13 件事，办结 13 件"))
    journey.look(phone)
    with officers.bureau() as page:
        people.conclude(page, case=officers.case, look=seen_elsewhere)
    reload_until(phone, lambda: phone.get_by_role("heading", name="全部办好了"))
    nobody_else_touched_it(officers.case)
    assert journey.found == []


def seen_elsewhere(_page: Page) -> None:
    """Other journeys look at this page."""


def hand_in(page: Page) -> str:
    """On a phone, from the guide to the receipt; what the plan asks is answered once."""
    page.goto("/")
    page.locator(".lb-hero").get_by_role("link", name="开始办理").press("Enter")
    people.answer_guide(page, look=seen_elsewhere)
    page.get_by_role("link", name="开始填表").press("Enter")
    people.sign_in_by_phone(page, phone=PHONE)
    people.arrived(page, "/start/$")
    page.get_by_label("南川县").press("Space")
    people.press(page, "继续")
    people.fill_form(page, look=seen_elsewhere)
    page.locator("#m-pension_transfer_form").get_by_role("button", name="随档案来").press("Enter")
    expect(page.locator("#m-pension_transfer_form .lb-saved")).to_be_visible()
    people.press(page, "没选的都带到窗口")
    page.get_by_role("link", name="下一步，核对").press("Enter")
    people.arrived(page, "/form/check/$")
    return people.sign_and_submit(page)


def waits_for_the_departments(page: Page, case: str, journey: Journey) -> None:
    """What was sent is on its way, and the person reads to whom."""
    page.goto(f"/my/{case}/")
    expect(page.get_by_text("正在送往公安部门").first).to_be_visible()
    journey.look(page)


def receive_dossier(page: Page, *, case: str) -> None:
    """The dossier came, with every voucher; reception is registered by itself."""
    page.goto("/bureau/dossiers/?show=people")
    people.choose(page, "case", case)
    for box in page.locator('input[name="vouchers"]').all():
        box.press("Space")
    people.follow(page.locator('button[name="state"][value="received"]'))


def post(officers: Officers) -> None:
    """The counter packs both documents at once; the courier's system collects and brings them."""
    with officers.at_desk("donghu-chuangkou") as page:
        page.goto("/results/?show=to_post")
        rows = page.locator('input[name="row"]')
        reload_until(page, lambda: rows.nth(1))
        for row in rows.all():
            row.press("Space")
        people.press(page, "装成一批，打印面单")
        officers.journey.look(page)


def nobody_else_touched_it(case: str) -> None:
    """Whatever another department decided came from its system; nothing is left over."""
    foreign = SubCaseRecord.objects.filter(case_id=UUID(case)).exclude(department=LEAD)
    numbers = set(foreign.values_list("number", flat=True))
    acts: dict[tuple[str, str], set[int]] = {}
    for entry in JournalEntry.objects.filter(case_id=UUID(case)):
        item = json.loads(entry.body).get("item")
        acts.setdefault((entry.actor_kind, entry.event), set()).add(item)
    for event in ("Received", "Accepted", "Granted"):
        assert acts["partner", event] == numbers
        assert not acts.get(("officer", event), set()) & numbers
    assert numbers == set(range(2, 15)) - {10, *people.OWN}
    assert not OutboxMessage.objects.exclude(state="sent").exists()
    assert not TaskRecord.objects.exists()
    assert not InboxMessage.objects.exclude(state="applied").exists()
