"""A case's visits at the counter: the same page as the person's, with the person beside."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.cases import queries
from lianban.cases.queries import CaseView
from lianban.web.components import access, booking
from lianban.web.components.refusals import hidden
from lianban.web.counter.case_page import clerk


def _draw(
    request: access.Request, view: CaseView, name: str, status: int, **context: Any
) -> HttpResponse:
    return render(request, f"counter/{name}.html", {"view": view, **context}, status=status)


_FACE = booking.Face(
    draw=_draw,
    home="counter:visits",
    change="counter:change_visit",
    cancel="counter:cancel_visit",
    calendar="",
    back="counter:case",
)


def _view(request: access.Request, case_id: UUID) -> CaseView:
    return queries.get(case_id=case_id, actor=request.actor, at=clock.now())


@clerk
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def visits(request: access.Request, case_id: UUID) -> HttpResponse:
    """The set of visits, and the times that can be booked."""
    return booking.visits_page(_FACE, request, _view(request, case_id))


@clerk
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def change(request: access.Request, case_id: UUID, appointment_id: UUID) -> HttpResponse:
    """Another time for what is booked."""
    return booking.change_page(_FACE, request, _view(request, case_id), appointment_id)


@clerk
@require_POST
@hidden
def cancel(request: access.Request, case_id: UUID, appointment_id: UUID) -> HttpResponse:
    """Give a time back."""
    return booking.cancel(_FACE, request, _view(request, case_id), appointment_id)
