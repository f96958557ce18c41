"""The times at which this counter sees people."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban.web.components import access, slot_desk
from lianban.web.components.refusals import hidden
from lianban.web.counter.case_page import clerk


def _draw(request: access.Request, name: str, context: dict[str, Any], status: int) -> HttpResponse:
    return render(request, f"counter/{name}.html", context, status=status)


_FACE = slot_desk.Face(
    draw=_draw,
    home="counter:slots",
    opening="counter:open_slots",
    close="counter:close_slots",
    arrived="counter:arrived",
)


@clerk
@require_safe
def day(request: access.Request) -> HttpResponse:
    """Who comes today, and the open times."""
    return slot_desk.day_page(_FACE, request)


@clerk
@require_http_methods(["GET", "HEAD", "POST"])
def opening(request: access.Request) -> HttpResponse:
    """Open times."""
    return slot_desk.opening_page(_FACE, request)


@clerk
@require_POST
def close(request: access.Request) -> HttpResponse:
    """Close times that nobody booked."""
    return slot_desk.close(_FACE, request)


@clerk
@require_POST
@hidden
def arrived(request: access.Request, appointment_id: UUID) -> HttpResponse:
    """The person who booked is here."""
    return slot_desk.arrived(_FACE, request, appointment_id)
