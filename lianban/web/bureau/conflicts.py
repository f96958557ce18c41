"""Identity numbers that somebody else has already: an officer compares the two."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lianban import clock
from lianban.cases import conflict_lists
from lianban.cases.services import person_corrections
from lianban.engine.refusal import Refused
from lianban.web.bureau import shell
from lianban.web.components import access
from lianban.web.components.parts import Crumb
from lianban.web.components.refusals import hidden, status_of

_DONE = {"same": "改好了，这一件归到那个人名下", "other": "没有改，原来的号码照旧"}


@shell.bureau
@require_safe
def listed(request: access.Request) -> HttpResponse:
    """The conflicts that wait, the oldest first."""
    page = conflict_lists.items(actor=request.actor, **shell.keys(request))
    return shell.page(request, "conflicts.html", {"page": page})


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def one(request: access.Request, conflict_id: UUID) -> HttpResponse:
    """Show the two beside each other; a POST says whether they are one."""
    shown = conflict_lists.get(conflict_id=conflict_id, actor=request.actor)
    problem, status = "", 200
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do not in _DONE:
            raise Http404("没有这个操作")
        try:
            person_corrections.decide_conflict(
                conflict_id=conflict_id, same=do == "same", actor=request.actor, at=clock.now()
            )
        except Refused as refusal:
            if status_of(refusal) == 404:
                raise
            problem, status = refusal.message, status_of(refusal)
        else:
            messages.success(request, _DONE[do])
            return redirect("bureau:conflicts")
    context = {
        "one": shown,
        "problem": problem,
        "places": [Crumb("身份证号要核对", reverse("bureau:conflicts")), Crumb(shown.case_number)],
    }
    return shell.page(request, "conflict.html", context, status=status)
