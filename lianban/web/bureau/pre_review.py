"""Pre-review (预审): what came in online, side by side with what is missing, and one answer to it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.cases import proposal_lists, queries
from lianban.cases.queries import CaseView
from lianban.engine import deadlines
from lianban.engine.states import CaseState
from lianban.web.bureau import acting, actions, reading, shell
from lianban.web.bureau.acting import Failed
from lianban.web.components import access, refusals
from lianban.web.components.parts import Crumb


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@refusals.hidden
def review(request: access.Request, case_id: UUID) -> HttpResponse:
    """Show what was handed in; a POST answers it."""
    at = clock.now()
    view = queries.get(case_id=case_id, actor=request.actor, at=at)
    failed = None
    if request.method == "POST":
        back = reverse("bureau:case", args=[case_id])
        answer = acting.act(request, actions.PRE_REVIEW, view, None, at=at, back=back)
        if isinstance(answer, HttpResponse):
            return answer
        failed = answer
        view = queries.get(case_id=case_id, actor=request.actor, at=at)
    elif view.case.state not in (CaseState.SUBMITTED, CaseState.CORRECTION_DUE):
        return redirect("bureau:case", case_id)
    return show(request, view, failed=failed)


def show(
    request: access.Request,
    view: CaseView,
    *,
    failed: Failed | None = None,
    revealed: dict[str, str] | None = None,
) -> HttpResponse:
    """Draw the pre-review page."""
    at = clock.now()
    offers = acting.placed(actions.offers(actions.PRE_REVIEW, view, None, at=at), failed)
    context: dict[str, Any] = {
        "view": view,
        "proposals": proposal_lists.of_case(view),
        "failed": failed,
        "offers": {offer.action.name: offer for offer in offers},
        "missing": set(view.case.missing),
        "chosen": _chosen(failed),
        "until": until(view),
        "today": at.date(),
        "sections": reading.sections(view, page="review", revealed=revealed),
        "identity": reading.identity(view, page="review", revealed=revealed),
        "materials": reading.materials(view),
        "places": [
            Crumb("预审", reverse("bureau:cases") + "?show=pre_review"),
            Crumb(view.case_number),
        ],
    }
    return shell.page(request, "review.html", context, status=failed.status if failed else 200)


def _chosen(failed: Failed | None) -> list[str]:
    if failed is None or failed.action.name != "request_correction":
        return []
    return [str(code) for code in failed.form["defects"].value() or []]


def until(view: CaseView) -> date | None:
    """The last day on which an answer may be given before silence means acceptance."""
    if view.case.state is not CaseState.SUBMITTED or view.case.since is None:
        return None
    days = view.edition.rules.notice_days
    return deadlines.add_working_days(view.calendar, view.case.since.date(), days).on
