"""*My case*: where the person still has to come, with what, when; times are booked together."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban.cases.queries import CaseView
from lianban.web.applicant import my_people
from lianban.web.applicant.my_open import own_case, page
from lianban.web.components import access, booking


def _draw(
    request: access.Request, view: CaseView, name: str, status: int, **context: Any
) -> HttpResponse:
    crumb = "要跑几次" if name == "visits" else "改时间"
    counters = my_people.counters(view)
    return page(request, name, view, crumb=crumb, status=status, counters=counters, **context)


_FACE = booking.Face(
    draw=_draw,
    home="applicant:my_visits",
    change="applicant:change_visit",
    cancel="applicant:cancel_visit",
    calendar="applicant:visits_calendar",
    back="applicant:my_case",
)


@access.applicant
@require_http_methods(["GET", "HEAD", "POST"])
@own_case
def visits(request: access.Request, view: CaseView) -> HttpResponse:
    """The set of visits, and the times that can be booked."""
    return booking.visits_page(_FACE, request, view)


@access.applicant
@require_http_methods(["GET", "HEAD", "POST"])
@own_case
def change(request: access.Request, view: CaseView, appointment_id: UUID) -> HttpResponse:
    """Another time for what is booked."""
    return booking.change_page(_FACE, request, view, appointment_id)


@access.applicant
@require_POST
@own_case
def cancel(request: access.Request, view: CaseView, appointment_id: UUID) -> HttpResponse:
    """Give a time back."""
    return booking.cancel(_FACE, request, view, appointment_id)


@access.applicant
@require_safe
@own_case
def calendar(request: access.Request, view: CaseView) -> HttpResponse:
    """What is booked, for the calendar of a phone."""
    return booking.calendar(view)
