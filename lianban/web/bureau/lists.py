"""The start page, finding a case, and the lists of joint cases."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lianban import clock
from lianban.cases import dossier_lists, heads_desk, queries, standing, worklists
from lianban.web.bureau import shell
from lianban.web.components import access

#: The lists: code, name, and what to say when it is empty.
SHOWS = {
    "pre_review": ("预审", "网上交来的都看过了"),
    "correction": ("待补正", "没有等本人补材料的件"),
    "handling": ("办理中", "没有办理中的件"),
    "due": ("到期", "今天没有到期的件"),
    "stuck": ("卡住", "没有过了日子还没动的件"),
    "to_gather": ("待汇总", "没有等着汇总推送的件"),
    "to_conclude": ("可办结", "没有可以办结的件"),
    "open": ("全部在办", "没有在办的件"),
    "done": ("已结束", "还没有结束的件"),
    "all": ("全部", "还没有联办件"),
}


@dataclass(frozen=True)
class Tab:
    """One list with its name and how many rows it has (None: not counted)."""

    code: str
    name: str
    count: int | None
    is_here: bool


@dataclass(frozen=True)
class CaseRow:
    """One joint case in a list, and whose turn it is."""

    record: Any
    standing: standing.Standing
    is_late: bool


@shell.bureau
@require_safe
def start(request: access.Request) -> HttpResponse:
    """What needs the bureau now, and the most pressing cases."""
    at = clock.now()
    counts = worklists.case_counts(actor=request.actor, today=at.date())
    found = worklists.cases(actor=request.actor, show="due", today=at.date())
    context = {
        "cases": counts,
        "items": worklists.item_counts(actor=request.actor, today=at.date()),
        "dossiers": dossier_lists.counts(actor=request.actor),
        "returned": standing.returned_count(actor=request.actor),
        "waiting": heads_desk.counts(actor=request.actor, today=at.date()),
        "rows": _rows(found.rows[:10], at.date()),
        "today": at.date(),
    }
    return shell.page(request, "start.html", context)


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: access.Request) -> HttpResponse:
    """Find cases by number, identity number, name or the text of a receipt's QR code.

    Posted, so that no number stands in an address; the only case found opens at once.
    """
    words = request.POST.get("q", "").strip()[:200]
    rows = queries.find(words, actor=request.actor, today=shell.today()) if words else []
    if len(rows) == 1:
        return redirect(reverse("bureau:case", args=[rows[0]["id"]]))
    return shell.page(request, "find.html", {"words": words, "rows": rows})


@shell.bureau
@require_safe
def cases(request: access.Request) -> HttpResponse:
    """One list of joint cases, by date, fifty at a time."""
    today, show = shell.today(), request.GET.get("show", "open")
    show = show if show in SHOWS else "open"
    district = shell.chosen_district(request)
    page = worklists.cases(
        actor=request.actor, show=show, today=today, district=district, **shell.keys(request)
    )
    counts = worklists.case_counts(actor=request.actor, today=today)
    context = {
        "show": show,
        "title": SHOWS[show][0],
        "empty": SHOWS[show][1],
        "tabs": [Tab(c, SHOWS[c][0], counts.get(c), c == show) for c in SHOWS],
        "rows": _rows(page.rows, today),
        "page": page,
        "districts": shell.districts(request),
        "district": district,
        "today": today,
    }
    return shell.page(request, "cases.html", context)


def _rows(records: list[Any], today: Any) -> list[CaseRow]:
    found = standing.of_cases(records, today=today)
    return [CaseRow(r, found[r.id], bool(found[r.id].late)) for r in records]
