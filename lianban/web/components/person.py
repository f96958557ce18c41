"""Mending who the person is: name, identity number, phone, with the original in the officer's hand."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.accounts.models import Role
from lianban.cases import queries
from lianban.cases.queries import CaseView
from lianban.cases.services import person_corrections as service
from lianban.engine.refusal import Refused
from lianban.web.components import access, faces
from lianban.web.components.forms import (
    Form,
    IdentityNumberField,
    MobileField,
    NameField,
    TextField,
)
from lianban.web.components.refusals import hidden, status_of

_officer = access.officer(Role.COUNTER_CLERK, Role.BUREAU_OFFICER, Role.BUREAU_HEAD)
_KINDS: dict[str, type[TextField]] = {
    service.NAME: NameField,
    service.NUMBER: IdentityNumberField,
    service.PHONE: MobileField,
}


class Correction(Form):
    """The person's fields, empty where nothing changes, and whether the original was seen."""

    original_seen = forms.BooleanField(
        label="姓名、身份证号：本人的证件原件我看过了", required=False
    )

    def __init__(self, *args: Any, view: CaseView, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = {one.field.code: one.shown for one in queries.form(view)}
        found = service.person_fields(view.edition)
        for kind, field in found.items():
            self.fields[field.code] = _KINDS[kind](
                label=field.label,
                required=False,
                help_text=f"现在是 {shown.get(field.code) or '空的'}。不改就空着",
            )
        self.codes = [field.code for field in found.values()]
        self.order_fields([*self.codes, "original_seen"])

    def clean(self) -> dict[str, Any]:
        """Something must change."""
        found = super().clean() or {}
        if not self.errors and not any(found.get(code) for code in self.codes):
            self.add_error(self.codes[0], "还没有写要改成什么")
        return found

    def values(self) -> dict[str, str]:
        """What is to be written, by field code."""
        given = {code: self.cleaned_data.get(code) for code in self.codes}
        return {code: str(getattr(v, "number", v)) for code, v in given.items() if v}


@_officer
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def correct(request: access.Request, case_id: UUID) -> HttpResponse:
    """Show what is known, masked, and take what it should be."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    if "correct_person" not in view.may:
        raise Refused("unknown_case", "没有这件联办件")
    if request.method != "POST":
        return _page(request, view, Correction(view=view))
    form = Correction(request.POST, view=view)
    if not form.is_valid():
        return _page(request, view, form, status=422)
    try:
        outcome = service.correct(
            case_id=case_id,
            values=form.values(),
            original_seen=form.cleaned_data["original_seen"],
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        return _refused(request, view, form, refusal)
    _tell(request, outcome)
    return HttpResponseRedirect(_back(request, view))


def _refused(
    request: access.Request, view: CaseView, form: Correction, refusal: Refused
) -> HttpResponse:
    complaints = refusal.details.get("complaints")
    if isinstance(complaints, dict):
        for code, words in complaints.items():
            form.add_error(code if code in form.fields else None, words)
        return _page(request, view, form, status=422)
    field = "original_seen" if refusal.code == "original_not_seen" else None
    form.add_error(field, refusal.message)
    return _page(request, view, form, status=422 if field else status_of(refusal))


def _tell(request: access.Request, outcome: service.Outcome) -> None:
    if outcome.is_conflict:
        words = "这个身份证号已经有别人登记过，没有改。退役军人事务部门核对以后再定"
        messages.warning(request, words)
    elif outcome.codes:
        messages.success(request, "更正好了，登记表记了新的一版，原来的还封存着")
    else:
        messages.info(request, "和原来一样，没有改什么")


def _back(request: access.Request, view: CaseView) -> str:
    """The case's page at the face where the officer works."""
    at_counter = Role.COUNTER_CLERK in request.actor.roles
    return reverse("counter:case" if at_counter else "bureau:case", args=[view.id])


def _page(
    request: access.Request, view: CaseView, form: Correction, *, status: int = 200
) -> HttpResponse:
    context = {
        "view": view,
        "form": form,
        "fields": [form[code] for code in form.codes],
        "back": _back(request, view),
        "faces": faces.faces_of(request.actor),
    }
    return render(request, "person/correct.html", context, status=status)
