"""The relay: sends what the outbox holds, in order for each case, without one partner delaying another.

The outbox row is the truth. A row is leased, sent, and marked; whoever dies in between leaves a lease
that ends, and the message goes out again under the same name. Time is an argument: `now` is asked
again before each step.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from lianban.exchange import compose, contract, http, ladder, registry, tasks
from lianban.exchange.answers import Permanent, Temporary
from lianban.exchange.models import PartnerRecord, TaskRecord, TryRecord
from lianban.outbox.models import OutboxMessage

State = OutboxMessage.State
log = structlog.get_logger()

_BATCH = 20
#: The most messages that one round sends to one partner; then those that wait for a worker have it.
MOST_A_ROUND = 200
#: Messages that are tried while a partner may still be away.
_PROBES = 3
_UNREACHABLE_AFTER = timedelta(hours=1)
#: Heads only: of each case the oldest message that is pending.
_CLAIM = """
WITH heads AS (
  SELECT id FROM outbox_outboxmessage AS m
   WHERE department = %(partner)s AND state = 'pending'
     AND (next_at <= %(at)s OR %(probing)s)
     AND (leased_until IS NULL OR leased_until <= %(at)s)
     AND (abandoned > 0) = %(astray)s
     AND NOT EXISTS (SELECT FROM outbox_outboxmessage AS e
                      WHERE e.department = m.department AND e.case_id = m.case_id
                        AND e.state = 'pending' AND e.id < m.id)
   ORDER BY next_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
UPDATE outbox_outboxmessage AS m
   SET leased_until = %(until)s
  FROM heads WHERE m.id = heads.id
RETURNING m.id
"""

Now = Callable[[], datetime]


@dataclass
class Drained:
    """What one round did. `left`: there is more that is due, or will be within the minute."""

    sent: int = 0
    retried: int = 0
    dead: int = 0
    skipped: int = 0
    left: bool = False


def wanting(at: datetime) -> list[str]:
    """The partners that are pushed to, have messages that are due, and may be tried now."""
    waiting = OutboxMessage.objects.filter(state=State.PENDING)
    free = waiting.filter(Q(leased_until=None) | Q(leased_until__lte=at))
    due = Q(code__in=free.filter(next_at__lte=at).values("department"))
    probed = Q(failures__gte=ladder.CLOSE_AFTER, code__in=free.values("department"))
    open_ = PartnerRecord.objects.filter(mode=PartnerRecord.Mode.PUSH, held_at=None)
    open_ = open_.filter(Q(closed_until=None) | Q(closed_until__lte=at))
    return sorted(open_.filter(due | probed).values_list("code", flat=True))


def leave_to_desks(*, at: datetime) -> int:
    """Mark what departments without a system of their own have at their desks; how many."""
    alone = OutboxMessage.objects.filter(state=State.PENDING).exclude(
        department__in=PartnerRecord.objects.values("code")
    )
    return alone.update(state=State.DESK, done_at=at)


def drain(code: str, *, now: Now, most: int = MOST_A_ROUND) -> Drained:
    """Send what is due to one partner, at most so many messages and at its agreed rate."""
    done = Drained()
    with http.session():
        _rounds(code, now, most, done)
    return done


def _rounds(code: str, now: Now, most: int, done: Drained) -> None:
    while True:
        partner = PartnerRecord.objects.select_related("liaison").filter(code=code).first()
        room = _room(partner, now(), most - done.sent - done.retried - done.dead - done.skipped)
        if partner is None or room <= 0:
            done.left = room == 0 and code in wanting(now())
            return
        rows = _claim(partner, room, now())
        if not rows:
            return
        for place, row in enumerate(rows):
            may = _in_time(row, now()) and not _is_held(code)
            if not may or not _send(partner, row, now, done):
                _release(rows[place + 1 :] if row.leased_until is None else rows[place:])
                break


def _room(partner: PartnerRecord | None, at: datetime, left: int) -> int:
    """How many messages may be sent now; negative: the partner may not be tried at all."""
    if partner is None or partner.mode != PartnerRecord.Mode.PUSH or partner.held_at:
        return -1
    if partner.closed_until and partner.closed_until > at:
        return -1
    minute = TryRecord.objects.filter(partner_code=partner.code, at__gt=at - timedelta(minutes=1))
    most = _PROBES if _is_probed(partner) else _BATCH
    return max(0, min(most, left, partner.sends_a_minute - minute.count()))


def _is_probed(partner: PartnerRecord) -> bool:
    """Whether the partner was away the last time: then a few messages find out if it is back."""
    return partner.failures >= ladder.CLOSE_AFTER


def _claim(partner: PartnerRecord, most: int, at: datetime) -> list[OutboxMessage]:
    """Lease the messages that are due; of a partner that was away the oldest, due or not.

    What somebody began before he died goes last and alone: if it is what kills whoever sends it, it
    takes no other message with it.
    """
    return _leased(partner, most, at, astray=False) or _leased(partner, 1, at, astray=True)


def _leased(
    partner: PartnerRecord, most: int, at: datetime, *, astray: bool
) -> list[OutboxMessage]:
    values: dict[str, Any] = {
        "astray": astray,
        "partner": partner.code,
        "probing": _is_probed(partner),
        "at": at,
        "until": at + _lease(),
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        claimed = [number for (number,) in cursor.fetchall()]
    return list(OutboxMessage.objects.filter(id__in=claimed).order_by("id"))


def _lease() -> timedelta:
    """How long a row is ours; always longer than one call may take."""
    seconds = max(settings.EXCHANGE_LEASE_SECONDS, 2 * settings.EXCHANGE_TIMEOUT_SECONDS + 1)
    return timedelta(seconds=seconds)


def _is_held(code: str) -> bool:
    """Whether somebody has stopped the sending since the messages were leased."""
    return PartnerRecord.objects.filter(code=code, held_at__isnull=False).exists()


def _in_time(row: OutboxMessage, at: datetime) -> bool:
    """Whether the lease lasts for one more call."""
    assert row.leased_until is not None
    return at + timedelta(seconds=settings.EXCHANGE_TIMEOUT_SECONDS) < row.leased_until


def _release(rows: list[OutboxMessage]) -> None:
    """Give back what was not begun."""
    names = [row.id for row in rows]
    OutboxMessage.objects.filter(id__in=names, state=State.PENDING).update(leased_until=None)


# One message -----------------------------------------------------------------------------------


def _send(partner: PartnerRecord, row: OutboxMessage, now: Now, done: Drained) -> bool:
    """Try one message, write how it ended, and say whether the next may be tried."""
    began, at, said = time.monotonic(), now(), None
    _begin(row, at)
    try:
        said = _composed(partner, row, at)
        if said:
            _speak(partner, said, at)
    except (Temporary, Permanent) as failure:
        _note(partner, row, failure.code, failure.status, began, now())
        if not _goes_without(said, failure):
            return _failed(partner, row, failure, now(), done)
        said = None
    row.leased_until = None
    if said is None:
        _mark(row, state=State.DESK, done_at=now())
        done.skipped += 1
        return True
    with transaction.atomic():
        _mark(row, state=State.SENT, done_at=now(), last_error="", digest=compose.digest(said))
        _note(partner, row, "ok", 200, began, now())
    done.sent += 1
    _reached(partner, now())
    return True


def _goes_without(said: Any, failure: Temporary | Permanent) -> bool:
    """Whether the partner does without this word of the contract, and said so."""
    may_be = said is not None and contract.word_of(said.type) in contract.MAY_BE_UNKNOWN
    return may_be and isinstance(failure, Permanent) and failure.status in (400, 415, 422)


def _begin(row: OutboxMessage, at: datetime) -> None:
    """Write that a try begins; that it ended is written by whoever is then still alive."""
    row.attempts, row.begun_at = row.attempts + 1, row.begun_at or at
    OutboxMessage.objects.filter(id=row.id).update(
        attempts=row.attempts, begun_at=row.begun_at, abandoned=F("abandoned") + 1
    )


def _composed(partner: PartnerRecord, row: OutboxMessage, at: datetime) -> Any:
    if row.abandoned >= ladder.MOST_ABANDONED:
        raise Permanent("never_ended")
    try:
        return compose.compose(row, partner=partner, at=at)
    except Exception as failure:
        # its words may carry values; its kind says enough
        log.error("exchange.not_composed", message=str(row.message_id), kind=type(failure).__name__)
        if row.attempts >= compose.MOST_TRIES:
            raise Permanent(compose.FAILED) from failure
        raise Temporary(compose.FAILED) from failure


def _speak(partner: PartnerRecord, said: Any, at: datetime) -> None:
    send = registry.adapter(partner.adapter).send
    if send is None:
        http.post(partner, said, at=at)
    else:
        send(partner, said, at)


def _mark(row: OutboxMessage, **columns: Any) -> None:
    """Write that the try ended, and how."""
    OutboxMessage.objects.filter(id=row.id, state=State.PENDING).update(
        leased_until=None, abandoned=0, **columns
    )


def _note(
    partner: PartnerRecord,
    row: OutboxMessage,
    code: str,
    status: int | None,
    began: float,
    at: datetime,
) -> None:
    TryRecord.objects.create(
        message=row,
        partner_code=partner.code,
        at=at,
        ended=code[:40],
        status=status,
        milliseconds=int((time.monotonic() - began) * 1000),
    )


def _failed(
    partner: PartnerRecord,
    row: OutboxMessage,
    failure: Temporary | Permanent,
    at: datetime,
    done: Drained,
) -> bool:
    """Try again later, or give up with a task; whether the partner may be tried on."""
    row.leased_until = None
    said = {"last_error": failure.code[:80], "last_status": failure.status}
    if isinstance(failure, Permanent):
        _bury(partner, row, TaskRecord.Kind.REFUSED, failure.code, said, at)
        done.dead += 1
        return True
    if row.begun_at and at - row.begun_at >= ladder.LIFE:
        _bury(partner, row, TaskRecord.Kind.DEAD, "too_old", said, at)
        done.dead += 1
    else:
        scale = settings.EXCHANGE_LADDER_SCALE
        wait = ladder.pause(row.attempts, name=str(row.message_id), scale=scale)
        _mark(row, next_at=at + max(wait, _asked(failure)), **said)
        done.retried += 1
    if failure.code == compose.FAILED:  # ours, not the partner's
        return True
    return _away(partner, failure, at)


def _asked(failure: Temporary) -> timedelta:
    """How long the partner asks us to wait."""
    return min(timedelta(seconds=failure.retry_after), ladder.MOST_RETRY_AFTER)


def _bury(
    partner: PartnerRecord,
    row: OutboxMessage,
    kind: TaskRecord.Kind,
    code: str,
    said: dict[str, Any],
    at: datetime,
) -> None:
    """Give a message up, with a task for a person; what is behind it goes on."""
    log.error("exchange.dead_letter", message=str(row.message_id), partner=partner.code, code=code)
    with transaction.atomic():
        _mark(row, state=State.DEAD, done_at=at, **said)
        tasks.about_message(row, kind=kind, partner=partner, code=code, at=at)


# The partner -----------------------------------------------------------------------------------


def _away(partner: PartnerRecord, failure: Temporary, at: datetime) -> bool:
    """Count a failure; whether the partner may be tried on."""
    partner.failures += 1
    partner.failing_since = partner.failing_since or at
    partner.last_error = failure.code[:80]
    wait = max(
        ladder.closed(partner.failures, scale=settings.EXCHANGE_LADDER_SCALE) or timedelta(),
        _asked(failure),
    )
    partner.closed_until = at + wait if wait else None
    columns = ["failures", "failing_since", "last_error", "closed_until"]
    partner.save(update_fields=columns)
    if failure.is_misconfigured:
        kind = TaskRecord.Kind.MISCONFIGURED
        tasks.open_(kind=kind, partner=partner, code=failure.code, at=at)
    elif at + wait - partner.failing_since >= _UNREACHABLE_AFTER:
        kind = TaskRecord.Kind.UNREACHABLE
        tasks.open_(kind=kind, partner=partner, code=failure.code, at=at)
    return not wait


def _reached(partner: PartnerRecord, at: datetime) -> None:
    """The partner answers. What waited for its turn of the ladder is due at once."""
    was_away, had_failed = _is_probed(partner), partner.failures > 0
    if not had_failed and partner.last_ok_at and at - partner.last_ok_at < timedelta(seconds=10):
        return
    partner.failures, partner.last_ok_at = 0, at
    partner.closed_until = partner.failing_since = None
    partner.last_error = ""
    partner.save(
        update_fields=["failures", "last_ok_at", "closed_until", "failing_since", "last_error"]
    )
    if was_away:
        waiting = OutboxMessage.objects.filter(department=partner.code, state=State.PENDING)
        waiting.filter(next_at__gt=at, leased_until=None).update(next_at=at)
    if had_failed:
        for kind in (TaskRecord.Kind.UNREACHABLE, TaskRecord.Kind.MISCONFIGURED):
            tasks.settle(kind=kind, partner=partner, note="对方系统恢复，已自动补发", at=at)
