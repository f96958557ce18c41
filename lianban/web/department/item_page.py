"""One item of a case: what this department may see of it, why its date, and what can be done."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lianban import clock
from lianban.cases import coming, earlier, grades, mended, queries, timeline, worklists
from lianban.cases.queries import CaseView, FieldView, ItemView, MaterialView
from lianban.documents import papers
from lianban.engine.refusal import Refused
from lianban.web.components import access, dates, originals, reaching
from lianban.web.components.parts import Crumb, Entry
from lianban.web.components.refusals import hidden
from lianban.web.department import along, days, options
from lianban.web.department.forms import Decision
from lianban.web.department.worklist import frame, officer


@officer
@require_safe
@hidden
def show(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Show the item."""
    view, item = load(request, case_id, number)
    return page(request, view, item)


@officer
@require_POST
@hidden
def seen_originals(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Note which originals were seen at this desk."""
    view, item = load(request, case_id, number)
    return originals.tick(request, case_id, number, back=href(view, item))


@officer
@require_POST
@hidden
def reveal(request: access.Request, case_id: UUID, number: int, code: str) -> HttpResponse:
    """Show the item with one masked number in full; who looked is kept."""
    view, item = load(request, case_id, number)
    if code not in {one.field.code for one in fields(view, item)}:
        raise Refused("unknown_field", "没有这一栏")
    whole = queries.reveal(view, code, actor=request.actor, at=clock.now())
    return page(request, view, item, revealed={code: whole})


def load(request: access.Request, case_id: UUID, number: int) -> tuple[CaseView, ItemView]:
    """The case and the item. Raises `Refused('unknown_case')` for what is not this office's own."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    item = view.item(number)
    if item.sub.department != request.actor.department:
        raise Refused("unknown_case", "没有这个事项")
    return view, item


def fields(view: CaseView, item: ItemView) -> list[FieldView]:
    """Only the fields that the plan gives this item, and none before the item has come."""
    if not options.has_come(item):
        return []
    return [one for one in queries.form(view) if item.item.code in one.field.items]


def materials(view: CaseView, item: ItemView) -> list[MaterialView]:
    """Only the materials that this item needs, and none before the item has come."""
    if not options.has_come(item):
        return []
    return [one for one in queries.materials(view) if item.item.number in one.items]


@dataclass(frozen=True)
class Shown:
    """One field as it stands on the page."""

    code: str
    label: str
    words: str
    #: Where the whole number is shown; empty when nothing is masked.
    reveal_href: str
    is_revealed: bool


@dataclass(frozen=True)
class Paper:
    """One material as it stands on the page."""

    name: str
    grade: str
    grade_words: str
    state: str
    #: Who or what vouches for it.
    source: str
    files: tuple[Any, ...]


def page(
    request: access.Request,
    view: CaseView,
    item: ItemView,
    *,
    revealed: dict[str, str] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Draw the page; `more` brings a form that comes again with what was typed."""
    return render(
        request,
        "department/item.html",
        frame(request) | context(request, view, item, revealed or {}) | more,
        status=status,
    )


def context(
    request: access.Request, view: CaseView, item: ItemView, revealed: dict[str, str]
) -> dict[str, Any]:
    """Everything that the page shows."""
    today = clock.now().date()
    number = item.item.number
    shown = [_shown(view, item, one, revealed) for one in fields(view, item)]
    half, came = (len(shown) + 1) // 2, along.came(view)
    return {
        "case": view,
        "item": item,
        "places": crumbs(view, item),
        "options": options.of(view, item, actor=request.actor),
        "is_mine": item.claimed_by_id is not None and item.claimed_by_id == request.actor.user_id,
        "is_here": options.is_here(item),
        "has_come": options.has_come(item),
        "seen": options.seen(item),
        "columns": (shown[:half], shown[half:]),
        "field_count": len(shown),
        "papers": [
            (_paper(view, one), along.facts(view, one, came.get(one.material.code), today))
            for one in materials(view, item)
        ],
        "settlement": along.issued(request, view, item) if options.has_come(item) else None,
        "grades": _grades(view),
        "originals": originals.of(view, item),
        "originals_href": reverse("department:originals", args=(view.id, number)),
        "earlier": earlier.results(view, number),
        "place": earlier.place(view, number),
        "issued": [link for link in papers.available(view) if link.item == number],
        "history": history(view, number),
        "deferred": [
            (timeline.name_of(view.edition, code), one.due_on)
            for code, one in view.case.deferrals.items()
            if number in one.items
        ],
        "mended": mended.of_item(view, number),
        "next": following(request, view, number),
        "decision": Decision(edition=view.edition),
    } | _clock(view, item, today)


def _clock(view: CaseView, item: ItemView, today: date) -> dict[str, Any]:
    """Its days, what stops them, and whether it, and the person, have come."""
    return {
        "reach": reaching.for_department(reaching.of_case(view).get(item.item.number)),
        "today": today,
        "due_left": days.left(view.calendar, item.due.on, today) if item.due else None,
        "statutory": days.statutory_due(view, item),
        "used": days.used(view, item, today),
        "clock_lines": days.lines(view, item, today),
        "outstanding": [timeline.name_of(view.edition, c) for c in item.sub.notice.outstanding],
        "stands_for": _stands_for(view, item.item.number),
        "presence": coming.reason_of(view, item.item.number),
        "came_on": coming.came_on(view.id, item.item.number),
    }


def crumbs(view: CaseView, item: ItemView, here: str = "") -> list[Crumb]:
    """Where the page lies."""
    name = f"{view.case_number} · {item.item.number} {item.item.short_name}"
    found = [Crumb("待办", reverse("department:worklist"))]
    if not here:
        return [*found, Crumb(name)]
    return [*found, Crumb(name, href(view, item)), Crumb(here)]


def href(view: CaseView, item: ItemView) -> str:
    """The item's page."""
    return reverse("department:item", args=(view.id, item.item.number))


def history(view: CaseView, number: int) -> list[Entry]:
    """What happened to this item, newest first."""
    lines = [line for line in queries.history(view) if line.item == number and not line.is_quiet]
    return [Entry(line.text, at=line.at, who=line.actor) for line in reversed(lines)]


def _stands_for(view: CaseView, number: int) -> str:
    """The line that says why the clock stands still, the last one if there were several."""
    lines = [one for one in queries.history(view) if (one.item, one.event) == (number, "Suspended")]
    return lines[-1].text if lines else ""


def last_change(view: CaseView, number: int) -> str:
    """Who changed the item last, and when: for one who came second."""
    entries = history(view, number)
    if not entries or entries[0].at is None:
        return ""
    entry = entries[0]
    assert entry.at is not None
    return f"{entry.who} {dates.moment(entry.at)}：{entry.title}"


def following(request: access.Request, view: CaseView, number: int) -> Any:
    """The next row to work on: one's own first, of the same item first; None when all is done."""
    today = clock.now().date()
    for tab in ("mine", "unclaimed"):
        page_ = worklists.items(actor=request.actor, tab=tab, today=today)
        rows = [
            r for r in page_.rows if not r.outcome and (r.case_id, r.number) != (view.id, number)
        ]
        if rows:
            return min(rows, key=lambda row: row.number != number)
    return None


def _shown(view: CaseView, item: ItemView, one: FieldView, revealed: dict[str, str]) -> Shown:
    code = one.field.code
    whole = revealed.get(code)
    is_masked = "*" in one.shown and one.shown != one.value
    address = reverse("department:reveal", args=(view.id, item.item.number, code))
    words = one.shown if one.field.type != "date" else _date(one.value)
    return Shown(
        code=code,
        label=one.label,
        words=whole or words,
        reveal_href=f"{address}#f-{code}" if is_masked and not whole else "",
        is_revealed=bool(whole),
    )


def _date(text: str) -> str:
    parts = text.split("-")
    return f"{int(parts[0])}年{int(parts[1])}月{int(parts[2])}日" if len(parts) == 3 else text


def _paper(view: CaseView, one: MaterialView) -> Paper:
    words = view.edition.wording.get("grades", {})
    letter = one.graded.grade if one.graded else ""
    source = grades.source_words(view.edition, one.graded) if one.graded else ""
    if letter == "B" and one.record.seen_by and one.record.seen_at:
        source = f"{one.record.seen_by.name} {dates.short_day(one.record.seen_at)}看过原件"
    return Paper(
        name=one.material.name,
        grade=letter,
        grade_words=words.get(letter, ""),
        state=str(one.state.label),
        source=source,
        files=one.files,
    )


def _grades(view: CaseView) -> list[tuple[str, str]]:
    words = view.edition.wording.get("grades", {})
    return [(letter, words[letter]) for letter in "ABCD" if letter in words]
