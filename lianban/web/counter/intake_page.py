"""The intake page: person, guide and materials side by side; it saves itself and says what is missing."""

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.accounts.models import District, Role
from lianban.cases import counter_lists
from lianban.cases.services import counter, drafts, expected
from lianban.cases.services.drafts import Draft
from lianban.engine.refusal import Refused
from lianban.web.components import access
from lianban.web.components.refusals import hidden, status_of
from lianban.web.counter import panel, undertaking
from lianban.web.counter.intake import Intake, Posted, asked, read, standing

clerk = access.officer(Role.COUNTER_CLERK)


@clerk
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def intake(request: access.Request, draft_id: UUID) -> HttpResponse:
    """Show the form of one person, or keep what was typed and show it again."""
    draft = drafts.get(draft_id=draft_id, actor=request.actor)
    if request.method != "POST":
        content = standing(draft.edition, draft.content)
        return page(request, Intake(draft, request, Posted(content), "check" in request.GET))
    posted = read(draft, request.POST)
    try:
        saved = _keep(request, draft, posted)
    except Refused as refusal:
        return refused(request, Intake(draft, request, posted), refusal)
    saved, posted = _offered(request, saved, posted)
    if posted.wrong or posted.choice:
        return page(request, Intake(saved, request, posted), status=422)
    messages.success(request, "已暂存")
    return redirect("counter:intake", draft_id)


@clerk
@never_cache
@sensitive_post_parameters()
@require_POST
@hidden
def live(request: access.Request, draft_id: UUID) -> HttpResponse:
    """Keep what was typed and answer with the cards that it changes (htmx)."""
    draft = drafts.get(draft_id=draft_id, actor=request.actor)
    posted = read(draft, request.POST)
    before = Intake(draft, request, Posted(standing(draft.edition, draft.content)))
    problem = ""
    try:
        draft = _keep(request, draft, posted)
        draft, posted = _offered(request, draft, posted)
    except Refused as refusal:
        problem = refusal.message
    now = Intake(draft, request, posted)
    context = {**_context(request, now), "changed": _changed(before, now), "problem": problem}
    return render(
        request, "counter/live.html", context, status=422 if problem or posted.choice else 200
    )


def _keep(request: access.Request, draft: Draft, posted: Posted) -> Draft:
    return counter.keep(
        draft_id=draft.id,
        content=posted.content,
        actor=request.actor,
        at=clock.now(),
        strokes={} if "HX-Request" in request.headers else posted.strokes,
    )


def _offered(request: access.Request, saved: Draft, posted: Posted) -> tuple[Draft, Posted]:
    """What the troop's roster says of a person whose name and number have just been typed."""
    found = expected.offer(draft_id=saved.id, actor=request.actor, at=clock.now())
    if found.content.roster == saved.content.roster:
        return saved, posted
    before, now = saved.content, found.content
    fresh = {code for code, value in now.fields.items() if before.fields.get(code) != value}
    fresh |= {key for key, value in now.answers.items() if before.answers.get(key) != value}
    content = replace(posted.content, fields=now.fields, answers=now.answers, roster=now.roster)
    typed = {code: text for code, text in posted.typed.items() if text}
    return found, replace(posted, content=content, typed=typed, fresh=frozenset(fresh))


def _changed(before: Intake, now: Intake) -> set[str]:
    """The cards whose questions are others than before; the rest of the page stays untouched."""
    found = {"guide", "fields"} if now.posted.fresh else set()
    if panel.questions(before.plan) != panel.questions(now.plan):
        found.add("guide")
    if [f.code for f in asked(before.plan, before.values)] != [f.code for f in now.asked]:
        found.add("fields")
    return found


@clerk
@require_POST
@hidden
def move(request: access.Request, draft_id: UUID) -> HttpResponse:
    """Keep what was typed and go on in another district."""
    draft = drafts.get(draft_id=draft_id, actor=request.actor)
    posted = read(draft, request.POST)
    try:
        _keep(request, draft, posted)
        moved = counter.move(
            draft_id=draft_id,
            district=request.POST.get("district", ""),
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        return refused(request, Intake(draft, request, posted), refusal)
    return redirect("counter:intake", moved.id)


# Showing -----------------------------------------------------------------------------------


def page(
    request: access.Request, shown: Intake, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The whole page."""
    context = {**_context(request, shown), "problem": problem}
    return render(request, "counter/intake.html", context, status=status)


def refused(request: access.Request, shown: Intake, refusal: Refused) -> HttpResponse:
    """The whole page with why it was refused; everything typed stays."""
    if status_of(refusal) == 404:
        raise refusal
    tried = replace(shown, tried=shown.tried or refusal.code == "form_incomplete")
    status = 422 if refusal.code == "form_incomplete" else status_of(refusal)
    return page(request, tried, problem=panel.words(refusal), status=status)


def _context(request: access.Request, shown: Intake) -> dict[str, object]:
    district = District.objects.get(code=shown.draft.district)
    return {
        "intake": shown,
        "draft": shown.draft,
        "district": district,
        "districts": counter_lists.districts(request.actor),
        "questions": panel.questions(shown.plan),
        "panel": panel.panel(shown),
        "rows": panel.material_rows(shown),
        "notice": panel.notice(shown),
        "acts": panel.acts(shown),
        "undertaking": undertaking.shown(shown.edition, request.POST, name=shown.name),
        "live_url": reverse("counter:live", args=[shown.draft.id]),
        "reads": panel.counter_also(shown.edition),
    }
