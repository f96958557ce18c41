"""The desk for results: what waits to be fetched, posted or brought back, and who it is for."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.accounts.models import Role
from lianban.cases import result_lists, result_rows
from lianban.cases.result_lists import ResultView
from lianban.cases.services import postings, results
from lianban.engine.refusal import Refused
from lianban.vault import normalise
from lianban.web.components import access, faces
from lianban.web.components.refusals import status_of

officer = access.officer(
    Role.COUNTER_CLERK, Role.BUREAU_OFFICER, Role.BUREAU_HEAD, Role.DEPARTMENT_OFFICER
)
_EMPTY = {
    "pick_up": "没有等着领的。准予以后选了自己领的，会列在这里。",
    "to_post": "没有等着寄的。准予以后选了邮寄的，会列在这里。",
    "posted": "没有在路上的。寄出以后、还没签收的会列在这里。",
    "returned": "没有退回来的。快递退回的在右边登记。",
    "done": "还没有交付过的。",
}
_LONGEST = 20_000


@officer
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: access.Request) -> HttpResponse:
    """List what waits; a POST looks for a pick-up code, a tracking or a case number."""
    if request.method != "POST":
        return page(request, show=_shown(request.GET.get("show", "")))
    text = request.POST.get("q", "").strip()[:60]
    try:
        found = _find(text, request)
    except Refused as refusal:
        status = 429 if refusal.code == "too_many_tries" else 422
        return page(request, problem=_words(refusal), text=text, status=status)
    if len(found) == 1:
        return redirect("results:result", found[0].id)
    return page(request, found=found, text=text)


def _find(text: str, request: access.Request) -> list[ResultView]:
    plain = normalise(text)
    found = result_lists.find(text, actor=request.actor)
    is_code = len(plain) == result_rows.PICK_UP_LENGTH and set(plain) <= set(
        result_rows.PICK_UP_SIGNS
    )
    if found or not is_code:
        if not found:
            raise Refused("unknown_code", "没有找到。请输入取件码、快递单号或办件编号，再核对一遍")
        return found
    return [result_lists.by_code(text, actor=request.actor, at=clock.now())]


def _words(refusal: Refused) -> str:
    if refusal.code == "too_many_tries":
        return "输错的次数太多了，请过十分钟再试，或者按姓名在下面找"
    return refusal.message


def _shown(name: str) -> str:
    return name if name in result_lists.SHOWS else next(iter(result_lists.SHOWS))


def page(
    request: access.Request, *, show: str = "pick_up", status: int = 200, **more: Any
) -> HttpResponse:
    """Draw the desk; `more` brings what was typed and what is wrong with it."""
    listed = result_lists.listed(
        actor=request.actor,
        show=show,
        after=request.GET.get("after", "")[:100],
        before=request.GET.get("before", "")[:100],
    )
    today = clock.now().date()
    rows = more.get("found") or listed.rows
    context = {
        "show": show,
        "shows": {key: name for key, (name, _) in result_lists.SHOWS.items()},
        "counts": result_lists.counts(actor=request.actor),
        "rows": [(row, row.age(today)) for row in rows],
        "page": listed,
        "empty": _EMPTY[show],
        "reasons": postings.reasons(request.actor),
    }
    return render(request, "results/desk.html", frame(request) | context | more, status=status)


def frame(request: HttpRequest) -> dict[str, Any]:
    """What the header of every page of this desk needs."""
    actor = request.actor  # type: ignore[attr-defined]
    return {"faces": faces.faces_of(actor)}


# Many at once ----------------------------------------------------------------------------------


@officer
@require_POST
def make(request: access.Request) -> HttpResponse:
    """Put the ticked results into envelopes of one batch."""
    show = _shown(request.POST.get("show", "to_post"))
    try:
        made = postings.make(
            result_ids=ticked(request.POST.getlist("row")), actor=request.actor, at=clock.now()
        )
    except Refused as refusal:
        messages.error(request, refusal.message)
        return HttpResponseRedirect(_at(show))
    for words in made.left_out:
        messages.warning(request, words)
    messages.success(request, "装好一批了。先打印面单贴上，交给快递以后填单号")
    return redirect("results:posting", made.posting.id)


@officer
@require_POST
def arrived(request: access.Request) -> HttpResponse:
    """The courier's list: ticked rows, and tracking numbers pasted from it."""
    text = request.POST.get("list", "")[:_LONGEST]
    listed, unknown = postings.on_the_way(re.split(r"[\s,，;；|]+", text), actor=request.actor)
    own = {
        row.mail_id
        for one in ticked(request.POST.getlist("row"))
        if (row := _own(one, request)) and row.mail_id
    }
    done, problems = results.received_many([*own, *listed], actor=request.actor, at=clock.now())
    if not (own or listed or unknown):
        messages.warning(request, "还没选，也没有粘贴单号")
    if done:
        messages.success(request, f"{done} 个邮件记为签收了")
    for words in dict.fromkeys(problems):
        messages.error(request, words)
    if unknown:
        return page(
            request,
            show="posted",
            list_problem=f"这些单号没有找到：{'、'.join(unknown[:20])}",
            list_text="\n".join(unknown),
            status=422,
        )
    return HttpResponseRedirect(_at("posted"))


def _own(result_id: UUID, request: access.Request) -> ResultView | None:
    try:
        return result_lists.one(result_id=result_id, actor=request.actor)
    except Refused:
        return None


@officer
@require_POST
def came_back(request: access.Request) -> HttpResponse:
    """An envelope came back; the person is asked for another address or another way."""
    text, reason = request.POST.get("number", "").strip()[:60], request.POST.get("reason", "")
    try:
        postings.returned(text=text, reason=reason, actor=request.actor, at=clock.now())
    except Refused as refusal:
        back = {"back_problem": refusal.message, "back_text": text, "back_reason": reason}
        code = status_of(refusal)
        return page(request, show="posted", status=422 if code == 400 else code, **back)
    messages.success(request, "登记了退回，本人收到了消息：改地址，或者改成自己来领")
    return HttpResponseRedirect(_at("returned"))


def _at(show: str) -> str:
    return f"{reverse('results:desk')}?show={show}"


def ticked(values: list[str]) -> list[UUID]:
    """The ids behind tick boxes; what cannot be read is left out."""
    found = []
    for value in values[:500]:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
