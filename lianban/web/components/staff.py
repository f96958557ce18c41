"""The administrator's pages: officers of the districts in reach, found, added, moved, closed."""

from uuid import UUID

from django import forms
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban.accounts import officers as accounts
from lianban.accounts.actor import Actor
from lianban.accounts.models import Role, User
from lianban.engine.refusal import Refused
from lianban.web.components import access
from lianban.web.components.forms import Form, TextField

PAGE = 50
_administrator = access.officer(Role.ADMINISTRATOR)
_get_or_post = require_http_methods(["GET", "HEAD", "POST"])

_SENTENCES = {
    "username_taken": ("username", "这个用户名已经有人用了"),
    "bad_username": ("username", "用户名要 2 到 60 位，只用小写字母、数字、点和连字符"),
    "not_oneself": ("roles", "不能去掉自己的系统管理员角色，请让另一位管理员来做"),
    "unknown_role": ("roles", "请至少选一个角色"),
    "not_permitted": ("office", "这个单位不归您管，请另选一个"),
}


class Officer(Form):
    """Where an officer works and with which roles."""

    office = forms.TypedChoiceField(
        label="单位",
        coerce=UUID,
        error_messages={"required": "请选单位", "invalid_choice": "请选单位"},
    )
    roles = forms.MultipleChoiceField(
        label="角色",
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一个角色"},
    )

    def __init__(self, *arguments: object, actor: Actor, **named: object) -> None:
        super().__init__(*arguments, **named)
        offices = accounts.offices_of(actor)
        office = self.fields["office"]
        assert isinstance(office, forms.TypedChoiceField)
        office.choices = [
            ("", "请选择"),
            *((str(one.id), f"{one.district.name} · {one.name}") for one in offices),
        ]


class NewOfficer(Officer):
    """The same, with the name and the user name of somebody new."""

    field_order = ("name", "username", "office", "roles")
    name = TextField(label="姓名", max_length=60)
    username = forms.CharField(
        label="用户名", max_length=60, error_messages={"required": "请填用户名"}
    )


@_administrator
@require_safe
def officers(request: access.Request) -> HttpResponse:
    """List officers by user name, fifty at a time, found by name, user name or office."""
    words = request.GET.get("q", "").strip()[:60]
    after = request.GET.get("after", "")[:60]
    found = accounts.visible_to(request.actor).filter(username__gt=after).order_by("username")
    if words:
        found = found.filter(
            Q(name__contains=words)
            | Q(username__contains=words.lower())
            | Q(office__name__contains=words)
        )
    rows = list(found[: PAGE + 1])
    context = {
        "officers": rows[:PAGE],
        "words": words,
        "is_first": not after,
        "next_after": rows[PAGE - 1].username if len(rows) > PAGE else "",
    }
    return render(request, "staff/officers.html", context)


@_administrator
@_get_or_post
def add(request: access.Request) -> HttpResponse:
    """Add an officer and show the start password once."""
    form = NewOfficer(_posted(request), actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            user, start = accounts.add(
                username=form.cleaned_data["username"],
                name=form.cleaned_data["name"],
                office_id=form.cleaned_data["office"],
                roles=form.cleaned_data["roles"],
                actor=request.actor,
            )
        except Refused as refusal:
            form.add_error(*_SENTENCES[refusal.code])
        else:
            return render(
                request, "staff/start_password.html", {"officer": user, "start_password": start}
            )
    return render(request, "staff/add.html", {"form": form}, status=422 if form.errors else 200)


@_administrator
@_get_or_post
def change(request: access.Request, user_id: UUID) -> HttpResponse:
    """Show one officer; move to another office, give and take roles."""
    user = _found(request.actor, user_id)
    roles = [grant.role for grant in user.role_grants.all()]
    form = Officer(
        _posted(request),
        actor=request.actor,
        initial={"office": str(user.office_id), "roles": roles},
    )
    if request.method == "POST" and form.is_valid():
        try:
            accounts.change(
                user_id=user_id,
                office_id=form.cleaned_data["office"],
                roles=form.cleaned_data["roles"],
                actor=request.actor,
            )
            return HttpResponseRedirect(reverse("staff:officers"))
        except Refused as refusal:
            form.add_error(*_SENTENCES[refusal.code])
    context = {"form": form, "officer": user, "is_self": user.id == request.actor.user_id}
    return render(request, "staff/change.html", context, status=422 if form.errors else 200)


@_administrator
@require_POST
def disable(request: access.Request, user_id: UUID) -> HttpResponse:
    """Close an officer's account; its sessions end at their next request."""
    _found(request.actor, user_id)
    try:
        accounts.disable(user_id=user_id, actor=request.actor)
    except Refused:
        return render(request, "staff/not_oneself.html", status=409)
    return HttpResponseRedirect(reverse("staff:change", args=[user_id]))


@_administrator
@require_POST
def enable(request: access.Request, user_id: UUID) -> HttpResponse:
    """Open a closed account again."""
    _found(request.actor, user_id)
    accounts.enable(user_id=user_id, actor=request.actor)
    return HttpResponseRedirect(reverse("staff:change", args=[user_id]))


@_administrator
@require_POST
def reset_password(request: access.Request, user_id: UUID) -> HttpResponse:
    """Give an officer a new start password and show it once."""
    _found(request.actor, user_id)
    user, start = accounts.reset_password(user_id=user_id, actor=request.actor)
    return render(request, "staff/start_password.html", {"officer": user, "start_password": start})


def _posted(request: access.Request) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _found(actor: Actor, user_id: UUID) -> User:
    """Return an officer in the administrator's reach; anybody else does not exist."""
    user = accounts.visible_to(actor).filter(pk=user_id).first()
    if user is None:
        raise Http404
    return user
