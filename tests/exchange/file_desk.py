"""Files of file mode as an officer has them in hand: what stands in them, and filled in."""

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
import xlsxwriter

from lianban import clock
from lianban.accounts import sheets
from lianban.accounts.actor import Actor
from lianban.cases import sub_case_places
from lianban.exchange import partners
from lianban.exchange.file_mode import answers as file_answers
from lianban.exchange.file_mode import files
from lianban.exchange.file_mode import sheet as file_sheet
from lianban.exchange.models import ExchangeFile, PartnerRecord
from lianban.outbox.models import OutboxMessage
from tests.services.cast import City, moment
from tests.web.department import desk

POLICE = desk.POLICE
AT = moment("2026-10-19 10:00")
LATER = moment("2026-10-20 09:00")
HOUSEHOLD, LICENCE = 3, 14


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def city() -> City:
    return City().build()


@pytest.fixture
def police(city: City) -> PartnerRecord:
    return connect()


def connect() -> PartnerRecord:
    """The police exchange files."""
    return partners.connect(
        code=POLICE, name="公安局", adapter=POLICE, mode="file", at=moment("2026-09-01 08:00")
    )


def out(partner: PartnerRecord, actor: Actor, at: datetime = AT) -> ExchangeFile:
    return files.hand_out(partner=partner, actor=actor, at=at)


def one_file(officer: Actor, *, at: datetime) -> ExchangeFile:
    """A file with one message, and what came back for it; the partner's mode is what it was."""
    partner = partners.get(officer.department or "")
    mode = partner.mode
    PartnerRecord.objects.filter(code=partner.code).update(mode=PartnerRecord.Mode.FILE)
    if not files.waiting_count(partner, actor=officer, at=at):
        told = OutboxMessage.objects.filter(department=partner.code, topic="dispatch")
        here = told.filter(sub_case_places.handled_in(officer.districts), state="sent")
        OutboxMessage.objects.filter(id=here.latest("id").id).update(state="pending", attempts=1)
    with patch.object(files, "MOST", 1):
        made = files.hand_out(partner=partner, actor=officer, at=at)
    file_answers.take_in(
        partner=partner, upload=filled(made, {"1": {"原因": "?"}}), name="a.xlsx",
        actor=officer, at=at,
    )  # fmt: skip
    PartnerRecord.objects.filter(code=partner.code).update(mode=mode)
    return made


def grids(content: bytes) -> dict[str, list[list[str]]]:
    return {
        title: [[sheets.text(cell) for cell in row] for row in grid]
        for title, grid in sheets.read(content, name="a.xlsx")
    }


Fill = dict[str, dict[str, Any]]


def filled(
    row: ExchangeFile, fill: Fill, change: Callable[[str, str, Any], Any] | None = None
) -> bytes:
    """The file as somebody sends it back: `fill` by place in the list, then heading."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True, "strings_to_formulas": False}) as book:
        for title, grid in sheets.read(files.content_of(row), name="a.xlsx"):
            page = book.add_worksheet(title)
            names = list(map(sheets.text, grid[3])) if len(grid) > 3 else []
            for line, cells in enumerate(grid):
                mine = fill.get(sheets.text(cells[0]), {}) if title != file_sheet.HIDDEN else {}
                for column, cell in enumerate(cells):
                    heading = names[column] if column < len(names) and line > 3 else ""
                    value = mine.get(heading, cell)
                    value = change(title, heading, value) if change else value
                    if isinstance(value, date | datetime):
                        day = book.add_format({"num_format": "yyyy-mm-dd"})
                        page.write_datetime(line, column, value, day)
                    elif isinstance(value, float):
                        page.write_number(line, column, value)
                    else:
                        page.write_string(line, column, sheets.text(value))
    return kept.getvalue()


def back(
    row: ExchangeFile, actor: Actor, content: bytes | Fill, at: datetime = LATER
) -> ExchangeFile:
    content = content if isinstance(content, bytes) else filled(row, content)
    partner = PartnerRecord.objects.get(code=POLICE)
    return file_answers.take_in(
        partner=partner, upload=content, name="填好的.xlsx", actor=actor, at=at
    )


def places(row: ExchangeFile) -> dict[int, str]:
    """Item to place in the list, of the new ones."""
    grid = grids(files.content_of(row))[file_sheet.NEW]
    return {int(cells[1][-2:]): cells[0] for cells in grid[4:]}


def state(case_id: UUID, number: int) -> str:
    return desk.row(case_id, number).state


def whys(row: ExchangeFile) -> list[str]:
    return [one["why"] for one in row.refused]


def sub_cases(row: ExchangeFile) -> list[str]:
    return [cells[1] for cells in grids(files.content_of(row))[file_sheet.NEW][4:]]
