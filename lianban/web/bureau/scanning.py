"""Receiving dossiers one scan after the other: one field that keeps the focus, the newest row on top."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.cases.services import dossier_checks, dossier_scans
from lianban.cases.services.dossier_scans import Scan
from lianban.engine.refusal import Refused
from lianban.web.bureau import shell
from lianban.web.components import access, refusals
from lianban.web.components.parts import Crumb

#: Each outcome's mark beside its words.
MARKS = {
    "matched": "done",
    "unexpected": "needs-you",
    "name_differs": "denied",
    "elsewhere": "blocked",
    "already": "waiting",
}


@shell.bureau
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: access.Request) -> HttpResponse:
    """The page; a POST is one scan, or one line that was typed."""
    if request.method != "POST":
        return _page(request)
    text = request.POST.get("text", "").replace("\x00", "")
    district = _district(request)
    return _done(
        request,
        lambda: dossier_scans.scan(
            text=text, district=district, actor=request.actor, at=clock.now()
        ),
        typed=text,
    )


@shell.bureau
@require_POST
@refusals.hidden
def undo(request: access.Request, scan_id: UUID) -> HttpResponse:
    """Take a wrong scan back."""
    return _done(
        request,
        lambda: dossier_scans.undo(scan_id=scan_id, actor=request.actor, at=clock.now()),
        about=scan_id,
    )


@shell.bureau
@require_POST
@refusals.hidden
def give_name(request: access.Request, scan_id: UUID) -> HttpResponse:
    """Say whose dossier it is that nobody announced."""
    name = request.POST.get("name", "").replace("\x00", "")[:100]
    return _done(
        request,
        lambda: dossier_scans.give_name(
            scan_id=scan_id, name=name, actor=request.actor, at=clock.now()
        ),
        about=scan_id,
        name=name,
    )


@shell.bureau
@require_POST
@refusals.hidden
def complete(request: access.Request, dossier_id: UUID) -> HttpResponse:
    """Everything that must be in it is in it: receive it without a look at each piece."""
    scan_id = request.POST.get("scan", "")
    return _done(
        request,
        lambda: dossier_checks.receive(
            dossier_id=dossier_id, seen=None, actor=request.actor, at=clock.now()
        ),
        about=UUID(scan_id) if _is_id(scan_id) else None,
    )


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _done(
    request: access.Request, act: Callable[[], object], *, typed: str = "", **more: Any
) -> HttpResponse:
    """Do it and come back to the list; a refusal stands where it belongs, with what was typed."""
    try:
        act()
    except Refused as refusal:
        if refusals.status_of(refusal) == 404:
            raise
        return _page(request, typed=typed, wrong=refusal.message, status=422, **more)
    return redirect(f"{reverse('bureau:scan')}?district={_district(request)}")


def _district(request: access.Request) -> str:
    wanted = request.POST.get("district") or request.GET.get("district", "")
    places = [place.code for place in shell.districts(request)]
    own = request.actor.district or ""
    usual = own if own in places else next(iter(places), "")
    return wanted if wanted in places else usual


def _page(
    request: access.Request,
    *,
    typed: str = "",
    wrong: str = "",
    about: UUID | None = None,
    name: str = "",
    status: int = 200,
) -> HttpResponse:
    count, rows = dossier_scans.today(actor=request.actor, at=clock.now())
    context = {
        "typed": typed[: dossier_scans.LONGEST],
        "wrong": wrong,
        "about": about,
        "name": name,
        "count": count,
        "rows": [(row, _mark(row)) for row in rows],
        "districts": shell.districts(request),
        "district": _district(request),
        "places": [Crumb("档案", reverse("bureau:dossiers")), Crumb("扫码接收")],
    }
    return shell.page(request, "scan.html", context, status=status)


def _mark(row: Scan) -> str:
    return MARKS[row.outcome]
