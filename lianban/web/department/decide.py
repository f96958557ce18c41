"""Deciding one item: choose, see what the person will get, decide."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from lianban.cases import uploads
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.result_rows import Given
from lianban.cases.services import results
from lianban.engine import commands as c
from lianban.web.components import access
from lianban.web.components.refusals import hidden
from lianban.web.department import item_page, letter, options
from lianban.web.department.forms import Decision
from lianban.web.department.giving import answered, give
from lianban.web.department.worklist import frame, officer


@officer
@require_POST
@hidden
def decide(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """`step` look shows the confirmation, edit goes back with what was typed, give decides."""
    view, item = item_page.load(request, case_id, number)
    form, step = Decision(request.POST, edition=view.edition), request.POST.get("step", "look")
    if step == "edit":
        form.is_valid()
        return item_page.page(request, view, item, decision=form)
    if not form.is_valid():
        return item_page.page(request, view, item, status=422, decision=form)
    if step == "give":
        return _give(request, view, item, form)
    return _look(request, view, item, form)


def _look(request: access.Request, view: CaseView, item: ItemView, form: Decision) -> HttpResponse:
    """The confirmation; where the decision cannot be given now, the item's page says why."""
    possible = options.of(view, item, actor=request.actor)
    outcome = form.cleaned_data["outcome"]
    if outcome not in possible:
        changed = item_page.last_change(view, item.item.number)
        why: dict[str, Any] = {"refusal": _why_not(possible), "changed": changed}
        return item_page.page(request, view, item, status=409, decision=form, **why)
    if outcome == "grant" and possible.owed:
        why = {"refusal": "还有材料没有补来，补来之前不能准予：" + "、".join(possible.owed)}
        return item_page.page(request, view, item, status=400, decision=form, **why)
    return _confirm(request, view, item, form)


def _confirm(
    request: access.Request,
    view: CaseView,
    item: ItemView,
    form: Decision,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    outcome = form.cleaned_data["outcome"]
    reason = form.text() if outcome == "deny" else ""
    return render(
        request,
        "department/confirm.html",
        frame(request)
        | {
            "case": view,
            "item": item,
            "places": item_page.crumbs(view, item, "看一看再决定"),
            "form": form,
            "outcome": outcome,
            "result_number": form.cleaned_data["result_number"] if outcome == "grant" else "",
            "issued_on": form.cleaned_data["issued_on"] if outcome == "grant" else None,
            "takes_file": outcome == "grant" and item.item.result is not None,
            "types": uploads.ACCEPT,
            "letter": letter.of(view, item, outcome=outcome, reason=reason),
            "typed": _typed(request),
            "seen": request.POST.get("seen", ""),
            "item_href": item_page.href(view, item),
        }
        | more,
        status=status,
    )


_DAY = ("issued_on_year", "issued_on_month", "issued_on_day")


def _typed(request: access.Request) -> list[tuple[str, str]]:
    names = ("outcome", "result_number", *_DAY, "reason", "words")
    return [(name, request.POST.get(name, "")) for name in names]


def _give(request: access.Request, view: CaseView, item: ItemView, form: Decision) -> HttpResponse:
    number, outcome = item.item.number, form.cleaned_data["outcome"]
    granted = outcome == "grant"
    command = c.Grant(number) if granted else c.Deny(number, form.text())
    return answered(
        request,
        view,
        item,
        lambda: give(
            request,
            view,
            item,
            command,
            seen=request.POST.get("seen", ""),
            result=_result(request, form) if granted else None,
        ),
        done="已准予，本人收到了消息" if granted else "已决定不予办理，本人收到了理由",
        again=lambda why, status: _confirm(request, view, item, form, status=status, **why),
    )


def _result(request: access.Request, form: Decision) -> Given:
    """Number, day and file, taken in the same act. Raises `Refused('bad_file')`."""
    upload = request.FILES.get("file")
    return results.checked(
        number=form.cleaned_data["result_number"],
        issued_on=form.cleaned_data["issued_on"],
        upload=upload,
        name=(upload.name or "") if upload else "",
    )


def _why_not(possible: options.Options) -> str:
    if possible.held_by:
        return f"{possible.held_by}在办这一件。要您来办，请先让{possible.held_by}退回认领"
    return "这一件现在不能作决定"
