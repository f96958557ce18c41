"""Again after a refusal, and a new phone: what the person can mend alone."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.accounts import services as accounts
from lianban.cases.queries import CaseView
from lianban.cases.services import person_corrections, reapply
from lianban.engine.refusal import Refused
from lianban.web.applicant.my_open import own_case, page
from lianban.web.components import access, caller, sealed_session
from lianban.web.components.forms import Form, MobileField, TextField
from lianban.web.components.refusals import hidden, status_of

_PHONE, _CODE = "sealed_new_phone", "sealed_new_code"
_WORDS = {
    "wrong_code": "验证码不对，或者过了 5 分钟。请重新发一次",
    "too_many_tries": "试的次数太多了，请过一会儿再试",
    "bad_phone": "手机号码应是 11 位，请再看一遍",
}


@access.applicant_account
@require_POST
@hidden
def again(request: access.Request, case_id: UUID) -> HttpResponse:
    """Begin a new form with what the ended case held."""
    try:
        reapply.start(case_id=case_id, actor=request.actor, at=clock.now())
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        messages.error(request, refusal.message)
        return redirect("applicant:my_case", case_id)
    messages.success(request, "上次填的都在，改好了再交。签名要重新签")
    return redirect("applicant:guide")


class NewPhone(Form):
    """The new number, to which a code is sent."""

    phone = MobileField(label="新的手机号码", help_text="验证码发到这个号码")


class Proof(Form):
    """The code."""

    code = TextField(label="验证码", max_length=6, error_messages={"required": "请填验证码"})


@access.applicant
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@own_case
def phone(request: access.Request, view: CaseView) -> HttpResponse:
    """Ask for the new phone and send a code; then ask for the code and write the number."""
    if request.method != "POST":
        return _page(request, view, NewPhone())
    if request.POST.get("step") == "prove":
        return _prove(request, view)
    form = NewPhone(request.POST)
    if not form.is_valid():
        return _page(request, view, form, status=422)
    try:
        number = accounts.mobile(form.cleaned_data["phone"])
        code = accounts.request_code(phone=number, address=caller.address(request), at=clock.now())
    except Refused as refusal:
        form.add_error("phone", _WORDS.get(refusal.code, refusal.message))
        return _page(request, view, form, status=422)
    sealed_session.keep(request, _PHONE, number)
    if getattr(settings, "LIANBAN_DEMO", False):
        sealed_session.keep(request, _CODE, code)
    return _page(request, view, Proof(), number=number)


def _prove(request: access.Request, view: CaseView) -> HttpResponse:
    number, form = sealed_session.read(request, _PHONE), Proof(request.POST)
    if not number:
        return _page(request, view, NewPhone())
    if not form.is_valid():
        return _page(request, view, form, number=number, status=422)
    try:
        person_corrections.change_phone(
            case_id=view.id,
            phone=number,
            code=form.cleaned_data["code"],
            address=caller.address(request),
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        form.add_error("code", _WORDS.get(refusal.code, refusal.message))
        return _page(request, view, form, number=number, status=422)
    messages.success(request, "手机号码改好了，以后的消息发到新号码")
    return redirect("applicant:my_case", view.id)


def _page(
    request: access.Request, view: CaseView, form: Form, *, number: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "phone_masked": f"{number[:3]}****{number[-4:]}" if number else "",
        "demonstration_code": sealed_session.read(request, _CODE) if number else "",
    }
    return page(request, "phone", view, crumb="换手机号", status=status, **context)
