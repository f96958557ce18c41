"""Registering reception, one or many; gathering batches and their summary sheets."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lianban import clock
from lianban.cases import batch_lists, dossier_lists, services, worklists
from lianban.cases.services import batches
from lianban.cases.services.dossiers import RowResult
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.web.bureau import many, shell, summary_sheet
from lianban.web.components import access, refusals
from lianban.web.components import reception as reception_door
from lianban.web.components.parts import Crumb

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
def reception(request: access.Request) -> HttpResponse:
    """Cases that wait for reception to be registered; a POST registers the ticked ones."""
    if request.method == "POST":
        rows = [_receive(request, case_id) for case_id in many.ticked(request.POST, "case")]
        many.tell(request, rows, done="登记了退役接收")
        return redirect("bureau:reception")
    page = dossier_lists.to_receive(actor=request.actor, **shell.keys(request))
    context = {"page": page, "counts": dossier_lists.counts(actor=request.actor)}
    return shell.page(request, "reception.html", context)


def _receive(request: access.Request, case_id: UUID) -> RowResult:
    at = clock.now()
    try:
        services.run(c.RegisterReception(), case_id=case_id, actor=request.actor, at=at)
        reception_door.number_notice(request, case_id, at=at)
    except Refused as refused:
        return RowResult(_label(request, case_id), False, refused.message)
    return RowResult(_label(request, case_id), True, "已登记")


def _label(request: access.Request, case_id: UUID) -> str:
    rows = worklists.case_rows(actor=request.actor, show="all", today=shell.today())
    found = rows.filter(id=case_id).first()
    return f"{found.person.name} {found.case_number}" if found else "没有这件联办件"


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
def gather(request: access.Request) -> HttpResponse:
    """Choose what is gathered, all ticked; a POST makes the batch and leads to it."""
    if request.method == "POST":
        return _gather(request)
    rows = worklists.case_rows(actor=request.actor, show="to_gather", today=shell.today())
    found = list(rows.order_by("submitted_at", "id")[: batches.MOST])
    listed = batch_lists.batches(actor=request.actor, **shell.keys(request))
    context = {"rows": found, "page": listed, "most": batches.MOST}
    return shell.page(request, "gather.html", context)


def _gather(request: access.Request) -> HttpResponse:
    try:
        found = batches.gather(
            case_ids=many.ticked(request.POST, "case"), actor=request.actor, at=clock.now()
        )
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("bureau:gather")
    many.tell(request, found.rows, done="汇总推送了")
    if found.batch_id is None:
        return redirect("bureau:gather")
    return redirect("bureau:batch", found.batch_id)


@shell.bureau
@require_safe
@refusals.hidden
def batch(request: access.Request, batch_id: UUID) -> HttpResponse:
    """One batch and what was pushed with it."""
    view = batch_lists.get(batch_id=batch_id, actor=request.actor)
    context: dict[str, Any] = {
        "batch": view,
        "rows": batch_lists.sheet(batch_id=batch_id, actor=request.actor),
        "places": [Crumb("汇总", reverse("bureau:gather")), Crumb(view.number)],
    }
    return shell.page(request, "batch.html", context)


@shell.bureau
@require_safe
@refusals.hidden
def sheet(request: access.Request, batch_id: UUID) -> HttpResponse:
    """The summary sheet as XLSX, with the results as they stand now."""
    view = batch_lists.get(batch_id=batch_id, actor=request.actor)
    rows = batch_lists.sheet(batch_id=batch_id, actor=request.actor)
    answer = HttpResponse(summary_sheet.write(view, rows), content_type=_SHEET)
    answer["Content-Disposition"] = f'attachment; filename="{view.number}.xlsx"'
    return answer
