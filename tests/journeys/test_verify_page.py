"""Somebody holds a paper and wants to know whether it is real."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from lianban.documents import content, issue

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
AT = datetime(2026, 9, 14, 10, 30, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, True), (390, False)])
def test_a_typed_code_is_answered_and_a_mistyped_one_keeps_what_was_typed(
    browser_page: Callable[..., Page],
    barriers: Callable[[Page], list[str]],
    width: int,
    javascript: bool,
) -> None:
    notice = content.ConclusionNotice(
        office="东湖县退役军人事务局", issued_at=AT, addressee="赵建国"
    )
    with transaction.atomic():
        record = issue.issue(
            document=notice, case_id=uuid.uuid4(), prefix="东湖县联结", base_url="https://x.example"
        )
    page = browser_page(width=width, javascript=javascript)
    page.goto("/verify/")
    assert javascript is False or barriers(page) == []
    page.get_by_label("核验码").fill("7Q2M 9XK4 TB0V")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_role("link").click()
    field = page.get_by_label("核验码")
    expect(field).to_have_value("7Q2M 9XK4 TB0V")
    assert javascript is False or barriers(page) == []
    field.fill("7Q2M 9XK4 TB0V HC3D")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="查不到这份文书").wait_for()
    assert javascript is False or barriers(page) == []
    page.get_by_label("核验码").fill(record.verification_code.lower())
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="这份文书是真的").wait_for()
    page.get_by_text("核对电子文件").click()
    assert record.number in page.inner_text("main")
    assert "赵建国" not in page.content()
    assert javascript is False or barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
