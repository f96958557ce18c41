"""What people ask beside the sub-cases: a list, and one page to answer on."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lianban import clock
from lianban.cases import editions, enquiry_lists, offices, worklists
from lianban.cases.services import enquiries as service
from lianban.engine.refusal import Refused
from lianban.web.components import access
from lianban.web.components.forms import Form, LongTextField
from lianban.web.components.parts import Crumb
from lianban.web.components.refusals import hidden, status_of
from lianban.web.department import days
from lianban.web.department.worklist import frame, officer


class Answer(Form):
    """The answer that the person reads."""

    text = LongTextField(
        label="答复",
        max_length=service.LONGEST,
        rows=8,
        help_text="本人在“我的办件”里看到全文。写清楚找哪里、带什么、什么时候以前",
        error_messages={"required": "请写下答复"},
    )


@officer
@require_safe
def items(request: access.Request) -> HttpResponse:
    """List the enquiries of the officer's office."""
    actor, today = request.actor, clock.now().date()
    tab = request.GET.get("tab", "open")
    tab = tab if tab in enquiry_lists.TABS else "open"
    page = enquiry_lists.items(
        actor=actor,
        tab=tab,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    calendar = editions.calendar()
    rows = [
        (one, days.left(calendar, one.due_on, today), one.is_overdue(today)) for one in page.rows
    ]
    return render(
        request,
        "department/enquiries.html",
        frame(request, office=offices.of(actor))
        | {"rows": rows, "tab": tab, "page": page, "size": worklists.PAGE, "now": clock.now()},
    )


@officer
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def answer(request: access.Request, enquiry_id: UUID) -> HttpResponse:
    """Show one enquiry, and take its answer."""
    enquiry = enquiry_lists.get(enquiry_id=enquiry_id, actor=request.actor)
    form = Answer(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                service.answer(
                    enquiry_id=enquiry_id,
                    text=form.cleaned_data["text"],
                    actor=request.actor,
                    at=clock.now(),
                )
            except Refused as refusal:
                form.add_error("text", refusal.message)
                status = 409 if refusal.code == "already_answered" else status_of(refusal)
            else:
                messages.success(request, "答复了，本人在“我的办件”里能看到")
                return redirect("department:enquiries")
        else:
            status = 422
    today = clock.now().date()
    return render(
        request,
        "department/enquiry.html",
        frame(request)
        | {
            "enquiry": enquiry_lists.get(enquiry_id=enquiry_id, actor=request.actor),
            "left": days.left(editions.calendar(), enquiry.due_on, today),
            "is_overdue": enquiry.is_overdue(today),
            "form": form,
            "places": [Crumb("咨询", reverse("department:enquiries")), Crumb(enquiry.name)],
        },
        status=status,
    )
