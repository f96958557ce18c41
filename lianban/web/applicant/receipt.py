"""The receipt: the number, the QR, the second secret once, the dates promised, what comes next."""

import base64
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lianban import clock, vault
from lianban.cases import queries
from lianban.cases.queries import CaseView
from lianban.documents import qr
from lianban.engine import deadlines
from lianban.engine.deadlines import Due
from lianban.web.applicant.check import SECRET
from lianban.web.components import access
from lianban.web.components.refusals import hidden


@access.applicant
@never_cache
@require_safe
@hidden
def receipt(request: access.Request, case_id: UUID) -> HttpResponse:
    """Show the receipt of one's own case; the second secret only right after handing in."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    address = request.build_absolute_uri(reverse("sign_in:receipt", args=[view.receipt_id]))
    context = {
        "view": view,
        "secret": _secret_once(request, case_id),
        "qr": SafeString(qr.svg(address, border=4)),  # our own drawing, from our own address
        "address": address,
        "notice_due": _notice_due(view),
        "hash": view.edition.hash.removeprefix("sha256:")[:12],
        "words": view.edition.wording.get("landing", {}),
        "receipt_words": view.edition.wording.get("notices", {}),
    }
    return render(request, "applicant/receipt.html", context)


def _secret_once(request: access.Request, case_id: UUID) -> str:
    kept = request.session.pop(SECRET, "")
    try:
        sealed = base64.b64decode(kept)
        return vault.decrypt(
            sealed, table="django_session", column=SECRET, row=str(case_id)
        ).decode()
    except (vault.Unreadable, ValueError):
        return ""


def _notice_due(view: CaseView) -> Due | None:
    submitted = view.case.submitted_at
    if submitted is None:
        return None
    return deadlines.add_working_days(
        view.calendar, submitted.date(), view.edition.rules.notice_days
    )
