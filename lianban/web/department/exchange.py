"""A department and its own system: what was sent, seen there and decided, and what does not agree."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lianban import clock
from lianban.exchange import partners
from lianban.exchange.watching import health, lists, task_lists
from lianban.web.components import access, exchange_pages
from lianban.web.components import exchange_words as words
from lianban.web.components.parts import Crumb
from lianban.web.components.refusals import hidden
from lianban.web.department.worklist import frame, officer

#: The lists, with what does not agree among them.
_SHOWS = ("waiting", "dead", "sent", "came", "tasks")
_TASKS = ("对不上", "没有对不上的", "对方拒收、两边账不一样的，会到这里；由牵头部门来看。")


@officer
@require_safe
def own(request: access.Request) -> HttpResponse:
    """Show how far one's items have come in one's own system."""
    code, at = request.actor.department or "", clock.now()
    partner = partners.find(code)
    if partner is None:
        return render(request, "department/exchange_none.html", frame(request))
    show = request.GET.get("show", "waiting")
    show = show if show in _SHOWS else "waiting"
    one = health.one(code, at=at)
    return render(
        request,
        "department/exchange.html",
        frame(request)
        | _listing(request, code, show)
        | {
            "health": one,
            "status": exchange_pages.partner_status(one.state),
            "since": words.since(one),
            "is_pushed": exchange_pages.is_pushed(partner),
            "progress": lists.progress(code, actor=request.actor),
            "counts": lists.counts(code, actor=request.actor),
            "tabs": _tabs(request, code, show),
        },
    )


def _listing(request: access.Request, code: str, show: str) -> dict[str, Any]:
    at, actor = clock.now(), request.actor
    keys = {name: request.GET.get(name, "")[:100] for name in ("after", "before")}
    if show != "tasks":
        found = exchange_pages.listing(code, actor=actor, show=show, keys=keys, at=at)
        assert isinstance(found, dict)
        return found
    page = task_lists.items(actor=actor, show="all", **keys)
    rows = [exchange_pages.task_row(task, at) for task in page.rows]
    return {
        "show": show,
        "rows": rows,
        "page": page,
        "empty_title": _TASKS[1],
        "empty_text": _TASKS[2],
    }


def _tabs(request: access.Request, code: str, show: str) -> list[dict[str, Any]]:
    counts = lists.counts(code, actor=request.actor)
    counts["tasks"] = task_lists.open_count(actor=request.actor)
    names = {one: said[0] for one, said in exchange_pages.SHOWS.items()} | {"tasks": _TASKS[0]}
    return [
        {"code": one, "name": names[one], "count": counts.get(one), "is_here": one == show}
        for one in _SHOWS
    ]


@officer
@never_cache
@require_safe
@hidden
def message(request: access.Request, message_id: UUID) -> HttpResponse:
    """Show one message to one's own system."""
    one = lists.get_outgoing(message_id, actor=request.actor)
    context = exchange_pages.message(one, at=clock.now()) | {
        "tasks": task_lists.of_message(one.row, actor=request.actor),
        "places": [Crumb("本部门系统", reverse("department:exchange")), Crumb("消息")],
    }
    return render(request, "department/exchange_message.html", frame(request) | context)


@officer
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def send_again(request: access.Request, message_id: UUID) -> HttpResponse:
    """Ask, then put a message to one's own system back into the line."""
    at = clock.now()
    one = lists.get_outgoing(message_id, actor=request.actor)
    back = reverse("department:exchange_message", args=[message_id])
    if request.method == "POST":
        return exchange_pages.resent(request, one, back=back, at=at)
    context = exchange_pages.message(one, at=at) | {
        "places": [
            Crumb("本部门系统", reverse("department:exchange")),
            Crumb("消息", back),
            Crumb("重发"),
        ],
    }
    return render(request, "department/exchange_resend.html", frame(request) | context)
