"""Cases that go to another district: offered here, offered to us, and those that are elsewhere now."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lianban import clock
from lianban.cases import move_lists, queries
from lianban.cases.move_lists import MoveView
from lianban.cases.queries import CaseView
from lianban.cases.services import moves as service
from lianban.engine.refusal import Refused
from lianban.web.bureau import shell
from lianban.web.bureau.lists import Tab
from lianban.web.components import access
from lianban.web.components.forms import Form, LongTextField
from lianban.web.components.parts import Crumb
from lianban.web.components.refusals import hidden, status_of

_TABS = {"incoming": "等本局接收", "outgoing": "等对方接收", "gone": "已转走"}
_PLACES = "转区县"


class Offer(Form):
    """Where a case is to go, and why."""

    district = forms.ChoiceField(
        label="转到哪个区县", error_messages={"required": "请选择要转去的区县"}
    )
    reason = LongTextField(
        label="为什么转",
        max_length=service.LONGEST,
        rows=3,
        error_messages={"required": "请写明理由"},
    )

    def __init__(self, *args: Any, view: CaseView, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["district"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "请选择"), *service.targets(view.district).items()]


class Decline(Form):
    """Why a case is not taken."""

    words = LongTextField(
        label="为什么不接收",
        max_length=service.LONGEST,
        rows=3,
        error_messages={"required": "请写明理由"},
    )


@shell.bureau
@require_safe
def listed(request: access.Request) -> HttpResponse:
    """Moves by whose turn it is."""
    tab = request.GET.get("tab", "incoming")
    tab = tab if tab in _TABS else "incoming"
    page = move_lists.items(actor=request.actor, tab=tab, **shell.keys(request))
    count = move_lists.incoming_count(actor=request.actor)
    context: dict[str, Any] = {
        "tab": tab,
        "tabs": [Tab(c, n, count if c == "incoming" else None, c == tab) for c, n in _TABS.items()],
        "page": page,
    }
    return shell.page(request, "moves.html", context)


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def one(request: access.Request, move_id: UUID) -> HttpResponse:
    """Show a case that is offered to this bureau; a POST takes it or does not."""
    shown = move_lists.get(move_id=move_id, actor=request.actor)
    if request.method != "POST":
        return _one(request, shown, Decline())
    do, form = request.POST.get("do", ""), Decline(request.POST)
    if do not in ("accept", "decline"):
        raise Http404("没有这个操作")
    if do == "decline" and not form.is_valid():
        return _one(request, shown, form, status=422)
    actor, at = request.actor, clock.now()
    try:
        if do == "accept":
            service.accept(move_id=move_id, actor=actor, at=at)
        else:
            words = form.cleaned_data["words"]
            service.decline(move_id=move_id, words=words, actor=actor, at=at)
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        fresh = move_lists.get(move_id=move_id, actor=actor)
        given = form if do == "decline" else Decline()
        return _one(request, fresh, given, problem=refusal.message, status=status_of(refusal))
    if do == "accept":
        messages.success(request, "接收了，没办完的事由本区县的部门接着办")
        return redirect("bureau:case", shown.case_id)
    messages.success(request, "没有接收，对方会看到您写的")
    return redirect("bureau:moves")


def _one(
    request: access.Request, shown: MoveView, form: Decline, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "one": shown,
        "form": form,
        "problem": problem,
        "is_ours": shown.is_open and move_lists.is_incoming(shown.id, actor=request.actor),
        "places": [Crumb(_PLACES, reverse("bureau:moves")), Crumb(shown.case_number)],
    }
    return shell.page(request, "move_one.html", context, status=status)


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def offer(request: access.Request, case_id: UUID) -> HttpResponse:
    """Offer a case to another district's bureau, or let it stay after all."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    if request.method != "POST":
        return _offer(request, view, Offer(view=view))
    back = redirect("bureau:case", case_id)
    if request.POST.get("do") == "take_back":
        service.take_back(case_id=case_id, actor=request.actor, at=clock.now())
        messages.success(request, "收回了，这一件还在本局")
        return back
    form = Offer(request.POST, view=view)
    if not form.is_valid():
        return _offer(request, view, form, status=422)
    try:
        service.propose(case_id=case_id, actor=request.actor, at=clock.now(), **form.cleaned_data)
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        form.add_error(None, refusal.message)
        return _offer(request, view, form, status=status_of(refusal))
    messages.success(request, "发给对方了，对方接收以前还由本局办")
    return back


def _offer(
    request: access.Request, view: CaseView, form: Offer, *, status: int = 200
) -> HttpResponse:
    last = move_lists.of_case(view.id)
    here = reverse("bureau:case", args=[view.id])
    context = {
        "view": view,
        "form": form,
        "last": last,
        "places": [Crumb(_PLACES, reverse("bureau:moves")), Crumb(view.case_number, here)],
    }
    return shell.page(request, "move_offer.html", context, status=status)
