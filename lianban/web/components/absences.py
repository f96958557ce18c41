"""Leave: who is away, from when to when, and who does the work meanwhile."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.accounts.actor import Actor
from lianban.accounts.models import Role, User
from lianban.cases import absence_lists
from lianban.cases.services import absences as service
from lianban.engine.refusal import Refused
from lianban.web.components import access, faces
from lianban.web.components.forms import ChineseDateField, Form
from lianban.web.components.refusals import attempt, hidden, status_of

_officer = access.officer(
    Role.COUNTER_CLERK, Role.BUREAU_OFFICER, Role.BUREAU_HEAD, Role.DEPARTMENT_OFFICER
)
_FIELDS = {
    "deputy_away": "deputy",
    "unknown_officer": "deputy",
    "already_away": "from_on",
    "bad_dates": "to_on",
}


class Leave(Form):
    """Who is away and who stands in."""

    officer = forms.TypedChoiceField(label="谁请假", coerce=UUID)
    deputy = forms.TypedChoiceField(label="谁代办", coerce=UUID, help_text="同一个单位的同事")
    from_on = ChineseDateField(label="第一天")
    to_on = ChineseDateField(label="最后一天", help_text="过了这一天自动恢复，不用再登记")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = absence_lists.reachable(actor)
        self._choose("officer", own)
        deputies = {one.id: one for officer in own for one in absence_lists.colleagues(officer)}
        self._choose(
            "deputy", sorted(deputies.values(), key=lambda one: (str(one.office), one.name))
        )
        if len(own) == 1:
            self.fields["officer"].initial = str(own[0].id)

    def _choose(self, name: str, officers: list[User]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "请选"), *((str(o.id), f"{o.name}（{o.office}）") for o in officers)]


@_officer
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: access.Request) -> HttpResponse:
    """List leaves and take a new one."""
    if request.method != "POST":
        return _page(request, Leave(actor=request.actor))
    form = Leave(request.POST, actor=request.actor)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    try:
        service.declare(
            officer_id=given["officer"],
            deputy_id=given["deputy"],
            from_on=given["from_on"],
            to_on=given["to_on"],
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        form.add_error(_FIELDS.get(refusal.code), refusal.message)
        return _page(request, form, status=status_of(refusal))
    messages.success(request, "登记好了，这几天由代办的人接着办")
    return HttpResponseRedirect(reverse("absences:listed"))


@_officer
@require_POST
@hidden
def end(request: access.Request, absence_id: UUID) -> HttpResponse:
    """The officer is back early, or does not go."""
    return attempt(
        request,
        lambda: service.end(absence_id=absence_id, actor=request.actor, at=clock.now()),
        back=reverse("absences:listed"),
        done="结束了，件还是本人办",
    )


def _page(request: access.Request, form: Leave, *, status: int = 200) -> HttpResponse:
    today, actor = clock.now().date(), request.actor
    rows = [
        (row, row.from_on <= today, absence_lists.may_declare(row.officer, actor))
        for row in absence_lists.listed(actor=actor, today=today)
    ]
    context = {"form": form, "rows": rows, "faces": faces.faces_of(actor)}
    return render(request, "absences/listed.html", context, status=status)
