"""Taking back the whole case, or one item: what follows is shown first."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.cases import services
from lianban.cases.queries import CaseView, ItemView
from lianban.engine import commands as c
from lianban.engine import prerequisite
from lianban.engine.refusal import Refused
from lianban.engine.states import State
from lianban.engine.transitions import CASE_ROWS, ITEM_ROWS
from lianban.web.applicant.my_open import case_href, own_case, page
from lianban.web.components import access
from lianban.web.components.refusals import status_of

_WITHDRAW = "withdraw"


def can_withdraw(view: CaseView, shown: ItemView) -> bool:
    """Whether the item may still be taken back."""
    return view.case.is_open and shown.sub.state in ITEM_ROWS[_WITHDRAW].sources


def can_withdraw_all(view: CaseView) -> bool:
    """Whether the case may still be taken back."""
    return view.case.state in CASE_ROWS[_WITHDRAW].sources


def waiting_directly(view: CaseView, number: int) -> list[int]:
    """Numbers of the items that wait for this one directly."""
    return [n for n, sub in view.case.sub_cases.items() if number in sub.requires]


def held_up(view: CaseView, number: int) -> list[ItemView]:
    """The open items that cannot go on without this one, directly or through others."""
    return [
        other
        for other in view.items
        if not other.sub.ended
        and other.sub.state in (State.WAITING, State.BLOCKED)
        and number in set(prerequisite.ancestors(view.case, other.sub))
    ]


@access.applicant
@require_http_methods(["GET", "HEAD", "POST"])
@own_case
def whole(request: access.Request, view: CaseView) -> HttpResponse:
    """Show what follows from taking the case back, then do it."""
    if request.method != "POST":
        return _whole(request, view)
    try:
        _require_ticked(request)
        _withdraw(request, view, c.Withdraw())
    except Refused as refusal:
        return _whole(request, view, refusal=refusal)
    messages.success(request, "已经撤回。以后要办，可以重新申请")
    return HttpResponseRedirect(case_href(view))


@access.applicant
@require_http_methods(["GET", "HEAD", "POST"])
@own_case
def item(request: access.Request, view: CaseView, number: int) -> HttpResponse:
    """Show what follows from taking one item back, then do it."""
    shown = view.item(number)
    if request.method != "POST":
        return _item(request, view, shown)
    try:
        _require_ticked(request)
        _withdraw(request, view, c.Withdraw(number))
    except Refused as refusal:
        return _item(request, view, shown, refusal=refusal)
    messages.success(request, f"「{shown.item.short_name}」已经撤回，其余的照常办")
    return HttpResponseRedirect(case_href(view))


def _withdraw(request: access.Request, view: CaseView, command: c.Withdraw) -> None:
    services.run(
        command,
        case_id=view.id,
        actor=request.actor,
        at=clock.now(),
        expected_sequence=_sequence(request),
    )


def _sequence(request: access.Request) -> int | None:
    """The sequence that the person saw; a missing or broken one counts as changed."""
    text = request.POST.get("sequence", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _require_ticked(request: access.Request) -> None:
    if request.POST.get("sure") != "yes":
        raise Refused("not_sure", "请先勾选「我看过了，确定撤回」")


def _whole(
    request: access.Request, view: CaseView, *, refusal: Refused | None = None
) -> HttpResponse:
    open_ = [item for item in view.items if not item.sub.ended]
    delivering = [item for item in open_ if item.sub.state is State.DELIVERING]
    return page(
        request,
        "withdraw",
        view,
        crumb="撤回申请",
        possible=can_withdraw_all(view),
        stopping=_names(item for item in open_ if item not in delivering),
        going_on=_names(delivering),
        kept=_names(item for item in view.items if item.sub.ended and item.sub.met),
        error=refusal.message if refusal else "",
        status=_status(refusal),
    )


def _item(
    request: access.Request, view: CaseView, shown: ItemView, *, refusal: Refused | None = None
) -> HttpResponse:
    return page(
        request,
        "withdraw_item",
        view,
        crumb=f"撤回{shown.item.short_name}",
        item=shown,
        possible=can_withdraw(view, shown),
        held_up=_names(held_up(view, shown.item.number)),
        error=refusal.message if refusal else "",
        status=_status(refusal),
    )


def _names(items: Iterable[ItemView]) -> list[str]:
    return [f"{item.item.number} {item.item.short_name}" for item in items]


def _status(refusal: Refused | None) -> int:
    if refusal is None:
        return 200
    return 422 if refusal.code == "not_sure" else status_of(refusal)
