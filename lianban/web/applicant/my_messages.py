"""Messages to the person, and everything that happened, with who looked at their data."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_safe

from lianban import clock
from lianban.cases import access_log
from lianban.cases import messages as letters
from lianban.cases.queries import CaseView
from lianban.documents import render as papers_render
from lianban.web.applicant import my_case
from lianban.web.applicant.my_open import own_case, page
from lianban.web.components import access


@access.applicant
@require_GET
@own_case
def messages(request: access.Request, view: CaseView) -> HttpResponse:
    """Show all messages, newest first; opening the page is the proof that they were seen."""
    found = letters.of_case(view)
    letters.mark_seen(case_id=view.id, at=clock.now())
    return page(request, "messages", view, here="messages", crumb="消息", letters=found)


@access.applicant
@require_safe
@own_case
def history(request: access.Request, view: CaseView) -> HttpResponse:
    """Show everything that happened, and every look at the person's numbers and files."""
    looks = access_log.of_case(view)
    return page(
        request,
        "history",
        view,
        crumb="全部进展",
        entries=list(my_case.entries(view)),
        looks=[(look, look.what or _title(look.paper)) for look in looks if not look.is_own],
        own_looks=sum(look.is_own for look in looks),
    )


def _title(paper: str) -> str:
    """The name of a kind of paper."""
    return papers_render.titles().get(paper, "一份文书")
