"""Reading payments: of one item, by state for the office that pays, and the lists that were sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count

from lianban.accounts.actor import Actor
from lianban.cases import editions, worklists
from lianban.cases.models import PaymentBatchRecord, PaymentRecord
from lianban.cases.paying import State
from lianban.cases.queries import CaseView
from lianban.catalogue.payment import Payment
from lianban.catalogue.subsidy import yuan

#: The lists by state, in the order of work.
SHOWS = ("computed", "approved", "in_batch", "returned", "paid")


@dataclass(frozen=True)
class PaymentView:
    """One payment as it is shown."""

    id: UUID
    case_id: UUID
    case_number: str
    name: str
    item: int
    item_name: str
    district_name: str
    state: str
    state_word: str
    since: datetime
    amount: str
    digest: str
    #: label, value, source, verified.
    steps: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, str]
    days_not_counted: int
    reason: str
    #: Whether the city has confirmed every figure.
    verified: bool
    account_tail: str
    account_warning: str
    computed_by: str
    computed_by_id: UUID
    computed_at: datetime
    approved_by: str
    approved_at: datetime | None
    batch_id: UUID | None
    batch_number: str
    reference: str
    paid_on: date | None
    return_reason: str


@dataclass(frozen=True)
class BatchView:
    """One list for the finance office."""

    id: UUID
    number: str
    district_name: str
    made_by: str
    made_at: datetime
    count: int
    total: str
    digest: str


def payment_of(view: CaseView, number: int) -> Payment | None:
    """The plan's words for the money of an item, if it pays."""
    return view.edition.item(number).payment


def of_item(view: CaseView, number: int) -> PaymentView | None:
    """The payment of an item that stands."""
    rows = _rows().filter(case_id=view.id, item=number).exclude(state=State.REPLACED)
    row = rows.first()
    return _view(row) if row else None


def earlier(view: CaseView, number: int) -> list[PaymentView]:
    """What was computed or sent before, newest first."""
    rows = _rows().filter(case_id=view.id, item=number, state=State.REPLACED)
    return [_view(row) for row in rows.order_by("-computed_at", "-since")]


def one(payment_id: UUID) -> PaymentView:
    """One payment, for those who made it. Raises `DoesNotExist`."""
    return _view(_rows().get(id=payment_id))


def by_digest(case_id: UUID, digest: str) -> PaymentView | None:
    """The payment that an event names."""
    row = _rows().filter(case_id=case_id, digest=digest).order_by("computed_at").first()
    return _view(row) if row else None


def listed(
    *, actor: Actor, show: str, after: str = "", before: str = ""
) -> worklists.Page[PaymentView]:
    """The payments of the actor's office in one state; what waits longest is first."""
    rows = _own(actor).filter(state=show)
    newest_first = show == State.PAID
    page = worklists.paged(rows, "since", newest_first, after, before)
    return worklists.Page([_view(row) for row in page.rows], page.next, page.previous)


def counts(*, actor: Actor) -> dict[str, int]:
    """How many payments are in each state."""
    rows = _own(actor).order_by().values_list("state").annotate(n=Count("id"))
    return dict(rows)


def batches(*, actor: Actor, after: str = "", before: str = "") -> worklists.Page[BatchView]:
    """The lists of the actor's office, newest first."""
    rows = PaymentBatchRecord.objects.select_related("district", "made_by").defer("content")
    rows = rows.filter(district_id__in=actor.districts, department=actor.department or "")
    page = worklists.paged(rows, "made_at", True, after, before)
    return worklists.Page([_batch(row) for row in page.rows], page.next, page.previous)


def of_batch(row: PaymentBatchRecord) -> tuple[BatchView, list[PaymentView]]:
    """A list that the actor may see, with its payments as they stand now."""
    rows = _rows().filter(batch_id=row.id).order_by("reference")
    return _batch(row), [_view(each) for each in rows]


def money(fen: int) -> str:
    """An amount in yuan, thousands apart, two digits."""
    return yuan(Decimal(fen) / 100)


def _own(actor: Actor) -> Any:
    return _rows().filter(district_id__in=actor.districts, department=actor.department or "")


def _rows() -> Any:
    related = ("case__person", "district", "computed_by", "approved_by", "batch")
    return PaymentRecord.objects.select_related(*related).defer("account", "batch__content")


def _view(row: PaymentRecord) -> PaymentView:
    edition = editions.pinned(row.case.edition_id, row.case.edition_hash)
    kept = row.breakdown
    word = row.get_state_display()
    returned = row.state == State.REPLACED and row.return_reason
    return PaymentView(
        id=row.id,
        case_id=row.case_id,
        case_number=row.case.case_number,
        name=row.case.person.name,
        item=row.item,
        item_name=edition.item(row.item).short_name,
        district_name=row.district.name,
        state=row.state,
        state_word="银行退回，已重新付" if returned else word,
        since=row.since,
        amount=money(row.amount_fen),
        digest=row.digest,
        steps=tuple(kept["steps"]),
        facts=_facts(edition.item(row.item).payment, kept["facts"]),
        days_not_counted=kept["days_not_counted"],
        reason=kept["reason"],
        verified=kept["verified"],
        account_tail=row.account_tail,
        account_warning=row.account_warning,
        computed_by=row.computed_by.name,
        computed_by_id=row.computed_by_id,
        computed_at=row.computed_at,
        approved_by=row.approved_by.name if row.approved_by else "",
        approved_at=row.approved_at,
        batch_id=row.batch_id,
        batch_number=row.batch.number if row.batch else "",
        reference=row.reference,
        paid_on=row.paid_on,
        return_reason=row.return_reason,
    )


def _facts(payment: Payment | None, chosen: Mapping[str, str]) -> dict[str, str]:
    """What was established, in words."""
    known = {fact.code: fact for fact in payment.facts} if payment else {}
    return {known[c].label: known[c].label_of(v) for c, v in chosen.items() if c in known}


def _batch(row: PaymentBatchRecord) -> BatchView:
    return BatchView(
        id=row.id,
        number=row.number,
        district_name=row.district.name,
        made_by=row.made_by.name,
        made_at=row.made_at,
        count=row.count,
        total=money(row.total_fen),
        digest=row.digest,
    )
