"""The archive pack of a case: whether it is complete, making it, taking it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lianban import clock
from lianban.cases import packs, queries
from lianban.cases.packs import Part
from lianban.cases.queries import CaseView
from lianban.cases.services import packs as service
from lianban.documents import pack as builder
from lianban.documents import papers
from lianban.engine.refusal import Refused
from lianban.web.bureau import shell
from lianban.web.components import access, refusals
from lianban.web.components.papers import public_address
from lianban.web.components.parts import Crumb


def parts(view: CaseView) -> list[Part]:
    """What the pack of this case holds and lacks."""
    return packs.parts(view, paper_count=len(papers.available(view)))


@shell.bureau
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@refusals.hidden
def pack(request: access.Request, case_id: UUID) -> HttpResponse:
    """Show what is in the pack; a POST makes it."""
    view, at = queries.get(case_id=case_id, actor=request.actor, at=clock.now()), clock.now()
    if request.method != "POST":
        return _page(request, view)
    try:
        service.authorise(case_id=case_id, actor=request.actor)
        _require_whole(view)
        base = public_address(request)
        content = builder.build(view, actor=request.actor, at=at, base_url=base)
        service.keep(case_id=case_id, content=content, actor=request.actor, at=at)
    except Refused as refusal:
        if refusals.status_of(refusal) == 404:
            raise
        return _page(request, view, problem=refusal.message, status=refusals.status_of(refusal))
    messages.success(request, "归档包做好了，下面可以下载")
    return HttpResponseRedirect(reverse("bureau:pack", args=[case_id]))


def _require_whole(view: CaseView) -> None:
    """Raise `Refused` where something lacks without which a pack proves nothing."""
    gaps = [gap for part in parts(view) if part.is_needed for gap in part.lacking]
    if gaps:
        raise Refused("pack_incomplete", f"现在不能归档：{'、'.join(gaps)}。请联系系统管理员")


@shell.bureau
@never_cache
@require_safe
@refusals.hidden
def download(request: access.Request, case_id: UUID) -> HttpResponse:
    """The ZIP; who took it is kept."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    content = service.open_pack(case_id=case_id, actor=request.actor, at=clock.now())
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{view.case_number}.zip"'
    return answer


def _page(
    request: access.Request, view: CaseView, *, problem: str = "", status: int = 200
) -> HttpResponse:
    found = parts(view)
    context = {
        "view": view,
        "parts": found,
        "lacking": sum(not part.is_complete for part in found),
        "made": packs.made(view.id),
        "may_make": view.case.ended and not view.case.open_items,
        "problem": problem,
        "places": [
            Crumb("联办件", reverse("bureau:cases")),
            Crumb(view.case_number, reverse("bureau:case", args=[view.id])),
            Crumb("归档包"),
        ],
    }
    return shell.page(request, "pack.html", context, status=status)
