"""The checklist of one dossier: each piece there or not, then received, or sent back with a letter."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban import clock
from lianban.cases import dossier_code, dossier_lists
from lianban.cases.services import dossier_checks
from lianban.cases.services.dossier_checks import Checked, Looked
from lianban.cases.services.dossier_pieces import PieceView
from lianban.documents import dossier_papers
from lianban.engine.refusal import Refused
from lianban.web.bureau import shell
from lianban.web.components import access, refusals
from lianban.web.components.forms import ChineseDateField, Form, TextField
from lianban.web.components.papers import public_address
from lianban.web.components.parts import Crumb

#: Which field of a piece a complaint is about, by the refusal's code.
_FIELDS = {
    "wrong_pages": "pages",
    "wrong_number": "number",
    "wrong_date": "dated",
    "missing_date": "dated",
}


class Checklist(Form):
    """Fields for each piece: there or not, pages, and its number or date where it has one."""

    remark = TextField(
        label="备注", max_length=200, required=False, help_text="不要写部队的名称和番号"
    )

    def __init__(self, *args: Any, views: list[PieceView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.views = views
        for view in views:
            code = view.piece.code
            self.fields[f"there_{code}"] = forms.BooleanField(
                label=view.piece.name, required=False, initial=bool(view.there)
            )
            self.fields[f"pages_{code}"] = forms.IntegerField(
                label=f"{view.piece.name}的页数",
                required=False,
                min_value=1,
                max_value=dossier_checks.MOST_PAGES,
                initial=view.pages,
                error_messages=_pages_words(),
            )
            if view.piece.numbered:
                self.fields[f"number_{code}"] = TextField(
                    label=f"{view.piece.name}的编号", max_length=40, required=False,
                    initial=view.number,
                )  # fmt: skip
            if view.ends:
                self.fields[f"dated_{code}"] = ChineseDateField(
                    label="信上写的日期，接收以前可以不填", required=False, initial=view.dated
                )

    def seen(self) -> Checked:
        """What the form says, once it is valid."""
        data = self.cleaned_data
        codes = {view.piece.code: view.piece.material for view in self.views}
        return Checked(
            pieces={code: Looked(data[f"there_{code}"], data[f"pages_{code}"]) for code in codes},
            numbers={m: data[f"number_{c}"] for c, m in codes.items() if data.get(f"number_{c}")},
            dates={m: data[f"dated_{c}"] for c, m in codes.items() if data.get(f"dated_{c}")},
            remark=data["remark"],
        )


def _pages_words() -> dict[str, str]:
    words = f"页数请写 1 到 {dossier_checks.MOST_PAGES}"
    return {"invalid": "页数只写数字", "min_value": words, "max_value": words}


@dataclass(frozen=True)
class Line:
    """One piece with its fields as they are drawn."""

    view: PieceView
    there: BoundField
    pages: BoundField
    number: BoundField | None
    dated: BoundField | None


@shell.bureau
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@refusals.hidden
def check(request: access.Request, dossier_id: UUID) -> HttpResponse:
    """The checklist; a POST keeps what was seen, receives the dossier, or sends it back."""
    views = dossier_lists.pieces(dossier_id=dossier_id, actor=request.actor)
    view = dossier_lists.get(dossier_id=dossier_id, actor=request.actor)
    form = Checklist(
        request.POST if request.method == "POST" else None,
        views=views,
        initial={"remark": view.remark},
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _acted(request, dossier_id, form.seen())
        except Refused as refusal:
            if refusals.status_of(refusal) == 404:
                raise
            _complain(form, refusal)
    return _page(request, view, form)


def _acted(request: access.Request, dossier_id: UUID, seen: Checked) -> HttpResponse:
    then, at = request.POST.get("then", "keep"), clock.now()
    told: dict[str, Any] = {"dossier_id": dossier_id, "actor": request.actor, "at": at}
    if then == "receive":
        words = dossier_checks.receive(seen=seen, **told)
        messages.success(request, f"档案{words}")
        return redirect("bureau:dossier", dossier_id)
    if then == "send_back":
        dossier_checks.send_back(seen=seen, **told)
        messages.success(request, "已记为不齐退回，请打印退回函，和档案一起寄")
        return redirect("bureau:dossier", dossier_id)
    dossier_checks.keep(seen=seen, **told)
    messages.success(request, "存下了，可以以后接着核对")
    return redirect("bureau:check", dossier_id)


def _complain(form: Checklist, refusal: Refused) -> None:
    complaints: Any = refusal.details.get("complaints") or {}
    field = _FIELDS.get(refusal.code, "")
    for code, words in complaints.items():
        name = f"{field}_{code}"
        form.add_error(name if name in form.fields else None, words)
    if not complaints:
        form.add_error(None, refusal.message or "这一步现在不能做")


def _page(
    request: access.Request, view: dossier_lists.DossierView, form: Checklist
) -> HttpResponse:
    lines = [
        Line(
            one,
            form[f"there_{one.piece.code}"],
            form[f"pages_{one.piece.code}"],
            form[f"number_{one.piece.code}"] if one.piece.numbered else None,
            form[f"dated_{one.piece.code}"] if one.ends else None,
        )
        for one in form.views
    ]
    context = {
        "dossier": view,
        "form": form,
        "lines": lines,
        "is_unknown": any(one.belongs is None for one in form.views),
        "places": [
            Crumb("档案", reverse("bureau:dossiers")),
            Crumb(view.name, reverse("bureau:dossier", args=[view.id])),
            Crumb("逐项核对"),
        ],
    }
    return shell.page(request, "check.html", context, status=422 if form.errors else 200)


@shell.bureau
@require_POST
@refusals.hidden
def take_back(request: access.Request, dossier_id: UUID) -> HttpResponse:
    """Undo the return, or the reception, while nothing has moved on."""
    return refusals.attempt(
        request,
        lambda: dossier_checks.take_back(
            dossier_id=dossier_id, actor=request.actor, at=clock.now()
        ),
        back=reverse("bureau:dossier", args=[dossier_id]),
        done="撤销了，档案在核对中",
    )


@shell.bureau
@require_safe
@refusals.hidden
def letter(request: access.Request, dossier_id: UUID, sequence: int) -> HttpResponse:
    """The letter of one return."""
    file = dossier_papers.return_letter(
        dossier_id=dossier_id,
        sequence=sequence,
        actor=request.actor,
        at=clock.now(),
        base_url=public_address(request),
    )
    return _pdf(file, f"档案退回补充函 {dossier_code.encode(dossier_id)}.pdf")


@shell.bureau
@require_safe
def labels(request: access.Request) -> HttpResponse:
    """Labels of the expected dossiers of one district, also the list for their transfer."""
    places = [place.code for place in shell.districts(request)]
    district = shell.chosen_district(request) or next(iter(places), "")
    rows = dossier_lists.expected(
        actor=request.actor, district=district, most=dossier_papers.MOST_LABELS
    )
    if not rows:
        messages.error(request, "没有待移交的档案，先登记或导入名册")
        return redirect("bureau:dossiers")
    return _pdf(dossier_papers.labels(rows=rows, district=district, at=clock.now()), "档案标签.pdf")


def _pdf(file: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=False, filename=name) or "inline"
    )
    return answer
