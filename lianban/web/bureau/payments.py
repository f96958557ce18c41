"""Payments by state, the lists for the finance office, and what it answers."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lianban import clock
from lianban.accounts import sheets
from lianban.cases import payment_lists
from lianban.cases.services import payment_answers, payment_orders
from lianban.cases.services.dossiers import RowResult
from lianban.cases.services.payment_answers import Answer
from lianban.engine.refusal import Refused
from lianban.web.bureau import many, shell
from lianban.web.bureau.lists import Tab
from lianban.web.components import access, refusals
from lianban.web.components.forms import Form, LongTextField
from lianban.web.components.parts import Crumb

TABS = {
    "computed": "待复核",
    "approved": "待付款",
    "in_batch": "已送财政",
    "returned": "银行退回",
    "paid": "已到账",
}
EMPTY = {
    "computed": "没有等着复核的金额",
    "approved": "没有等着付款的",
    "in_batch": "没有送出去、还没回音的",
    "returned": "没有被银行退回的",
    "paid": "还没有到账的",
}
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Answers(Form):
    """What the finance office sent back: its table, or rows that are pasted."""

    file = forms.FileField(
        label="财政填好的清单",
        required=False,
        help_text="XLSX 或 CSV。填了“支付日期”的记到账，填了“退回原因”的记退回，空着的不动",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"empty": "这个文件是空的，请换一个"},
    )
    lines = LongTextField(
        label="或者一行一笔写在这里",
        required=False,
        max_length=40_000,
        rows=5,
        help_text="付款编号，再写支付日期；退回的写原因。例如：FK20261019-990101-01-001 2026-10-21",
    )

    def read(self) -> list[Answer]:
        """The rows of both. Raises `Refused('bad_file')`."""
        file, found = self.cleaned_data["file"], []
        if file is not None:
            if file.size > sheets.MOST_BYTES:
                most = sheets.MOST_BYTES // 1024 // 1024
                raise Refused("bad_file", f"文件太大，最多 {most} MB")
            found = payment_answers.read_table(file.read(), name=file.name or "")
        return found + payment_answers.read_lines(self.cleaned_data["lines"])


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: access.Request) -> HttpResponse:
    """One list of payments; a POST puts the ticked ones on a list for the finance office."""
    if request.method == "POST":
        return _order(request)
    show = request.GET.get("show", "computed")
    show = show if show in TABS else "computed"
    counts = payment_lists.counts(actor=request.actor)
    page = payment_lists.listed(actor=request.actor, show=show, **shell.keys(request))
    context = {
        "show": show,
        "title": TABS[show],
        "empty": EMPTY[show],
        "tabs": [Tab(c, TABS[c], counts.get(c, 0), c == show) for c in TABS],
        "page": page,
        "most": payment_orders.MOST,
    }
    return shell.page(request, "payments.html", context)


def _order(request: access.Request) -> HttpResponse:
    back = reverse("bureau:payments") + "?show=approved"
    try:
        found = payment_orders.order(
            payment_ids=many.ticked(request.POST, "payment"),
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect(back)
    many.tell(request, found.rows, done="列入付款清单了")
    return redirect("bureau:payment_batch", found.batch_id) if found.batch_id else redirect(back)


@shell.bureau
@require_safe
def batches(request: access.Request) -> HttpResponse:
    """The lists that were sent, newest first."""
    page = payment_lists.batches(actor=request.actor, **shell.keys(request))
    places = [Crumb("付款", reverse("bureau:payments")), Crumb("付款清单")]
    return shell.page(request, "payment_batches.html", {"page": page, "places": places})


@shell.bureau
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@refusals.hidden
def batch(request: access.Request, order_id: UUID) -> HttpResponse:
    """One list with what became of it; a POST takes in the finance office's answer."""
    payment_orders.find(batch_id=order_id, actor=request.actor)
    if request.method != "POST":
        return _batch(request, order_id, Answers())
    form = Answers(request.POST, request.FILES)
    if not form.is_valid():
        return _batch(request, order_id, form, status=422)
    answers: list[Answer] = []
    try:
        answers = form.read()
        rows = payment_answers.settle(
            batch_id=order_id, answers=answers, actor=request.actor, at=clock.now()
        )
    except Refused as refused:
        form.add_error("file" if refused.code == "bad_file" else None, refused.message)
        return _batch(request, order_id, form, status=422)
    many.tell(request, rows, done="，记下了")
    left = [a for a, row in zip(answers, rows, strict=True) if not row.done]
    if not left:
        return redirect("bureau:payment_batch", order_id)
    again = Answers(initial={"lines": "\n".join(answer.as_line() for answer in left)})
    return _batch(request, order_id, again, rows=rows, status=422)


def _batch(
    request: access.Request,
    order_id: UUID,
    form: Answers,
    *,
    rows: list[RowResult] | None = None,
    status: int = 200,
) -> HttpResponse:
    record = payment_orders.find(batch_id=order_id, actor=request.actor)
    view, payments = payment_lists.of_batch(record)
    context: dict[str, Any] = {
        "batch": view,
        "payments": payments,
        "form": form,
        "wrong": [row for row in rows or () if not row.done],
        "is_open": any(each.state in ("in_batch", "paid") for each in payments),
        "places": [
            Crumb("付款", reverse("bureau:payments")),
            Crumb("付款清单", reverse("bureau:payment_batches")),
            Crumb(view.number),
        ],
    }
    return shell.page(request, "payment_batch.html", context, status=status)


@shell.bureau
@never_cache
@require_safe
@refusals.hidden
def sheet(request: access.Request, order_id: UUID) -> HttpResponse:
    """The list as it was sent; who opened it is kept for each person on it."""
    number, content = payment_orders.open_file(
        batch_id=order_id, actor=request.actor, at=clock.now()
    )
    answer = HttpResponse(content, content_type=_SHEET)
    answer["Content-Disposition"] = f'attachment; filename="{number}.xlsx"'
    return answer
