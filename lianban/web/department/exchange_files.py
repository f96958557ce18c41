"""Exchange by file: what waits is exported, the filled-in file comes back, and each is listed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban import clock
from lianban.accounts import sheets
from lianban.engine.refusal import Refused
from lianban.exchange.file_mode import answers as file_answers
from lianban.exchange.file_mode import books as file_books
from lianban.exchange.file_mode import files
from lianban.exchange.models import ExchangeFile, PartnerRecord
from lianban.web.components import access
from lianban.web.components.forms import Form
from lianban.web.components.parts import Crumb
from lianban.web.components.refusals import attempt, hidden
from lianban.web.department.worklist import frame, officer

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Upload(Form):
    """A file that was filled in."""

    file = forms.FileField(
        label="填好的文件",
        help_text="在导出的那个文件上填，存成 XLSX。同一个文件可以传几次，重复的行不会再办一遍",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={
            "required": "请先选填好的文件",
            "empty": "这个文件是空的，请换一个",
            "missing": "请先选填好的文件",
        },
    )

    def read(self) -> tuple[bytes, str]:
        """Content and name. Raises `Refused('bad_file')` for one that is too large."""
        file = self.cleaned_data["file"]
        if file.size > sheets.MOST_BYTES:
            most = sheets.MOST_BYTES // 1024 // 1024
            raise Refused("bad_file", f"文件太大，最多 {most} MB，请核对是不是导出的那个文件")
        return file.read(), file.name or ""


@officer
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: access.Request) -> HttpResponse:
    """What waits, and the files that went and came; a POST takes in a filled-in file."""
    partner = files.partner_of(request.actor)
    if partner is None:
        return render(request, "department/files_none.html", frame(request))
    if request.method != "POST":
        return _page(request, partner, Upload())
    form = Upload(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, partner, form, status=422)
    try:
        content, name = form.read()
        row = file_answers.take_in(
            partner=partner, upload=content, name=name, actor=request.actor, at=clock.now()
        )
    except Refused as refused:
        form.add_error("file", refused.message)
        return _page(request, partner, form, status=422)
    _tell(request, row)
    return redirect("department:file", row.id)


def _tell(request: access.Request, row: ExchangeFile) -> None:
    if row.taken_count:
        messages.success(request, f"收下了 {row.taken_count} 行")
    if row.refused:
        messages.error(request, f"有 {len(row.refused)} 行没有收，下面逐行写了为什么")


def _page(
    request: access.Request, partner: PartnerRecord, form: Upload, *, status: int = 200
) -> HttpResponse:
    keys = {name: request.GET.get(name, "")[:100] for name in ("after", "before")}
    context: dict[str, Any] = {
        "partner": partner,
        "is_held": partner.held_at is not None,
        "is_in_use": partner.mode == PartnerRecord.Mode.FILE,
        "waiting": files.waiting_count(partner, actor=request.actor, at=clock.now()),
        "most": files.MOST,
        "page": files.page_of(partner, actor=request.actor, **keys),
        "form": form,
    }
    return render(request, "department/files.html", frame(request) | context, status=status)


@officer
@require_POST
def hand_out(request: access.Request) -> HttpResponse:
    """Put all that waits into the next file."""
    return _made(request, files.hand_out)


@officer
@require_POST
def hand_out_book(request: access.Request) -> HttpResponse:
    """Write a 对账表 of what the office was sent."""
    return _made(request, file_books.hand_out)


def _made(request: access.Request, make: Callable[..., ExchangeFile]) -> HttpResponse:
    partner = files.partner_of(request.actor)
    back = reverse("department:files")
    if partner is None:
        return redirect(back)
    return attempt(
        request,
        lambda: make(partner=partner, actor=request.actor, at=clock.now()),
        back=back,
        done="导出好了，在列表最上面，请下载",
    )


@officer
@never_cache
@require_safe
@hidden
def one(request: access.Request, exchange_file_id: UUID) -> HttpResponse:
    """One file: its number, hash and signature, and what became of its rows."""
    row = files.find(exchange_file_id, actor=request.actor)
    context = {
        "file": row,
        "answers": files.answers_to(row),
        "places": [Crumb("文件", reverse("department:files")), Crumb(row.number)],
    }
    return render(request, "department/file.html", frame(request) | context)


@officer
@never_cache
@require_safe
@hidden
def workbook(request: access.Request, exchange_file_id: UUID) -> HttpResponse:
    """The file as it was; who opened it is kept for each person in it."""
    named = files.open_(exchange_file_id, actor=request.actor, at=clock.now())
    return _download(*named, _SHEET)


@officer
@never_cache
@require_safe
@hidden
def signature(request: access.Request, exchange_file_id: UUID) -> HttpResponse:
    """The file's detached signature, 64 bytes."""
    named = files.signature_of(exchange_file_id, actor=request.actor)
    return _download(*named, "application/octet-stream")


@officer
@never_cache
@require_safe
@hidden
def refused(request: access.Request, exchange_file_id: UUID) -> HttpResponse:
    """The rows that were not taken, with why, as a table."""
    named = file_answers.refused_sheet(exchange_file_id, actor=request.actor)
    return _download(*named, _SHEET)


@officer
@require_safe
def key(_: access.Request) -> HttpResponse:
    """Our public key, with which anybody can check a signature."""
    return _download("lianban.pem", files.public_key(), "application/x-pem-file")


def _download(name: str, content: bytes, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    answer["Content-Disposition"] = disposition or "attachment"
    return answer
