"""The guide: one question a page, and beside it what the answers lead to."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban.catalogue import situation
from lianban.catalogue.condition import questions
from lianban.catalogue.model import Question
from lianban.engine.refusal import Refused
from lianban.web.applicant import answers, panel
from lianban.web.applicant.answers import Answers
from lianban.web.components import access, roster_words
from lianban.web.components.parts import Row


@access.public
@require_safe
def guide(request: access.AnyRequest) -> HttpResponse:
    """Go on where the person stopped: the first open question, or the result."""
    return HttpResponseRedirect(_next(_found(request)))


@access.public
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: access.AnyRequest, key: str) -> HttpResponse:
    """Ask one question; the answer is kept and the next one follows."""
    found = _found(request)
    asked = _question(found, key)
    if asked is None:
        return HttpResponseRedirect(reverse("applicant:guide"))
    if request.method != "POST":
        return _page(request, found, asked)
    try:
        found = found.with_answer(key, request.POST.get("answer", ""))
    except Refused as refusal:
        return _page(request, found, asked, error=refusal.message)
    answers.keep(request, found)
    return HttpResponseRedirect(_next(found))


@access.public
@require_POST
def preview(request: access.AnyRequest, key: str) -> HttpResponse:
    """Show what an answer would change, before it is kept."""
    found = _found(request)
    if _question(found, key) is None:
        raise Http404
    try:
        found = found.with_answer(key, request.POST.get("answer", ""))
    except Refused:
        return HttpResponse(status=422)
    shown = panel.panel(found.plan, before=found.before, last=key)
    return render(request, "applicant/panel.html", {"panel": shown, "is_preview": True})


def _found(request: access.AnyRequest) -> Answers:
    found = answers.load(request)
    if found is None:
        raise Http404("no plan in force")
    return found


def _question(found: Answers, key: str) -> Question | None:
    """The question, if this person is asked it. Raises Http404 for one that does not exist."""
    if key not in {each.key for each in found.edition.questions}:
        raise Http404
    return next((each for each in found.asked if each.key == key), None)


def _next(found: Answers) -> str:
    open_ = found.unanswered
    if not open_ or found.plan.eligible is False:
        return reverse("applicant:result")
    return reverse("applicant:question", args=[open_[0]])


def _page(
    request: access.AnyRequest, found: Answers, asked: Question, *, error: str = ""
) -> HttpResponse:
    order = [each.key for each in found.asked]
    place = order.index(asked.key)
    allowed = situation.allowed(asked, found.content.answers)
    context = {
        "question": asked,
        "choices": [choice for choice in asked.choices if choice.value in allowed],
        "chosen": found.content.answers.get(asked.key, ""),
        "source": roster_words.answer_source(asked, found.content),
        "number": place + 1,
        "total": len(order),
        "dots": [i <= place for i in range(len(order))],
        "previous": order[place - 1] if place else "",
        "decides": _decides(found, asked),
        "rows": answered_rows(found),
        "panel": panel.panel(found.plan, before=found.before, last=found.last),
        "error": error,
        "is_change": bool(found.content.answers.get(asked.key)) and not found.unanswered,
        "kept": bool(found.content.answers),
    }
    return render(request, "applicant/question.html", context, status=422 if error else 200)


def answered_rows(found: Answers) -> list[Row]:
    """What was answered, each with a way to change it."""
    given = found.content.answers
    return [
        Row(
            each.label,
            each.label_of(given[each.key]),
            reverse("applicant:question", args=[each.key]),
        )
        for each in found.asked
        if given.get(each.key)
    ]


def _decides(found: Answers, asked: Question) -> list[str]:
    """The items whose conditions read this question."""
    names = []
    for item in found.edition.items:
        rules = [item.opens, *(r.when for r in (item.external, item.satisfied) if r)]
        if any(asked.key in questions(rule) for rule in rules):
            names.append(item.short_name)
    return names
