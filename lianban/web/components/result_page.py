"""One result at a desk: hand it over with a signature, send it another way, put its file."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST, require_safe

from lianban import clock
from lianban.cases import agents as agent_rules
from lianban.cases import looks, queries, result_lists, uploads
from lianban.cases.queries import CaseView
from lianban.cases.result_lists import ResultView
from lianban.cases.services import agents, delivery, results
from lianban.documents import papers
from lianban.engine.refusal import Refused
from lianban.web.components import access, delivery_form, result_desk, signing
from lianban.web.components.forms import Form, NameField
from lianban.web.components.parts import Crumb
from lianban.web.components.refusals import hidden, status_of
from lianban.web.components.result_desk import officer


class HandOver(Form):
    """The document was checked, and who receives it signs."""

    checked = forms.BooleanField(
        label="证件核对了：人和证件、证件和姓名都对得上",
        error_messages={"required": "请先核对身份证件，再打勾"},
    )
    receiver = NameField(
        label="签收人姓名", error_messages={"required": "请来领的人写姓名，或者在下面手写"}
    )


@officer
@require_safe
@hidden
def result(request: access.Request, result_id: UUID) -> HttpResponse:
    """Show one result and what can be done about it."""
    shown = result_lists.one(result_id=result_id, actor=request.actor)
    return page(request, shown)


@officer
@require_safe
@hidden
def of_item(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Lead from an item to its result; to the desk where there is none (yet)."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    own = next((one for one in result_lists.of_case(view) if one.item == number), None)
    try:
        found = result_lists.one(result_id=own.id, actor=request.actor) if own else None
    except Refused:
        found = None
    if found is None:
        messages.warning(request, "这一项还没有结果，或者结果不由您这里交付")
        return redirect("results:desk")
    return redirect("results:result", found.id)


@officer
@require_POST
@hidden
@sensitive_post_parameters()
def hand_over(request: access.Request, result_id: UUID) -> HttpResponse:
    """The person, or who may act for them, has it in hand and signed."""
    shown = result_lists.one(result_id=result_id, actor=request.actor)
    strokes = signing.strokes(request.POST, ["receiver"]).get("receiver", "")
    form = HandOver(_named(request.POST, strokes, shown))
    if not form.is_valid():
        return page(request, shown, form=form, strokes=strokes, status=422)
    try:
        results.hand_over(
            result_id=result_id,
            is_checked=form.cleaned_data["checked"],
            name=form.cleaned_data["receiver"],
            strokes=strokes,
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        form.add_error("receiver" if refusal.code in _OF_NAME else None, refusal.message)
        code = status_of(refusal)
        return page(request, shown, form=form, strokes=strokes, status=422 if code == 400 else code)
    messages.success(request, "交付了，送达回证可以打印")
    return redirect("results:result", result_id)


def _named(data: QueryDict, strokes: str, shown: ResultView) -> QueryDict:
    """Whoever draws need not type, where only the person can have drawn."""
    if not strokes or data.get("receiver") or agents.acting(case_id=shown.case_id):
        return data
    named = data.copy()
    named["receiver"] = shown.person_name
    return named


_OF_NAME = frozenset({"not_the_signer", "agent_may_not", "bad_strokes"})


@officer
@require_POST
@hidden
@sensitive_post_parameters()
def change(request: access.Request, result_id: UUID) -> HttpResponse:
    """Send it another way or elsewhere, as the person says at the desk."""
    shown = result_lists.one(result_id=result_id, actor=request.actor)
    view = _case(request, shown)
    sent = delivery_form.read(view, request.POST, delivery_form.rows(view, only=shown.item))
    try:
        delivery.change(
            case_id=shown.case_id,
            ways=sent.ways,
            address=sent.address,
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        return _change_again(request, shown, sent, refusal)
    messages.success(request, "改好了，本人的页面上也是新的")
    return redirect("results:result", result_id)


def _change_again(
    request: access.Request, shown: ResultView, sent: delivery_form.Sent, refusal: Refused
) -> HttpResponse:
    wrong = refusal.details.get("complaints")
    code = status_of(refusal)
    return page(
        request,
        shown,
        sent=sent,
        wrong=wrong if isinstance(wrong, dict) else {},
        change_problem=refusal.message,
        status=422 if code == 400 else code,
    )


@officer
@require_POST
@hidden
def address(request: access.Request, result_id: UUID) -> HttpResponse:
    """Show where envelopes go, to change it; who looked is kept."""
    shown = result_lists.one(result_id=result_id, actor=request.actor)
    return page(request, shown, shows_address=True)


@officer
@require_POST
@hidden
def add_file(request: access.Request, result_id: UUID) -> HttpResponse:
    """Put the file to a result that went without."""
    shown = result_lists.one(result_id=result_id, actor=request.actor)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise Refused("no_file", "请先选文件")
        results.add_file(
            result_id=result_id,
            upload=upload,
            name=upload.name or "",
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        return page(request, shown, file_problem=refusal.message, status=422)
    messages.success(request, "文件传上了，本人能打开")
    return redirect("results:result", result_id)


@access.signed_in
@require_GET
@hidden
def file(request: access.Request, result_id: UUID) -> HttpResponse:
    """Download a result's file; 404 for those who may not see its item."""
    row, content = results.open_file(result_id=result_id, actor=request.actor, at=clock.now())
    response = HttpResponse(content, content_type=row.content_type)
    disposition = content_disposition_header(as_attachment=True, filename=row.file_name)
    response["Content-Disposition"] = disposition or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


