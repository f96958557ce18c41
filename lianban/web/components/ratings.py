"""Bad ratings and the calls back, for everybody who decided something."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lianban import clock
from lianban.accounts.models import Role
from lianban.cases import rating_lists
from lianban.cases.services import ratings as service
from lianban.engine.refusal import Refused
from lianban.web.components import access, faces
from lianban.web.components.refusals import hidden, status_of

_officer = access.officer(Role.BUREAU_OFFICER, Role.BUREAU_HEAD, Role.DEPARTMENT_OFFICER)


@_officer
@require_safe
def calls(request: access.Request) -> HttpResponse:
    """List the bad ratings of the officer's department."""
    return _page(request)


@_officer
@require_POST
@hidden
def call(request: access.Request, rating_id: UUID) -> HttpResponse:
    """Record one call."""
    try:
        service.call_back(
            rating_id=rating_id,
            answer=request.POST.get("answer", ""),
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        return _page(request, refused=(rating_id, refusal))
    messages.success(request, "记下了，本人也看得到")
    return HttpResponseRedirect(reverse("ratings:calls"))


def _page(request: access.Request, *, refused: tuple[UUID, Refused] | None = None) -> HttpResponse:
    tab = request.GET.get("tab", "due")
    tab = tab if tab in rating_lists.TABS else "due"
    keys = {name: request.GET.get(name, "")[:100] for name in ("after", "before")}
    page, today = rating_lists.bad(actor=request.actor, tab=tab, **keys), clock.now().date()
    context = {
        "faces": faces.faces_of(request.actor),
        "tab": tab,
        "page": page,
        "rows": [(row, row.is_overdue(today)) for row in page.rows],
        "due": rating_lists.due_count(actor=request.actor),
        "days": service.CALL_DAYS,
        "longest": service.LONGEST,
        "refused_id": refused[0] if refused else None,
        "error": refused[1].message if refused else "",
        "typed": request.POST.get("answer", "") if refused else "",
    }
    status = status_of(refused[1]) if refused else 200
    return render(request, "ratings/calls.html", context, status=status)
