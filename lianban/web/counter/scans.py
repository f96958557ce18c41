"""Paper forms that come back: scanned, found by their code, looked at, and filed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban import clock
from lianban.accounts.models import Role
from lianban.cases import queries, uploads
from lianban.cases.services import scans
from lianban.cases.services.scans import Scan
from lianban.engine.refusal import Refused
from lianban.web.components import access
from lianban.web.components.refusals import hidden, status_of

clerk = access.officer(Role.COUNTER_CLERK)


@clerk
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: access.Request) -> HttpResponse:
    """The scans that are not filed yet; on POST take new ones in."""
    if request.method != "POST":
        return _desk(request)
    taken, problems = _taken(request)
    if problems:
        return _desk(request, problems=problems)
    return redirect("counter:scan", taken[0].id) if len(taken) == 1 else redirect("counter:scans")


def _taken(request: access.Request) -> tuple[list[Scan], list[str]]:
    taken: list[Scan] = []
    problems: list[str] = []
    for upload in request.FILES.getlist("file"):
        name = upload.name or ""
        try:
            one = scans.take(upload=upload, name=name, actor=request.actor, at=clock.now())
            taken.append(one)
        except Refused as refusal:
            problems.append(f"「{name}」没收下：{refusal.message}")
    if not taken and not problems:
        problems.append("请先拍照或选一个文件")
    return taken, problems


def _desk(request: access.Request, *, problems: list[str] | None = None) -> HttpResponse:
    context = {
        "held": scans.held(actor=request.actor),
        "problems": problems or [],
        "types": uploads.ACCEPT,
    }
    return render(request, "counter/scans.html", context, status=422 if problems else 200)


@clerk
@never_cache
@require_safe
@hidden
def scan(request: access.Request, held_id: UUID) -> HttpResponse:
    """One scan beside the case that it names, to be looked at and filed."""
    return _page(request, scans.get(scan_id=held_id, actor=request.actor))


@clerk
@require_POST
@hidden
def file(request: access.Request, held_id: UUID) -> HttpResponse:
    """File a scan where it belongs, or where the clerk says that it does."""
    found = scans.get(scan_id=held_id, actor=request.actor)
    try:
        return HttpResponseRedirect(_filed(request, found))
    except Refused as refusal:
        if status_of(refusal) == 404 and refusal.code != "unknown_case":
            raise
        typed = request.POST.get("text", "")
        return _page(request, found, problem=refusal.message, typed=typed, status=422)


def _filed(request: access.Request, found: Scan) -> str:
    """Where to go on once the scan is filed."""
    actor, at, how = request.actor, clock.now(), request.POST.get("how", "")
    if how == "number":
        case_id = _case_by_number(request)
        scans.file_with_case(scan_id=found.id, case_id=case_id, actor=actor, at=at)
    elif found.case_id is not None:
        case_id = found.case_id
        scans.file_with_case(scan_id=found.id, case_id=case_id, actor=actor, at=at)
    elif found.draft_id is not None and found.is_anothers:
        begun = scans.go_on_with(scan_id=found.id, actor=actor, at=at)
        messages.success(request, "本人在网上填的都带过来了，请对着纸质表补全，再核原件")
        return reverse("counter:intake", args=[begun.id])
    elif found.draft_id is not None:
        scans.file_with_draft(scan_id=found.id, draft_id=found.draft_id, actor=actor)
        messages.success(request, "扫描归到这份表里了")
        return reverse("counter:intake", args=[found.draft_id])
    else:
        raise Refused("unknown_case", "请输入办件编号")
    messages.success(request, "纸质登记表归到这一件里了")
    return reverse("counter:case", args=[case_id])


def _case_by_number(request: access.Request) -> UUID:
    text = request.POST.get("text", "").strip()[:60]
    today = clock.now().date()
    rows = queries.find(text, actor=request.actor, today=today) if text else []
    if len(rows) != 1 or "\0" in text:
        raise Refused("unknown_case", "没有找到这个办件编号，请核对后再输")
    found: UUID = rows[0]["id"]
    return found


@clerk
@never_cache
@require_safe
@hidden
def image(request: access.Request, held_id: UUID) -> HttpResponse:
    """The picture of a scan, drawn by us, for the page on which it is looked at."""
    content_type, content = scans.image(scan_id=held_id, actor=request.actor)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Content-Disposition"] = "inline"
    return response


@clerk
@require_POST
@hidden
def drop(request: access.Request, held_id: UUID) -> HttpResponse:
    """Throw a scan away that was not filed."""
    scans.drop(scan_id=held_id, actor=request.actor)
    messages.success(request, "这张扫描删掉了")
    return redirect("counter:scans")


def _page(
    request: access.Request, found: Scan, *, problem: str = "", typed: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"scan": found, "problem": problem, "typed": typed}
    if found.case_id is not None:
        at = clock.now()
        context["view"] = queries.get(case_id=found.case_id, actor=request.actor, at=at)
    return render(request, "counter/scan.html", context, status=status)