# Drawing ---------------------------------------------------------------------------------------


def _case(request: access.Request, shown: ResultView) -> CaseView:
    return queries.get(case_id=shown.case_id, actor=request.actor, at=clock.now())


def page(
    request: access.Request,
    shown: ResultView,
    *,
    form: HandOver | None = None,
    sent: delivery_form.Sent | None = None,
    wrong: dict[str, str] | None = None,
    shows_address: bool = False,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Draw the result as it stands now, with what was typed and is refused."""
    shown = result_lists.one(result_id=shown.id, actor=request.actor)
    view = _case(request, shown)
    item = view.item(shown.item)
    shows = shows_address or bool(wrong) or bool(sent and sent.address)
    if shows:
        looks.keep(case_id=view.id, what="address", actor=request.actor, at=clock.now())
    context = {
        "result": shown,
        "identity": result_lists.identity_of(shown),
        "places": [Crumb("结果送达", "/results/"), Crumb(f"{shown.person_name} · {shown.name}")],
        "form": form or HandOver(),
        "agent": _agent(view),
        "rows": delivery_form.rows(view, sent=sent, only=shown.item),
        "address": delivery_form.address(view, sent=sent, wrong=wrong) if shows else [],
        "may_see_address": view.is_whole and not shows and "courier" in item.item.result.delivery
        if item.item.result
        else False,
        "may_change": "change_delivery" in item.may and not shown.is_done,
        "may_decide": "grant" in item.may,
        "types": uploads.ACCEPT,
        "papers": _papers(view, shown),
    }
    return render(
        request, "results/result.html", result_desk.frame(request) | context | more, status=status
    )


def _papers(view: CaseView, shown: ResultView) -> list[Any]:
    links = papers.available(view)
    return [one for one in links if one.item == shown.item and one.kind == "delivery_record"]


def _agent(view: CaseView) -> tuple[str, str] | None:
    """Who acts for the person, and why they may not receive it; an empty reason: they may."""
    agent = agents.acting(case_id=view.id)
    if agent is None:
        return None
    today = clock.now().date()
    answer = agent_rules.may(edition=view.edition, agent=agent, act="hand_over", on=today)
    words = f"{agent.name}（{agent_rules.relation(view.edition, agent)}）"
    return words, "" if answer else answer.reason
