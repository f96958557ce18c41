"""The joint case: the map, whose turn it is, what stands before conclusion, and everything else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.cases import dossier_lists, messages, move_lists, proposal_lists, queries
from lianban.cases.queries import CaseView, ItemView
from lianban.documents import papers
from lianban.engine import turn
from lianban.exchange.watching.reach import Reach
from lianban.web.bureau import acting, actions, obstacles, pack, reading, shell
from lianban.web.bureau.acting import Failed
from lianban.web.components import access, case_map, reaching, refusals, status
from lianban.web.components.parts import Crumb

#: History lines that the page shows before one asks for all.
RECENT = 12


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@refusals.hidden
def case(request: access.Request, case_id: UUID) -> HttpResponse:
    """Show a joint case; a POST does one of its actions."""
    at = clock.now()
    gone = move_lists.gone_from(case_id=case_id, actor=request.actor)
    if gone is not None:
        return shell.page(request, "gone.html", {"one": gone})
    view = queries.get(case_id=case_id, actor=request.actor, at=at)
    if not view.is_whole:
        return refusals_page(request)
    failed = None
    if request.method == "POST":
        back = reverse("bureau:case", args=[case_id])
        answer = acting.act(request, actions.CASE, view, None, at=at, back=back)
        if isinstance(answer, HttpResponse):
            return answer
        failed = answer
        view = queries.get(case_id=case_id, actor=request.actor, at=at)
    return show(request, view, failed=failed)


def show(
    request: access.Request,
    view: CaseView,
    *,
    failed: Failed | None = None,
    revealed: dict[str, str] | None = None,
) -> HttpResponse:
    """Draw the cockpit."""
    at = clock.now()
    found = obstacles.of_case(view, at=at)
    offers = acting.placed(actions.offers(actions.CASE, view, None, at=at), failed)
    conclude = next((o for o in offers if o.action.name == "conclude"), None)
    lines = [line for line in reversed(queries.history(view)) if not line.is_quiet]
    every = "history" in request.GET
    context = _reading(request, view, revealed) | {
        "failed": failed,
        "move": move_lists.of_case(view.id),
        "proposals": proposal_lists.of_case(view),
        "map": case_map.of_case(view, href=lambda i: item_address(view, i)),
        "codes": [_status(item).code for item in view.items],
        "turns": turns(view, reaching.of_case(view)),
        "obstacles": found,
        "conclude": conclude,
        "offers": [o for o in offers if o is not conclude and o.form.fields],
        "buttons": [o for o in offers if o is not conclude and not o.form.fields],
        "history": lines if every else lines[:RECENT],
        "has_more": len(lines) > RECENT and not every,
        "warnings": warnings(view, at),
        "papers": papers.available(view),
        "left": len(view.case.holding_up),
        "parts": pack.parts(view) if _is_near_its_end(view) else [],
    }
    return shell.page(request, "case.html", context, status=failed.status if failed else 200)


def _reading(
    request: access.Request, view: CaseView, revealed: dict[str, str] | None
) -> dict[str, Any]:
    """What was declared, what came, and what the person was told."""
    return {
        "view": view,
        "materials": reading.materials(view),
        "sections": reading.sections(view, page="case", revealed=revealed),
        "identity": reading.identity(view, page="case", revealed=revealed),
        "messages_sent": messages.of_case(view),
        "dossier": dossier_lists.of_case(case_id=view.id, actor=request.actor),
        "dossier_here": dossier_here(view),
        "limits": queries.personal_limits(view),
        "places": [Crumb("联办件", reverse("bureau:cases")), Crumb(view.case_number)],
    }


def _is_near_its_end(view: CaseView) -> bool:
    """Whether conclusion, or the pack after it, is the next thing to do."""
    return view.case.ended or (view.case.accepted_on is not None and not view.case.holding_up)


def dossier_here(view: CaseView) -> datetime | None:
    """When the dossier was received, by whatever way that became known."""
    codes = {m.code for m in view.edition.milestones if m.command == "receive_dossier"}
    found = [m.reached_at for code, m in view.case.milestones.items() if code in codes]
    return next((at for at in found if at), None)


def refusals_page(request: access.Request) -> HttpResponse:
    """An officer who sees only single items has no cockpit."""
    return shell.page(request, "not_whole.html", {}, status=403)


def item_address(view: CaseView, item: ItemView) -> str:
    """Where an item's page is."""
    return reverse("bureau:item", args=[view.id, item.sub.number])


def _status(item: ItemView) -> status.Status:
    return status.of_sub_case(item.sub.state, outcome=item.sub.outcome or "")


def turns(view: CaseView, reached: Mapping[int, Reach]) -> list[dict[str, Any]]:
    """Whose turn it is: each once, with their items, the nearest date, and whether it has come."""
    grouped: dict[str, list[turn.Turn]] = {}
    for one in turn.turns(view.edition, view.calendar, view.case):
        grouped.setdefault(one.actor, []).append(one)
    found = []
    for code, ones in grouped.items():
        numbers = [one.item for one in ones if one.item is not None]
        days = [one.by for one in ones if one.by]
        found.append(
            {
                "who": reading.who(view, code),
                "is_us": code == view.edition.lead_department,
                "reach": reaching.for_bureau(numbers, reached),
                "items": [view.edition.item(n).short_name for n in numbers],
                "by": min(days, default=None),
                "is_late": bool(days) and min(days) < shell.today(),
            }
        )
    return sorted(found, key=lambda one: (not one["is_us"], one["by"] is None, str(one["by"])))


_WARNINGS = {
    "deemed_accepted": "预审过了期限没有答复，按规定算已受理",
    "deferral_lapsed": "说好后补的材料过期没补",
    "review_needed": "有事项依据的前一项重新办了，要复核",
    "provisional": "有的日期过了已公布的放假安排，是暂定的",
}


def warnings(view: CaseView, at: Any) -> list[str]:
    """What somebody should look at, in words."""
    codes = turn.warnings(view.edition, view.calendar, view.case, at=at)
    return [_WARNINGS[code] for code in codes if code in _WARNINGS]
