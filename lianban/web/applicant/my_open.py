"""Opening one's own case for a page, with what every page of *my case* shows around it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from lianban import clock
from lianban.cases import messages, queries
from lianban.cases.queries import CaseView, ItemView
from lianban.web.components import access
from lianban.web.components.parts import Crumb
from lianban.web.components.refusals import hidden

View = Callable[..., HttpResponse]


def own_case(view: View) -> View:
    """Give the view the case instead of its id; somebody else's case is answered 404."""

    @wraps(view)
    @never_cache
    @hidden
    def opened(request: access.Request, case_id: UUID, **kwargs: Any) -> HttpResponse:
        case = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
        return view(request, case, **kwargs)

    return opened


def page(
    request: access.Request,
    template: str,
    view: CaseView,
    *,
    here: str = "case",
    crumb: str = "",
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """Draw a page of the case; `here` is its place in the header, `crumb` its own name."""
    around = {
        "view": view,
        "here": here,
        "unread": messages.unseen(view.id),
        "crumbs": [Crumb("我的办件", case_href(view)), Crumb(crumb)] if crumb else [],
        "has_account": request.actor.user_id is not None,
    }
    return render(request, f"applicant/my/{template}.html", around | context, status=status)


def case_href(view: CaseView) -> str:
    """The address of the case's page."""
    return reverse("applicant:my_case", args=[view.id])


def item_href(view: CaseView, item: ItemView) -> str:
    """The address of one item's page."""
    return reverse("applicant:my_item", args=[view.id, item.item.number])
