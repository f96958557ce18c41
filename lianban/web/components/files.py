"""Files of materials: taken in, put into order, and handed out, never shown inside our pages."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lianban import clock
from lianban.accounts.models import Role
from lianban.cases import draft_files, queries
from lianban.cases.services import materials
from lianban.engine.refusal import Refused
from lianban.web.components import access, refusals


def take(request: access.Request, uploads: list[Any], **where: Any) -> list[str]:
    """Keep each file that was sent for one material; what is wrong, each with its file's name.

    `where` is the material and the draft's or case's id. One bad file loses nothing of the others.
    Raises `Refused` for what the caller may not see or do at all.
    """
    problems = []
    for upload in uploads:
        name = upload.name or ""
        try:
            materials.add_file(
                upload=upload, name=name, actor=request.actor, at=clock.now(), **where
            )
        except Refused as refusal:
            if refusals.status_of(refusal) in (403, 404):
                raise
            problems.append(f"「{name}」没传上：{refusal.message}")
    return problems


@access.signed_in
@require_GET
@refusals.hidden
def file(request: access.Request, file_id: UUID) -> HttpResponse:
    """Download one file; 404 for those who may not see its material."""
    record, content = materials.open_file(file_id=file_id, actor=request.actor, at=clock.now())
    return handed_out(content, name=record.name, content_type=record.content_type)


@access.signed_in
@require_POST
@refusals.hidden
def remove(request: access.Request, file_id: UUID) -> HttpResponse:
    """Delete one file of a draft of one's own."""
    back = _back(request, file_id)
    materials.remove_file(file_id=file_id, actor=request.actor, at=clock.now())
    return HttpResponseRedirect(back)


@access.signed_in
@require_POST
@refusals.hidden
def move(request: access.Request, file_id: UUID) -> HttpResponse:
    """Put one file of a draft of one's own before or after its neighbour."""
    earlier = request.POST.get("to") == "earlier"
    materials.move_file(file_id=file_id, earlier=earlier, actor=request.actor)
    return HttpResponseRedirect(_back(request, file_id))


@access.officer(Role.BUREAU_HEAD)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@refusals.hidden
def original(request: access.Request, file_id: UUID) -> HttpResponse:
    """Ask first, then hand out the bytes as they came; it is journalled."""
    if request.method == "POST":
        record, content = materials.open_original(
            file_id=file_id, actor=request.actor, at=clock.now()
        )
        return handed_out(content, name=f"原始文件-{record.name}")
    case_id, kept = draft_files.of_case(file_id=file_id)
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    context = {"view": view, "file": kept, "back": reverse("bureau:case", args=[case_id])}
    return render(request, "components/original.html", context)


def handed_out(
    content: bytes, *, name: str, content_type: str = "application/octet-stream"
) -> HttpResponse:
    """A file as a download in which nothing can act."""
    response = HttpResponse(content, content_type=content_type)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = disposition or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _back(request: access.Request, file_id: UUID) -> str:
    """The page on which the file stands, at its material."""
    draft_id, material = draft_files.place_of(file_id=file_id, actor=request.actor)
    if request.actor.kind == "officer":
        return f"{reverse('counter:draft_files', args=[draft_id])}#m-{material}"
    return f"{reverse('applicant:materials')}#m-{material}"
