"""What somebody must look at in the exchange: one's own, all, those that are done; closing one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lianban import clock
from lianban.accounts.actor import Actor
from lianban.engine.refusal import Refused
from lianban.exchange import tasks
from lianban.exchange.watching import settling, task_lists
from lianban.exchange.watching.task_lists import Task
from lianban.web.bureau import shell
from lianban.web.bureau.exchange_messages import Note
from lianban.web.bureau.lists import Tab
from lianban.web.components import access, exchange_pages
from lianban.web.components.parts import Crumb
from lianban.web.components.refusals import hidden, status_of

_SHOWS = {
    "mine": ("我的", "没有等您看的", "别人名下的在“全部”里。"),
    "all": ("全部", "没有要看的", "发不出去、对方拒收、两边对不上的，会自动到这里。"),
    "closed": ("处理过的", "还没有处理过的", "处理完的会列在这里，新的在前。"),
}


@shell.bureau
@require_safe
def listed(request: access.Request) -> HttpResponse:
    """List the tasks of one's districts."""
    show = request.GET.get("show", "mine")
    show = show if show in _SHOWS else "mine"
    page = task_lists.items(actor=request.actor, show=show, **shell.keys(request))
    counts = task_lists.counts(actor=request.actor)
    context = {
        "show": show,
        "tabs": [Tab(c, s[0], counts.get(c), c == show) for c, s in _SHOWS.items()],
        "rows": [exchange_pages.task_row(one, clock.now()) for one in page.rows],
        "page": page,
        "empty_title": _SHOWS[show][1],
        "empty_text": _SHOWS[show][2],
        "places": [Crumb("系统对接", reverse("bureau:exchange")), Crumb("待处理")],
    }
    return shell.page(request, "exchange_tasks.html", context)


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def one(request: access.Request, task_id: UUID) -> HttpResponse:
    """Show a task; a POST closes it with a note."""
    shown = task_lists.get(task_id, actor=request.actor)
    if request.method != "POST":
        return _page(request, shown, Note())
    form = Note(request.POST)
    if not form.is_valid():
        return _page(request, shown, form, status=422)
    try:
        _close(shown, form.cleaned_data["note"], request.actor)
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        form.add_error(None, refusal.message)
        fresh = task_lists.get(task_id, actor=request.actor)
        return _page(request, fresh, form, status=status_of(refusal))
    messages.success(request, "记下了")
    return redirect("bureau:exchange_tasks")


def _close(shown: Task, note: str, actor: Actor) -> None:
    """Close it; a message in that fits nothing is laid aside with it."""
    at = clock.now()
    if shown.inbox_id is not None and shown.row.closed_at is None:
        settling.settle(inbox_id=shown.inbox_id, note=note, actor=actor, at=at)
    else:
        tasks.close(task_id=shown.row.id, note=note, actor=actor, at=at)


def _page(request: access.Request, shown: Task, form: Note, *, status: int = 200) -> HttpResponse:
    row = exchange_pages.task_row(shown, clock.now())
    context = {
        "one": row,
        "form": form,
        "places": [
            Crumb("系统对接", reverse("bureau:exchange")),
            Crumb("待处理", reverse("bureau:exchange_tasks")),
            Crumb(row.kind),
        ],
    }
    return shell.page(request, "exchange_task.html", context, status=status)
