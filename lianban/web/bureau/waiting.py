"""Who waits for a dossier and whose dossier waits for them: how long, who was asked, and as a file."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import xlsxwriter
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lianban import clock
from lianban.cases import dossier_lists, editions
from lianban.cases.dossier_lists import DossierView, Narrow, PersonView
from lianban.cases.services import dossier_notes
from lianban.cases.services import dossiers as services
from lianban.catalogue.calendar import ONE_DAY
from lianban.engine.refusal import Refused
from lianban.web.bureau import many, shell
from lianban.web.components import access, dates
from lianban.web.components.forms import ChineseDateField

#: The two lists of exceptions.
SIDES = ("people", "no_person")
#: How long a list may be narrowed to: value in the address to words; the last is the plan's.
AGES = {"": "多久都行", "5": "5 个工作日以上", "20": "20 个工作日以上", "chase": "该催了"}
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEADS = {
    "people": ("姓名", "办件编号", "区县", "交来", "等了（工作日）", "档案", "上次催"),
    "no_person": ("姓名", "身份证号", "区县", "到了", "等了（工作日）", "情况", "上次提醒"),
}


@dataclass(frozen=True)
class Age:
    """How long something waits: in working days, and whether it is time to ask."""

    days: int
    is_due: bool


def ages(rows: Sequence[PersonView | DossierView], today: date) -> list[Age | None]:
    """The age of each row; None for a dossier that is not here yet."""
    limits: dict[str, int] = {}
    found: list[Age | None] = []
    for row in rows:
        start = row.submitted_at.date() if isinstance(row, PersonView) else row.arrived_on
        if start is None:
            found.append(None)
            continue
        if row.district not in limits:
            limits[row.district] = services.edition_of(row.district).dossier.chase_days
        is_due = (today - start).days > limits[row.district]
        found.append(Age(_working_days(start, today), is_due))
    return found


def _working_days(start: date, end: date) -> int:
    calendar = editions.calendar()
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(calendar.is_working(day) for day in days)


def narrow(request: access.Request, *, show: str, today: date) -> Narrow:
    """What the address narrows a list to."""
    age = request.GET.get("age", "")
    since = _since(request, age, today) if show in SIDES and age in AGES and age else None
    return Narrow(district=shell.chosen_district(request), since=since)


def _since(request: access.Request, age: str, today: date) -> date:
    """The newest day on which somebody who waits that long began to."""
    if age == "chase":
        limits = [
            services.edition_of(place.code).dossier.chase_days for place in shell.districts(request)
        ]
        return today - timedelta(days=min(limits, default=30) + 1)
    calendar, day, left = editions.calendar(), today, int(age)
    while left > 0:
        left -= calendar.is_working(day)
        day -= ONE_DAY
    return day


def address(request: access.Request, show: str) -> str:
    """The list that the page was narrowed to, to come back to."""
    age, district = request.POST.get("age", ""), request.POST.get("district", "")
    parts = [f"show={show if show in SIDES else SIDES[0]}"]
    parts += [f"age={age}"] if age in AGES and age else []
    parts += [f"district={district}"] if district in request.actor.districts else []
    return f"{reverse('bureau:dossiers')}?{'&'.join(parts)}"


@shell.bureau
@require_POST
def note(request: access.Request) -> HttpResponse:
    """Note that the troop, or the person, was asked: for every ticked row."""
    back = address(request, request.POST.get("show", ""))
    try:
        on = ChineseDateField().clean(_day(request))
        made = dossier_notes.add(
            kind=request.POST.get("kind", ""),
            on=on or shell.today(),
            words=request.POST.get("words", "").replace("\x00", ""),
            actor=request.actor,
            at=clock.now(),
            case_ids=many.ticked(request.POST, "case"),
            dossier_ids=many.ticked(request.POST, "dossier"),
        )
    except Refused as refusal:
        messages.error(request, refusal.message)
    except ValidationError as wrong:
        messages.error(request, f"日期：{wrong.messages[0]}")
    else:
        messages.success(request, f"{made} 件记下了")
    return redirect(back)


def _day(request: access.Request) -> list[str]:
    typed = [request.POST.get(f"on_{part}", "") for part in ("year", "month", "day")]
    if any(typed):
        return typed
    today = shell.today()
    return [str(today.year), str(today.month), str(today.day)]


@shell.bureau
@require_safe
def sheet(request: access.Request) -> HttpResponse:
    """One of the two lists as XLSX, as it was narrowed; whose rows went out is kept."""
    show = request.GET.get("show", "")
    show = show if show in SIDES else SIDES[0]
    at = clock.now()
    rows: Sequence[Any] = dossier_lists.export(
        actor=request.actor, show=show, narrow=narrow(request, show=show, today=at.date()), at=at
    )
    found = [_cells(row, age) for row, age in zip(rows, ages(rows, at.date()), strict=True)]
    answer = HttpResponse(_book(_HEADS[show], found), content_type=_SHEET)
    answer["Content-Disposition"] = f'attachment; filename="{show}-{at:%Y%m%d}.xlsx"'
    return answer


def _cells(row: PersonView | DossierView, age: Age | None) -> tuple[str, ...]:
    asked = f"{dates.short_day(row.note.on)} {row.note.words}" if row.note else "没有"
    waited = str(age.days) if age else ""
    if isinstance(row, PersonView):
        day = dates.full_day(row.submitted_at)
        word = row.dossier_word or "没有消息"
        return (row.name, row.case_number, row.district_name, day, waited, word, asked)
    day = dates.full_day(row.arrived_on) if row.arrived_on else ""
    word = row.state_word
    return (row.name, row.identity_masked, row.district_name, day, waited, word, asked)


def _book(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> bytes:
    """A workbook of text cells, so that no formula can hide in a name."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        page = book.add_worksheet("名单")
        bold = book.add_format({"bold": True, "bg_color": "#E7EEF1"})
        page.set_column(0, len(head) - 1, 18)
        for column, words in enumerate(head):
            page.write_string(0, column, words, bold)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row):
                page.write_string(number, column, text)
        page.freeze_panes(1, 0)
    return out.getvalue()
