"""The steps before and after a decision: those of one press, and those that need words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.services import astray, claims, moves
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.engine.states import State
from lianban.web.components import access
from lianban.web.components.forms import Form
from lianban.web.components.refusals import hidden, status_of
from lianban.web.department import forms, item_page, options
from lianban.web.department.giving import answered, expected, give
from lianban.web.department.worklist import frame, officer

_DONE = {
    "receive": "已收件。现在由您办",
    "accept": "已受理。现在由您办",
    "resume": "计时恢复了",
    "deliver": "已登记送达",
    "external_event": "已登记，计时从今天开始",
    "request_correction": "补正通知发出去了，补齐了会回到您这里",
    "accept_with_deferral": "先受理了，欠的材料到期前补来",
    "suspend": "已暂停计时，原因也告诉了本人",
    "extend": "已延期，新的日期也告诉了本人",
    "return": "已退回牵头部门",
}


@officer
@require_POST
@hidden
def claim(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Take the item as one's own work."""
    return _hold(request, case_id, number, claims.claim, "认领了，现在由您办")


@officer
@require_POST
@hidden
def give_back(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Let go of the item, or of what a colleague who is away has."""
    return _hold(request, case_id, number, claims.give_back, "退回了，同事可以认领")


def _hold(
    request: access.Request, case_id: UUID, number: int, act: Callable[..., None], done: str
) -> HttpResponse:
    view, item = item_page.load(request, case_id, number)
    try:
        act(case_id=case_id, item=number, actor=request.actor, at=clock.now())
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
    return HttpResponseRedirect(item_page.href(view, item))


@officer
@require_POST
@hidden
def step(request: access.Request, case_id: UUID, number: int, command: str) -> HttpResponse:
    """One press: receive, accept, resume, deliver, or note what an outside body did."""
    if command not in options.STEPS:
        raise Http404(command)
    view, item = item_page.load(request, case_id, number)
    return answered(
        request,
        view,
        item,
        lambda: give(
            request, view, item, options.simple(command, item), seen=request.POST.get("seen", "")
        ),
        done=_DONE[command],
        again=lambda why, status: _item_again(request, view, item, why, status),
    )


def _item_again(
    request: access.Request, view: CaseView, item: ItemView, why: dict[str, Any], status: int
) -> HttpResponse:
    fresh_view, fresh_item = item_page.load(request, view.id, item.item.number)
    return item_page.page(request, fresh_view, fresh_item, status=status, **why)


# Steps with words ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """The words of one such page."""

    title: str
    lead: str
    button: str
    #: What the person is told, or what follows.
    after: str


_PAGES = {
    "request_correction": Page(
        "请申请人补正",
        "要补的一次说全：发出以后，这次能看出来的问题不能再要求补。",
        "发出补正通知",
        "申请人马上收到消息和补正通知书。补齐以前不计时，别的事项照常办。",
    ),
    "accept_with_deferral": Page(
        "先受理，材料以后补",
        "只有方案里写明可以容缺的材料能以后补。补来以前不能准予。",
        "先受理",
        "申请人会收到要补的材料和最后一天。",
    ),
    "suspend": Page(
        "暂停计时",
        "等检验、听证、部队回函这类事的时候，办理天数不往下数。",
        "暂停计时",
        "申请人会收到暂停的原因。事情有了结果，请马上恢复计时。",
    ),
    "extend": Page(
        "延期",
        "期限内办不完的，经本单位负责人批准可以延一次。",
        "延期",
        "申请人会收到延期的理由和新的日期。",
    ),
    "return": Page(
        "不归本部门，退回牵头部门",
        "退回以后这一件就不在您这里了，牵头部门会重新推送。",
        "退回牵头部门",
        "牵头部门会看到理由。申请人不用做什么。",
    ),
}


@officer
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def with_words(request: access.Request, case_id: UUID, number: int, command: str) -> HttpResponse:
    """Ask for what the step needs, then take it."""
    if command not in options.WITH_WORDS:
        raise Http404(command)
    view, item = item_page.load(request, case_id, number)
    data = request.POST if request.method == "POST" else None
    form = _form(view, item, command, data)
    if data is None:
        return _words_page(request, view, item, command, form)
    if not form.is_valid():
        return _words_page(request, view, item, command, form, status=422)
    return answered(
        request,
        view,
        item,
        lambda: _take(request, view, item, command, form, data.get("seen", "")),
        done=_DONE[command],
        again=lambda why, status: _words_page(
            request, view, item, command, form, status=status, **why
        ),
    )


def _take(
    request: access.Request,
    view: CaseView,
    item: ItemView,
    command: str,
    form: Form,
    seen: str,
) -> None:
    if not isinstance(form, forms.Return):
        give(request, view, item, _command(item, command, form), seen=seen)
        return
    astray.send_back(
        case_id=view.id,
        item=item.item.number,
        code=form.code(),
        reason=form.text(),
        department=form.cleaned_data["department"],
        district=form.cleaned_data["district"],
        actor=request.actor,
        at=clock.now(),
        expected_sequence=expected(view, item, seen),
    )


def _words_page(
    request: access.Request,
    view: CaseView,
    item: ItemView,
    command: str,
    form: Form,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    possible = options.of(view, item, actor=request.actor)
    words = _PAGES[command]
    return render(
        request,
        "department/words.html",
        frame(request)
        | {
            "case": view,
            "item": item,
            "places": item_page.crumbs(view, item, words.title),
            "words": words,
            "command": command,
            "form": form,
            "is_possible": command in possible,
            "why_not": _why_not(view, item, command, possible),
            "seen": request.POST.get("seen") or options.seen(item),
            "item_href": item_page.href(view, item),
        }
        | more,
        status=status,
    )


def _form(view: CaseView, item: ItemView, command: str, data: QueryDict | None) -> Form:
    if command == "request_correction":
        choices = _correctable(view, item, every=data is not None)
        return forms.Several(data, label="要补或要改的", choices=choices)
    if command == "accept_with_deferral":
        return forms.Several(data, label="以后补的材料", choices=_deferrable(view, item))
    if command == "return":
        return forms.Return(
            data,
            edition=view.edition,
            command=command,
            own=item.sub.department,
            districts=moves.targets(view.district),
        )
    kind = forms.Extension if command == "extend" else forms.Reason
    return kind(data, edition=view.edition, command=command)


def _correctable(view: CaseView, item: ItemView, *, every: bool) -> list[tuple[str, str]]:
    """What may stand in a notice: this item's materials and the fields that the person filled in.

    After a first notice only what became visible since is offered; `every` is for reading what was
    sent, so that the law's answer comes from the rules and not from the list.
    """
    found = [
        (one.record.code, forms.noted(one.material.name, str(one.state.label)))
        for one in item_page.materials(view, item)
    ]
    found += [
        (one.field.code, forms.noted(one.label, "表里填的"))
        for one in item_page.fields(view, item)
        if not (one.field.derived_from or one.field.question or one.field.delivers)
    ]
    fresh = set(item.sub.notice.fresh)
    return [row for row in found if every or not item.sub.notice.given or row[0] in fresh]


def _deferrable(view: CaseView, item: ItemView) -> list[tuple[str, str]]:
    names = view.edition.material_by_code
    return [(code, names[code].name) for code in options.deferrable(view, item)]


def _command(item: ItemView, command: str, form: Form) -> c.Command:
    number = item.item.number
    if isinstance(form, forms.Several):
        codes = tuple(form.cleaned_data["codes"])
        if command == "request_correction":
            return c.RequestCorrection(codes, number)
        return c.AcceptWithDeferral(codes, number)
    assert isinstance(form, forms.Reason)
    if isinstance(form, forms.Extension):
        return c.Extend(number, form.cleaned_data["days"], form.text())
    return c.Suspend(number, form.text())


_LAW = "法律要求一次说全（行政许可法第三十二条）"


def _why_not(view: CaseView, item: ItemView, command: str, possible: options.Options) -> str:
    """Why the step is not offered, and what to do instead."""
    if possible.held_by:
        return f"{possible.held_by}在办这一件。要您来办，请先让{possible.held_by}退回认领"
    if command == "request_correction":
        return _why_no_notice(item)
    if command == "accept_with_deferral" and options.is_here(item):
        return "这一项没有缺着的、可以容缺的材料"
    if command == "extend" and item.sub.extended_days:
        return "已经延过一次，只能延一次"
    if command == "extend" and item.sub.clock is None:
        return "还没开始计时，不用延期"
    return "这一件现在的状态不能做这一步"


def _why_no_notice(item: ItemView) -> str:
    if item.sub.state is State.CORRECTION_DUE:
        return "已经发过补正通知，正在等申请人补齐"
    if item.sub.state is State.ACCEPTED:
        return f"已经受理，受理前就能看出的问题不能再要求补。{_LAW}"
    if item.sub.notice.given and not item.sub.notice.fresh:
        return f"已经告知过一次，之后没有新的材料，不能再要求补。{_LAW}"
    return "这一件现在不能要求补正"
