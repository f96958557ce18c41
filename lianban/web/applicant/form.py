"""The combined form, one section a page: saved at every step, right or wrong, and by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.accounts.models import User
from lianban.cases.content import Content
from lianban.cases.services import drafts
from lianban.catalogue import situation
from lianban.catalogue.model import Field
from lianban.web.applicant import answers, expected, pages, section_form
from lianban.web.applicant.pages import MORE, Page, Paper
from lianban.web.applicant.section_form import SectionForm
from lianban.web.components import access, roster_words
from lianban.web.components.parts import Row
from lianban.web.components.refusals import hidden

View = Callable[..., HttpResponse]


def with_paper(view: View) -> View:
    """Give the view the applicant's form; without one, or with the guide unfinished, lead there."""

    @wraps(view)
    def wrapped(request: access.Request, *args: Any, **kwargs: Any) -> HttpResponse:
        draft = answers.open_draft(request)
        if draft is None:
            return HttpResponseRedirect(reverse("applicant:start"))
        found = answers.load(request)
        assert found is not None
        unready = situation.unanswered(draft.edition, found.content.answers)
        if unready or found.plan.eligible is False:
            return HttpResponseRedirect(reverse("applicant:guide"))
        paper = pages.paper(replace(draft, content=found.content))
        return view(request, paper, *args, **kwargs)

    return wrapped


@access.applicant_account
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
@with_paper
def section(request: access.Request, paper: Paper, code: str) -> HttpResponse:
    """Show one page; keep what was typed, and go on when it is in order or may wait."""
    page = _page(paper, code)
    if request.method != "POST":
        wrong = paper.wrong_on(page) if "check" in request.GET else {}
        return _shown(request, paper, page, paper.values, wrong)
    values, dates = section_form.read(page.fields, request.POST)
    typed = _without_copies(paper, page, values)
    saved = expected.offered(request, keep(request, paper, typed, at=clock.now(), done=code))
    wrong = _wrong(saved, page, values, dates)
    if request.POST.get("go") == "later":
        messages.success(request, "先存着了，回头再填。没填好的，核对时会再提醒您")
        return HttpResponseRedirect(saved.after(code))
    if wrong:
        return _shown(request, saved, page, {**saved.values, **values}, wrong, status=422)
    return HttpResponseRedirect(
        reverse("applicant:check") if _returns(request) else saved.after(code)
    )


@access.applicant_account
@sensitive_post_parameters()
@require_POST
@hidden
@with_paper
def autosave(request: access.Request, paper: Paper, code: str) -> HttpResponse:
    """Keep what has been typed so far, without a word about what is wrong."""
    began = clock.now()
    page = _page(paper, code)
    values, _ = section_form.read(page.fields, request.POST)
    keep(request, paper, _without_copies(paper, page, values), at=began)
    return HttpResponse(status=204)


def _page(paper: Paper, code: str) -> Page:
    if code == MORE and paper.more:
        fields = tuple(field for each in paper.more for field in each.fields)
        return Page(MORE, "更多信息", "可以都不填。填了，窗口就不用再问您", fields)
    page = paper.page(code)
    if page is None:
        raise Http404(code)
    return page


def _returns(request: access.Request) -> bool:
    return "check" in request.GET


def _wrong(
    saved: Paper, page: Page, values: Mapping[str, str], dates: Mapping[str, str]
) -> dict[str, str]:
    """What is wrong on the page, in the fields' order; too long a text was not kept."""
    long = {
        field.code: f"{field.label}太长了，最多 {field.max_length or 200} 个字，"
        f"现在是 {len(values.get(field.code, ''))} 个"
        for field in page.fields
        if len(values.get(field.code, "")) > section_form.KEPT_LENGTH
    }
    found = {**saved.wrong_on(page), **dates, **long}
    return {field.code: found[field.code] for field in page.fields if field.code in found}


def keep(
    request: access.Request,
    paper: Paper,
    values: Mapping[str, str],
    *,
    at: datetime,
    done: str = "",
) -> Paper:
    """Save some fields, and that the page `done` was sent; lay the form out anew.

    Without `done` it is an autosave, which gives way to whatever was saved after it began.
    """
    short = {k: v for k, v in values.items() if len(v) <= section_form.KEPT_LENGTH}

    def change(content: Content) -> Content:
        content = answers.standing(paper.draft.edition, content)
        visited = tuple(dict.fromkeys((*content.done, done))) if done else content.done
        return replace(content, fields={**content.fields, **short}, done=visited)

    draft = drafts.amend(
        draft_id=paper.draft.id,
        change=change,
        actor=request.actor,
        at=at,
        only_newest=not done,
    )
    return pages.paper(replace(draft, content=answers.standing(draft.edition, draft.content)))


