"""The money of one item as the person sees it: how much, how it was computed, where it goes, when."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from lianban.cases import payment_lists, queries
from lianban.cases.payment_lists import PaymentView
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.services import bank_account
from lianban.catalogue.payment import Payment
from lianban.web.components import dates


@dataclass(frozen=True)
class Money:
    """What an item pays the person."""

    name: str
    now: PaymentView | None
    #: Where it stands, in one sentence.
    words: str
    #: The account's last four digits, from the form where nothing was computed yet.
    tail: str
    when_paid: str
    is_when_verified: bool
    #: Where the account is changed; empty while it cannot be.
    change_href: str
    #: Why it cannot be changed now.
    fixed: str

    @property
    def shows_amount(self) -> bool:
        """An amount is told once somebody else has approved it."""
        return self.now is not None and self.now.state != "computed"

    @property
    def wants_account(self) -> bool:
        """Whether the bank sent the money back."""
        return self.now is not None and self.now.state == "returned"


def of_item(view: CaseView, shown: ItemView) -> Money | None:
    """The money of an item; None for an item that pays none, or will not."""
    payment = shown.item.payment
    now = payment_lists.of_item(view, shown.sub.number)
    if payment is None or (now is None and bank_account.is_ended(shown.sub)):
        return None
    fixed = why_fixed(shown, now)
    href = reverse("applicant:my_account", args=[view.id, shown.sub.number])
    return Money(
        name=payment.name,
        now=now,
        words=_words(now),
        tail=now.account_tail if now else _declared(view, payment)[-4:],
        when_paid=payment.when_paid,
        is_when_verified=payment.when_paid_figure.verified,
        change_href="" if fixed else href,
        fixed=fixed,
    )


def why_fixed(shown: ItemView, now: PaymentView | None) -> str:
    """Why the account cannot be changed now; empty when it can."""
    no: Any = bank_account.refusal(
        state=now.state if now else "", is_ended=bank_account.is_ended(shown.sub)
    )
    return no.message if no else ""


def _declared(view: CaseView, payment: Payment) -> str:
    return queries.content(view).fields.get(payment.account, "")


def _words(now: PaymentView | None) -> str:
    if now is None:
        return "还没有核算。前面的事办好了，退役军人事务部门核算"
    since = dates.short_day(now.since)
    return {
        "computed": f"{since}核算了，等另一个人复核",
        "approved": f"{since}核定了。准予以后送财政付款",
        "in_batch": f"{since}送财政付款了，钱打到您的账户",
        "paid": f"{dates.short_day(now.paid_on)}到账" if now.paid_on else "到账了",
        "returned": f"{since}银行退回：{now.return_reason}。请改收款账户，改好了再付",
    }.get(now.state, now.state_word)
