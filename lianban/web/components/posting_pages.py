"""Batches of envelopes: their labels, their tracking numbers, and what became of each."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from lianban import clock
from lianban.accounts import sheets
from lianban.cases import worklists
from lianban.cases.services import postings
from lianban.documents import delivery_papers
from lianban.engine.refusal import Refused
from lianban.web.components import access, result_desk
from lianban.web.components.parts import Crumb
from lianban.web.components.refusals import hidden, status_of
from lianban.web.components.result_desk import officer

_LONGEST = 50_000


@officer
@require_safe
def listed(request: access.Request) -> HttpResponse:
    """The batches of this desk, the newest first."""
    found = worklists.paged(
        postings.listed(actor=request.actor),
        "made_at",
        True,
        request.GET.get("after", "")[:100],
        request.GET.get("before", "")[:100],
    )
    rows = [(row, postings.progress(row)) for row in found.rows]
    context = {"rows": rows, "page": found}
    return render(request, "results/postings.html", result_desk.frame(request) | context)


@officer
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def posting(request: access.Request, posting_id: UUID) -> HttpResponse:
    """One batch; a POST brings tracking numbers from the table, a text or a file."""
    found = postings.get(posting_id=posting_id, actor=request.actor)
    if request.method != "POST":
        return _page(request, found)
    table = {
        one.mail.id: request.POST.get(f"number-{one.mail.id}", "")
        for one in postings.envelopes(found)
    }
    text = request.POST.get("text", "")[:_LONGEST]
    read = postings.read_text(found, text)
    problems = [*read.problems]
    numbers = table | read.numbers
    try:
        from_file = _file(request, found)
    except Refused as refusal:
        problems.append(refusal.message)
    else:
        numbers |= from_file.numbers
        problems += from_file.problems
    carrier = request.POST.get("carrier", "")
    typed: dict[str, Any] = {"numbers": numbers, "text": text, "carrier": carrier}
    if problems:
        return _page(request, found, problems=problems, status=422, **typed)
    try:
        done = postings.post(
            posting_id=found.id,
            carrier=carrier,
            numbers=numbers,
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        return _refused(request, found, refusal, typed)
    left = sum(one.mail.posted_at is None for one in postings.envelopes(found))
    rest = f"，还有 {left} 个没有单号" if left else ""
    messages.success(request, f"记下了，{done} 个寄出，本人看得到单号{rest}")
    return redirect("results:posting", found.id)


def _refused(
    request: access.Request, found: Any, refusal: Refused, typed: dict[str, Any]
) -> HttpResponse:
    wrong = refusal.details.get("problems")
    code = status_of(refusal)
    if code == 404:
        raise refusal
    return _page(
        request,
        found,
        problems=[refusal.message],
        wrong=wrong if isinstance(wrong, dict) else {},
        status=422 if code == 400 else code,
        **typed,
    )


def _file(request: access.Request, found: Any) -> postings.Read:
    upload = request.FILES.get("file")
    if upload is None:
        return postings.Read()
    content = upload.read(sheets.MOST_BYTES + 1)
    return postings.read_file(found, content, name=upload.name or "")


@officer
@require_GET
@hidden
def labels(request: access.Request, posting_id: UUID) -> HttpResponse:
    """The sheet of labels as PDF; whose addresses were read is kept."""
    found = postings.get(posting_id=posting_id, actor=request.actor)
    file = delivery_papers.labels(posting_id=posting_id, actor=request.actor, at=clock.now())
    response = HttpResponse(file, content_type="application/pdf")
    name = f"面单 {found.number}.pdf"
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=False, filename=name) or "inline"
    )
    return response


def _page(
    request: access.Request,
    found: Any,
    *,
    numbers: Mapping[UUID, str] | None = None,
    wrong: Mapping[UUID, str] | None = None,
    status: int = 200,
    **typed: Any,
) -> HttpResponse:
    envelopes = postings.envelopes(found)
    rows = [
        (
            one,
            (numbers or {}).get(one.mail.id, one.mail.tracking_number),
            (wrong or {}).get(one.mail.id, ""),
        )
        for one in envelopes
    ]
    known = next((one.mail.carrier for one in envelopes if one.mail.carrier), "")
    context = {
        "posting": found,
        "rows": rows,
        "places": [
            Crumb("结果送达", "/results/"),
            Crumb("邮寄批次", "/results/postings/"),
            Crumb(found.number),
        ],
        "is_open": any(one.mail.posted_at is None for one in envelopes),
        "carrier": known,
        "reasons": postings.reasons(request.actor),
        **typed,
    }
    return render(
        request, "results/posting.html", result_desk.frame(request) | context, status=status
    )