def reloaded(request: access.Request, paper: Paper) -> Paper:
    """The form as it stands now, after a service has written to the draft."""
    draft = drafts.get(draft_id=paper.draft.id, actor=request.actor)
    return pages.paper(replace(draft, content=answers.standing(draft.edition, draft.content)))


def _without_copies(paper: Paper, page: Page, values: dict[str, str]) -> dict[str, str]:
    """Drop an address for the post that nobody typed: it was only shown ready to use."""
    ways = {values.get(field.code) for field in page.fields if field.delivers}
    copies = suggestions(paper)
    return {
        field.code: ""
        if field.for_delivery
        and field.for_delivery not in ways
        and values.get(field.code) == copies.get(field.code)
        else values[field.code]
        for field in page.fields
        if field.code in values
    }


def suggestions(paper: Paper) -> dict[str, str]:
    """Values for the post taken from what the form already says: the same kind of field, the first."""
    found: dict[str, str] = {}
    for field in paper.plan.edition.fields:
        if not field.for_delivery:
            continue
        kinds = {"phone": ("mobile", "phone")}.get(field.type, (field.type,))
        same = (f for f in paper.plan.edition.fields if f.type in kinds and not f.for_delivery)
        found[field.code] = next((v for f in same if (v := paper.values.get(f.code, ""))), "")
    return found


# Showing ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One field as the page draws it: the bound field, its width, and where its value came from."""

    bound: Any
    width: str
    source: str
    is_lock: bool
    way: str
    columns: int


@dataclass(frozen=True)
class Group:
    """Fields under one heading; `is_open` when something in it is wrong or filled in."""

    title: str
    fields: tuple[Shown, ...]
    is_open: bool


def _shown(
    request: access.Request,
    paper: Paper,
    page: Page,
    values: Mapping[str, str],
    wrong: Mapping[str, str],
    *,
    status: int = 200,
) -> HttpResponse:
    copied = {k: v for k, v in suggestions(paper).items() if not values.get(k)}
    form = SectionForm(paper.plan, page.fields, {**values, **copied}, wrong)
    lines = {
        field.code: _line(request, paper, form, field, copied, values) for field in page.fields
    }
    context = {
        "paper": paper,
        "page": page,
        "form": form,
        "lines": [lines[f.code] for f in page.fields if not f.for_delivery],
        "post": [lines[f.code] for f in page.fields if f.for_delivery],
        "groups": _groups(paper, lines, values, wrong) if page.code == MORE else [],
        "told": told_rows(paper, page),
        "steps": paper.steps(page.code),
        "previous": paper.ahead_of(page.code),
        "autosave": reverse("applicant:autosave", args=[page.code]),
    }
    return render(request, "applicant/section.html", context, status=status)


def _line(
    request: access.Request,
    paper: Paper,
    form: SectionForm,
    field: Field,
    copied: Mapping[str, str],
    values: Mapping[str, str],
) -> Shown:
    source = ""
    if copied.get(field.code):
        source = "和前面填的一样，不对就改"
    elif field.type == "mobile" and values.get(field.code) == _own_phone(request):
        source = "来自您登录的手机号，可以改"
    else:
        source = roster_words.source_of(field, paper.draft.content, values)
    choices = len(field.choices)
    return Shown(
        form[field.code],
        section_form.width_of(field),
        source,
        field.type == "account",
        field.for_delivery,
        2 if choices == 2 else 1,
    )


def _own_phone(request: access.Request) -> str:
    return request.user.read_phone() if isinstance(request.user, User) else ""


def _groups(
    paper: Paper, lines: Mapping[str, Shown], values: Mapping[str, str], wrong: Mapping[str, str]
) -> list[Group]:
    return [
        Group(
            each.title,
            tuple(lines[field.code] for field in each.fields),
            any(f.code in wrong or values.get(f.code) for f in each.fields),
        )
        for each in paper.more
    ]


def told_rows(paper: Paper, page: Page) -> list[Row]:
    """What the guide has answered for this page, to read, with a way to change it."""
    rows = []
    for field in page.told:
        value = paper.plan.answers.get(field.question, "")
        label = next((c.label for c in field.choices if c.value == value), value)
        href = reverse("applicant:question", args=[field.question])
        rows.append(Row(field.label, label, href))
    return [row for row in rows if row.value]
