"""Invented people's money: computed, approved by somebody else, sent, paid or returned."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases import payment_lists
from lianban.cases.payment_lists import PaymentView
from lianban.cases.services import payment_answers, payment_orders, payments
from lianban.cases.services.payment_answers import Answer
from lianban.catalogue.model import Edition
from lianban.engine.refusal import Refused

#: Somebody looks the amount over within so long.
_LOOKED_OVER = timedelta(hours=30)
#: One in so many comes back from the bank, and one in so many had days that do not count.
_RETURNED, _STAYED_ON = 5, 6


def settle_amount(
    case_id: UUID,
    item: int,
    *,
    edition: Edition,
    computes: Actor,
    approves: Actor,
    at: datetime,
    until: datetime,
    number: int,
) -> None:
    """Compute what an item pays and let another officer approve it, unless that is yet to come."""
    payment = edition.item(item).payment
    if payment is None:
        return
    days = 12 if number % _STAYED_ON == 0 else 0
    try:
        computed = payments.compute(
            case_id=case_id,
            item=item,
            facts={fact.code: fact.choices[0][0] for fact in payment.facts},
            days_not_counted=days,
            reason="档案记载，滞留部队" if days else "",
            actor=computes,
            at=at,
        )
        if at + _LOOKED_OVER < until:
            digest = payment_lists.one(computed).digest
            payments.approve(case_id=case_id, item=item, digest=digest, actor=approves, at=at)
    except Refused:
        return


def pay_all(bureaus: Iterable[Actor], *, at: datetime) -> None:
    """In each county the older half was paid or came back, some are on the way, the rest waits."""
    for bureau in bureaus:
        waiting = payment_lists.listed(actor=bureau, show="approved").rows
        half, rest = len(waiting) - len(waiting) // 2, len(waiting) // 4
        sent = _ordered(waiting[:half], bureau, at)
        if sent is not None:
            _answered(sent, bureau, at)
        _ordered(waiting[half : half + rest], bureau, at)


def _ordered(rows: list[PaymentView], bureau: Actor, at: datetime) -> UUID | None:
    if not rows:
        return None
    when = min(at, max(row.since for row in rows) + timedelta(days=1))
    ids = [row.id for row in rows]
    return payment_orders.order(payment_ids=ids, actor=bureau, at=when).batch_id


def _answered(batch_id: UUID, bureau: Actor, at: datetime) -> None:
    record = payment_orders.find(batch_id=batch_id, actor=bureau)
    batch, rows = payment_lists.of_batch(record)
    when = min(at, batch.made_at + timedelta(days=3))
    answers = [
        Answer(row.reference, "", "账户状态不正常")
        if place % _RETURNED == _RETURNED - 1 or (len(rows) > 1 and place == len(rows) - 1)
        else Answer(row.reference, when.date().isoformat())
        for place, row in enumerate(rows)
    ]
    payment_answers.settle(batch_id=batch_id, answers=answers, actor=bureau, at=when)
