"""Computing what an item pays, and approving it: the steps on one page, two people."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.cases import payment_lists, queries
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.services import payments as services
from lianban.catalogue.payment import Payment
from lianban.documents import papers
from lianban.engine.refusal import Refused
from lianban.web.bureau import reading, shell
from lianban.web.components import access, refusals
from lianban.web.components.forms import Form, LongTextField
from lianban.web.components.parts import Crumb

#: Beside which input a refusal stands.
_BESIDE = {"dates": "days", "no_reason": "reason", "too_long": "reason", "personal_value": "reason"}
_KIND = "amount_assessment"


class Amount(Form):
    """What the officer reads in the dossier, and the days that do not count."""

    days = forms.IntegerField(
        min_value=0,
        max_value=services.MOST_DAYS,
        initial=0,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": "没有就写 0",
            "invalid": "请写整数，没有就写 0",
            "min_value": "请写整数，没有就写 0",
            "max_value": f"最多 {services.MOST_DAYS} 天，请核对",
        },
    )
    reason = LongTextField(
        label="为什么不计（有不计的天数才写）", required=False, max_length=200, rows=2
    )

    def __init__(
        self, *args: Any, payment: Payment, answers: dict[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.facts = payment.asked(answers)
        self.fields["days"].label = payment.not_counted
        own = {
            f"fact-{fact.code}": forms.ChoiceField(
                label=fact.label,
                help_text=fact.help,
                choices=fact.choices,
                widget=forms.RadioSelect,
                error_messages={"required": f"请选：{fact.label}"},
            )
            for fact in self.facts
        }
        self.fields = {**own, **self.fields}

    def chosen(self) -> dict[str, str]:
        """The facts by code."""
        return {fact.code: self.cleaned_data[f"fact-{fact.code}"] for fact in self.facts}


def panel(view: CaseView, shown: ItemView) -> dict[str, Any] | None:
    """What an item's page says of its money; None for an item that pays none."""
    if shown.item.payment is None:
        return None
    return {
        "name": shown.item.payment.name,
        "now": payment_lists.of_item(view, shown.sub.number),
        "paper": _paper(view, shown),
    }


def _paper(view: CaseView, shown: ItemView) -> papers.PaperLink | None:
    found = [link for link in papers.available(view) if link.kind == _KIND]
    own = [link for link in found if link.item == shown.sub.number]
    return own[-1] if own else None


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@refusals.hidden
def amount(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Show how an amount comes about; a POST computes it."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    shown, payment = _paying(view, number)
    form = _form(view, payment, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.compute(
                case_id=case_id,
                item=number,
                facts=form.chosen(),
                days_not_counted=form.cleaned_data["days"],
                reason=form.cleaned_data["reason"],
                actor=request.actor,
                at=clock.now(),
            )
        except Refused as refused:
            if refusals.status_of(refused) == 404:
                raise
            form.add_error(_BESIDE.get(refused.code), refused.message)
        else:
            messages.success(request, "核算好了，请另一个人复核")
            return redirect("bureau:amount", case_id, number)
    return _page(request, view, shown, form)


def _paying(view: CaseView, number: int) -> tuple[ItemView, Payment]:
    shown = view.item(number)
    if shown.item.payment is None or shown.sub.department != view.edition.lead_department:
        raise Http404("这一项不发钱")
    return shown, shown.item.payment


def _form(view: CaseView, payment: Payment, data: Any) -> Amount:
    answers = queries.content(view).answers
    return Amount(data, payment=payment, answers=answers)


def _page(
    request: access.Request, view: CaseView, shown: ItemView, form: Amount, *, status: int = 200
) -> HttpResponse:
    number, payment = shown.sub.number, shown.item.payment
    assert payment is not None
    now = payment_lists.of_item(view, number)
    wanted = set(payment.reads)
    context: dict[str, Any] = {
        "view": view,
        "shown": shown,
        "payment": payment,
        "form": form,
        "now": now,
        "paper": _paper(view, shown),
        "earlier": payment_lists.earlier(view, number),
        "rows": [row for row in queries.form(view) if row.field.code in wanted],
        "identity": reading.identity(view, page=str(number)),
        "may_compute": "compute_amount" in shown.may and _is_open(now, shown),
        "may_approve": "approve_amount" in shown.may and now and now.state == "computed",
        "is_own": now is not None and now.computed_by_id == request.actor.user_id,
        "places": [
            Crumb("联办件", reverse("bureau:cases")),
            Crumb(view.case_number, reverse("bureau:case", args=[view.id])),
            Crumb(
                f"{number} {shown.item.short_name}", reverse("bureau:item", args=[view.id, number])
            ),
            Crumb("核定金额"),
        ],
    }
    return shell.page(request, "amount.html", context, status=422 if form.errors else status)


def _is_open(now: payment_lists.PaymentView | None, shown: ItemView) -> bool:
    if now is not None and now.state in ("in_batch", "paid"):
        return False
    return shown.sub.outcome is None or (now is not None and now.state == "returned")


@shell.bureau
@require_POST
@refusals.hidden
def approve(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Approve the amount that stood on the page."""
    digest = request.POST.get("digest", "")[:64]
    return refusals.attempt(
        request,
        lambda: services.approve(
            case_id=case_id, item=number, digest=digest, actor=request.actor, at=clock.now()
        ),
        back=reverse("bureau:amount", args=[case_id, number]),
        done="复核过了，可以准予",
    )
