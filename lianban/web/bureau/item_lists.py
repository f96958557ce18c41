"""The bureau's own items, and the items that departments sent back."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from lianban.cases import editions, enquiry_lists, standing, worklists
from lianban.web.bureau import shell
from lianban.web.bureau.lists import Tab
from lianban.web.components import access

TABS = {
    "open": "全部待办",
    "mine": "我的",
    "unclaimed": "没人认领",
    "due": "今天到期",
    "overdue": "超期",
    "correction": "等本人补",
    "coming": "还没轮到",
    "done": "已办",
}


@shell.bureau
@require_safe
def items(request: access.Request) -> HttpResponse:
    """The sub-cases that the bureau itself decides, by date."""
    today, tab = shell.today(), request.GET.get("tab", "open")
    tab = tab if tab in TABS else "open"
    number = request.GET.get("item", "")
    page = worklists.items(
        actor=request.actor,
        tab=tab,
        today=today,
        item=int(number) if number.isascii() and number.isdigit() and len(number) < 5 else None,
        **shell.keys(request),
    )
    counts = worklists.item_counts(actor=request.actor, today=today)
    context: dict[str, Any] = {
        "tab": tab,
        "title": TABS[tab],
        "tabs": [Tab(code, name, counts.get(code), code == tab) for code, name in TABS.items()],
        "rows": [_row(row, request, today) for row in page.rows],
        "page": page,
        "own": _own_items(request),
        "number": number,
    }
    return shell.page(request, "items.html", context)


def _row(row: Any, request: access.Request, today: Any) -> dict[str, Any]:
    edition = editions.pinned(row.case.edition_id, row.case.edition_hash)
    return {
        "record": row,
        "name": edition.item(row.number).short_name,
        "is_late": bool(row.due_on and row.due_on < today and not row.outcome),
        "is_mine": row.claimed_by_id == request.actor.user_id,
        "at_desk": row.state in worklists.AT_DESK,
    }


def _own_items(request: access.Request) -> list[tuple[str, str]]:
    """The items of the bureau in the editions of its districts, to narrow the list."""
    found: dict[str, str] = {}
    for edition_id in sorted({d.policy_edition for d in shell.districts(request)}):
        edition = editions.in_force(edition_id)
        for item in edition.items:
            if request.actor.department in item.departments:
                found.setdefault(str(item.number), item.short_name)
    return list(found.items())


@shell.bureau
@require_safe
def enquiries(request: access.Request) -> HttpResponse:
    """Enquiries that a department should have answered by now."""
    page = enquiry_lists.overdue(actor=request.actor, today=shell.today(), **shell.keys(request))
    return shell.page(request, "enquiries.html", {"page": page})


@shell.bureau
@require_safe
def returned(request: access.Request) -> HttpResponse:
    """Items that departments sent back ("not ours"), to be sent again or mended."""
    page = standing.returned(actor=request.actor, **shell.keys(request))
    return shell.page(request, "returned.html", {"page": page})
