"""What a payment rests on: the plan's words, the person's newest form, and what an officer established."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from stdnum import luhn

from lianban import vault
from lianban.accounts.person_name import searchable
from lianban.cases import editions, forms
from lianban.cases.content import Content
from lianban.cases.models import (
    FormVersionRecord,
    JointCaseRecord,
    PaymentRecord,
    PersonRecord,
)
from lianban.cases.store import Loaded
from lianban.catalogue import subsidy
from lianban.catalogue.payment import Payment
from lianban.catalogue.subsidy import Computed, NotPayable
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry

State = PaymentRecord.State
#: From here on the amount stands.
APPROVED = (State.APPROVED, State.IN_BATCH, State.PAID, State.RETURNED)
_PLACE = {"table": "cases_paymentrecord", "column": "account"}
LUHN = "卡号的校验位对不上，请照卡面再核对一遍"


@dataclass(frozen=True)
class Account:
    """Where the money goes. Never printed whole."""

    holder: str
    bank: str
    number: str = field(repr=False)

    @property
    def tail(self) -> str:
        """The last four digits, as it is shown."""
        return self.number[-4:]

    @property
    def warning(self) -> str:
        """What to look at again: bank cards end with a check digit (ISO/IEC 7812-1), books do not."""
        return "" if luhn.is_valid(self.number) else LUHN

    def sealed(self, row: UUID) -> bytes:
        """The account, sealed to its payment."""
        data = {"holder": self.holder, "bank": self.bank, "number": self.number}
        text = json.dumps(data, ensure_ascii=False)
        return vault.encrypt(text.encode(), **_PLACE, row=str(row))


def account_of(row: PaymentRecord) -> Account:
    """The account of a payment. Raises `vault.Unreadable`."""
    opened = vault.decrypt(bytes(row.account), **_PLACE, row=str(row.id))
    return Account(**json.loads(opened))


@dataclass(frozen=True)
class Basis:
    """The plan's words for one item of one case, and the form as it is now."""

    payment: Payment
    content: Content
    form_hash: str

    @property
    def account(self) -> Account:
        """The account that the form names."""
        fields, payment = self.content.fields, self.payment
        number = fields.get(payment.account, "").replace(" ", "")
        return Account(fields.get(payment.holder, ""), fields.get(payment.bank, ""), number)

    def day(self, code: str) -> date:
        """A date of the form. Raises `Refused('form_incomplete')`."""
        try:
            return date.fromisoformat(self.content.fields.get(code, ""))
        except ValueError as error:
            raise Refused("form_incomplete", "表里缺入伍或退伍的日子，请本人先补上") from error

    def period(self) -> str:
        """The period for which the person is paid once."""
        if self.payment.once == "discharge_year":
            return str(self.day(self.payment.service_until).year)
        return self.payment.once

    def computed(self, facts: Mapping[str, str], days_not_counted: int) -> Computed:
        """The amount. Raises `Refused` with the code and words of `NotPayable`."""
        try:
            return subsidy.compute(
                self.payment,
                answers=self.content.answers,
                facts=facts,
                enlisted=self.day(self.payment.service_from),
                discharged=self.day(self.payment.service_until),
                days_not_counted=days_not_counted,
            )
        except NotPayable as problem:
            raise Refused(problem.code, str(problem)) from problem


#: The topic of the outbox, and the plan's word for who pays.
TOPIC = "payment"


def bank_of(case: JointCaseRecord) -> str:
    """The partner that pays by the plan of this case; empty: the finance office's list is all."""
    edition = editions.pinned(case.edition_id, case.edition_hash)
    return edition.partners.services.get(TOPIC, "")


@dataclass(frozen=True)
class Order:
    """One payment that the bank is asked for. Personal values."""

    payment_id: UUID
    account: Account
    amount_fen: int
    #: What it is for, in the plan's words.
    purpose: str


