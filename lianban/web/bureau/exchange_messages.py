"""One message out with its tries, sending it again, and one message in with what is done about it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lianban import clock, vault
from lianban.engine.refusal import Refused
from lianban.exchange import inbound, partners
from lianban.exchange.models import InboxMessage
from lianban.exchange.watching import lists, said, settling, task_lists
from lianban.exchange.watching.lists import Incoming
from lianban.web.bureau import shell
from lianban.web.components import access, exchange_pages
from lianban.web.components.forms import Form, LongTextField
from lianban.web.components.parts import Crumb
from lianban.web.components.refusals import hidden, status_of


class Note(Form):
    """What was done about it."""

    note = LongTextField(
        label="怎么处理的",
        max_length=500,
        rows=3,
        help_text="写给以后看的人，不要写身份证号、手机号",
        error_messages={"required": "请写一句怎么处理的"},
    )


@shell.bureau
@never_cache
@require_safe
@hidden
def message(request: access.Request, message_id: UUID) -> HttpResponse:
    """Show a message out."""
    one = lists.get_outgoing(message_id, actor=request.actor)
    context = exchange_pages.message(one, at=clock.now()) | {
        "tasks": task_lists.of_message(one.row, actor=request.actor),
        "places": _places(one.row.department, "消息"),
    }
    return shell.page(request, "exchange_message.html", context)


def _places(code: str, here: str) -> list[Crumb]:
    partner = partners.find(code)
    name = partner.name if partner else code
    href = reverse("bureau:exchange_partner", args=[code]) if partner else ""
    return [Crumb("系统对接", reverse("bureau:exchange")), Crumb(name, href), Crumb(here)]


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def send_again(request: access.Request, message_id: UUID) -> HttpResponse:
    """Ask, then put a message back into the line."""
    at = clock.now()
    one = lists.get_outgoing(message_id, actor=request.actor)
    back = reverse("bureau:exchange_message", args=[message_id])
    if request.method == "POST":
        return exchange_pages.resent(request, one, back=back, at=at)
    context = exchange_pages.message(one, at=at) | {
        "places": [*_places(one.row.department, "消息")[:2], Crumb("消息", back), Crumb("重发")],
    }
    return shell.page(request, "exchange_resend.html", context)


@shell.bureau
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def inbox(request: access.Request, inbox_id: int) -> HttpResponse:
    """Show a message in; a POST tries it again, or lays it aside with a note."""
    one = lists.get_incoming(inbox_id, actor=request.actor)
    if request.method != "POST":
        return _inbox(request, one, Note())
    do, form = request.POST.get("do", ""), Note(request.POST)
    if do == "again":
        return _again(request, inbox_id)
    if do != "settle":
        raise Http404("没有这个操作")
    if not form.is_valid():
        return _inbox(request, one, form, status=422)
    try:
        settling.settle(
            inbox_id=inbox_id,
            note=form.cleaned_data["note"],
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        form.add_error(None, refusal.message)
        fresh = lists.get_incoming(inbox_id, actor=request.actor)
        return _inbox(request, fresh, form, status=status_of(refusal))
    messages.success(request, "记下了，这条不再等人看")
    return redirect("bureau:exchange_inbox", inbox_id)


def _again(request: access.Request, inbox_id: int) -> HttpResponse:
    """Try a parked message once more; it stays where it still fits nothing, or is forgotten."""
    try:
        fits = inbound.apply_again(inbox_id=inbox_id, at=clock.now(), any_round=True)
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        messages.error(request, refusal.message)
    else:
        if fits:
            messages.success(request, "对上了，已经照它办了")
        else:
            messages.error(request, "现在还是对不上，没有改动任何东西")
    return redirect("bureau:exchange_inbox", inbox_id)


def _inbox(
    request: access.Request, one: Incoming, form: Note, *, status: int = 200
) -> HttpResponse:
    context = {
        "one": exchange_pages.in_row(one, clock.now()),
        "said": _said(one.row),
        "form": form,
        "tasks": task_lists.of_inbox(one.row, actor=request.actor),
        "places": _places(one.row.partner_id, "来件"),
    }
    return shell.page(request, "exchange_inbox.html", context, status=status)


def _said(row: InboxMessage) -> said.Said:
    if not row.body:
        return said.Said("", "", (), "保存的期限到了，内容已按规定清除，只留摘要")
    try:
        return said.incoming(inbound.body(row))
    except vault.VaultFailure:
        return said.Said("", "", (), "封存的内容打不开了，读不出来")
