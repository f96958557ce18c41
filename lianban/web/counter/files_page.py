"""Scanning materials at the counter: the same page for a form that is filled in and for a case."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lianban import clock
from lianban.accounts.models import Role
from lianban.cases import draft_files, form_pages, queries, uploads
from lianban.cases.queries import CaseView
from lianban.cases.services import drafts
from lianban.cases.services.drafts import Draft
from lianban.catalogue import checklist
from lianban.engine.refusal import Refused
from lianban.web.components import access, files
from lianban.web.components.refusals import hidden
from lianban.web.counter.intake import materials, standing

clerk = access.officer(Role.COUNTER_CLERK)
NO_FILE = "请先拍照或选一个文件，再点收下"


@dataclass(frozen=True)
class Row:
    """One material with its files."""

    code: str
    name: str
    note: str
    address: str
    files: tuple[Any, ...] = field(default=())
    error: str = ""


@clerk
@never_cache
@require_safe
@hidden
def draft_files_page(request: access.Request, draft_id: UUID) -> HttpResponse:
    """The materials of a form that is being filled in, each with its files."""
    return _of_draft(request, drafts.get(draft_id=draft_id, actor=request.actor))


@clerk
@require_POST
@hidden
def add_to_draft(request: access.Request, draft_id: UUID, code: str) -> HttpResponse:
    """Keep the scanned pages of one material of a form."""
    draft = drafts.get(draft_id=draft_id, actor=request.actor)
    if code not in {row.code for row in _rows_of_draft(request, draft, {})}:
        raise Http404(code)
    problems = _take(request, material=code, draft_id=draft_id)
    if problems:
        now = drafts.get(draft_id=draft_id, actor=request.actor)
        return _of_draft(request, now, errors={code: problems})
    return HttpResponseRedirect(f"{reverse('counter:draft_files', args=[draft_id])}#m-{code}")


@clerk
@never_cache
@require_safe
@hidden
def case_files_page(request: access.Request, case_id: UUID) -> HttpResponse:
    """The materials of a case, each with its files."""
    return _of_case(request, _case(request, case_id))


@clerk
@require_POST
@hidden
def add_to_case(request: access.Request, case_id: UUID, code: str) -> HttpResponse:
    """Keep the scanned pages of one material of a case."""
    if code not in {row.code for row in _rows_of_case(_case(request, case_id), {})}:
        raise Http404(code)
    try:
        problems = _take(request, material=code, case_id=case_id)
    except Refused as refusal:
        if refusal.code != "not_permitted":
            raise
        problems = refusal.message
    if problems:
        return _of_case(request, _case(request, case_id), errors={code: problems})
    return HttpResponseRedirect(f"{reverse('counter:case_files', args=[case_id])}#m-{code}")


def _case(request: access.Request, case_id: UUID) -> CaseView:
    return queries.get(case_id=case_id, actor=request.actor, at=clock.now())


def _take(request: access.Request, **where: Any) -> str:
    sent = request.FILES.getlist("file")
    return "\n".join(files.take(request, sent, **where)) if sent else NO_FILE


def _of_draft(
    request: access.Request, draft: Draft, *, errors: dict[str, str] | None = None
) -> HttpResponse:
    back = reverse("counter:intake", args=[draft.id])
    rows = _rows_of_draft(request, draft, errors or {})
    paper = draft_files.by_material(draft_id=draft.id, actor=request.actor).get(form_pages.FORM, ())
    return _page(request, rows, errors, back=back, is_draft=True, paper=paper)


def _of_case(
    request: access.Request, view: CaseView, *, errors: dict[str, str] | None = None
) -> HttpResponse:
    back = reverse("counter:case", args=[view.id])
    return _page(request, _rows_of_case(view, errors or {}), errors, back=back, view=view)


def _page(
    request: access.Request, rows: list[Row], errors: dict[str, str] | None, **more: Any
) -> HttpResponse:
    wrong = [(f"f-{row.code}", row.error) for row in rows if row.error]
    context = {"rows": rows, "errors": wrong, "types": uploads.ACCEPT, **more}
    return render(request, "counter/files.html", context, status=422 if errors else 200)


def _rows_of_draft(request: access.Request, draft: Draft, errors: dict[str, str]) -> list[Row]:
    content = standing(draft.edition, draft.content)
    plan = content.plan(draft.edition)
    held = draft_files.by_material(draft_id=draft.id, actor=request.actor)
    return [
        Row(
            material.code,
            checklist.name_of(plan, material),
            "",
            reverse("counter:add_draft_file", args=[draft.id, material.code]),
            tuple(held.get(material.code, ())),
            errors.get(material.code, ""),
        )
        for material in materials(plan)
    ]


def _rows_of_case(view: CaseView, errors: dict[str, str]) -> list[Row]:
    return [
        Row(
            one.material.code,
            one.material.name,
            str(one.state.label),
            reverse("counter:add_case_file", args=[view.id, one.material.code]),
            one.files,
            errors.get(one.material.code, ""),
        )
        for one in queries.materials(view)
        if one.material.code != form_pages.FORM
    ]
