"""Sending approved amounts to the finance office: one numbered list, sealed as it was sent."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from lianban import vault
from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.accounts.models import District, Office
from lianban.cases import forms, paying, payment_file, store
from lianban.cases.models import PaymentBatchRecord, PaymentRecord, ViewRecord
from lianban.cases.paying import State
from lianban.cases.services import record
from lianban.cases.services.dossiers import RowResult
from lianban.engine import records as r
from lianban.engine.refusal import Refused
from lianban.engine.states import Outcome

#: The most payments on one list.
MOST = 500
_PLACE = {"table": "cases_paymentbatchrecord", "column": "content"}


@dataclass(frozen=True)
class Ordered:
    """A list, or none when nothing could be paid, and what became of each payment."""

    batch_id: UUID | None
    number: str
    rows: list[RowResult]


@dataclass(frozen=True)
class _Ready:
    row: PaymentRecord
    loaded: store.Loaded


@transaction.atomic
def order(*, payment_ids: Iterable[UUID], actor: Actor, at: datetime) -> Ordered:
    """Put approved payments of granted items on one list for the finance office.

    What cannot be paid is left out with its reason; what was sent before leads to its own list, so
    that a second click finds the first one's. Raises `Refused`.
    """
    wanted = set(payment_ids)
    if not wanted:
        raise Refused("nothing_chosen", "请至少选一笔")
    if len(wanted) > MOST:
        raise Refused("too_many", f"一张清单最多 {MOST} 笔，现在选了 {len(wanted)} 笔")
    assert actor.district is not None
    # no key lock: writers of cases hold the district as theirs, and we wait for them below
    District.objects.select_for_update(no_key=True).get(code=actor.district)
    found = PaymentRecord.objects.filter(
        id__in=wanted, district_id__in=actor.districts, department=actor.department or ""
    )
    results, ready, earlier = [], [], None
    with store.begun() as raw:
        for case_id, row_id in found.order_by("case_id", "item").values_list("case_id", "id"):
            loaded = store.load(raw, case_id)
            row = _fresh(row_id)
            earlier = earlier or row.batch
            results.append(_judged(loaded, row, actor))
            if results[-1].done:
                ready.append(_Ready(row, loaded))
        if not ready:
            return Ordered(
                earlier.id if earlier else None, earlier.number if earlier else "", results
            )
        batch = _made(ready, actor, at)
        for one in ready:
            event = r.PaymentOrdered(at, one.row.item, batch.number, one.row.digest)
            record.write(raw, one.loaded, event, actor=actor, at=at)
    return Ordered(batch.id, batch.number, results)


def open_file(*, batch_id: UUID, actor: Actor, at: datetime) -> tuple[str, bytes]:
    """The list's number and its XLSX; that it was opened is kept for every person on it.

    Raises `Refused('unknown_case')` for what the actor may not see.
    """
    batch = find(batch_id=batch_id, actor=actor)
    content = vault.decrypt(bytes(batch.content), **_PLACE, row=str(batch.id))
    cases = sorted(set(batch.payments.values_list("case_id", flat=True)))
    ViewRecord.objects.bulk_create(
        ViewRecord(case_id=case, user_id=actor.user_id, what=f"payments:{batch.number}", at=at)
        for case in cases
    )
    return batch.number, content


def find(*, batch_id: UUID, actor: Actor) -> PaymentBatchRecord:
    """A list of the actor's office. Raises `Refused('unknown_case')`."""
    found = PaymentBatchRecord.objects.filter(
        id=batch_id, district_id__in=actor.districts, department=actor.department or ""
    ).first()
    if found is None or not may_order(actor, found.district_id):
        raise Refused("unknown_case", "没有这张付款清单")
    return found


def may_order(actor: Actor, district: str) -> bool:
    """Whether the actor may make and see lists of payments in a district."""
    about = permissions.Subject(
        district=district, lead_department="", item_department=actor.department or ""
    )
    return permissions.allows(actor=actor, command="order_payment", subject=about)


def _fresh(row_id: UUID) -> PaymentRecord:
    """The payment as it is now that its case is locked."""
    rows = PaymentRecord.objects.select_related("case__person", "batch")
    return rows.get(id=row_id)


def _judged(loaded: store.Loaded, row: PaymentRecord, actor: Actor) -> RowResult:
    label = f"{row.case.person.name} {row.case.case_number}"
    try:
        record.authorise(loaded, "order_payment", actor, item=row.item)
        _require_payable(loaded, row)
    except Refused as refusal:
        return RowResult(label, False, refusal.message)
    return RowResult(label, True, "已列入清单")


def _require_payable(loaded: store.Loaded, row: PaymentRecord) -> None:
    if row.batch is not None and row.state in (State.IN_BATCH, State.PAID, State.RETURNED):
        raise Refused("already_ordered", f"早就送过了，在 {row.batch.number} 里")
    if row.state != State.APPROVED:
        raise Refused("amount_not_approved", "金额还没有复核")
    if loaded.case.sub_cases[row.item].outcome is not Outcome.GRANTED:
        raise Refused("not_granted", "这一项还没有准予，准予以后再付款")
    if paying.is_outdated(loaded, row):
        raise Refused("amount_outdated", "核定以后表里的日期或账户改过，请重新核算")
    paying.require_own_account(row.case.person, paying.account_of(row))


def _made(ready: list[_Ready], actor: Actor, at: datetime) -> PaymentBatchRecord:
    assert actor.district and actor.user_id
    number, batch_id = _number(actor, at), uuid.uuid4()
    for place, one in enumerate(ready, start=1):
        one.row.reference = f"{number}-{place:03d}"
    content = payment_file.write(
        number=number,
        office=_office(actor),
        by=actor.name,
        at=at,
        what="、".join(dict.fromkeys(_what(one) for one in ready)),
        lines=[_line(one.row) for one in ready],
    )
    batch = PaymentBatchRecord.objects.create(
        id=batch_id,
        number=number,
        district_id=actor.district,
        department=actor.department or "",
        made_by_id=actor.user_id,
        made_at=at,
        count=len(ready),
        total_fen=sum(one.row.amount_fen for one in ready),
        content=vault.encrypt(content, **_PLACE, row=str(batch_id)),
        digest=hashlib.sha256(content).hexdigest(),
    )
    for one in ready:
        one.row.batch, one.row.state, one.row.since = batch, State.IN_BATCH, at
        one.row.save(update_fields=["batch", "state", "since", "reference"])
    return batch


def _what(one: _Ready) -> str:
    return paying.payment_of(one.loaded, one.row.item).name


def _line(row: PaymentRecord) -> payment_file.Line:
    account: Any = paying.account_of(row)
    person = row.case.person
    number = forms.open_identity(
        bytes(person.identity_number), table="cases_personrecord", row=person.id
    )
    return payment_file.Line(
        row.reference, person.name, number, account.bank, account.number, row.amount_fen
    )


def _number(actor: Actor, at: datetime) -> str:
    """`FK`, the day, the district and the day's serial; the locked district keeps it unique."""
    start = f"FK{at:%Y%m%d}-{actor.district}-"
    return f"{start}{PaymentBatchRecord.objects.filter(number__startswith=start).count() + 1:02d}"


def _office(actor: Actor) -> str:
    office = Office.objects.filter(department=actor.department, district_id=actor.district).first()
    return office.name if office else ""
