"""Giving a command from a page: the guard against a page that is out of date, and the answer."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from lianban import clock
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.result_rows import Given
from lianban.cases.services import claims
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.web.components import access
from lianban.web.components.refusals import status_of
from lianban.web.department import item_page, options

_LAW = "行政许可法第三十二条：要补正的，应当一次告知全部内容"
_ONE_NOTICE = frozenset({"old_defect", "already_noticed", "too_late"})
_CAME_SECOND = frozenset({"stale", "ended", "already_claimed", "not_ready"})


def give(
    request: access.Request,
    view: CaseView,
    item: ItemView,
    command: c.Command,
    *,
    seen: str,
    result_number: str = "",
    result: Given | None = None,
) -> None:
    """Give the command; one that was meant for an older page is refused unless it is a repeat.

    Raises `Refused`.
    """
    claims.act(
        command,
        case_id=view.id,
        item=item.item.number,
        actor=request.actor,
        at=clock.now(),
        expected_sequence=expected(view, item, seen),
        result_number=result_number,
        result=result,
    )


def expected(view: CaseView, item: ItemView, seen: str) -> int:
    """The sequence that the officer saw; one that never was, for a page that is out of date."""
    return view.sequence if seen == options.seen(item) else -1


def answered(
    request: access.Request,
    view: CaseView,
    item: ItemView,
    act: Callable[[], object],
    *,
    done: str,
    again: Callable[[dict[str, Any], int], HttpResponse],
) -> HttpResponse:
    """Act, then go to the item's page; refused, show the page `again` with why and what was typed."""
    try:
        act()
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        return again(refused(request, view, item, refusal), status_of(refusal))
    messages.success(request, done)
    return HttpResponseRedirect(item_page.href(view, item))


def refused(
    request: access.Request, view: CaseView, item: ItemView, refusal: Refused
) -> dict[str, Any]:
    """Why it was not done; for one who came second also who was first, and when."""
    changed = ""
    if refusal.code in _CAME_SECOND:
        fresh = item_page.load(request, view.id, item.item.number)[0]
        changed = item_page.last_change(fresh, item.item.number)
    law = _LAW if refusal.code in _ONE_NOTICE else ""
    return {"refusal": refusal.message, "changed": changed, "law": law}
