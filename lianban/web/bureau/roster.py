"""The troop's roster: uploaded, checked before anybody's eyes, taken in, taken back."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban import clock
from lianban.accounts import sheets
from lianban.cases import roster_lists, roster_table
from lianban.cases.services import dossiers, roster
from lianban.engine.refusal import Refused
from lianban.web.bureau import shell
from lianban.web.components import access, refusals
from lianban.web.components.forms import Form
from lianban.web.components.parts import Crumb

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NewRoster(Form):
    """The file, and whose roster it is."""

    district = forms.ChoiceField(label="是哪个区县的名册")
    file = forms.FileField(
        label="部队名册",
        help_text="XLSX 或 CSV，最多 10 MB、两万人。要有“姓名”和“身份证号”两列，别的列认得的才读",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"empty": "这个文件是空的，请换一个"},
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = places  # type: ignore[attr-defined]
        if len(places) == 1:
            self.fields["district"].initial = places[0][0]
            self.fields["district"].widget = forms.HiddenInput()

    def clean_file(self) -> Any:
        """Refuse by size before anything is read."""
        file = self.cleaned_data["file"]
        if file.size > sheets.MOST_BYTES:
            most = sheets.MOST_BYTES // 1024 // 1024
            raise forms.ValidationError(f"文件太大，最多 {most} MB，请分成几个再传")
        return file


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
def rosters(request: access.Request) -> HttpResponse:
    """The rosters that were brought in; a POST brings another one."""
    places = [(one.code, one.name) for one in shell.districts(request)]
    if request.method != "POST":
        return _rosters(request, NewRoster(places=places))
    form = NewRoster(request.POST, request.FILES, places=places)
    if not form.is_valid():
        return _rosters(request, form, status=422)
    file = form.cleaned_data["file"]
    try:
        roster_id = roster.upload(
            content=file.read(),
            name=file.name or "",
            district=form.cleaned_data["district"],
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refused:
        form.add_error("file", refused.message)
        known = refused.details.get("roster_id")
        return _rosters(request, form, known=known, status=422)
    return redirect("bureau:roster", roster_id)


def _rosters(
    request: access.Request, form: NewRoster, *, known: object = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "known": known,
        "page": roster_lists.rosters(actor=request.actor, **shell.keys(request)),
        "waiting": sum(number for *_, number in roster_lists.counts(actor=request.actor)),
        "places": [Crumb("档案", reverse("bureau:dossiers")), Crumb("部队名册")],
    }
    return shell.page(request, "rosters.html", context, status=status)


@shell.bureau
@require_safe
def template(request: access.Request) -> HttpResponse:
    """An empty roster with the headings that are read."""
    places = shell.districts(request)
    if not places:
        return HttpResponse(status=404)
    content = roster_table.template(dossiers.edition_of(places[0].code))
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = "attachment; filename*=UTF-8''%E5%90%8D%E5%86%8C.xlsx"
    return answer


@shell.bureau
@require_safe
@refusals.hidden
def one(request: access.Request, roster_id: UUID) -> HttpResponse:
    """One roster: how far it is, what was found, and what may be done with it now."""
    found = roster_lists.get(roster_id=roster_id, actor=request.actor)
    actor = request.actor
    context = {
        "roster": found,
        "kept": roster_lists.kept(roster_id=roster_id, actor=actor) if found.kept else [],
        "unread": roster_lists.unread(roster_id=roster_id, actor=actor) if found.unread else [],
        "places": [
            Crumb("档案", reverse("bureau:dossiers")),
            Crumb("部队名册", reverse("bureau:rosters")),
            Crumb(found.name),
        ],
    }
    return shell.page(request, "roster.html", context)


@shell.bureau
@require_POST
@refusals.hidden
def apply(request: access.Request, roster_id: UUID) -> HttpResponse:
    """Take the checked roster in; a worker does it."""
    return refusals.attempt(
        request,
        lambda: roster.apply(roster_id=roster_id, actor=request.actor, at=clock.now()),
        back=reverse("bureau:roster", args=[roster_id]),
        done="开始导入了，进度在下面",
    )


@shell.bureau
@require_POST
@refusals.hidden
def undo(request: access.Request, roster_id: UUID) -> HttpResponse:
    """Take back what the roster made and nobody has touched, and say what stays."""
    back = redirect("bureau:roster", roster_id)
    try:
        done = roster.undo(roster_id=roster_id, actor=request.actor, at=clock.now())
    except Refused as refused:
        if refusals.status_of(refused) == 404:
            raise
        messages.error(request, refused.message)
        return back
    words = f"撤销了，收回 {done.gone} 份待移交的档案"
    if done.kept:
        words += f"；{done.kept} 份已经有人动过，留着没动，列在下面"
    messages.success(request, words)
    return back
