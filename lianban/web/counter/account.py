"""Changing the account that money goes to, with the person, their identity card and bank card there."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.cases import payment_lists, queries
from lianban.cases.paying import Account
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.services import bank_account
from lianban.engine.refusal import Refused
from lianban.web.components import access
from lianban.web.components.forms import Form, TextField
from lianban.web.components.refusals import hidden, status_of
from lianban.web.counter.case_page import clerk


class SeenAccount(Form):
    """The account as it stands on the card, and what the clerk has seen."""

    holder = TextField(label="户名", max_length=50, help_text="必须和本人姓名一样")
    bank = TextField(label="开户银行", max_length=60, help_text="写到支行")
    account = TextField(label="银行卡号", max_length=30, help_text="照卡面填")
    identity_card = forms.BooleanField(
        label="看过本人身份证件，是本人",
        error_messages={"required": "请当面核对身份证件，再勾这一项"},
    )
    bank_card = forms.BooleanField(
        label="看过本人的银行卡，户名是本人",
        error_messages={"required": "请当面核对银行卡，再勾这一项"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}


@clerk
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def change(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Show what is; a POST takes in another account of the person."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    shown = view.item(number)
    if shown.item.payment is None:
        raise Http404("这一项不发钱")
    if request.method != "POST":
        return _page(request, view, shown, SeenAccount(initial={"holder": view.person_name}))
    form = SeenAccount(request.POST)
    if not form.is_valid():
        return _page(request, view, shown, form, status=422)
    typed = form.cleaned_data
    account = Account(typed["holder"], typed["bank"], typed["account"].replace(" ", ""))
    try:
        bank_account.change(
            case_id=case_id,
            item=number,
            account=account,
            proof=bank_account.ByPapers(typed["identity_card"], typed["bank_card"]),
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refused:
        return _refused(request, view, shown, form, refused)
    messages.success(request, f"收款账户改好了，尾号 {account.tail}")
    return redirect("counter:case", case_id)


def _refused(
    request: access.Request, view: CaseView, shown: ItemView, form: SeenAccount, refused: Refused
) -> HttpResponse:
    payment, found = shown.item.payment, refused.details.get("complaints")
    assert payment is not None
    if not isinstance(found, dict):
        form.add_error(None, refused.message)
        return _page(request, view, shown, form, status=status_of(refused))
    inputs = {payment.account: "account", payment.bank: "bank"}
    for code, words in found.items():
        form.add_error(inputs.get(code, code), words)
    return _page(request, view, shown, form, status=422)


def _page(
    request: access.Request,
    view: CaseView,
    shown: ItemView,
    form: SeenAccount,
    *,
    status: int = 200,
) -> HttpResponse:
    now = payment_lists.of_item(view, shown.sub.number)
    no = bank_account.refusal(
        state=now.state if now else "", is_ended=bank_account.is_ended(shown.sub)
    )
    context = {"view": view, "shown": shown, "form": form, "now": now, "fixed": no}
    return render(request, "counter/account.html", context, status=status)
