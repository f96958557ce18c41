"""Signing in and out: applicants by phone and code or by a receipt, officers by password."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import structlog
from django import forms
from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.accounts import actors, services
from lianban.accounts.models import User
from lianban.cases import receipts
from lianban.engine.refusal import Refused
from lianban.web.components import access, caller, faces, sealed_session
from lianban.web.components.forms import Form

BACKEND = "lianban.accounts.backend.Backend"
SEALED_PHONE, SEALED_CODE = "sealed_phone", "sealed_code"
_log = structlog.get_logger(__name__)
_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


class PhoneForm(Form):
    """Asks for the phone that gets the code."""

    phone = forms.CharField(
        label="手机号码",
        max_length=30,
        error_messages={"required": "请填手机号码", "max_length": "手机号码应是 11 位"},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )


class CodeForm(Form):
    """Asks for the six digits."""

    code = forms.CharField(
        label="6 位验证码",
        max_length=20,
        error_messages={"required": "请填验证码", "max_length": "验证码是 6 位数字"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class OfficerForm(Form):
    """Asks for user name and password."""

    username = forms.CharField(
        label="用户名",
        max_length=60,
        error_messages={"required": "请填用户名"},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        max_length=1000,
        strip=False,
        error_messages={"required": "请填密码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewPasswordForm(Form):
    """Asks for the password so far, unless it is a start password, and twice for the new one."""

    current = forms.CharField(
        label="现在的密码",
        max_length=1000,
        strip=False,
        error_messages={"required": "请填现在的密码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    password = forms.CharField(
        label="新密码",
        strip=False,
        error_messages={"required": "请填新密码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再填一次新密码",
        strip=False,
        error_messages={"required": "请再填一次新密码"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *arguments: Any, is_first: bool, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if is_first:
            del self.fields["current"]

    def clean_again(self) -> str:
        """Return the second one if it is the same as the first."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError("两次填的密码不一样")
        return again


