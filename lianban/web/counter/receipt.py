"""The receipt that the person takes along: number, QR, second secret, what to sign, what comes next."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lianban import clock
from lianban.accounts.models import Role
from lianban.cases import anchors, queries
from lianban.cases.services.hand_in import Receipt
from lianban.documents import papers, qr
from lianban.web.components import access, receipt_secret
from lianban.web.components.papers import public_address
from lianban.web.components.refusals import hidden

clerk = access.officer(Role.COUNTER_CLERK)


def remember(request: access.Request, given: Receipt) -> None:
    """Keep the second secret of the newest receipt, for this session and this case only."""
    if given.secret:
        receipt_secret.keep(request, case_id=given.case_id, secret=given.secret)


@clerk
@never_cache
@require_safe
@hidden
def receipt(request: access.Request, case_id: UUID) -> HttpResponse:
    """Show the receipt to print; with its second secret until it is handed over."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    address = public_address(request) + reverse("sign_in:receipt", args=[view.receipt_id])
    links = [link for link in papers.available(view) if link.kind != "receipt"]
    context = {
        "view": view,
        "secret": receipt_secret.read(request, case_id=case_id),
        "qr": SafeString(qr.svg(address, border=4)),  # our own drawing, from our own address
        "history_code": anchors.latest(view.id, view.case_number),
        "hash": view.edition.hash.removeprefix("sha256:")[:12],
        "papers": links,
        "missing": [m for m in queries.materials(view) if m.state in ("missing", "deferred")],
    }
    return render(request, "counter/receipt.html", context)


@clerk
@require_POST
@hidden
def handed_over(request: access.Request, case_id: UUID) -> HttpResponse:
    """The person has the receipt: the second secret is shown no more."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    if receipt_secret.read(request, case_id=view.id):
        request.session.pop(receipt_secret.KEY, None)
    return redirect("counter:desk")
