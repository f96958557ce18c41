"""Changing the account that money goes to: the new one, then a code on one's own phone."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.accounts import services as accounts
from lianban.cases import payment_lists
from lianban.cases.paying import Account
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.services import bank_account
from lianban.engine.refusal import Refused
from lianban.web.applicant import my_money, my_people
from lianban.web.applicant.my_open import item_href, own_case, page
from lianban.web.components import access, caller, sealed_session
from lianban.web.components.forms import Form, TextField

_SENT_TO, _CODE = "account_phone", "account_code"
_BESIDE = {"wrong_code": "code", "too_many_tries": None}


class NewAccount(Form):
    """The account as it stands on the card, and the code that was sent."""

    holder = TextField(label="户名", max_length=50, help_text="必须是您本人的账户")
    bank = TextField(label="开户银行", max_length=60, help_text="写到支行，例如：××银行××支行")
    account = TextField(label="银行卡号", max_length=30, help_text="照卡面填，中间有空格不要紧")
    code = TextField(label="6 位验证码", max_length=20, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}
        code = {"inputmode": "numeric", "autocomplete": "one-time-code"}
        self.fields["code"].widget.attrs |= code


@access.applicant
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@own_case
def change(request: access.Request, view: CaseView, number: int) -> HttpResponse:
    """Show what is and take in another account: first a code is sent, then it is changed."""
    shown = view.item(number)
    if shown.item.payment is None:
        raise Http404("这一项不发钱")
    if request.method != "POST":
        return _page(request, view, shown, NewAccount(initial={"holder": view.person_name}))
    form = NewAccount(request.POST)
    if not form.is_valid():
        return _page(request, view, shown, form, status=422)
    if request.POST.get("do") == "code":
        return _send(request, view, shown, form)
    return _change(request, view, shown, form)


def _send(
    request: access.Request, view: CaseView, shown: ItemView, form: NewAccount
) -> HttpResponse:
    """Send a code; what was typed stays on the page."""
    try:
        if request.actor.user_id is None:
            raise Refused("no_phone", "凭回执查看的，请带身份证和银行卡到窗口改")
        phone, code = accounts.request_own_code(
            user_id=request.actor.user_id, address=caller.address(request), at=clock.now()
        )
    except Refused as refused:
        form.add_error(None, refused.message or "发得太多了，请过一会儿再试")
        return _page(request, view, shown, form, status=422)
    sealed_session.keep(request, _SENT_TO, f"{phone[:3]}****{phone[-4:]}")
    if getattr(settings, "LIANBAN_DEMO", False):
        sealed_session.keep(request, _CODE, code)
    return _page(request, view, shown, form, is_sent=True)


def _change(
    request: access.Request, view: CaseView, shown: ItemView, form: NewAccount
) -> HttpResponse:
    typed = form.cleaned_data
    account = Account(typed["holder"], typed["bank"], typed["account"].replace(" ", ""))
    proof = bank_account.ByCode(typed["code"], caller.address(request))
    try:
        bank_account.change(
            case_id=view.id,
            item=shown.sub.number,
            account=account,
            proof=proof,
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refused:
        if not _beside(form, shown, refused):
            words = refused.message or "试得太多了，请过一会儿再试"
            form.add_error(_BESIDE.get(refused.code), words)
        return _page(request, view, shown, form, status=422)
    for name in (_SENT_TO, _CODE):
        request.session.pop(name, None)
    messages.success(request, f"收款账户改好了，尾号 {account.tail}")
    return HttpResponseRedirect(item_href(view, shown))


def _beside(form: NewAccount, shown: ItemView, refused: Refused) -> bool:
    """Put complaints beside their inputs; whether there were any."""
    payment, found = shown.item.payment, refused.details.get("complaints")
    if payment is None or not isinstance(found, dict):
        return False
    inputs = {payment.account: "account", payment.bank: "bank"}
    for code, words in found.items():
        form.add_error(inputs.get(code, code), words)
    return True


def _page(
    request: access.Request,
    view: CaseView,
    shown: ItemView,
    form: NewAccount,
    *,
    is_sent: bool = False,
    status: int = 200,
) -> HttpResponse:
    number = shown.sub.number
    now = payment_lists.of_item(view, number)
    phone = sealed_session.read(request, _SENT_TO)
    form.fields["code"].required = True
    return page(
        request,
        "account",
        view,
        crumb="改收款账户",
        item=shown,
        form=form,
        money=my_money.of_item(view, shown),
        fixed=my_money.why_fixed(shown, now),
        is_sent=is_sent or (bool(phone) and request.method == "POST"),
        phone=phone,
        demonstration_code=sealed_session.read(request, _CODE),
        counters=my_people.counters(view),
        status=status,
    )
