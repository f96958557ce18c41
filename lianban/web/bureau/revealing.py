"""Showing one masked value in full, on the page it was asked from; who looked is kept."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from lianban import clock
from lianban.cases import queries
from lianban.web.bureau import cockpit, item, pre_review, shell
from lianban.web.components import access, refusals


@shell.bureau
@require_POST
@refusals.hidden
def reveal(request: access.Request, case_id: UUID, page: str, code: str) -> HttpResponse:
    """Draw the page again with one value in full."""
    at = clock.now()
    view = queries.get(case_id=case_id, actor=request.actor, at=at)
    revealed = {code: queries.reveal(view, code, actor=request.actor, at=at)}
    if page == "review":
        return pre_review.show(request, view, revealed=revealed)
    if page.isdecimal() and len(page) < 5:
        return item.show(request, view, view.item(int(page)), revealed=revealed)
    if not view.is_whole:
        return redirect("bureau:start")
    return cockpit.show(request, view, revealed=revealed)
