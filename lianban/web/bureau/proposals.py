"""What waits for the bureau's head: the list, and one proposal with what it would lead to."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lianban import clock
from lianban.accounts import permissions
from lianban.accounts.models import Role, User
from lianban.cases import editions, proposal_lists, queries
from lianban.cases.proposal_lists import ProposalView
from lianban.cases.services import proposals as service
from lianban.engine.refusal import Refused
from lianban.web.bureau import shell
from lianban.web.bureau.lists import Tab
from lianban.web.components import access
from lianban.web.components.forms import Form, LongTextField
from lianban.web.components.parts import Crumb
from lianban.web.components.refusals import hidden, status_of

_TABS = {"open": "等批准", "decided": "处理过的"}
#: What the person gets a message of.
_TELLING = frozenset({"refuse_acceptance", "deny", "terminate"})
_DONE = {
    "approve": "批准了，已经生效",
    "send_back": "退回了，经办人会看到您写的",
    "take_back": "收回了",
}


class Words(Form):
    """Why it is not approved."""

    words = LongTextField(
        label="为什么退回，请经办人怎么办",
        max_length=service.LONGEST,
        rows=3,
        error_messages={"required": "请写一句为什么退回"},
    )


def is_head(request: access.Request) -> bool:
    """Whether the officer decides what others propose."""
    return permissions.HEAD in permissions.roles_of(request.actor)


@shell.bureau
@require_safe
def listed(request: access.Request) -> HttpResponse:
    """The proposals of the bureau's districts."""
    at, tab = clock.now(), request.GET.get("tab", "open")
    tab = tab if tab in _TABS else "open"
    page = proposal_lists.items(actor=request.actor, tab=tab, **shell.keys(request))
    count = proposal_lists.open_count(actor=request.actor)
    context: dict[str, Any] = {
        "tab": tab,
        "tabs": [Tab(c, n, count if c == "open" else None, c == tab) for c, n in _TABS.items()],
        "rows": [(one, age(one.at, at)) for one in page.rows],
        "page": page,
        "is_head": is_head(request),
    }
    return shell.page(request, "proposals.html", context)


def age(since: datetime, at: datetime) -> str:
    """How long something waits, in working days."""
    calendar, first, last = editions.calendar(), since.astimezone(at.tzinfo).date(), at.date()
    days = [date.fromordinal(n) for n in range(first.toordinal() + 1, last.toordinal() + 1)]
    count = sum(calendar.is_working(day) for day in days)
    return f"等了 {count} 个工作日" if count else "今天提的"


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def one(request: access.Request, proposal_id: UUID) -> HttpResponse:
    """Show a proposal; a POST approves it, sends it back or takes it back."""
    shown = proposal_lists.get(proposal_id=proposal_id, actor=request.actor)
    if request.method != "POST":
        return _page(request, shown, Words())
    do, form = request.POST.get("do", ""), Words(request.POST)
    if do not in _DONE:
        raise Http404("没有这个操作")
    if do == "send_back" and not form.is_valid():
        return _page(request, shown, form, status=422)
    try:
        _perform(do, form, shown, request)
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        fresh = proposal_lists.get(proposal_id=proposal_id, actor=request.actor)
        given = form if do == "send_back" else Words()
        return _page(request, fresh, given, problem=refusal.message, status=status_of(refusal))
    messages.success(request, _DONE[do])
    return redirect("bureau:proposals")


def _perform(do: str, form: Words, shown: ProposalView, request: access.Request) -> None:
    actor, at = request.actor, clock.now()
    if do == "approve":
        service.approve(proposal_id=shown.id, actor=actor, at=at)
    elif do == "send_back":
        words = form.cleaned_data["words"]
        service.send_back(proposal_id=shown.id, words=words, actor=actor, at=at)
    else:
        service.take_back(proposal_id=shown.id, actor=actor, at=at)


def _page(
    request: access.Request,
    shown: ProposalView,
    form: Words,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    at = clock.now()
    view = queries.get(case_id=shown.case_id, actor=request.actor, at=at)
    is_own = shown.by_id == request.actor.user_id
    context: dict[str, Any] = {
        "one": shown,
        "form": form,
        "problem": problem,
        "age": age(shown.at, at),
        "effect": proposal_lists.effect(shown, view, at=at) if shown.is_open else None,
        "tells": shown.command in _TELLING,
        "may_approve": is_head(request) and not is_own,
        "is_own": is_own,
        "heads": _heads(view.district),
        "places": [Crumb("等负责人批准", reverse("bureau:proposals")), Crumb(shown.words_of)],
    }
    return shell.page(request, "proposal.html", context, status=status)


def _heads(district: str) -> list[str]:
    """The names of the heads of a district's bureau."""
    found = User.objects.filter(
        is_active=True, office__district_id=district, role_grants__role=Role.BUREAU_HEAD
    )
    return list(found.values_list("name", flat=True).order_by("name"))
