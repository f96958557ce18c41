"""From the guide to the form: where one settles, and a draft made from the answers."""

from dataclasses import replace

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.accounts.models import User
from lianban.cases.content import Content
from lianban.cases.services import drafts
from lianban.cases.services.drafts import Draft
from lianban.engine.refusal import Refused
from lianban.web.applicant import answers, pages, place
from lianban.web.components import access
from lianban.web.components.forms import Form
from lianban.web.components.refusals import hidden, status_of


class Where(Form):
    """Asks for the district of settlement."""

    district = forms.ChoiceField(
        label="您在哪里安置？",
        help_text="安置地一般是入伍时户口所在的县、市、区，接收安置通知上写着",
        widget=forms.RadioSelect,
        error_messages={"required": "请选安置地所在的区县"},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["district"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.code, each.name) for each in place.settling_places()]


@access.applicant_account
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: access.Request) -> HttpResponse:
    """Ask where the person settles, and begin the form, or go on with the one that was begun."""
    found = answers.in_session(request)
    if found is None:
        return HttpResponseRedirect(reverse("applicant:landing"))
    draft = answers.open_draft(request)
    fresh = bool(found.content.answers)
    if request.method != "POST":
        if draft is not None and not fresh and "place" not in request.GET:
            return HttpResponseRedirect(reverse("applicant:form_start"))
        if draft is None and (found.unanswered or found.plan.eligible is False):
            return HttpResponseRedirect(reverse("applicant:guide"))
        where = Where(initial={"district": draft.district if draft else found.district})
        return _page(request, where, draft, fresh)
    if request.POST.get("go") == "old" and draft is not None:
        answers.forget(request)
        return HttpResponseRedirect(reverse("applicant:form_start"))
    where = Where(request.POST)
    if not where.is_valid():
        return _page(request, where, draft, fresh, status=422)
    try:
        begun = drafts.start(
            district=where.cleaned_data["district"], actor=request.actor, at=clock.now()
        )
    except Refused as refusal:
        where.add_error("district", refusal.message)
        return _page(request, where, draft, fresh, status=status_of(refusal))
    _fill(request, begun, found.content)
    answers.forget(request)
    return HttpResponseRedirect(reverse("applicant:form_start"))


@access.applicant_account
def form_start(request: access.Request) -> HttpResponse:
    """Lead to the first page of the form that is not in order yet."""
    draft = answers.open_draft(request)
    if draft is None:
        return HttpResponseRedirect(reverse("applicant:start"))
    found = answers.load(request)
    assert found is not None
    if found.unanswered or found.plan.eligible is False:
        return HttpResponseRedirect(reverse("applicant:guide"))
    paper = pages.paper(replace(draft, content=found.content))
    return HttpResponseRedirect(pages.address(paper.first_open))


@access.applicant_account
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def give_up(request: access.Request) -> HttpResponse:
    """Delete the form that was begun, after asking once more."""
    draft = answers.open_draft(request)
    if draft is None:
        return HttpResponseRedirect(reverse("applicant:landing"))
    if request.method != "POST":
        return render(request, "applicant/give_up.html", {"draft": draft})
    drafts.give_up(draft_id=draft.id, actor=request.actor)
    return HttpResponseRedirect(reverse("applicant:landing"))


def _fill(request: access.Request, draft: Draft, fresh: Content) -> None:
    """Take the guide's answers over, and the phone that the person signed in with."""
    content = draft.content
    if fresh.answers:
        content = replace(
            content,
            answers=drafts.pruned(draft.edition, fresh.answers),
            unticked=fresh.unticked,
            evidence=fresh.evidence,
        )
    phone = next((f.code for f in draft.edition.fields if f.type == "mobile"), "")
    if phone and not content.fields.get(phone) and isinstance(request.user, User):
        content = replace(content, fields={**content.fields, phone: request.user.read_phone()})
    drafts.save(draft_id=draft.id, content=content, actor=request.actor, at=clock.now())


def _page(
    request: access.Request, form: Where, draft: Draft | None, fresh: bool, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "draft": draft, "is_fresh": fresh}
    return render(request, "applicant/start.html", context, status=status)
