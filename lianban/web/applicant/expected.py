"""*We were expecting you*: a person whom the roster announced finds the form half filled in."""

from dataclasses import replace

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.cases.services import expected as services
from lianban.cases.services.drafts import Draft
from lianban.engine.refusal import Refused
from lianban.web.applicant import answers, pages
from lianban.web.applicant.pages import Paper
from lianban.web.components import access, roster_words
from lianban.web.components.forms import Form, IdentityNumberField, NameField
from lianban.web.components.parts import Row


class Who(Form):
    """Name and number: only together do they find anybody."""

    name = NameField(label="姓名")
    number = IdentityNumberField(label="身份证号")


@access.applicant_account
@never_cache
@sensitive_post_parameters("name", "number")
@require_http_methods(["GET", "HEAD", "POST"])
def expected(request: access.Request) -> HttpResponse:
    """Say what the roster brought, or ask who it is; a miss tells nothing but that it was one."""
    draft = answers.open_draft(request)
    if request.method != "POST":
        if draft is not None and services.announced(draft.content):
            return _welcome(request, draft)
        return render(request, "applicant/expected.html", {"form": Who()})
    form = Who(request.POST)
    if not form.is_valid():
        return render(request, "applicant/expected.html", {"form": form}, status=422)
    name, number = form.cleaned_data["name"], form.cleaned_data["number"].number
    try:
        found = services.greet(name=name, number=number, actor=request.actor, at=clock.now())
    except Refused as refused:
        words = refused.message
        if refused.code == "too_many_tries":
            words = "查的次数太多了，过一个小时再查。不查也能办"
        form.add_error(None, words)
        return render(request, "applicant/expected.html", {"form": form}, status=422)
    if found is None:
        return render(request, "applicant/expected.html", {"form": form, "missed": True})
    return HttpResponseRedirect(reverse("applicant:expected"))


def _welcome(request: access.Request, draft: Draft) -> HttpResponse:
    said = services.announced(draft.content)
    assert said is not None
    questions = [q for q in draft.edition.questions if said.answers.get(q.key)]
    rows = [Row(q.label.rstrip("？"), q.label_of(said.answers[q.key])) for q in questions]
    fields = [f for f in draft.edition.fields if said.fields.get(f.code)]
    rows += [Row(f.label, roster_words.of(f, said.fields[f.code])) for f in fields]
    name = next((f.code for f in draft.edition.fields if f.type == "name"), "")
    context = {"announced": said, "rows": rows, "name": draft.content.fields.get(name, "")}
    return render(request, "applicant/expected.html", context)


def offered(request: access.Request, paper: Paper) -> Paper:
    """The form with what the roster says of its person, asked once for each name and number."""
    draft = services.offer(draft_id=paper.draft.id, actor=request.actor, at=clock.now())
    return pages.paper(replace(draft, content=answers.standing(draft.edition, draft.content)))
