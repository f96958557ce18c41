"""Papers as PDF, for those who may see them."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import shortcuts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from lianban import clock
from lianban.cases import queries
from lianban.cases.services import drafts
from lianban.documents import papers
from lianban.documents import render as papers_render
from lianban.engine.refusal import Refused
from lianban.web.components import access, receipt_secret, refusals

View = Callable[..., HttpResponse]


def _told(view: View) -> View:
    """Say in plain words why there is no paper; 404 for what the caller may not see."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return refusals.hidden(view)(request, *args, **kwargs)
        except Refused as refusal:
            status = refusals.status_of(refusal)
            return shortcuts.render(
                request, "papers/refused.html", {"words": refusal.message}, status=status
            )

    return wrapped


@access.signed_in
@require_GET
@_told
def paper(
    request: access.Request, case_id: UUID, kind: str, item: int, sequence: int | None = None
) -> HttpResponse:
    """One paper of a case; item 0 is the case as a whole. 404 for what there is not."""
    at = clock.now()
    view = queries.get(case_id=case_id, actor=request.actor, at=at)
    file = papers.pdf(
        view,
        kind=kind,
        item=item or None,
        actor=request.actor,
        at=at,
        base_url=public_address(request),
        sequence=sequence,
        secret=receipt_secret.read(request, case_id=case_id) if kind == "receipt" else "",
    )
    title = papers_render.titles()[kind]
    return _pdf(file, f"{title} {view.case_number}.pdf")


@access.signed_in
@require_GET
@_told
def draft_form(request: access.Request, draft_id: UUID) -> HttpResponse:
    """The registration form of one's own draft, to be completed and signed by hand."""
    draft = drafts.get(draft_id=draft_id, actor=request.actor)
    return _pdf(papers.form_of_draft(draft, at=clock.now()), "登记表.pdf")


@access.signed_in
@require_GET
@_told
def draft_requirements(request: access.Request, draft_id: UUID) -> HttpResponse:
    """一次性告知书 of one's own draft."""
    draft = drafts.get(draft_id=draft_id, actor=request.actor)
    given_by = request.actor.name if request.actor.kind == "officer" else ""
    file = papers.requirements_of_draft(draft, given_by=given_by, at=clock.now())
    return _pdf(file, "一次性告知书.pdf")


def public_address(request: HttpRequest) -> str:
    """The address that people outside can reach: as configured, else as this page was called."""
    configured: str = settings.SITE.get("public_address", "")
    return configured or request.build_absolute_uri("/").rstrip("/")


def _pdf(file: bytes, name: str) -> HttpResponse:
    response = HttpResponse(file, content_type="application/pdf")
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=False, filename=name) or "inline"
    )
    return response
