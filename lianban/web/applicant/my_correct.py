"""Corrections, mended in place: one list of everything owed, each with its own way to mend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.cases import corrections, form_rules, queries, uploads
from lianban.cases.corrections import Because, Owed
from lianban.cases.queries import CaseView, FieldView
from lianban.cases.services import supplies
from lianban.catalogue import checklist
from lianban.catalogue.model import Field
from lianban.catalogue.planning import Plan
from lianban.engine.refusal import Refused
from lianban.web.applicant import my_people
from lianban.web.applicant.my_open import case_href, own_case, page
from lianban.web.components import access, dates, files, form_section
from lianban.web.components.field import first_id
from lianban.web.components.form_section import SectionForm
from lianban.web.components.refusals import status_of

_FORMS = {"original": "原件", "copy": "复印件", "photo": "照片"}


@dataclass(frozen=True)
class Sent:
    """What one press of the button brings."""

    values: dict[str, str] = field(default_factory=dict)
    promised: tuple[str, ...] = ()
    #: What is wrong, by code.
    wrong: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mend:
    """One thing that is owed, with the way to mend it on this page."""

    owed: Owed
    name: str
    kind: str
    items: str
    #: Files that came since it was asked for and are not sent back yet.
    files: tuple[Any, ...]
    may_promise: bool
    is_promised: bool
    #: The input of a field; None for a material, and for what only the counter can change.
    bound: Any
    width: str
    now: str
    error: str


@access.applicant
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@own_case
def correct(request: access.Request, view: CaseView) -> HttpResponse:
    """Show everything that is owed; on POST keep the files, then send back what was mended."""
    owed = corrections.owed(view)
    if request.method != "POST":
        return _page(request, view, owed, Sent())
    if not owed:
        return HttpResponseRedirect(case_href(view))
    sent = _read(request, view, owed)
    if sent.wrong:
        return _page(request, view, owed, sent, status=422)
    return _send_back(request, view, owed, sent)


def _send_back(
    request: access.Request, view: CaseView, owed: list[Owed], sent: Sent
) -> HttpResponse:
    files = _new_files(view, owed)
    codes = [code for code in files if code not in sent.promised]
    typed = {code: value for code, value in sent.values.items() if value}
    try:
        if not (codes or sent.promised or typed):
            raise Refused("nothing_sent", "一样都还没补。请至少补一样，再送回去")
        supplies.supply(
            case_id=view.id,
            codes=codes,
            promised=sent.promised,
            fields=typed,
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        return _refused(request, view, owed, sent, refusal)
    left = corrections.owed(queries.get(case_id=view.id, actor=request.actor, at=clock.now()))
    if left:
        messages.success(request, f"补好的送回去了，还有 {len(left)} 样没补")
        return HttpResponseRedirect(reverse("applicant:my_correct", args=[view.id]))
    messages.success(request, "都送回去了，接着往下办。有消息我们告诉您")
    return HttpResponseRedirect(case_href(view))


def _refused(
    request: access.Request, view: CaseView, owed: list[Owed], sent: Sent, refusal: Refused
) -> HttpResponse:
    wrong = refusal.details.get("complaints") or {}
    assert isinstance(wrong, dict)
    again = Sent(sent.values, sent.promised, wrong)
    words = "" if wrong else refusal.message
    status = 422 if refusal.code == "nothing_sent" or wrong else status_of(refusal)
    return _page(request, view, owed, again, error=words, status=status)


# Reading what came ---------------------------------------------------------------------------


def _read(request: access.Request, view: CaseView, owed: list[Owed]) -> Sent:
    """Take the fields and promises, and keep every file at once: a browser offers none twice."""
    asked = _fields(view, owed)
    values, wrong = form_section.read(asked, request.POST)
    for one in owed:
        sent = request.FILES.getlist(f"file-{one.code}") if one.material else []
        problems = files.take(request, sent, material=one.code, case_id=view.id)
        wrong |= {one.code: "\n".join(problems)} if problems else {}
    promised = tuple(
        one.code for one in owed if _may_promise(one) and f"promise-{one.code}" in request.POST
    )
    return Sent(values, promised, wrong)


def _may_promise(one: Owed) -> bool:
    """What was deferred, or is long overdue, counts only when it is really there."""
    return one.material is not None and one.because is Because.NOTICE


def _plan(view: CaseView) -> tuple[Plan, dict[str, str]]:
    content = queries.content(view)
    return content.plan(view.edition), content.fields


def _fields(view: CaseView, owed: list[Owed]) -> tuple[Field, ...]:
    """The owed fields that can be changed here; what the guide asked is changed at the counter."""
    plan, values = _plan(view)
    asked = {each.code for each in form_rules.asked(plan, values)}
    return tuple(one.field for one in owed if one.field and one.code in asked)


def _new_files(view: CaseView, owed: list[Owed]) -> dict[str, tuple[Any, ...]]:
    """Files by material that came since it was asked for."""
    asked = {one.code: one.asked_at for one in owed if one.material}
    found: dict[str, tuple[Any, ...]] = {}
    for held in queries.materials(view):
        since = asked.get(held.material.code)
        if held.material.code in asked:
            fresh = tuple(f for f in held.files if since is None or f.created_at >= since)
            found |= {held.material.code: fresh} if fresh else {}
    return found


# Showing -------------------------------------------------------------------------------------


def _page(
    request: access.Request,
    view: CaseView,
    owed: list[Owed],
    sent: Sent,
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    plan, _ = _plan(view)
    fields = _fields(view, owed)
    form = SectionForm(plan, fields, sent.values, sent.wrong)
    for shown in form.fields.values():
        shown.label, shown.required = f"{shown.label}改成", True
    known = {one.field.code: one for one in queries.form(view)}
    files = _new_files(view, owed)
    mends = [_mend(view, plan, one, form, known.get(one.code), files, sent) for one in owed]
    return page(
        request,
        "correct",
        view,
        crumb="补正",
        mends=mends,
        errors=_errors(mends, error),
        types=uploads.ACCEPT,
        by=min((one.by for one in owed if one.by), default=None),
        counters=my_people.counters(view),
        status=status,
    )


def _mend(
    view: CaseView,
    plan: Plan,
    one: Owed,
    form: SectionForm,
    known: FieldView | None,
    files: Mapping[str, tuple[Any, ...]],
    sent: Sent,
) -> Mend:
    material = one.material
    return Mend(
        owed=one,
        name=checklist.name_of(plan, material) if material else one.name,
        kind=_kind(one),
        items="、".join(view.edition.item(number).short_name for number in one.items),
        files=files.get(one.code, ()),
        may_promise=_may_promise(one),
        is_promised=one.code in sent.promised,
        bound=form[one.code] if one.code in form.fields else None,
        width=form_section.width_of(one.field) if one.field else "",
        now=_now(known),
        error=sent.wrong.get(one.code, ""),
    )


def _now(known: FieldView | None) -> str:
    """What the form says now, as it is read; numbers stay masked."""
    if known is None:
        return ""
    if known.field.type == "date":
        try:
            return dates.full_day(date.fromisoformat(known.value))
        except ValueError:
            return known.value
    return known.shown


def _kind(one: Owed) -> str:
    material = one.material
    if material is None:
        return "填的内容"
    unit = "张" if material.form == "photo" else "份"
    return f"{_FORMS.get(material.form, '')} {material.copies} {unit}".strip()


def _errors(mends: list[Mend], error: str) -> list[tuple[str, str]]:
    """What is wrong, each with the id of the input that mends it."""
    found = [("", error)] if error else []
    for mend in mends:
        if mend.error:
            place = first_id(mend.bound) if mend.bound else f"file-{mend.owed.code}"
            found.append((place, mend.error))
    return found
