"""The desk: find somebody or begin, one's open forms, and what waits at this counter."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from lianban import clock
from lianban.accounts import identity_number
from lianban.accounts.models import Role
from lianban.accounts.person_name import folded
from lianban.cases import counter_day, counter_lists, editions, queries
from lianban.cases.content import Content
from lianban.cases.services import counter, drafts
from lianban.catalogue.model import Edition
from lianban.engine.refusal import Refused
from lianban.web.components import access
from lianban.web.components.refusals import status_of
from lianban.web.counter import panel

clerk = access.officer(Role.COUNTER_CLERK)
_SHORT, _LONGEST = 5, 120


@dataclass(frozen=True)
class OpenForm:
    """One form that the clerk has begun."""

    id: UUID
    name: str
    number: str
    district: str
    updated_at: datetime


@clerk
@never_cache
@require_safe
def desk(request: access.Request) -> HttpResponse:
    """What is here and what is next."""
    return _page(request)


@clerk
@never_cache
@sensitive_post_parameters()
@require_POST
def find(request: access.Request) -> HttpResponse:
    """Look for a person or a case. A post, since a number never stands in an address."""
    text = request.POST.get("text", "").strip()
    problem = _problem(text)
    if problem:
        return _page(request, text=text, problem=problem, status=422)
    today = clock.now().date()
    found = queries.find(text, actor=request.actor, today=today)
    own = [form for form in _open_forms(request) if _fits(form, text, request)]
    if len(found) == 1 and not own and _is_exact(text):
        return redirect("counter:case", found[0]["id"])
    return _page(request, text=text, found=found, own=own)


@clerk
@never_cache
@sensitive_post_parameters()
@require_POST
def start(request: access.Request) -> HttpResponse:
    """Begin a form, with the number or name that was looked for."""
    text = request.POST.get("text", "").strip()[:_LONGEST]
    places = counter_lists.districts(request.actor)
    district = request.POST.get("district", "") or (places[0].code if len(places) == 1 else "")
    try:
        begun = counter.start(
            district=district, content=Content(), actor=request.actor, at=clock.now()
        )
    except Refused as refusal:
        words = refusal.message if district else "请先选这个人的安置地"
        return _page(request, text=text, place_problem=words, status=status_of(refusal))
    if text and not text.upper().startswith("LB"):
        content = replace(begun.content, fields=_typed(begun.edition, text))
        drafts.save(draft_id=begun.id, content=content, actor=request.actor, at=clock.now())
    return redirect("counter:intake", begun.id)


def _typed(edition: Edition, text: str) -> dict[str, str]:
    kind = "identity_number" if any(c.isdigit() for c in text) else "name"
    code = next(f.code for f in edition.fields if f.type == kind)
    return {code: text}


def _problem(text: str) -> str:
    if not text:
        return "请输入身份证号、姓名、办件编号，或者扫回执上的码"
    if "\x00" in text or len(text) > 500:
        return "这里面有认不出的内容，请重新输入"
    digits = text.replace(" ", "")
    if digits[:-1].isdigit() and len(digits) >= 15:
        try:
            identity_number.parse(text, today=clock.now().date())
        except identity_number.NotANumber as wrong:
            return str(wrong)
    return ""


def _is_exact(text: str) -> bool:
    """A case number or a receipt's address leads straight to the case; a name or number does not."""
    return text.upper().startswith("LB") or "/r/" in text


def _fits(form: OpenForm, text: str, request: access.Request) -> bool:
    return bool(text) and (form.number.upper() == text.upper() or folded(form.name) == folded(text))


def _open_forms(request: access.Request) -> list[OpenForm]:
    found = []
    for draft in drafts.open_at_counter(request.actor):
        codes = {field.type: field.code for field in reversed(draft.edition.fields)}
        fields = draft.content.fields
        found.append(
            OpenForm(
                draft.id,
                fields.get(codes["name"], ""),
                fields.get(codes["identity_number"], ""),
                draft.district,
                draft.updated_at,
            )
        )
    return found


def _page(request: access.Request, *, status: int = 200, **more: Any) -> HttpResponse:
    at = clock.now()
    places = counter_lists.districts(request.actor)
    lists = [
        (
            show,
            name,
            counter_lists.waiting(actor=request.actor, show=show, today=at.date()).rows[:_SHORT],
        )
        for show, name in counter_lists.SHOWS.items()
    ]
    context = {
        "forms": _open_forms(request),
        "places": places,
        "place_names": {place.code: place.name for place in places},
        "lists": lists,
        "counts": counter_lists.counts(actor=request.actor),
        "day": counter_day.day(actor=request.actor, at=at),
        "also": panel.counter_also(editions.in_force(places[0].policy_edition)) if places else [],
        **more,
    }
    return render(request, "counter/desk.html", context, status=status)


@clerk
@never_cache
@require_safe
def waiting(request: access.Request, show: str) -> HttpResponse:
    """One of the counter's lists, page by page."""
    if show not in counter_lists.SHOWS:
        show = next(iter(counter_lists.SHOWS))
    page = counter_lists.waiting(
        actor=request.actor,
        show=show,
        today=clock.now().date(),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {
        "page": page,
        "show": show,
        "name": counter_lists.SHOWS[show],
        "shows": counter_lists.SHOWS,
        "counts": counter_lists.counts(actor=request.actor),
    }
    return render(request, "counter/waiting.html", context)


@clerk
@never_cache
@require_safe
def day(request: access.Request) -> HttpResponse:
    """My day, to read and to print."""
    found = counter_day.day(actor=request.actor, at=clock.now())
    counts = [(kind, word, found.count(kind)) for kind, (_, word) in counter_day.DEEDS.items()]
    words = {kind: word for kind, (_, word) in counter_day.DEEDS.items()}
    context = {"day": found, "counts": counts, "words": words}
    return render(request, "counter/day.html", context)
