"""Reading a card for the person: a photo is sent, what it says is offered, the person takes it over.

The photo is read and forgotten. Values go back with the person's own page, never into an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from lianban import clock
from lianban.cases.services import card
from lianban.catalogue.model import Edition
from lianban.engine.refusal import Refused
from lianban.web.components import access, dates
from lianban.web.components.forms import Form
from lianban.web.components.refusals import status_of

_TYPES = ".jpg,.jpeg,.png,.heic,image/*"
_SEXES = {"male": "男", "female": "女"}


class Photo(Form):
    """The picture of a card."""

    photo = forms.FileField(label="身份证（有照片的一面）或退出现役证件")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photo"].widget.attrs |= {"accept": _TYPES, "capture": "environment"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Whose form it is, and where one goes afterwards."""

    draft_id: UUID
    edition: Edition
    values: Mapping[str, str]
    template: str
    context: Mapping[str, Any]
    back: str


def page(request: access.Request, place: Place) -> HttpResponse:
    """Ask for a photo; show what it says; take over what was ticked."""
    if request.method != "POST":
        return _shown(request, place, Photo())
    if "take" in request.POST:
        return _taken(request, place)
    form = Photo(request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, place, form, status=422)
    upload = form.cleaned_data["photo"]
    try:
        read = card.read(upload=upload, name=upload.name or "", today=clock.now().date())
    except Refused as refusal:
        form.add_error("photo", refusal.message)
        return _shown(request, place, form, status=status_of(refusal))
    offers = card.offers(read, edition=place.edition, values=place.values)
    if not offers:
        form.add_error("photo", "没有认出字来。请放平、拍全、不反光，再拍一张，或者直接填写")
        return _shown(request, place, form, status=422)
    follows = ""
    if read.number is not None:
        born = dates.full_day(read.number.birth_date)
        follows = f"从身份证号看：{_SEXES[read.number.sex]}，{born}出生"
    return _shown(request, place, Photo(), offers=offers, follows=follows)


def _taken(request: access.Request, place: Place) -> HttpResponse:
    codes = request.POST.getlist("use")
    values = {code: request.POST.get(f"value_{code}", "") for code in codes}
    filled = card.fill(draft_id=place.draft_id, values=values, actor=request.actor, at=clock.now())
    if filled:
        messages.success(request, f"填上了 {len(filled)} 处，请再看一遍")
    else:
        messages.info(request, "没有改动，您填的都还在")
    return HttpResponseRedirect(place.back)


def _shown(
    request: access.Request, place: Place, form: Photo, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        **place.context,
        "form": form,
        "can_read": card.can_read(),
        "back": place.back,
        **more,
    }
    return render(request, place.template, context, status=status)
