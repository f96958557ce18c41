"""Rating the service: one rating for each item that has ended, and one for the whole."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.cases import rating_lists
from lianban.cases.queries import CaseView
from lianban.cases.rating_lists import RatingView
from lianban.cases.services import ratings
from lianban.engine.refusal import Refused
from lianban.web.applicant.my_open import own_case, page
from lianban.web.components import access
from lianban.web.components.refusals import status_of

#: The value by which a form names the case as a whole.
WHOLE = "whole"


@dataclass(frozen=True)
class Thing:
    """One thing that may be rated, or was."""

    value: str
    name: str
    department: str
    given: RatingView | None
    #: What was typed and refused.
    level: str = ""
    comment: str = ""
    error: str = ""


@access.applicant
@require_http_methods(["GET", "HEAD", "POST"])
@own_case
def rate(request: access.Request, view: CaseView) -> HttpResponse:
    """Show what can be rated; a POST rates one thing."""
    if request.method != "POST":
        return _page(request, view)
    value = request.POST.get("thing", "")
    try:
        given = ratings.rate(
            case_id=view.id,
            item=_number(value),
            level=_level(request.POST.get("level", "")),
            comment=request.POST.get("comment", ""),
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        return _page(request, view, refused=(value, refusal))
    told = "谢谢您的评价"
    if given.is_bad:
        told = f"收到了。{ratings.CALL_DAYS} 个工作日内有人打电话给您，说怎么改"
    messages.success(request, told)
    return HttpResponseRedirect(f"{reverse('applicant:my_rate', args=[view.id])}#t-{value}")


def may_rate(view: CaseView) -> bool:
    """Whether something waits for the person's rating, or was rated."""
    return bool(_things(view))


def _number(value: str) -> int | None:
    if value == WHOLE:
        return None
    if value.isdecimal() and len(value) < 4:
        return int(value)
    raise Refused("unknown_case", "没有这个事项")


def _level(value: str) -> int:
    return int(value) if value in {"1", "2", "3", "4", "5"} else 0


def _page(
    request: access.Request, view: CaseView, *, refused: tuple[str, Refused] | None = None
) -> HttpResponse:
    things = _things(view)
    if refused:
        value, refusal = refused
        things = [
            _typed(request, thing, refusal) if thing.value == value else thing for thing in things
        ]
    context: dict[str, Any] = {
        "things": things,
        "levels": [(level, rating_lists.WORDS[level]) for level in ratings.LEVELS],
        "longest": ratings.LONGEST,
        "errors": [thing for thing in things if thing.error],
    }
    status = status_of(refused[1]) if refused else 200
    return page(request, "rate", view, crumb="评价", status=status, **context)


def _typed(request: access.Request, thing: Thing, refusal: Refused) -> Thing:
    return Thing(
        thing.value,
        thing.name,
        thing.department,
        thing.given,
        level=request.POST.get("level", ""),
        comment=request.POST.get("comment", ""),
        error=refusal.message,
    )


def _things(view: CaseView) -> list[Thing]:
    given = rating_lists.of_case(view)
    found = []
    if view.case.ended:
        found.append(Thing(WHOLE, "整件联办", "综合窗口和牵头部门", given.get(None)))
    for shown in view.items:
        number = shown.sub.number
        if shown.sub.ended and shown.sub.outcome:
            name = f"{number} {shown.item.short_name}"
            found.append(Thing(str(number), name, shown.department_name, given.get(number)))
    return found
