"""What every page of the bureau has: its door, its header with counts, and how a page is drawn."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from lianban import clock
from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.accounts.models import District, Role
from lianban.cases import proposal_lists, standing, worklists
from lianban.exchange.watching import task_lists
from lianban.web.components import access

#: Who works at this face.
bureau = access.officer(Role.BUREAU_OFFICER, Role.BUREAU_HEAD)


def page(
    request: access.Request, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Draw a page with the header's counts: only where somebody must act."""
    today = clock.now().date()
    actor = request.actor
    counts = {
        "pre_review": worklists.case_rows(actor=actor, show="pre_review", today=today).count(),
        "returned": standing.returned_count(actor=actor),
        "proposals": proposal_lists.open_count(actor=actor) if _decides(actor) else 0,
        "exchange": task_lists.open_count(actor=actor),
    }
    return render(request, f"bureau/{template}", {"header": counts, **context}, status=status)


def _decides(actor: Actor) -> bool:
    return permissions.HEAD in permissions.roles_of(actor)


def districts(request: access.Request) -> list[District]:
    """The districts to choose from: the actor's own and those below that have people."""
    found = District.objects.filter(code__in=request.actor.districts, active=True)
    return list(found.exclude(policy_edition=""))


def chosen_district(request: access.Request) -> str:
    """The district that the list is narrowed to, or "" for all of the actor's."""
    wanted = request.GET.get("district", "")
    return wanted if wanted in request.actor.districts else ""


def keys(request: access.Request) -> dict[str, str]:
    """Where a keyset page begins or ends."""
    return {name: request.GET.get(name, "")[:100] for name in ("after", "before")}


def today() -> date:
    """The day of this request."""
    return clock.now().date()
