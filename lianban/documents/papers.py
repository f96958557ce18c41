"""The papers of a case: which there are, from what happened in it, and each as a PDF.

A paper is issued when it is first opened, numbered, sealed and kept; opened again it is the same
file. What it says is what was so at its event.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from lianban.accounts.actor import Actor
from lianban.cases import form_pages, form_rules, looks
from lianban.cases.queries import CaseView
from lianban.cases.services import signatures
from lianban.cases.services.drafts import Draft
from lianban.catalogue.planning import Kind, Plan
from lianban.documents import content as paper
from lianban.documents import (
    issue,
    letterhead,
    occasion,
    paper_contents,
    paper_form,
    render,
    settlement,
)
from lianban.documents.models import IssuedDocumentRecord
from lianban.engine import events as e
from lianban.engine import records as r
from lianban.engine.refusal import Refused

#: What is on paper once this has happened.
_PAPERS: dict[type[e.Event], tuple[str, ...]] = {
    e.Submitted: ("receipt", "registration_form", "requirements_notice"),
    e.Registered: ("receipt", "registration_form", "requirements_notice", "acceptance_notice"),
    e.CaseAccepted: ("acceptance_notice",),
    e.AcceptanceRefused: ("non_acceptance_notice",),
    e.CorrectionRequested: ("correction_notice",),
    e.DeferralGranted: ("deferral_undertaking",),
    e.Denied: ("denial_decision",),
    e.Concluded: ("conclusion_notice",),
    r.HandedOver: ("delivery_record",),
    r.AmountApproved: ("amount_assessment",),
}


@dataclass(frozen=True)
class PaperLink:
    """One paper of a case. `sequence` is that of the event it is about."""

    case_id: UUID
    kind: str
    title: str
    #: None where it is about the whole case.
    item: int | None
    sequence: int
    at: datetime
    #: The item's short name, or nothing.
    item_name: str = ""

    @property
    def url(self) -> str:
        """Where the PDF is opened."""
        return reverse(
            "papers:paper", args=[self.case_id, self.kind, self.item or 0, self.sequence]
        )


def available(view: CaseView) -> list[PaperLink]:
    """The papers that this actor may open, in the order in which they came to be.

    A department sees those of its own items only.
    """
    return [link for link, _ in _found(view)]


def pdf(
    view: CaseView,
    *,
    kind: str,
    item: int | None,
    actor: Actor,
    at: datetime,
    base_url: str,
    sequence: int | None = None,
    secret: str = "",
) -> bytes:
    """The newest paper of a kind (or the one of `sequence`) as PDF; who opened it is kept.

    `base_url` is the public address of this site, for the codes on the paper. `secret` is the
    receipt's second secret: it is printed on this copy only and kept nowhere. Raises
    `Refused('unknown_paper')` for what there is not or the actor may not see.
    """
    fitting = [
        (link, moment)
        for link, moment in _found(view)
        if link.kind == kind and link.item == item and sequence in (None, link.sequence)
    ]
    if not fitting:
        raise Refused("unknown_paper", "没有这份文书，或者还没有出")
    link, moment = fitting[-1]
    record, document = _issued(view, link, moment, base_url)
    looks.keep(case_id=view.id, what=f"paper:{kind}:{link.sequence}", actor=actor, at=at)
    if secret and isinstance(document, paper.Receipt):
        return render.render(_with_secret(document, record, base_url, secret))
    return issue.open_file(record)


def record_of(view: CaseView, *, kind: str, base_url: str) -> IssuedDocumentRecord | None:
    """The newest paper of a kind, numbered now if nobody has opened it yet; None: there is none."""
    fitting = [(link, moment) for link, moment in _found(view) if link.kind == kind]
    return _issued(view, *fitting[-1], base_url)[0] if fitting else None


def form_of_draft(draft: Draft, *, at: datetime) -> bytes:
    """The registration form, filled in as far as it goes, to be completed and signed by hand."""
    head, plan = _head(draft), _plan(draft)
    values = form_rules.complete(plan, draft.content.fields, today=at.date())
    content = replace(draft.content, fields=values)
    items = frozenset(d.item.code for d in plan.of(Kind.OPEN, Kind.EXTERNAL))
    signed = signatures.of_draft(draft_id=draft.id).values()
    marks = form_pages.marks(kind="draft", id=draft.id)
    form = paper_form.registration_form(
        head, content, items, at=at, signed=signed, page_marks=marks
    )
    return render.render(form)


def requirements_of_draft(draft: Draft, *, given_by: str, at: datetime) -> bytes:
    """一次性告知书 for a form that is being filled in, given by the named clerk."""
    head = _head(draft)
    document = paper_contents.requirements_of(
        head, draft.content, _plan(draft), at=at, given_by=given_by
    )
    return render.render(document)


def _head(draft: Draft) -> letterhead.Letterhead:
    edition = draft.edition
    return letterhead.of(edition, district=draft.district, department=edition.lead_department)


def _plan(draft: Draft) -> Plan:
    try:
        return draft.content.plan(draft.edition)
    except ValueError as error:
        raise Refused("impossible_answers", str(error)) from error


def _found(view: CaseView) -> Iterator[tuple[PaperLink, occasion.Moment]]:
    numbers = {shown.item.number for shown in view.items}
    for moment in occasion.moments(view):
        is_seen = view.is_whole or moment.item in numbers
        theirs = _kinds(moment.event) if is_seen else ()
        for kind in (*theirs, *settlement.kinds(view.edition, moment, numbers)):
            item = moment.item
            name = view.edition.item(item).short_name if item is not None else ""
            title = render.titles()[kind]
            yield (
                PaperLink(view.id, kind, title, item, moment.sequence, moment.at, name),
                moment,
            )


def _kinds(event: e.Event) -> tuple[str, ...]:
    if isinstance(event, e.Corrected | r.PersonCorrected) and event.form_hash:
        return ("registration_form",)
    return _PAPERS.get(type(event), ())


@transaction.atomic
def _issued(
    view: CaseView, link: PaperLink, moment: occasion.Moment, base_url: str
) -> tuple[IssuedDocumentRecord, paper.Document | None]:
    """The record of a paper; its content as well where it was made, or is needed again."""
    found = issue.find(case_id=view.id, kind=link.kind, item=link.item, sequence=link.sequence)
    if found is not None and link.kind != "receipt":
        return found, None
    on = occasion.of(view, moment)
    document = paper_contents.BUILDERS[link.kind](on)
    if isinstance(document, paper.Receipt):
        address = f"{base_url.rstrip('/')}/r/{view.receipt_id}/"
        document = replace(document, my_case_url=address)
    record = found or issue.issue(
        document=document,
        case_id=view.id,
        prefix=on.head.word(f"number_{link.kind}"),
        base_url=base_url,
        item=link.item,
        sequence=link.sequence,
    )
    return record, document


def _with_secret(
    document: paper.Receipt, record: IssuedDocumentRecord, base_url: str, secret: str
) -> paper.Receipt:
    return replace(
        document,
        query_code=secret,
        number=record.number,
        verification_url=issue.verification_url(base_url, record.verification_code),
    )
