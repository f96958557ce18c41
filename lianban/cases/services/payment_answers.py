"""What the finance office answers: paid on a day, or returned by the bank; row by row, nothing lost."""

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.db import transaction

from lianban.accounts import sheets
from lianban.accounts.actor import Actor
from lianban.cases import impersonal, paying, payment_file, store
from lianban.cases.models import PaymentRecord
from lianban.cases.paying import State
from lianban.cases.services import payment_orders, record
from lianban.cases.services.dossiers import RowResult
from lianban.engine import records as r
from lianban.engine.refusal import Refused

#: The most rows that one answer holds.
MOST = 1000
#: What is said where the bank gives no reason that may be told.
_RETURNED = "银行退回"
_NUMBER = re.compile(r"FK[0-9]{8}-[0-9]+-[0-9]+-[0-9]+", re.IGNORECASE)
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")


@dataclass(frozen=True)
class Answer:
    """One row of the finance office's answer, as it was written."""

    reference: str
    paid_on: str = ""
    returned: str = ""
    #: The amount, where the table has it; it must be the one that was sent.
    amount: str = ""

    def as_line(self) -> str:
        """The row as it is pasted."""
        return " ".join(part for part in (self.reference, self.paid_on, self.returned) if part)


def read_table(content: bytes, *, name: str) -> list[Answer]:
    """The filled-in list. Raises `Refused('bad_file')`; rows without an answer are left out."""
    for _, grid in sheets.read(content, name=name):
        rows = [[sheets.text(_plain(cell)) for cell in row] for row in grid]
        head = next((i for i, row in enumerate(rows) if payment_file.REFERENCE in row), None)
        if head is not None:
            return _answers(rows[head], rows[head + 1 :])
    message = f"没有找到“{payment_file.REFERENCE}”这一列，请用下载的清单填好再传"
    raise Refused("bad_file", message, reason="no_column")


def read_lines(text: str) -> list[Answer]:
    """Pasted rows: number, then a date or the reason of the return, or both."""
    found = []
    for line in io.StringIO(text):
        words = line.replace("\t", " ").strip()
        if not words:
            continue
        number = _NUMBER.search(words)
        reference = number.group().upper() if number else words.split()[0][:40]
        rest = words.replace(number.group() if number else words.split()[0], " ", 1).strip(" ,，、")
        day = _DATE.search(rest)
        reason = rest.replace(day.group(), " ", 1).strip(" ,，、") if day else rest
        found.append(Answer(reference, day.group() if day else "", reason))
    return found


def settle(
    *, batch_id: UUID, answers: Sequence[Answer], actor: Actor, at: datetime
) -> list[RowResult]:
    """Note what became of the payments of one list; each row on its own, in its order.

    Raises `Refused` (`unknown_case`, `too_many`, `nothing_sent`).
    """
    batch = payment_orders.find(batch_id=batch_id, actor=actor)
    if not answers:
        raise Refused("nothing_sent", "一行都没有填。请写付款编号和支付日期，或者退回原因")
    if len(answers) > MOST:
        raise Refused("too_many", f"一次最多 {MOST} 行，现在是 {len(answers)} 行，请分几次")
    doubled = {one.reference for one in answers if _count(answers, one.reference) > 1}
    results = []
    for one in answers:
        if one.reference in doubled:
            results.append(RowResult(one.reference, False, "这个编号在表里有两行，请只留一行"))
        else:
            results.append(_each(one, lambda a=one: _settle(batch.id, a, actor, at)))  # type: ignore[misc]
    return results


def note(
    *, payment_id: UUID, paid_on: date | None, returned: str, actor: Actor, at: datetime
) -> None:
    """What the bank's own system says of one payment: paid on a day, or returned for a reason.

    A repeat changes nothing. Raises `Refused` (`unknown_payment`, `not_ready`, `wrong_date`,
    `personal_value`, `not_permitted`).
    """
    rows = PaymentRecord.objects.select_related("case", "batch")
    known = rows.filter(id=payment_id, batch__isnull=False).first()
    if known is None or paying.bank_of(known.case) != actor.department:
        raise Refused("unknown_payment", "没有这一笔付款，或者不是请您付的")
    with transaction.atomic(), store.begun() as raw:
        loaded = store.load(raw, known.case_id)
        record.authorise(loaded, "note_bank_answer", actor, item=known.item)
        row = rows.get(id=payment_id)
        if paid_on is None:
            said = Answer(row.reference, returned=_without_persons(returned, at))
            _returned(raw, loaded, row, said, actor, at)
        elif row.state != State.PAID:
            _paid(raw, loaded, row, _day(paid_on.isoformat(), row, at), actor, at)


