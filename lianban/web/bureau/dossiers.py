"""Dossiers (档案): noted from a list, moved many at once, matched with people, names settled."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban import clock
from lianban.cases import dossier_code, dossier_lists
from lianban.cases.services import dossier_letters
from lianban.cases.services import dossiers as services
from lianban.cases.services.dossiers import RowResult
from lianban.catalogue.model import Material
from lianban.engine.refusal import Refused
from lianban.web.bureau import many, shell, waiting
from lianban.web.bureau.lists import Tab
from lianban.web.components import access, refusals
from lianban.web.components.forms import UNITS, Form, LongTextField
from lianban.web.components.parts import Crumb

TABS = {
    "people": "人到档未到",
    "no_person": "档到人未到",
    "conflict": "姓名不一致",
    "letters": "介绍信有效期",
    "expected": "待移交",
    "arrived": "已到",
    "checking": "核对中",
    "incomplete": "不齐已退",
    "received": "已接收",
    "all": "全部",
}
EMPTY = {
    "people": "来了的人，档案都到了",
    "no_person": "到了的档案，本人都来报到了",
    "conflict": "没有姓名对不上的档案",
    "letters": "在办的人里，没有随档案来的介绍信",
}
_LONGEST = 40_000


@shell.bureau
@require_safe
def listed(request: access.Request) -> HttpResponse:
    """One list of dossiers, or of people without one."""
    show = request.GET.get("show", "people")
    show = show if show in TABS else "people"
    keys = shell.keys(request)
    counts = dossier_lists.counts(actor=request.actor)
    today = shell.today()
    narrow = waiting.narrow(request, show=show, today=today)
    page: Any
    if show == "people":
        page = dossier_lists.people(actor=request.actor, narrow=narrow, **keys)
    else:
        page = dossier_lists.dossiers(actor=request.actor, show=show, narrow=narrow, **keys)
    context = {
        "show": show,
        "title": TABS[show],
        "empty": EMPTY.get(show, "这一栏现在没有档案"),
        "tabs": [Tab(code, name, counts.get(code), code == show) for code, name in TABS.items()],
        "page": page,
        "rows": [
            (row, age, _letter_left(row, today))
            for row, age in zip(page.rows, waiting.ages(page.rows, today), strict=True)
        ],
        "today": today,
        "narrow": narrow,
        "date_parts": UNITS,
        "is_waiting": show in waiting.SIDES,
        "ages": waiting.AGES,
        "age": request.GET.get("age", ""),
        "districts": shell.districts(request),
        "district": narrow.district,
        "states": _offered(show),
        "vouchers": _vouchers(request),
        "names": {material.code: material.name for material in _vouchers(request)},
    }
    return shell.page(request, "dossiers.html", context)


@dataclass(frozen=True)
class Left:
    """How long a letter may still be used, in words, and whether somebody must hurry."""

    words: str
    tone: str


def _letter_left(row: Any, today: date) -> Left | None:
    """What is left of the letter that came along, warned of before its end."""
    if isinstance(row, dossier_lists.PersonView) or row.letter_until is None:
        return None
    days = (row.letter_until - today).days
    if days < 0:
        return Left(f"过期 {-days} 天，请本人换新的", "late")
    words = f"还有 {days} 天" if days else "今天到期"
    is_near = days <= services.edition_of(row.district).dossier.warn_days
    return Left(f"{words}，快到期了", "warn") if is_near else Left(words, "")


def _offered(show: str) -> list[tuple[str, str]]:
    """The states that the rows of a list may be brought to, in the order of work."""
    if show in ("received", "conflict", "letters"):
        return []
    states = {"people": ("arrived", "checking", "incomplete", "received")}
    wanted = states.get(show, ("arrived", "checking", "incomplete", "received"))
    return [(code, dossier_lists.STATES[code]) for code in wanted if code != show]


def _vouchers(request: access.Request) -> list[Material]:
    """The vouchers and letters that may come along, by the plans of the actor's districts."""
    found: dict[str, Material] = {}
    for district in shell.districts(request):
        for material in services.vouchers_of(services.edition_of(district.code)):
            found.setdefault(material.code, material)
    return list(found.values())


def _came_along(request: access.Request) -> list[str]:
    """The ticked vouchers, those that the plans know."""
    ticked = request.POST.getlist("vouchers")
    return [material.code for material in _vouchers(request) if material.code in ticked]


@shell.bureau
@require_POST
def move(request: access.Request) -> HttpResponse:
    """Bring the ticked dossiers, or the dossiers of the ticked people, to a state."""
    show = request.POST.get("show", "people")
    state = request.POST.get("state", "")
    vouchers = _came_along(request)
    at, back = clock.now(), reverse("bureau:dossiers") + f"?show={show if show in TABS else ''}"
    rows: list[RowResult] = []
    try:
        if case_ids := many.ticked(request.POST, "case"):
            rows += services.receive_for_cases(
                case_ids=case_ids, state=state, actor=request.actor, at=at, vouchers=vouchers
            )
        if dossier_ids := many.ticked(request.POST, "dossier"):
            rows += services.move(
                dossier_ids=dossier_ids,
                state=state,
                actor=request.actor,
                at=at,
                vouchers=vouchers,
                remark=request.POST.get("remark", "").replace("\x00", "")[:200],
            )
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect(back)
    many.tell(request, rows, done=f"{dossier_lists.STATES.get(state, '')}，记下了")
    return redirect(back)


