"""The page on which a person says who acts for them (代办人), for a form and for a case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from lianban.accounts import identity_number
from lianban.cases import agents
from lianban.cases.agents import Agent
from lianban.catalogue.model import Edition
from lianban.engine.refusal import Refused
from lianban.web.components import dates
from lianban.web.components.forms import ChineseDateField, Form, Label, TextField
from lianban.web.components.parts import Row
from lianban.web.components.refusals import status_of

_TYPES = ".jpg,.jpeg,.png,.pdf,image/jpeg,image/png,application/pdf"
_AUTHORITY = {"none": "没有委托书", "uploaded": "委托书已上传", "seen": "委托书原件已核"}


class AgentForm(Form):
    """Who acts for the person, and by what authority; what fits the case the services decide."""

    name = TextField(label="代办人姓名", max_length=50)
    identity_number = TextField(label="代办人身份证号", max_length=40)
    phone = TextField(label="代办人手机号码", max_length=30)
    relation = forms.ChoiceField(label="是申请人的什么人")
    authority = forms.ChoiceField(label="委托书", widget=forms.RadioSelect)
    valid_until = ChineseDateField(
        label="委托书写明的最后一天（没有委托书，可以不填）", required=False
    )
    file = forms.FileField(label="委托书照片或文件（不上传，可以不选）", required=False)

    def __init__(self, *args: Any, edition: Edition, by_officer: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        relations = [("", "请选"), *edition.agent.relations.items()]
        ways = [("none", Label("没有", note="只能替您交表、交材料、带原件来"))]
        if by_officer:
            ways.append(("seen", Label("原件看过了", note="窗口核对过双方签名和期限")))
        ways.append(("uploaded", Label("上传", note="JPEG、PNG 图片或者 PDF")))
        for name, choices in (("relation", relations), ("authority", ways)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        self.fields["file"].widget.attrs["accept"] = _TYPES

    def agent(self) -> Agent:
        """The agent as it was typed. Call after `is_valid`."""
        words = ("name", "identity_number", "phone", "relation", "authority")
        said = {key: self.cleaned_data[key] for key in words}
        return Agent(**said, valid_until=self.cleaned_data.get("valid_until"))


@dataclass(frozen=True, kw_only=True)
class Place:
    """Whose agent it is: what is known, how it is kept, and where one goes afterwards."""

    edition: Edition
    agent: Agent | None
    by_officer: bool
    keep: Callable[[Agent], object]
    revoke: Callable[[], object]
    add_file: Callable[[Any], object]
    template: str
    context: Mapping[str, Any]
    back: str


def page(request: HttpRequest, place: Place) -> HttpResponse:
    """Show who acts for the person; keep another, or nobody. What was typed stays when refused."""
    if request.method != "POST":
        return _shown(request, place, _form(place), 200)
    if request.POST.get("go") == "none":
        place.revoke()
        messages.success(request, "记下了：没有代办人，本人来办")
        return HttpResponseRedirect(place.back)
    form = _form(place, request)
    if not form.is_valid():
        return _shown(request, place, form, 422)
    try:
        upload = form.cleaned_data.get("file")
        if upload and form.cleaned_data.get("authority") == "uploaded":
            place.add_file(upload)
        place.keep(form.agent())
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        _complain(form, refusal)
        return _shown(request, place, form, 422)
    messages.success(request, f"记下了：由代办人{form.agent().name}办")
    return HttpResponseRedirect(place.back)


def _form(place: Place, request: HttpRequest | None = None) -> AgentForm:
    data = (request.POST, request.FILES) if request else ()
    known = place.agent.to_data() if place.agent else {}
    initial = {**known, "valid_until": place.agent.valid_until if place.agent else None}
    return AgentForm(*data, edition=place.edition, by_officer=place.by_officer, initial=initial)


def _complain(form: AgentForm, refusal: Refused) -> None:
    found = refusal.details.get("complaints")
    if isinstance(found, dict) and found:
        for name, words in found.items():
            form.add_error(name, words)
    else:
        form.add_error("file" if refusal.code == "bad_file" else None, refusal.message)


def _shown(request: HttpRequest, place: Place, form: AgentForm, status: int) -> HttpResponse:
    context = {
        **place.context,
        "form": form,
        "agent": place.agent,
        "rows": _rows(place.edition, place.agent) if place.agent else [],
        "rules": place.edition.agent,
        "limits": agents.limits(place.edition),
        "back": place.back,
    }
    return render(request, place.template, context, status=status)


def _rows(edition: Edition, agent: Agent) -> list[Row]:
    until = f"，到 {dates.full_day(agent.valid_until)}" if agent.valid_until else ""
    return [
        Row("姓名", agent.name),
        Row("身份证号", identity_number.mask(agent.identity_number)),
        Row("手机号码", f"{agent.phone[:3]}****{agent.phone[-4:]}"),
        Row("是申请人的", agents.relation(edition, agent)),
        Row("委托书", f"{_AUTHORITY.get(agent.authority, '')}{until}"),
    ]
