"""Computing and approving what a person is paid: two people, from the form and the dossier."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from lianban.accounts.actor import Actor
from lianban.cases import impersonal, paying, store
from lianban.cases.models import JointCaseRecord, PaymentRecord
from lianban.cases.paying import State
from lianban.cases.services import record
from lianban.engine import records as r
from lianban.engine.refusal import Refused
from lianban.engine.states import AT_WORK
from lianban.engine.states import State as ItemState

#: The most days that can be left out: a service of decades.
MOST_DAYS = 20_000
_SENT = (State.IN_BATCH, State.PAID)
_COMPUTABLE = AT_WORK | {ItemState.SUSPENDED, ItemState.CORRECTION_DUE}


def compute(
    *,
    case_id: UUID,
    item: int,
    facts: Mapping[str, str],
    days_not_counted: int,
    reason: str,
    actor: Actor,
    at: datetime,
) -> UUID:
    """Compute the amount of an item from the newest form; the id of the payment.

    `facts` is what the officer established, by the plan's codes; `reason` says why days are not
    counted. An earlier amount that was not sent yet is replaced and kept; the same one again changes
    nothing. Raises `Refused` (`not_permitted`, `not_ready`, `already_ordered`, `excluded`,
    `no_standard`, `dates`, `other_holder`, `no_account`, `paid_elsewhere`).
    """
    _require_days(days_not_counted, reason, at)
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        payment = paying.payment_of(loaded, item)
        record.authorise(loaded, "compute_amount", actor, item=item)
        _require_computable(loaded, item)
        basis = paying.basis(loaded, item)
        asked = {fact.code for fact in payment.asked(basis.content.answers)}
        chosen = {code: value for code, value in facts.items() if code in asked}
        row = _row(loaded, item, basis, chosen, days_not_counted, reason, actor, at)
        before = paying.current(case_id, item)
        if before is not None:
            if _is_same(before, row, basis):
                return before.id
            _replace(before, at)
        _insert(row)
        record.write(raw, loaded, r.AmountComputed(at, item, row.digest), actor=actor, at=at)
        return row.id


def approve(*, case_id: UUID, item: int, digest: str, actor: Actor, at: datetime) -> None:
    """Approve the amount that the officer saw (`digest` names it). Repeating changes nothing.

    Raises `Refused` (`not_permitted`, `stale`, `same_person`, `amount_outdated`).
    """
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        paying.payment_of(loaded, item)
        record.authorise(loaded, "approve_amount", actor, item=item)
        row = paying.current(case_id, item)
        if row is None or row.digest != digest:
            raise Refused("stale", "金额刚重新核算过，请看过最新的再复核")
        if row.state in paying.APPROVED:
            return
        if row.computed_by_id == actor.user_id:
            raise Refused("same_person", "核算和复核要两个人，请另一位同事或负责人复核")
        if paying.is_outdated(loaded, row):
            raise Refused("amount_outdated", "核算以后表里的内容改过，请重新核算")
        row.state, row.since = State.APPROVED, at
        row.approved_by_id, row.approved_at = actor.user_id, at
        row.save(update_fields=["state", "since", "approved_by", "approved_at"])
        record.write(raw, loaded, r.AmountApproved(at, item, row.digest), actor=actor, at=at)


def _require_days(days: int, reason: str, at: datetime) -> None:
    if not 0 <= days <= MOST_DAYS:
        raise Refused("dates", f"不计的天数请写 0 到 {MOST_DAYS} 的整数")
    if days and not reason.strip():
        raise Refused("no_reason", "有不计的天数，请写明为什么")
    if len(reason) > 200:
        raise Refused("too_long", "原因最多 200 个字")
    impersonal.require(reason, today=at.date())


def _require_computable(loaded: store.Loaded, item: int) -> None:
    sub = loaded.case.sub_cases[item]
    row = paying.current(loaded.case_id, item)
    if row is not None and row.state in _SENT:
        raise Refused("already_ordered", "这一笔已经送财政付款，不能重新核算")
    if row is not None and row.state == State.RETURNED:
        return
    if sub.state not in _COMPUTABLE:
        ended = sub.ended or sub.outcome is not None
        words = "这一项已经有了决定，不再核算" if ended else "前面的事项还没办好，还不能核算"
        raise Refused("ended" if ended else "not_ready", words)


def _row(
    loaded: store.Loaded,
    item: int,
    basis: paying.Basis,
    facts: Mapping[str, str],
    days: int,
    reason: str,
    actor: Actor,
    at: datetime,
) -> PaymentRecord:
    case = JointCaseRecord.objects.select_related("person").get(id=loaded.case_id)
    account = basis.account
    paying.require_own_account(case.person, account)
    computed = basis.computed(facts, days)
    assert actor.user_id
    kept = paying.breakdown(computed, facts, days, reason.strip())
    row_id = uuid.uuid4()
    return PaymentRecord(
        id=row_id,
        case=case,
        item=item,
        district_id=loaded.district,
        department=loaded.case.sub_cases[item].department,
        state=State.COMPUTED,
        since=at,
        person_index=bytes(case.person.identity_index),
        item_code=loaded.edition.item(item).code,
        period=basis.period(),
        amount_fen=computed.fen,
        breakdown=kept,
        digest=paying.digest(loaded.case_id, item, computed.fen, kept),
        form_hash=basis.form_hash,
        computed_by_id=actor.user_id,
        computed_at=at,
        **account_columns(account, row_id),
    )


def account_columns(account: paying.Account, row_id: UUID) -> dict[str, Any]:
    """The columns of a payment that say where it goes."""
    return {
        "account": account.sealed(row_id),
        "account_tail": account.tail,
        "account_warning": account.warning,
    }


def _is_same(before: PaymentRecord, row: PaymentRecord, basis: paying.Basis) -> bool:
    alive = before.state in (State.COMPUTED, State.APPROVED)
    return alive and before.digest == row.digest and paying.account_of(before) == basis.account


def _replace(before: PaymentRecord, at: datetime) -> None:
    before.state, before.since = State.REPLACED, at
    before.save(update_fields=["state", "since"])


def _insert(row: PaymentRecord) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(
            "paid_elsewhere",
            "这个人的这一笔，别的办件已经核算或发过了，不能再发。请查一下以前的办件",
        ) from error
