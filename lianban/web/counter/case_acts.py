"""What a clerk does to a case: one service call for each post, and back to the page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.cases import coming, queries, services
from lianban.cases.queries import CaseView
from lianban.cases.services import counter, proposals, supplies
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.web.components import access, form_section, reception
from lianban.web.components.refusals import hidden, status_of
from lianban.web.counter import case_page, paper_dates, undertaking
from lianban.web.counter.case_page import clerk

CHANGED = "这件联办件刚被别人改过，下面是最新情况"
_DONE = {
    "accept": "已受理，请打印受理通知书交给本人",
    "notice": "已告知补正，请打印通知书交给本人签收",
    "defer": "已容缺受理，请打印承诺书交给本人签字",
    "refuse": "已不予受理，请打印通知书交给本人",
    "grant": "已准予",
    "deny": "已不予办理，请打印决定书交给本人",
    "deliver": "已登记领取",
}
_PROPOSED = "已提请负责人批准。批准以前不算决定，请告诉本人等消息"


@clerk
@require_POST
@hidden
def act(request: access.Request, case_id: UUID, how: str) -> HttpResponse:
    """Accept, notice, defer or refuse a case that was handed in here before."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    commands: dict[str, Callable[[], c.Command]] = {
        "accept": lambda: c.Register({}),
        "notice": lambda: c.RequestCorrection(()),
        "defer": lambda: c.AcceptWithDeferral(tuple(case_page.deferrable(view))),
        "refuse": lambda: c.RefuseAcceptance(_reason(request, view)),
    }
    if how not in commands:
        raise Http404("没有这个操作")
    command, pen = commands[how](), undertaking.pen(request.POST)
    if isinstance(command, c.AcceptWithDeferral) and pen is not None:
        return _defer(request, view, command, pen)
    return _give(request, view, command, how)


def _defer(
    request: access.Request, view: CaseView, command: c.AcceptWithDeferral, pen: counter.Pen
) -> HttpResponse:
    """Accept with deferral, the undertaking signed here."""
    try:
        counter.defer_case(
            command,
            case_id=view.id,
            actor=request.actor,
            at=clock.now(),
            expected_sequence=_seen(request),
            signed=pen,
        )
    except Refused as refusal:
        return _refused(request, view, refusal)
    messages.success(request, undertaking.SIGNED)
    return redirect("counter:case", view.id)


@clerk
@require_POST
@hidden
def decide(request: access.Request, case_id: UUID, number: int, how: str) -> HttpResponse:
    """Decide an item that the plan entrusts to the counter, or hand out its result."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    item = view.item(number)
    commands: dict[str, Callable[[], c.Command]] = {
        "grant": lambda: c.Grant(number),
        "deny": lambda: c.Deny(number, _reason(request, view)),
        "deliver": lambda: c.Deliver(number),
    }
    if how not in commands:
        raise Http404("没有这个操作")
    done = f"{item.item.short_name}：{_DONE[how]}"
    result = request.POST.get("result_number", "").strip() if how == "grant" else ""
    return _give(request, view, commands[how](), how, done=done, result_number=result)


def _give(
    request: access.Request,
    view: CaseView,
    command: c.Command,
    how: str,
    *,
    done: str = "",
    result_number: str = "",
) -> HttpResponse:
    name, at = c.NAME_OF[type(command)], clock.now()
    number = getattr(command, "item", None)
    may = view.may if number is None else view.item(number).may
    is_proposal = name not in may and f"propose_{name}" in may
    given: dict[str, Any] = {
        "case_id": view.id,
        "actor": request.actor,
        "at": at,
        "expected_sequence": _seen(request),
    }
    try:
        if is_proposal:
            proposals.propose(command, **given)
        else:
            services.run(command, result_number=result_number, **given)
            reception.number_notice(request, view.id, at=at)
    except Refused as refusal:
        return _refused(request, view, refusal)
    messages.success(request, _PROPOSED if is_proposal else done or _DONE[how])
    return redirect("counter:case", view.id)


def _refused(request: access.Request, view: CaseView, refusal: Refused) -> HttpResponse:
    """The page as it now is, with why nothing was done and what was typed."""
    if status_of(refusal) == 404:
        raise refusal
    now = queries.get(case_id=view.id, actor=request.actor, at=clock.now())
    words = CHANGED if refusal.code == "stale" else refusal.message or "这一步现在不能做"
    return case_page.page(
        request, now, problem=words, reason=request.POST.dict(), code=status_of(refusal)
    )


def _seen(request: access.Request) -> int | None:
    text = request.POST.get("sequence", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _reason(request: access.Request, view: CaseView) -> str:
    words = view.edition.wording.get("reasons", {})
    chosen = words.get(request.POST.get("standard", ""), "")
    return "；".join(text for text in (chosen, request.POST.get("own", "").strip()) if text)


# Materials and fields --------------------------------------------------------------------------


@clerk
@require_POST
@hidden
def tick(request: access.Request, case_id: UUID) -> HttpResponse:
    """The originals that were ticked were seen: for all items at once."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    codes = request.POST.getlist("seen")
    if not codes:
        messages.error(request, "还没有勾任何一份原件")
        return redirect("counter:case", case_id)
    try:
        _ticked(request, view, codes)
    except Refused as refusal:
        return _refused(request, view, refusal)
    names = "、".join(case_page.name_of(view, code) for code in codes)
    messages.success(request, f"原件已看：{names}")
    return redirect("counter:case", case_id)


