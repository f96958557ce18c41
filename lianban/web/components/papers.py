"""Papers as PDF, for those who may see them, and the public page that checks a paper's code."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_safe

from lianban import clock
from lianban.accounts import limiter
from lianban.cases import queries
from lianban.cases.services import drafts
from lianban.documents import authenticity, papers, verify
from lianban.documents import render as papers_render
from lianban.engine.refusal import Refused
from lianban.web.components import access, caller, receipt_secret, refusals

#: A code has 80 bits; the limit keeps a machine from asking all day.
VERIFYING = limiter.Limit(rule="verify_paper", most=60, window=timedelta(minutes=10))


@access.signed_in
@require_GET
@refusals.hidden
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
@refusals.hidden
def draft_form(request: access.Request, draft_id: UUID) -> HttpResponse:
    """The registration form of one's own draft, to be completed and signed by hand."""
    draft = drafts.get(draft_id=draft_id, actor=request.actor)
    return _pdf(papers.form_of_draft(draft, at=clock.now()), "登记表.pdf")


@access.signed_in
@require_GET
@refusals.hidden
def draft_requirements(request: access.Request, draft_id: UUID) -> HttpResponse:
    """一次性告知书 of one's own draft."""
    draft = drafts.get(draft_id=draft_id, actor=request.actor)
    given_by = request.actor.name if request.actor.kind == "officer" else ""
    file = papers.requirements_of_draft(draft, given_by=given_by, at=clock.now())
    return _pdf(file, "一次性告知书.pdf")


@access.public
@require_safe
def verify_form(request: HttpRequest) -> HttpResponse:
    """Ask for the code that stands beside a paper's QR; a typed one leads to its answer."""
    typed = request.GET.get("code", "").strip()
    if not typed:
        return render(request, "papers/verify.html", {})
    spelled = authenticity.tidy(typed)
    if spelled is None:
        context = {"typed": typed[:40], "wrong": "核验码是 16 位字母和数字，请照纸上再输一遍"}
        return render(request, "papers/verify.html", context, status=422)
    return HttpResponseRedirect(reverse("papers:verified", args=[spelled]))


@access.public
@require_safe
def verified(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether a paper with this code was issued here, and what it is; nothing of its person."""
    at = clock.now()
    try:
        limiter.count(VERIFYING, key=limiter.network(caller.address(request)), at=at)
    except Refused:
        context = {"typed": code[:40], "wrong": "查的次数太多了，请过十分钟再查"}
        return render(request, "papers/verify.html", context, status=429)
    found = verify.look_up(code)
    parts = [found.sha256[start : start + 8] for start in range(0, 64, 8)] if found else []
    answer = {"found": found, "parts": parts, "typed": code[:40], "is_answer": True}
    return render(request, "papers/verify.html", answer, status=200 if found else 404)


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
