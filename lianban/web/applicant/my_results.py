"""Results of one's own case: what is there, how it comes, what to bring, and changing that."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban import clock
from lianban.accounts.actor import Actor
from lianban.cases import queries, result_lists
from lianban.cases.queries import CaseView
from lianban.cases.result_lists import ResultView
from lianban.cases.services import delivery, results
from lianban.engine.refusal import Refused
from lianban.web.applicant.my_open import item_href, own_case, page
from lianban.web.components import access, delivery_form
from lianban.web.components.refusals import attempt, status_of


@dataclass(frozen=True)
class Shown:
    """One result with the code by which its person fetches it."""

    result: ResultView
    code: str
    href: str

    @property
    def is_mine_to_do(self) -> bool:
        """Whether it waits for the person: to fetch it, or to say where it goes now."""
        return self.result.state in ("to_hand_over", "returned")


@dataclass(frozen=True)
class Coming:
    """A result that is not there yet, and how it will come."""

    name: str
    way: str
    href: str


@access.applicant
@require_safe
@own_case
def listed(request: access.Request, view: CaseView) -> HttpResponse:
    """Every result: where, when, what to bring; to read on a phone and to print."""
    shown = of_case(view, actor=request.actor)
    content = queries.content(view)
    address = delivery.address_of(view.edition, content)
    return page(
        request,
        "results",
        view,
        crumb="结果",
        shown=shown,
        coming=coming(view),
        address=address if delivery_form.needs_address(view) else None,
        may_change=bool(delivery_form.rows(view)),
    )


def of_case(view: CaseView, *, actor: Actor) -> list[Shown]:
    """The results that are there, those that wait for the person first."""
    found = [
        Shown(
            one,
            result_lists.code_for_person(view, one, actor=actor),
            item_href(view, view.item(one.item)),
        )
        for one in result_lists.of_case(view)
    ]
    return sorted(found, key=lambda one: (not one.is_mine_to_do, one.result.is_done))


def of_item(view: CaseView, number: int, *, actor: Actor) -> Shown | None:
    """The result of one item, if it is there."""
    return next((one for one in of_case(view, actor=actor) if one.result.item == number), None)


def coming(view: CaseView) -> list[Coming]:
    """What is still to be decided, and how it will come."""
    words = view.edition.wording.get("delivery", {})
    return [
        Coming(one.item.result.name, words.get(one.sub.delivery, ""), item_href(view, one))
        for one in view.items
        if one.item.result and not one.sub.ended and one.sub.outcome is None
    ]


@access.applicant
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@own_case
def change(request: access.Request, view: CaseView) -> HttpResponse:
    """How each result comes and the one address for all envelopes, until something is posted."""
    offered = delivery_form.rows(view)
    if request.method != "POST":
        return _form(request, view)
    sent = delivery_form.read(view, request.POST, offered)
    try:
        delivery.change(
            case_id=view.id,
            ways=sent.ways,
            address=sent.address,
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        return _form(request, view, sent=sent, refusal=refusal)
    messages.success(request, "改好了")
    return HttpResponseRedirect(results_href(view))


def _form(
    request: access.Request,
    view: CaseView,
    *,
    sent: delivery_form.Sent | None = None,
    refusal: Refused | None = None,
) -> HttpResponse:
    found = refusal.details.get("complaints") if refusal else None
    wrong = found if isinstance(found, dict) else {}
    code = status_of(refusal) if refusal else 200
    return page(
        request,
        "delivery",
        view,
        crumb="改怎么拿",
        rows=delivery_form.rows(view, sent=sent),
        address=delivery_form.address(view, sent=sent, wrong=wrong),
        errors=[(f"id_{code}", words) for code, words in wrong.items()]
        or ([("", refusal.message)] if refusal else []),
        results_href=results_href(view),
        status=422 if code == 400 else code,
    )


@access.applicant
@require_POST
@own_case
def received(request: access.Request, view: CaseView, mail_id: UUID) -> HttpResponse:
    """What came by courier is there: one press."""
    if not any(one.mail_id == mail_id for one in result_lists.of_case(view)):
        raise Refused("unknown_result", "没有这个邮件")
    return attempt(
        request,
        lambda: results.received(mail_id=mail_id, actor=request.actor, at=clock.now()),
        back=results_href(view),
        done="收到了就好。这一件办完了",
    )


def results_href(view: CaseView) -> str:
    """The page with all results."""
    return reverse("applicant:my_results", args=[view.id])