def _ticked(request: access.Request, view: CaseView, codes: list[str]) -> None:
    """Whoever brought them has come; what came by mail brings nobody. Raises `Refused`."""
    days, wrong = paper_dates.read(paper_dates.typed(request.POST, view.edition), codes)
    if wrong:
        name = case_page.name_of(view, wrong[0])
        raise Refused("wrong_date", f"没看懂「{name}」上的日期，请写成 2026-09-01 这样")
    if request.POST.get("by_mail") == "yes":
        supplies.tick_seen(
            case_id=view.id,
            codes=codes,
            actor=request.actor,
            at=clock.now(),
            source="mail",
            dated=days,
        )
        return
    place, items = coming.counter_items(queries.content(view).plan(view.edition))
    counter.seen_beside(
        case_id=view.id,
        codes=codes,
        place=place,
        items=items,
        actor=request.actor,
        at=clock.now(),
        dated=days,
    )


@clerk
@never_cache
@sensitive_post_parameters()
@require_POST
@hidden
def correct(request: access.Request, case_id: UUID) -> HttpResponse:
    """Mend the fields that a notice named, with the person beside."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    fields = case_page.correction_fields(view)
    typed, wrong = form_section.read(fields, request.POST)
    if not wrong:
        try:
            supplies.supply(
                case_id=case_id, codes=(), fields=typed, actor=request.actor, at=clock.now()
            )
        except Refused as refusal:
            if refusal.code != "form_incomplete":
                return _refused(request, view, refusal)
            wrong = dict(refusal.details["complaints"])  # type: ignore[call-overload]
    if wrong:
        return case_page.page(request, view, typed=typed, wrong=wrong, code=422)
    messages.success(request, "补的内容已经收下")
    return redirect("counter:case", case_id)


@clerk
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def withdraw(request: access.Request, case_id: UUID) -> HttpResponse:
    """Withdraw for the person, who asks for it at the counter; asked once more before."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    if request.method != "POST":
        return render(request, "counter/withdraw.html", {"view": view})
    return _withdrawn(request, view)


def _withdrawn(request: access.Request, view: CaseView) -> HttpResponse:
    try:
        services.run(
            c.Withdraw(),
            case_id=view.id,
            actor=request.actor,
            at=clock.now(),
            expected_sequence=_seen(request),
        )
    except Refused as refusal:
        return _refused(request, view, refusal)
    messages.success(request, "已替本人撤回")
    return redirect("counter:case", view.id)
