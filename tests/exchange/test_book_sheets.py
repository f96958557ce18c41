"""对账表: our book goes out to a department without a system, and its column comes back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from lianban.accounts.actor import Actor
from lianban.cases.models import ViewRecord
from lianban.engine.refusal import Refused
from lianban.exchange import handed, reconcile
from lianban.exchange.file_mode import books as file_books
from lianban.exchange.file_mode import files
from lianban.exchange.file_mode import sheet as file_sheet
from lianban.exchange.file_mode.sheet import OWN, OWN_NUMBER
from lianban.exchange.models import ExchangeFile, HandedBook, PartnerRecord, TaskRecord
from lianban.exchange.watching import health
from tests.exchange.file_desk import (  # fmt: skip
    AT,
    HOUSEHOLD,
    LATER,
    LICENCE,
    POLICE,
    back,
    city,
    filled,
    grids,
    out,
    police,
    today,
    whys,
)
from tests.services.cast import City, identity_number
from tests.web.department import desk

pytestmark = pytest.mark.django_db
__all__ = ["city", "police", "today"]  # the ground of these tests
NIGHT = LATER + timedelta(hours=17)


@pytest.fixture
def case_id(city: City, police: PartnerRecord) -> UUID:
    """A case whose two sub-cases the police were handed in a file."""
    found = desk.with_departments(city)
    out(police, desk.officer(city))
    return found


@pytest.fixture
def officer(city: City, case_id: UUID) -> Actor:
    return desk.officer(city)


def listing(officer: Actor, *, minutes: int = 30) -> ExchangeFile:
    partner = PartnerRecord.objects.get(code=POLICE)
    return file_books.hand_out(partner=partner, actor=officer, at=AT + timedelta(minutes=minutes))


def names(row: ExchangeFile) -> dict[int, str]:
    """Item to sub-case, as they are listed."""
    grid = grids(files.content_of(row))[file_sheet.BOOK]
    return {int(cells[1][-2:]): cells[1] for cells in grid[4:]}


def fill(row: ExchangeFile, said: dict[int, dict[str, Any]]) -> bytes:
    grid = grids(files.content_of(row))[file_sheet.BOOK]
    places = {int(cells[1][-2:]): cells[0] for cells in grid[4:]}
    return filled(row, {places[item]: cells for item, cells in said.items()})


def compared() -> dict[str, str]:
    """What the night finds, by sub-case."""
    found = reconcile.reconcile(PartnerRecord.objects.get(code=POLICE), at=NIGHT)
    assert not found.error
    return {one.name: one.code for one in found.differences}


def test_a_listing_says_what_was_sent_and_where_it_stands_and_names_nobody(
    city: City, officer: Actor
) -> None:
    row = listing(officer)
    assert (row.holds, row.row_count, row.number) == ("book", 2, "PS-20261019-002")
    assert row.signature and row.district == officer.district
    sheets = grids(files.content_of(row))
    assert list(sheets) == ["对账", "怎么填", "_lianban"]
    head, first = sheets["对账"][3], sheets["对账"][4]
    assert head == [
        "序号", "子办件编号", "第几次送", "送到日期", "本平台的情况", "本平台的决定",
        "本平台的结果编号", OWN, OWN_NUMBER,
    ]  # fmt: skip
    assert first[:6] == ["1", names(row)[HOUSEHOLD], "1", "2026-10-19", "可办", "还没有"]
    plain = str(sheets)
    assert "陈" not in plain and "4399012" not in plain.replace(row.number, "")
    assert files.open_(row.id, actor=officer, at=AT)[0] == f"{row.number}.xlsx"
    assert not ViewRecord.objects.filter(what__contains=row.number).exists()


def test_what_the_department_fills_in_is_compared_at_night(officer: Actor) -> None:
    row = listing(officer)
    item = names(row)
    answer = back(row, officer, fill(row, {HOUSEHOLD: {OWN: "没有这一件"}}))
    assert (answer.holds, answer.taken_count, answer.refused) == ("book", 1, [])
    assert compared() == {item[HOUSEHOLD]: "missing"}, "an empty row says nothing"
    granted = {OWN: " 准予 ", OWN_NUMBER: "驾000123"}
    back(row, officer, fill(row, {LICENCE: granted}))
    assert compared() == {item[HOUSEHOLD]: "missing", item[LICENCE]: "missing_decision"}
    assert TaskRecord.objects.filter(kind="difference", closed_at=None).count() == 2
    back(row, officer, fill(row, {HOUSEHOLD: {OWN: "在办"}}))
    assert compared() == {item[LICENCE]: "missing_decision"}, "what was said before stands"
    found = reconcile.reconcile(PartnerRecord.objects.get(code=POLICE), at=NIGHT)
    assert (found.sent, found.seen, found.book_at) == (2, 2, row.made_at)


def test_a_row_that_is_left_empty_in_the_next_listing_closes_no_task(officer: Actor) -> None:
    first = listing(officer)
    item = names(first)
    back(first, officer, fill(first, {HOUSEHOLD: {OWN: "没有这一件"}}))
    assert compared() == {item[HOUSEHOLD]: "missing"}
    second = listing(officer, minutes=60)
    back(second, officer, fill(second, {LICENCE: {OWN: "在办"}}))
    assert compared() == {} and HandedBook.objects.get().name == second.number
    assert TaskRecord.objects.get(kind="difference").closed_at is None
    with pytest.raises(Refused) as caught:
        back(first, officer, fill(first, {HOUSEHOLD: {OWN: "在办"}}))
    assert caught.value.code == "older_book"
    assert HandedBook.objects.get().name == second.number
    back(second, officer, fill(second, {HOUSEHOLD: {OWN: "在办"}}))
    assert compared() == {}
    assert TaskRecord.objects.get(kind="difference").closed_at == NIGHT


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({OWN_NUMBER: "1"}, "没有选“您单位的账”"),
        ({OWN: "办了"}, "“您单位的账”写的不认识"),
        ({OWN: "不予", OWN_NUMBER: "1"}, "“不予”的没有结果编号"),
        ({OWN: "准予", OWN_NUMBER: "x" * 61}, "太长"),
        ({OWN: "准予", OWN_NUMBER: identity_number(sequence="007")}, "有身份证号"),
        ({OWN: "准予", "送到日期": "2026-01-01"}, "白色格子和导出时不一样"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why_and_the_others_count(
    officer: Actor, cells: dict[str, Any], why: str
) -> None:
    row = listing(officer)
    answer = back(row, officer, fill(row, {HOUSEHOLD: cells, LICENCE: {OWN: "在办"}}))
    (said,) = whys(answer)
    assert why in said and answer.refused[0]["todo"] and answer.taken_count == 1
    (book,) = handed.whole(PartnerRecord.objects.get(code=POLICE))
    assert list(handed.sheet_lines(book)) == [names(row)[LICENCE]]
    assert TaskRecord.objects.get().kind == "file"


def test_each_office_compares_what_it_was_sent(city: City, officer: Actor) -> None:
    elsewhere = city.officer("department_officer", POLICE, "439902")
    with pytest.raises(Refused) as caught:
        listing(elsewhere)
    assert caught.value.code == "nothing_sent"
    row = listing(officer)
    with pytest.raises(Refused) as caught:
        back(row, elsewhere, fill(row, {HOUSEHOLD: {OWN: "在办"}}))
    assert caught.value.code == "unknown_exchange_file"
    PartnerRecord.objects.update(mode="poll")
    with pytest.raises(Refused) as caught:
        listing(officer)
    assert caught.value.code == "not_file_mode"


def test_a_department_that_never_fills_one_in_is_seen_to(officer: Actor) -> None:
    assert health.one(POLICE, at=AT).book_state == "none"
    row = listing(officer)
    back(row, officer, fill(row, {HOUSEHOLD: {OWN: "在办"}}))
    assert (health.one(POLICE, at=AT).book_state, health.one(POLICE, at=AT).book_at) == (
        "", row.made_at,
    )  # fmt: skip
    later = AT + timedelta(days=40)
    assert health.one(POLICE, at=later).book_state == "old"
    partner = PartnerRecord.objects.get(code=POLICE)
    assert reconcile.reconcile(partner, at=later).error == "old_book"