def ordered(*, case_id: UUID, sequence: int) -> Order | None:
    """The payment that this event of the case ordered; None where it was answered meanwhile.

    Raises `vault.Unreadable`.
    """
    entry = JournalEntry.objects.filter(case_id=case_id, sequence=sequence).first()
    said = json.loads(entry.body) if entry else {}
    rows = PaymentRecord.objects.filter(
        case_id=case_id,
        item=int(said.get("item") or 0),
        digest=said.get("digest", ""),
        batch__number=said.get("batch", ""),
        state=State.IN_BATCH,
    )
    row = rows.select_related("case").first()
    if row is None:
        return None
    edition = editions.pinned(row.case.edition_id, row.case.edition_hash)
    payment = edition.item(row.item).payment
    purpose = payment.name if payment else ""
    return Order(row.id, account_of(row), row.amount_fen, purpose)


def payment_of(loaded: Loaded, item: int) -> Payment:
    """The plan's words for the money of an item. Raises `Refused('unknown_case')` where it pays none."""
    found = loaded.edition.item(item).payment if item in loaded.case.sub_cases else None
    if found is None:
        raise Refused("unknown_case", "这一项不发钱")
    return found


def basis(loaded: Loaded, item: int) -> Basis:
    """What the payment of an item rests on now. Raises `Refused` (`unknown_case`, `erased`)."""
    payment = payment_of(loaded, item)
    versions = FormVersionRecord.objects.filter(case_id=loaded.case_id, wrapped_key__isnull=False)
    newest = versions.order_by("-version").first()
    content = forms.by_digest(loaded.case_id, newest.digest) if newest else None
    if newest is None or content is None:
        raise Refused("erased", "表单内容已经按规定删除，不能核算")
    return Basis(payment, content, newest.digest)


def require_own_account(person: PersonRecord, account: Account) -> None:
    """Raise `Refused('other_holder')` unless the account is said to be the person's own."""
    if searchable(name=account.holder) != searchable(name=person.name):
        raise Refused("other_holder", "收款账户必须是本人的，户名和本人姓名不一样")
    if not account.number or not account.bank:
        raise Refused("no_account", "表里没有本人的银行卡号和开户银行，请本人先补上")


def breakdown(
    computed: Computed, facts: Mapping[str, str], days: int, reason: str
) -> dict[str, Any]:
    """How an amount came about, as it is kept: no date, name or number of the person."""
    service = computed.service
    return {
        "facts": dict(facts),
        "days_not_counted": days,
        "reason": reason,
        "service": [service.years, service.months, service.days],
        "years": str(computed.years),
        "standard": computed.standard.code,
        "formula": computed.formula,
        "verified": computed.verified,
        "steps": [
            {
                "label": step.label,
                "value": step.value,
                "source": step.figure.source if step.figure else "",
                "verified": step.figure.verified if step.figure else True,
            }
            for step in computed.steps
        ],
    }


def digest(case_id: UUID, item: int, fen: int, kept: Mapping[str, Any]) -> str:
    """The keyed digest by which the journal names an amount: nobody can guess the amount from it."""
    text = json.dumps([str(case_id), item, fen, kept], ensure_ascii=False, sort_keys=True)
    return vault.blind_index(text, purpose="payment").hex()


def current(case_id: UUID, item: int) -> PaymentRecord | None:
    """The payment that stands, if one was computed."""
    rows = PaymentRecord.objects.filter(case_id=case_id, item=item)
    return rows.exclude(state=State.REPLACED).first()


def is_outdated(loaded: Loaded, row: PaymentRecord) -> bool:
    """Whether the form says something else by now than what was computed."""
    now, kept = basis(loaded, row.item), row.breakdown
    try:
        computed = now.computed(kept["facts"], kept["days_not_counted"])
    except Refused:
        return True
    again = breakdown(computed, kept["facts"], kept["days_not_counted"], kept["reason"])
    same = digest(row.case_id, row.item, computed.fen, again) == row.digest
    return not same or account_of(row) != now.account


def require_amount(loaded: Loaded, command: c.Command) -> None:
    """Raise `Refused` where an item that pays would be granted without an approved amount."""
    if not isinstance(command, c.Grant) or loaded.edition.item(command.item).payment is None:
        return
    row = current(loaded.case_id, command.item)
    if row is None or row.state not in APPROVED:
        raise Refused("amount_not_approved", "先核算金额，由另一个人复核，再准予")
    if row.state == State.APPROVED and is_outdated(loaded, row):
        raise Refused("amount_outdated", "核算以后表里的内容改过，请重新核算，再准予")
