"""The receipt: the number, the QR, the second secret, the dates promised, what comes next."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lianban import clock
from lianban.cases import anchors, queries
from lianban.cases.queries import CaseView
from lianban.documents import qr
from lianban.engine import deadlines
from lianban.engine.deadlines import Due
from lianban.web.components import access, receipt_secret
from lianban.web.components.refusals import hidden


@access.applicant
@never_cache
@require_safe
@hidden
def receipt(request: access.Request, case_id: UUID) -> HttpResponse:
    """Show the receipt of one's own case; the second secret only in the session that handed it in."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    address = request.build_absolute_uri(reverse("sign_in:receipt", args=[view.receipt_id]))
    context = {
        "view": view,
        "secret": receipt_secret.read(request, case_id=case_id),
        "qr": SafeString(qr.svg(address, border=4)),  # our own drawing, from our own address
        "address": address,
        "notice_due": _notice_due(view),
        "history_code": anchors.latest(view.id, view.case_number),
        "hash": view.edition.hash.removeprefix("sha256:")[:12],
        "words": view.edition.wording.get("landing", {}),
        "receipt_words": view.edition.wording.get("notices", {}),
    }
    return render(request, "applicant/receipt.html", context)


def _notice_due(view: CaseView) -> Due | None:
    submitted = view.case.submitted_at
    if submitted is None:
        return None
    return deadlines.add_working_days(
        view.calendar, submitted.date(), view.edition.rules.notice_days
    )
