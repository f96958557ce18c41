"""Changing the account that money goes to: by the person alone, who is verified once more."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from lianban.accounts import services as accounts
from lianban.accounts.actor import Actor
from lianban.accounts.person_name import searchable
from lianban.cases import form_rules, forms, paying, store
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord, PaymentRecord
from lianban.cases.paying import Account, State
from lianban.cases.services import payments, record
from lianban.engine import records as r
from lianban.engine.case import SubCase
from lianban.engine.refusal import Refused
from lianban.engine.states import Outcome
from lianban.engine.states import State as ItemState

_GONE = frozenset({ItemState.WITHDRAWN, ItemState.TERMINATED, ItemState.REFUSED})


@dataclass(frozen=True)
class ByCode:
    """The person typed the code that was sent to the account's phone."""

    code: str
    #: The network address of the caller, for the limits.
    address: str


@dataclass(frozen=True)
class ByPapers:
    """The clerk has the person there, and has seen both."""

    identity_card: bool
    bank_card: bool


Proof = ByCode | ByPapers


def change(
    *, case_id: UUID, item: int, account: Account, proof: Proof, actor: Actor, at: datetime
) -> None:
    """Let the money of an item go to another account of the person, in a new form version.

    Refused while the money is on its way or was paid. What a bank returned may be sent again, by the
    amount that was approved. Raises `Refused` (`not_permitted`, `in_batch`, `already_paid`, `ended`,
    `form_incomplete` with complaints by field, `wrong_code`, `not_seen`, `no_phone`).
    """
    with store.begun() as raw:
        _prepared(store.load(raw, case_id), item, account, actor, at)
    _require(proof, actor, at)  # counts the try, so it must not be rolled back
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        content = _prepared(loaded, item, account, actor, at)
        form_hash = forms.add_version(case_id=case_id, content=content, at=at)
        row = paying.current(case_id, item)
        if row is not None:
            _redirect(row, paying.basis(loaded, item).account, form_hash, at)
        how = "phone_code" if isinstance(proof, ByCode) else "papers_seen"
        record.write(raw, loaded, r.AccountChanged(at, item, form_hash, how), actor=actor, at=at)


def refusal(*, state: str, is_ended: bool) -> Refused | None:
    """Why the account cannot be changed while the payment is in `state`; None when it can."""
    if state == State.IN_BATCH:
        return Refused("in_batch", "这一笔已经送财政付款，有了结果才能改账户")
    if state == State.PAID:
        return Refused("already_paid", "这一笔已经到账，不用再改账户")
    return Refused("ended", "这一项已经结束，不再付款") if is_ended else None


def is_ended(sub: SubCase) -> bool:
    """Whether nothing will be paid for a sub-case any more."""
    return sub.outcome is Outcome.DENIED or sub.state in _GONE


def _prepared(
    loaded: store.Loaded, item: int, account: Account, actor: Actor, at: datetime
) -> Content:
    payment = paying.payment_of(loaded, item)
    record.authorise(loaded, "change_account", actor)
    row = paying.current(loaded.case_id, item)
    ended = is_ended(loaded.case.sub_cases[item])
    no = refusal(state=row.state if row else "", is_ended=ended)
    if no is not None:
        raise no
    known = paying.basis(loaded, item).content
    person = JointCaseRecord.objects.select_related("person").get(id=loaded.case_id).person
    number = account.number.replace(" ", "")
    values = known.fields | {payment.account: number, payment.bank: account.bank.strip()}
    plan = known.plan(loaded.edition)
    found = form_rules.complaints(plan, values, today=at.date())
    wrong = {code: found[code] for code in (payment.account, payment.bank) if code in found}
    if searchable(name=account.holder) != searchable(name=person.name):
        wrong["holder"] = "户名和您的姓名不一样。钱只能打到本人的账户"
    if wrong:
        raise Refused("form_incomplete", "还有没填好的地方", complaints=wrong)
    return replace(known, fields=form_rules.complete(plan, values, today=at.date()))


def _require(proof: Proof, actor: Actor, at: datetime) -> None:
    if isinstance(proof, ByPapers):
        if actor.kind != "officer":
            raise Refused("not_permitted", "请用手机验证码，或者到窗口改")
        if not (proof.identity_card and proof.bank_card):
            raise Refused("not_seen", "请核对本人身份证件和本人银行卡，两样都看过才能改")
        return
    if actor.kind == "officer" or actor.user_id is None:
        raise Refused("no_phone", "没有绑定手机的，请带身份证和银行卡到窗口改")
    accounts.confirm_code(user_id=actor.user_id, code=proof.code, address=proof.address, at=at)


def _redirect(row: PaymentRecord, account: Account, form_hash: str, at: datetime) -> None:
    """Send the payment to the new account; one that came back is kept, a new one takes its place."""
    if row.state == State.RETURNED:
        PaymentRecord.objects.filter(id=row.id).update(state=State.REPLACED)
        row.pk = row.id = uuid.uuid4()
        row._state.adding = True
        row.state, row.since = State.APPROVED, at
        row.batch, row.reference, row.return_reason = None, "", ""
    for name, value in payments.account_columns(account, row.id).items():
        setattr(row, name, value)
    row.form_hash = form_hash
    row.save()
