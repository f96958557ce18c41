"""Messages that are fetched, not pushed: which ones go next, what they say, and that they arrived.

A partner that asks gets them as pages, one that does neither as a file. Both are sets of rows that
`offered_in` names. A range of ids would not do: an id may commit after a larger one.
"""

from collections.abc import Collection
from datetime import datetime

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from lianban import vault
from lianban.engine.refusal import Refused
from lianban.exchange import compose, contract, ladder, tasks
from lianban.exchange.contract import Envelope
from lianban.exchange.models import PartnerRecord, TaskRecord, TryRecord
from lianban.outbox.models import OutboxMessage

State = OutboxMessage.State
log = structlog.get_logger()
#: What may be otherwise in a while: keys that are away, a database or a disk under strain.
_PASSING = (vault.VaultFailure, DatabaseError, OSError)


def waiting(partner: PartnerRecord, at: datetime) -> QuerySet[OutboxMessage]:
    """What may go next, oldest first: nothing that must wait, nor what follows it in its case."""
    open_ = OutboxMessage.objects.filter(department=partner.code, state=State.PENDING)
    held_up = open_.filter(Q(next_at__gt=at) | Q(leased_until__gt=at))
    earlier = held_up.filter(case_id=OuterRef("case_id"), id__lte=OuterRef("id"))
    return open_.filter(~Exists(earlier)).order_by("id")


def given(
    rows: list[OutboxMessage],
    *,
    offered_in: int,
    partner: PartnerRecord,
    at: datetime,
    words: Collection[str] = (),
) -> list[tuple[OutboxMessage, Envelope]]:
    """Give rows out as part of a page or file: what each says, where it says something.

    A row that cannot be composed is given up with a task, and the others go on; where that may pass,
    it is left for later with what follows in its case. With `words`, a message of any other word
    cannot be handed out this way.
    """
    for row in rows:
        row.offered_in, row.attempts = offered_in, row.attempts + 1
    # before anything is composed: what follows a dispatch is told only where that was tried
    OutboxMessage.objects.bulk_update(rows, ["offered_in", "attempts"])
    found, later = [], set()
    for row in rows:
        if row.case_id in later:
            _take_off(row)
            continue
        try:
            said = _said(row, partner, at, words)
        except _Later:
            later.add(row.case_id)
            continue
        if said is not None:
            row.digest = row.digest or compose.digest(said)
            found.append((row, said))
    OutboxMessage.objects.bulk_update([row for row, _ in found], ["digest"])
    return found


class _Later(Exception):
    """A row was put off."""


def _said(
    row: OutboxMessage, partner: PartnerRecord, at: datetime, words: Collection[str]
) -> Envelope | None:
    try:
        with transaction.atomic():
            said = compose.compose(row, partner=partner, at=at)
    except Exception as failure:  # its words may carry values; its kind says enough
        log.error("exchange.not_composed", message=str(row.message_id), kind=type(failure).__name__)
        if isinstance(failure, _PASSING) and _put_off(row, partner, at):
            raise _Later from failure
        give_up(row, partner=partner, code=_code(failure), at=at)
        return None
    if said is None:
        row.offered_in = None
        _end(row, State.DESK, at)
        return None
    if words and contract.word_of(said.type) not in words:
        give_up(row, partner=partner, code="not_for_files", at=at)
        return None
    return said


def _put_off(row: OutboxMessage, partner: PartnerRecord, at: datetime) -> bool:
    """Leave a row for later, as the relay does; False where that was tried often enough."""
    failed = 1 + TryRecord.objects.filter(message_id=row.id, ended=compose.FAILED).count()
    if failed >= compose.MOST_TRIES:
        return False
    scale = settings.EXCHANGE_LADDER_SCALE
    row.last_error = compose.FAILED
    row.next_at = at + ladder.pause(failed, name=str(row.message_id), scale=scale)
    _take_off(row)
    TryRecord.objects.bulk_create([_try(row.id, partner, at, compose.FAILED)])
    return True


def _take_off(row: OutboxMessage) -> None:
    """Take a row off the page or file: it waits as if it had not been offered."""
    row.offered_in, row.attempts = None, row.attempts - 1
    row.save(update_fields=["offered_in", "attempts", "last_error", "next_at"])


def _code(failure: Exception) -> str:
    return failure.code if isinstance(failure, Refused) else compose.FAILED


def confirm(rows: QuerySet[OutboxMessage], *, partner: PartnerRecord, at: datetime) -> int:
    """The rows have arrived: sent, each once, with its try; how many they were."""
    arrived = list(
        rows.filter(state=State.PENDING).select_for_update().values_list("id", flat=True)
    )
    OutboxMessage.objects.filter(id__in=arrived).update(
        state=State.SENT, done_at=at, last_error="", leased_until=None
    )
    TryRecord.objects.bulk_create(_try(one, partner, at, "ok") for one in arrived)
    return len(arrived)


def give_up(row: OutboxMessage, *, partner: PartnerRecord, code: str, at: datetime) -> None:
    """A dead letter: nothing that stops the others, and a task for somebody."""
    log.error("exchange.dead_letter", message=str(row.message_id), partner=partner.code, code=code)
    row.last_error, row.offered_in = code, None
    _end(row, State.DEAD, at)
    TryRecord.objects.bulk_create([_try(row.id, partner, at, code)])
    tasks.about_message(row, kind=TaskRecord.Kind.DEAD, partner=partner, code=code, at=at)


def _end(row: OutboxMessage, state: OutboxMessage.State, at: datetime) -> None:
    row.state, row.done_at = state, at
    row.save(update_fields=["state", "done_at", "last_error", "offered_in"])


def _try(message_id: int, partner: PartnerRecord, at: datetime, ended: str) -> TryRecord:
    return TryRecord(
        message_id=message_id, partner_code=partner.code, at=at, ended=ended, milliseconds=0
    )