class NewDossiers(Form):
    """A list of people, one a line: name and identity number."""

    district = forms.ChoiceField(label="档案归哪个区县")
    state = forms.ChoiceField(label="现在的情况", widget=forms.RadioSelect)
    lines = LongTextField(
        label="名单",
        max_length=_LONGEST,
        rows=10,
        help_text="一行一个人：姓名、身份证号，中间用空格、逗号或制表符隔开。可以从表格里整片复制过来",
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = places  # type: ignore[attr-defined]
        states = dossier_lists.STATES
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            (code, states[code]) for code in ("expected", "arrived", "received")
        ]
        self.fields["state"].initial = "expected"

    def clean_lines(self) -> list[tuple[str, str]]:
        """Read names and numbers; what is wrong in a line is told with its result."""
        rows = read_lines(self.cleaned_data["lines"])
        if len(rows) > services.MOST:
            raise forms.ValidationError(
                f"一次最多 {services.MOST} 人，现在是 {len(rows)} 人，请分几次"
            )
        if not rows:
            raise forms.ValidationError("名单里没有人")
        return rows


def read_lines(text: str) -> list[tuple[str, str]]:
    """(name, number) of each line that is not empty; a line with one part has no number."""
    rows = []
    for line in text.splitlines():
        parts = [part for part in re.split(r"[\s,，、;；]+", line.strip()) if part]
        if not parts:
            continue
        number = next((p for p in reversed(parts) if re.search(r"[0-9０-９]{6}", p)), "")
        name = " ".join(p for p in parts if p != number and not re.fullmatch(r"[0-9]{1,4}[.]?", p))
        rows.append((name, number))
    return rows


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: access.Request) -> HttpResponse:
    """Note many dossiers from a list; wrong lines stay in the box, the others are done."""
    places = [(d.code, d.name) for d in shell.districts(request)]
    form = NewDossiers(request.POST if request.method == "POST" else None, places=places)
    results: list[RowResult] = []
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            results = services.record(
                rows=form.cleaned_data["lines"],
                state=form.cleaned_data["state"],
                district=form.cleaned_data["district"],
                vouchers=_came_along(request),
                actor=request.actor,
                at=clock.now(),
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            if all(row.done for row in results):
                many.tell(request, results, done="，记下了")
                return redirect(reverse("bureau:dossiers") + "?show=" + form.cleaned_data["state"])
            form = _left(form, results, places)
            status = 422
    context = {
        "form": form,
        "results": results,
        "vouchers": _vouchers(request),
        "chosen": request.POST.getlist("vouchers"),
        "places": [Crumb("档案", reverse("bureau:dossiers")), Crumb("登记档案")],
    }
    if form.errors:
        status = 422
    return shell.page(request, "dossiers_add.html", context, status=status)


def _left(
    form: NewDossiers, results: list[RowResult], places: list[tuple[str, str]]
) -> NewDossiers:
    """The form with only the lines that were not done."""
    rows = zip(form.cleaned_data["lines"], results, strict=True)
    lines = "\n".join(f"{name} {number}" for (name, number), row in rows if not row.done)
    kept = {key: form.cleaned_data[key] for key in ("district", "state")}
    return NewDossiers(initial={**kept, "lines": lines}, places=places)


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@refusals.hidden
def one(request: access.Request, dossier_id: UUID) -> HttpResponse:
    """One dossier; a POST settles which name is right."""
    view = dossier_lists.get(dossier_id=dossier_id, actor=request.actor)
    if request.method == "POST":
        name = request.POST.get("name", "")
        return refusals.attempt(
            request,
            lambda: services.settle_name(
                dossier_id=dossier_id, name=name, actor=request.actor, at=clock.now()
            ),
            back=reverse("bureau:dossier", args=[dossier_id]),
            done=f"姓名以「{name[:50]}」为准",
        )
    return _one(request, view)


@shell.bureau
@require_POST
@refusals.hidden
def reveal(request: access.Request, dossier_id: UUID) -> HttpResponse:
    """Show the whole number; who looked is kept."""
    number = dossier_lists.reveal(dossier_id=dossier_id, actor=request.actor, at=clock.now())
    view = dossier_lists.get(dossier_id=dossier_id, actor=request.actor)
    return _one(request, view, number=number)


def _one(
    request: access.Request, view: dossier_lists.DossierView, *, number: str = ""
) -> HttpResponse:
    names = {material.code: material.name for material in _vouchers(request)}
    context = {
        "dossier": view,
        "code": dossier_code.encode(view.id),
        "pieces": dossier_lists.pieces(dossier_id=view.id, actor=request.actor),
        "returns": dossier_letters.of(view.id, view.district),
        "number": number,
        "vouchers": [names.get(code, code) for code in view.vouchers],
        "names": [view.name, *view.other_names],
        "places": [Crumb("档案", reverse("bureau:dossiers")), Crumb(view.name)],
    }
    return shell.page(request, "dossier.html", context)
