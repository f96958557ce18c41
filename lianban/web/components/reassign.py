"""Giving an item to a colleague: to whom, and why."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.accounts.models import Role, User
from lianban.cases import queries
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.services import claims
from lianban.engine.refusal import Refused
from lianban.web.components import access, faces
from lianban.web.components.forms import Form, LongTextField
from lianban.web.components.refusals import hidden, status_of

_officer = access.officer(Role.DEPARTMENT_OFFICER, Role.BUREAU_OFFICER, Role.BUREAU_HEAD)


class Successor(Form):
    """Who has it from now on, and why."""

    officer = forms.TypedChoiceField(label="转给谁", coerce=UUID)
    note = LongTextField(
        label="为什么换人",
        max_length=300,
        rows=2,
        error_messages={"required": "请写一句为什么换人办"},
    )

    def __init__(self, *args: Any, officers: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["officer"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "请选"), *((str(one.id), one.name) for one in officers)]


@_officer
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def reassign(request: access.Request, case_id: UUID, number: int) -> HttpResponse:
    """Show who works at the item's office, and give it to one of them."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    item = view.item(number)
    if "reassign" not in item.may:
        raise Refused("unknown_case", "没有这个事项")
    officers = [one for one in claims.officers_of(case_id, number) if one.id != item.claimed_by_id]
    if request.method != "POST":
        return _page(request, view, item, Successor(officers=officers))
    form = Successor(request.POST, officers=officers)
    if not form.is_valid():
        return _page(request, view, item, form, status=422)
    try:
        claims.reassign(
            case_id=case_id,
            item=number,
            officer_id=form.cleaned_data["officer"],
            note=form.cleaned_data["note"],
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        field = {"unknown_officer": "officer", "personal_value": "note"}.get(refusal.code)
        form.add_error(field, refusal.message)
        return _page(request, view, item, form, status=status_of(refusal))
    messages.success(request, "转好了，记录里写着从谁到谁")
    return HttpResponseRedirect(_back(request, view, item))


def _back(request: access.Request, view: CaseView, item: ItemView) -> str:
    """The item's page at the face where the officer works."""
    at_department = Role.DEPARTMENT_OFFICER in request.actor.roles
    return reverse(
        "department:item" if at_department else "bureau:item", args=[view.id, item.item.number]
    )


def _page(
    request: access.Request, view: CaseView, item: ItemView, form: Successor, *, status: int = 200
) -> HttpResponse:
    context = {
        "case": view,
        "item": item,
        "form": form,
        "back": _back(request, view, item),
        "faces": faces.faces_of(request.actor),
        "has_colleagues": len(form.fields["officer"].choices) > 1,  # type: ignore[attr-defined]
    }
    return render(request, "person/reassign.html", context, status=status)
