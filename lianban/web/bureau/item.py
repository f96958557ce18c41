"""One item of a case: what it needs, what went before, and what may be done to it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.cases import proposal_lists, queries
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.services import claims
from lianban.engine import prerequisite
from lianban.web.bureau import acting, actions, amounts, obstacles, reading, shell
from lianban.web.bureau.acting import Failed
from lianban.web.components import access, originals, refusals
from lianban.web.components.parts import Crumb

#: Actions that take part in the decision, first on the page.
DECIDE = ("grant", "accept", "deny", "deliver", "resume", "external_event", "dispatch")


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@refusals.hidden
def item(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Show an item; a POST does one of its actions."""
    at = clock.now()
    view = queries.get(case_id=case_id, actor=request.actor, at=at)
    shown, failed = view.item(number), None
    if request.method == "POST":
        back = _back(request, case_id, number)
        answer = acting.act(request, actions.ITEM, view, shown, at=at, back=back)
        if isinstance(answer, HttpResponse):
            return answer
        failed = answer
        view = queries.get(case_id=case_id, actor=request.actor, at=at)
        shown = view.item(number)
    return show(request, view, shown, failed=failed)


def _back(request: access.Request, case_id: UUID, number: int) -> str:
    if request.POST.get("back") == "case":
        return reverse("bureau:case", args=[case_id])
    return reverse("bureau:item", args=[case_id, number])


def show(
    request: access.Request,
    view: CaseView,
    shown: ItemView,
    *,
    failed: Failed | None = None,
    revealed: dict[str, str] | None = None,
) -> HttpResponse:
    """Draw an item's page."""
    at, number = clock.now(), shown.sub.number
    offers = acting.placed(actions.offers(actions.ITEM, view, shown, at=at), failed)
    lines = [line for line in reversed(queries.history(view)) if line.item == number]
    context: dict[str, Any] = {
        "view": view,
        "proposals": [one for one in proposal_lists.of_case(view) if one.item in (None, number)],
        "shown": shown,
        "failed": failed,
        "sentence": obstacles.sentence(view, shown),
        "is_ours": shown.sub.department == view.edition.lead_department,
        "decide": [o for o in offers if o.action.name in DECIDE],
        "others": [o for o in offers if o.action.name not in DECIDE],
        "sections": reading.sections(
            view, page=str(number), revealed=revealed, codes={shown.item.code}
        ),
        "identity": reading.identity(view, page=str(number), revealed=revealed),
        "materials": reading.materials(view, item=number),
        "payment": amounts.panel(view, shown),
        "originals": originals.of(view, shown),
        "originals_href": reverse("bureau:originals", args=[view.id, number]),
        "before": earlier(view, shown),
        "after": later(view, shown),
        "history": lines,
        "is_mine": shown.claimed_by_id == request.actor.user_id,
        "places": [
            Crumb("联办件", reverse("bureau:cases")),
            Crumb(view.case_number, reverse("bureau:case", args=[view.id])),
            Crumb(f"{number} {shown.item.short_name}"),
        ],
    }
    return shell.page(request, "item.html", context, status=failed.status if failed else 200)


def earlier(view: CaseView, shown: ItemView) -> list[ItemView]:
    """The items before this one, with what they produced."""
    nodes = set(prerequisite.ancestors(view.case, shown.sub)) | set(shown.sub.requires)
    return [one for one in view.items if one.sub.number in nodes]


def later(view: CaseView, shown: ItemView) -> list[ItemView]:
    """The items that wait for this one directly."""
    return [one for one in view.items if shown.sub.number in one.sub.requires]


@shell.bureau
@require_POST
@refusals.hidden
def seen_originals(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Note which originals were seen at the bureau."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    back = reverse("bureau:item", args=[case_id, view.item(number).sub.number])
    return originals.tick(request, case_id, number, back=back)


@shell.bureau
@require_POST
def claim(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Take an item as one's own work."""
    return _claim(request, case_id, number, claims.claim, "已认领")


@shell.bureau
@require_POST
def give_back(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Let go of it."""
    return _claim(request, case_id, number, claims.give_back, "已退回，别人可以认领")


def _claim(
    request: access.Request, case_id: UUID, number: int, act: Callable[..., None], done: str
) -> HttpResponse:
    back = reverse("bureau:item", args=[case_id, number])
    if request.POST.get("back") == "items":
        back = reverse("bureau:items")
    actor, at = request.actor, clock.now()
    return refusals.attempt(
        request,
        lambda: act(case_id=case_id, item=number, actor=actor, at=at),
        back=back,
        done=done,
    )