class ReceiptForm(Form):
    """Asks for the second secret printed on the receipt."""

    secret = forms.CharField(
        label="查询码",
        max_length=40,
        error_messages={"required": "请填回执上的查询码", "max_length": "查询码没有这么长"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


# Applicants ----------------------------------------------------------------------------------


@access.public
@never_cache
@_get_or_post
@sensitive_post_parameters()
def phone(request: HttpRequest) -> HttpResponse:
    """Ask for a phone number and send it a code."""
    form = PhoneForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            number = services.mobile(form.cleaned_data["phone"])
            code = services.request_code(
                phone=number, address=caller.address(request), at=clock.now()
            )
        except Refused as refusal:
            return _refused(request, "sign_in/phone.html", form, "phone", refusal)
        sealed_session.keep(request, SEALED_PHONE, number)
        if getattr(settings, "LIANBAN_DEMO", False):
            sealed_session.keep(request, SEALED_CODE, code)
        return HttpResponseRedirect(_with_next(request, "sign_in:code"))
    return _page(request, "sign_in/phone.html", form)


@access.public
@never_cache
@_get_or_post
@sensitive_post_parameters()
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was sent, and sign the applicant in."""
    number = sealed_session.read(request, SEALED_PHONE)
    if not number:
        return HttpResponseRedirect(_with_next(request, "sign_in:phone"))
    form = CodeForm(_posted(request))
    shown = {
        "phone_masked": f"{number[:3]}****{number[-4:]}",
        "demonstration_code": sealed_session.read(request, SEALED_CODE),
    }
    if request.method == "POST" and form.is_valid():
        at = clock.now()
        try:
            user = services.sign_in_applicant(
                phone=number, code=form.cleaned_data["code"], address=caller.address(request), at=at
            )
        except Refused as refusal:
            return _refused(request, "sign_in/code.html", form, "code", refusal, shown)
        answered = request.session.get(access.GUIDE)
        _start_session(request, user, at=at)
        if answered:
            request.session[access.GUIDE] = answered
        return HttpResponseRedirect(_next(request) or faces.APPLICANT_HOME)
    return _page(request, "sign_in/code.html", form, shown)


@access.public
@never_cache
@_get_or_post
@sensitive_post_parameters()
def open_receipt(request: HttpRequest, receipt_id: str) -> HttpResponse:
    """Ask for the second secret of a receipt, and open its one case without an account."""
    form = ReceiptForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        at = clock.now()
        try:
            services.count_receipt_try(
                receipt_id=receipt_id, address=caller.address(request), at=at
            )
            case_id = receipts.open(
                receipt_id=receipt_id, secret=form.cleaned_data["secret"], at=at
            )
        except Refused as refusal:
            return _refused(request, "sign_in/receipt.html", form, "secret", refusal)
        logout(request)
        rotate_token(request)
        request.session[access.RECEIPT_CASE] = str(case_id)
        _note_start(request, at=at)
        return HttpResponseRedirect(reverse("applicant:my_case", args=[case_id]))
    return _page(request, "sign_in/receipt.html", form)


# Officers ------------------------------------------------------------------------------------


@access.public
@never_cache
@_get_or_post
@sensitive_post_parameters()
def officer(request: HttpRequest) -> HttpResponse:
    """Ask for user name and password, and lead the officer to the face of the role."""
    form = OfficerForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        at = clock.now()
        try:
            user = services.sign_in_officer(
                username=form.cleaned_data["username"],
                password=form.cleaned_data["password"],
                address=caller.address(request),
                at=at,
            )
        except Refused as refusal:
            _log.info("sign-in refused", reason=refusal.code)
            return _refused(request, "sign_in/officer.html", form, "username", refusal)
        _start_session(request, user, at=at)
        _log.info("officer signed in", officer=str(user.id))
        if user.must_set_password:
            return HttpResponseRedirect(_with_next(request, "sign_in:password"))
        return HttpResponseRedirect(_next(request) or reverse("sign_in:face"))
    return _page(request, "sign_in/officer.html", form)


@access.setting_password
@never_cache
@_get_or_post
@sensitive_post_parameters()
def password(request: access.Request) -> HttpResponse:
    """Let an officer set a password of their own: at the first sign-in, or any time later."""
    first = access.must_set_password(request)
    form = NewPasswordForm(_posted(request), is_first=first)
    more = {"is_first": first}
    if request.method == "POST" and form.is_valid():
        assert request.actor.user_id is not None
        at = clock.now()
        try:
            user = services.set_password(
                user_id=request.actor.user_id,
                password=form.cleaned_data["password"],
                current=form.cleaned_data.get("current", ""),
                at=at,
            )
        except Refused as refusal:
            field = "current" if refusal.code == "wrong_current" else "password"
            return _refused(request, "sign_in/password.html", form, field, refusal, more)
        _start_session(request, user, at=at)
        return HttpResponseRedirect(_next(request) or reverse("sign_in:face"))
    return _page(request, "sign_in/password.html", form, more)


@access.officer()
def face(request: access.Request) -> HttpResponse:
    """Lead an officer to the one face of the role, or offer the choice."""
    choice = faces.faces_of(request.actor)
    if len(choice) == 1:
        return HttpResponseRedirect(choice[0].address)
    return render(request, "sign_in/face.html", {"faces": choice})


@access.public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, whoever it belongs to."""
    logout(request)
    return HttpResponseRedirect(reverse("sign_in:signed_out"))


@access.public
def signed_out(request: HttpRequest) -> HttpResponse:
    """Say that the session is over, and what one may do next."""
    return render(request, "sign_in/signed_out.html")


# How -----------------------------------------------------------------------------------------


def _start_session(request: HttpRequest, user: User, *, at: datetime) -> None:
    """Sign in under a new session key, with nothing of the session before."""
    request.session.flush()
    login(request, user, backend=BACKEND)
    request.actor = actors.from_user(user)  # type: ignore[attr-defined]
    _note_start(request, at=at)


def _note_start(request: HttpRequest, *, at: datetime) -> None:
    request.session[access.SIGNED_IN_AT] = request.session[access.SEEN_AT] = at.timestamp()


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _next(request: HttpRequest) -> str:
    return access.safe_next(request, request.POST.get("next") or request.GET.get("next"))


def _with_next(request: HttpRequest, name: str) -> str:
    back = _next(request)
    return reverse(name) + (f"?{urlencode({'next': back})}" if back else "")


def _page(
    request: HttpRequest,
    template: str,
    form: forms.Form,
    more: Mapping[str, object] | None = None,
    *,
    status: int | None = None,
) -> HttpResponse:
    """Return the page with its form; what was typed stays, except passwords."""
    status = status or (422 if form.errors else 200)
    context = {"form": form, "next": _next(request), **(more or {})}
    return render(request, template, context, status=status)


def _refused(
    request: HttpRequest,
    template: str,
    form: forms.Form,
    field: str,
    refusal: Refused,
    more: Mapping[str, object] | None = None,
) -> HttpResponse:
    """Return the page with the refusal in plain words beside the field."""
    form.add_error(field, _words(refusal))
    late = refusal.code == "too_many_tries"
    response = _page(request, template, form, more, status=429 if late else 422)
    retry_at = refusal.details.get("retry_at")
    if isinstance(retry_at, datetime):
        seconds = int((retry_at - clock.now()).total_seconds())
        response["Retry-After"] = str(max(seconds, 1))
    return response


def _words(refusal: Refused) -> list[str]:
    details = refusal.details
    if refusal.code == "weak_password":
        reasons = details["reasons"]
        assert isinstance(reasons, list)
        return reasons
    if refusal.code == "too_many_tries":
        retry_at = details["retry_at"]
        assert isinstance(retry_at, datetime)
        return [f"试的次数太多了，请在 {retry_at.astimezone(clock.SHANGHAI):%H:%M} 以后再试"]
    if refusal.code == "bad_phone" and details["digits"] != 11:
        return [f"手机号码应是 11 位，现在是 {details['digits']} 位"]
    return [_SENTENCES.get(refusal.code, "现在办不了，请稍后再试")]


_SENTENCES = {
    "bad_phone": "这不是手机号码，手机号码以 13 到 19 开头",
    "wrong_code": "验证码不对，或者已经过期；可以重新获取一个",
    "wrong_credentials": "用户名或密码不对",
    "wrong_current": "现在的密码不对",
    "wrong_secret": "查询码不对，请看回执上印的查询码",
}
