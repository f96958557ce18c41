"""The public page that checks the code on a paper: real or not, and nothing of its person."""

from datetime import timedelta

from django import forms as fields
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lianban import clock
from lianban.accounts import limiter
from lianban.cases import result_lists
from lianban.documents import authenticity, verify
from lianban.engine.refusal import Refused
from lianban.web.components import access, caller, dates
from lianban.web.components.forms import Form
from lianban.web.components.parts import Row

#: A code has 80 bits; the limit keeps a machine from asking all day.
LIMIT = limiter.Limit(rule="verify_paper", most=60, window=timedelta(minutes=10))
_LENGTH = 40


class CodeForm(Form):
    """The code as it is typed, with or without blanks and hyphens."""

    code = fields.CharField(
        label="核验码",
        max_length=_LENGTH,
        help_text="16 位字母和数字，空格和大小写都不要紧",
        error_messages={"max_length": "核验码是 16 位，请照纸上再输一遍"},
        widget=fields.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        """Return the code in its one spelling."""
        spelled = authenticity.tidy(self.cleaned_data["code"])
        if spelled is None:
            raise fields.ValidationError("核验码是 16 位字母和数字，请照纸上再输一遍")
        return spelled


@access.public
@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the code that stands beside a paper's QR; a typed one leads to its answer."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_valid():
        return HttpResponseRedirect(reverse("papers:verified", args=[form.cleaned_data["code"]]))
    return render(request, "papers/verify.html", {"form": form}, status=422 if form.errors else 200)


@access.public
@require_safe
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether a paper with this code was issued here, and what it is."""
    typed = code[:_LENGTH]
    try:
        limiter.count(LIMIT, key=limiter.network(caller.address(request)), at=clock.now())
    except Refused:
        form = CodeForm({"code": typed})
        form.add_error("code", "查的次数太多了，请过十分钟再查")
        return render(request, "papers/verify.html", {"form": form}, status=429)
    found = verify.look_up(code)
    result = None if found else _result(code)
    if result is not None:
        return _of_result(request, result)
    context = {
        "is_answer": True,
        "found": found,
        "form": CodeForm(initial={} if found else {"code": typed}),
        "typed": typed,
        "rows": _rows(found) if found else (),
        "parts": [found.sha256[start : start + 8] for start in range(0, 64, 8)] if found else (),
    }
    return render(request, "papers/verify.html", context, status=200 if found else 404)


def _result(code: str) -> result_lists.Proof | None:
    spelled = authenticity.tidy(code)
    return result_lists.proof(spelled) if spelled else None


def _of_result(request: HttpRequest, proof: result_lists.Proof) -> HttpResponse:
    """What a result's code proves: real and standing, or withdrawn (410); never whose it is."""
    rows = (
        Row("结果", proof.name),
        Row("事项", proof.item_name),
        Row("编号", proof.number or "没有编号"),
        Row("日期", dates.full_day(proof.issued_on)),
        Row("出具机关", proof.office_name),
    )
    context = {
        "is_answer": True,
        "result": proof,
        "rows": rows,
        "form": CodeForm(),
        "parts": [proof.digest[start : start + 8] for start in range(0, len(proof.digest), 8)],
    }
    status = 410 if proof.withdrawn_on else 200
    return render(request, "papers/verify.html", context, status=status)


def _rows(found: verify.VerifiedDocument) -> tuple[Row, ...]:
    rows = [
        Row("文书", found.title),
        Row("编号", found.number),
        Row("日期", dates.full_day(found.issued_date)),
        Row("出具机关", found.office),
    ]
    if found.addressed_office:
        rows.append(Row("发给", found.addressed_office))
    if found.valid_until:
        over = "，已过期" if found.valid_until < clock.now().date() else ""
        rows.append(Row("有效期", f"到 {dates.full_day(found.valid_until)}{over}"))
    return tuple(rows)