def _without_persons(reason: str, at: datetime) -> str:
    """The bank's reason; where it names a person by a number, only that it was returned."""
    try:
        impersonal.require(reason, today=at.date())
    except Refused:
        return _RETURNED
    return reason.strip()[:200] or _RETURNED


def _count(answers: Iterable[Answer], reference: str) -> int:
    return sum(1 for one in answers if one.reference == reference)


def _each(one: Answer, act: Callable[[], str]) -> RowResult:
    try:
        with transaction.atomic():
            return RowResult(one.reference, True, act())
    except Refused as refusal:
        return RowResult(one.reference, False, refusal.message)


def _settle(batch_id: UUID, answer: Answer, actor: Actor, at: datetime) -> str:
    rows = PaymentRecord.objects.filter(batch_id=batch_id, reference=answer.reference)
    known = rows.first()
    if known is None:
        raise Refused("unknown_payment", "这张清单里没有这个付款编号，请核对")
    with store.begun() as raw:
        loaded = store.load(raw, known.case_id)
        record.authorise(loaded, "note_payment", actor, item=known.item)
        row = rows.get(id=known.id)
        _require_amount(row, answer.amount)
        if answer.returned:
            return _returned(raw, loaded, row, answer, actor, at)
        return _paid(raw, loaded, row, _day(answer.paid_on, row, at), actor, at)


def _paid(
    raw: object, loaded: store.Loaded, row: PaymentRecord, day: date, actor: Actor, at: datetime
) -> str:
    if row.state == State.PAID and row.paid_on == day:
        return "早就记下了"
    if row.state != State.IN_BATCH:
        words = row.get_state_display()
        raise Refused("not_ready", f"这一笔现在是“{words}”，不能改成到账，请核对")
    row.state, row.since, row.paid_on = State.PAID, at, day
    row.save(update_fields=["state", "since", "paid_on"])
    record.write(raw, loaded, r.Paid(at, row.item, row.digest, day), actor=actor, at=at)
    return "记下了：已到账"


def _returned(
    raw: object,
    loaded: store.Loaded,
    row: PaymentRecord,
    answer: Answer,
    actor: Actor,
    at: datetime,
) -> str:
    reason = answer.returned.strip()
    if len(reason) > 200:
        raise Refused("too_long", "退回原因最多 200 个字")
    impersonal.require(reason, today=at.date())
    if row.state == State.RETURNED and row.return_reason == reason:
        return "早就记下了"
    if row.state not in (State.IN_BATCH, State.PAID):
        words = row.get_state_display()
        raise Refused("not_ready", f"这一笔现在是“{words}”，不能记退回，请核对")
    row.state, row.since, row.return_reason, row.paid_on = State.RETURNED, at, reason, None
    row.save(update_fields=["state", "since", "return_reason", "paid_on"])
    event = r.PaymentReturned(at, row.item, row.digest, reason)
    record.write(raw, loaded, event, actor=actor, at=at)
    return "记下了：银行退回，已请本人改账户"


def _require_amount(row: PaymentRecord, amount: str) -> None:
    if not amount:
        return
    try:
        fen = Decimal(amount.replace(",", "").replace("，", "")) * 100
    except InvalidOperation as error:
        raise Refused("wrong_amount", "金额不是一个数，请照清单填") from error
    if fen != row.amount_fen:
        raise Refused(
            "wrong_amount", f"金额和送去的不一样，送去的是 {row.amount_fen / 100:,.2f} 元"
        )


def _day(text: str, row: PaymentRecord, at: datetime) -> date:
    found = _DATE.fullmatch(text.strip())
    try:
        day = date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        day = None
    if day is None:
        raise Refused("wrong_date", "支付日期没写对，请写成 2026-10-19 这样，或者写退回原因")
    if day > at.date():
        raise Refused("wrong_date", f"支付日期 {day.isoformat()} 还没有到，请核对")
    if row.batch is not None and day < row.batch.made_at.date():
        raise Refused("wrong_date", f"支付日期 {day.isoformat()} 比送清单的日子还早，请核对")
    return day


def _plain(cell: sheets.Cell) -> sheets.Cell:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else cell


def _answers(head: list[str], rows: list[list[str]]) -> list[Answer]:
    def cell(row: list[str], heading: str) -> str:
        place = head.index(heading) if heading in head else len(row)
        return row[place] if place < len(row) else ""

    found = [
        Answer(
            reference=cell(row, payment_file.REFERENCE).upper(),
            paid_on=cell(row, payment_file.PAID_ON),
            returned=cell(row, payment_file.RETURNED),
            amount=cell(row, payment_file.AMOUNT),
        )
        for row in rows
    ]
    return [one for one in found if one.paid_on or one.returned]
