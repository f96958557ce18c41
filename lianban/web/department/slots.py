"""The times at which this office sees people, and what notes that somebody came."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban import clock
from lianban.cases import coming
from lianban.cases.services import visits
from lianban.engine.refusal import Refused
from lianban.web.components import access, slot_desk
from lianban.web.components.refusals import hidden, status_of
from lianban.web.department import item_page
from lianban.web.department.worklist import frame, officer


def _draw(request: access.Request, name: str, context: dict[str, Any], status: int) -> HttpResponse:
    return render(request, f"department/{name}.html", frame(request) | context, status=status)


_FACE = slot_desk.Face(
    draw=_draw,
    home="department:slots",
    opening="department:open_slots",
    close="department:close_slots",
    arrived="department:arrived",
)


@officer
@require_safe
def day(request: access.Request) -> HttpResponse:
    """Who comes today, and the open times."""
    return slot_desk.day_page(_FACE, request)


@officer
@require_http_methods(["GET", "HEAD", "POST"])
def opening(request: access.Request) -> HttpResponse:
    """Open times."""
    return slot_desk.opening_page(_FACE, request)


@officer
@require_POST
def close(request: access.Request) -> HttpResponse:
    """Close times that nobody booked."""
    return slot_desk.close(_FACE, request)


@officer
@require_POST
@hidden
def arrived(request: access.Request, appointment_id: UUID) -> HttpResponse:
    """The person who booked is here."""
    return slot_desk.arrived(_FACE, request, appointment_id)


@officer
@require_POST
@hidden
def came(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """The person is at the desk for this item, booked or not."""
    view, item = item_page.load(request, case_id, number)
    reason = coming.reason_of(view, number)
    if reason is None:
        raise Http404("这个事项不用本人到场")
    try:
        visits.came(
            case_id=case_id,
            place=reason.place,
            items=[number],
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"记下了：本人来了，{reason.words}")
    return HttpResponseRedirect(item_page.href(view, item))
