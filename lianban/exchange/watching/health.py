"""How each partner is: what waits, since when, what fails, and with which keys it signs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Count, Max, Min, Q

from lianban.engine.refusal import Refused
from lianban.exchange import handed
from lianban.exchange.models import (
    HandedBook,
    InboxMessage,
    PartnerKey,
    PartnerRecord,
    ReconcileRecord,
    TaskRecord,
)
from lianban.outbox.models import OutboxMessage

State = Literal["held", "failing", "poll", "file", "well"]
#: Of a partner that hands its book in: none yet, or none for too long; empty where all is well.
BookState = Literal["", "none", "old"]
_PENDING = Q(state=OutboxMessage.State.PENDING)


@dataclass(frozen=True)
class Key:
    """A partner's key, and whether it is good now."""

    key_id: str
    valid_from: datetime
    valid_until: datetime | None
    is_valid: bool
    is_revoked: bool


@dataclass(frozen=True)
class Health:
    """One partner as it is now; the counts are of the whole city."""

    partner: PartnerRecord
    waiting: int
    #: When the message that waits longest was written.
    oldest_at: datetime | None
    sent_today: int
    dead: int
    parked: int
    tasks: int
    #: Nothing is tried before; None where nothing waits or somebody holds it.
    next_at: datetime | None
    keys: tuple[Key, ...]
    #: When the two books were compared last.
    reconciled_at: datetime | None = None
    #: Of which moment the book tells that was handed in last; and whether it is late.
    book_at: datetime | None = None
    book_state: BookState = ""

    @property
    def state(self) -> State:
        """How it is, the worst first."""
        if self.partner.held_at:
            return "held"
        if self.partner.failing_since:
            return "failing"
        is_pushed = self.partner.mode == PartnerRecord.Mode.PUSH
        return "well" if is_pushed else "poll" if self.partner.mode == "poll" else "file"


def partners(*, at: datetime) -> list[Health]:
    """Every partner, those that need somebody first."""
    found = _read(PartnerRecord.objects.select_related("held_by", "liaison"), at)
    order = ("failing", "held")
    return sorted(
        found,
        key=lambda one: (
            order.index(one.state) if one.state in order else len(order),
            -one.tasks,
            one.partner.code,
        ),
    )


def one(code: str, *, at: datetime) -> Health:
    """One partner. Raises `Refused('unknown_partner')`."""
    rows = PartnerRecord.objects.select_related("held_by", "liaison").filter(code=code)
    found = _read(rows, at)
    if not found:
        raise Refused("unknown_partner", "没有对接这个部门的系统")
    return found[0]


def _read(rows: Iterable[PartnerRecord], at: datetime) -> list[Health]:
    listed = list(rows)
    codes = [partner.code for partner in listed]
    out, parked, tasks, keys = _outgoing(codes, at), _parked(codes), _tasks(codes), _keys(codes, at)
    books, handed_in = _reconciled(codes), _handed_in(codes)
    return [
        Health(
            partner=partner,
            parked=parked.get(partner.code, 0),
            tasks=tasks.get(partner.code, 0),
            keys=tuple(keys.get(partner.code, ())),
            reconciled_at=books.get(partner.code),
            **_book_of_one(partner, handed_in.get(partner.code), at),
            **_of_one(partner, out.get(partner.code, {}), at),
        )
        for partner in listed
    ]


def _of_one(partner: PartnerRecord, counts: dict[str, Any], at: datetime) -> dict[str, Any]:
    next_at = counts.get("next_at")
    if next_at and partner.closed_until and partner.closed_until > next_at:
        next_at = partner.closed_until
    is_pushed = partner.mode == PartnerRecord.Mode.PUSH
    return {
        "waiting": counts.get("waiting", 0),
        "oldest_at": counts.get("oldest_at"),
        "sent_today": counts.get("sent_today", 0),
        "dead": counts.get("dead", 0),
        "next_at": max(next_at, at) if next_at and is_pushed and not partner.held_at else None,
    }


def _book_of_one(partner: PartnerRecord, book_at: datetime | None, at: datetime) -> dict[str, Any]:
    if not handed.is_expected(partner):
        return {}
    if book_at is None:
        return {"book_state": "none"}
    is_old = book_at < at - handed.most_age(partner)
    return {"book_at": book_at, "book_state": "old" if is_old else ""}


def _outgoing(codes: list[str], at: datetime) -> dict[str, dict[str, Any]]:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    dead = Q(state=OutboxMessage.State.DEAD)
    today = Q(state=OutboxMessage.State.SENT, done_at__gte=midnight)
    found = OutboxMessage.objects.filter(_PENDING | dead | today, department__in=codes)
    rows = found.values("department")
    counted = rows.annotate(
        waiting=Count("id", filter=_PENDING),
        oldest_at=Min("created_at", filter=_PENDING),
        next_at=Min("next_at", filter=_PENDING),
        sent_today=Count("id", filter=today),
        dead=Count("id", filter=dead),
    )
    return {row["department"]: dict(row) for row in counted}


def _parked(codes: list[str]) -> dict[str, int]:
    rows = InboxMessage.objects.filter(partner__in=codes, state=InboxMessage.State.PARKED)
    return dict(rows.values_list("partner_id").annotate(Count("id")))


def _tasks(codes: list[str]) -> dict[str, int]:
    rows = TaskRecord.objects.filter(partner__in=codes, closed_at=None)
    return dict(rows.values_list("partner_id").annotate(Count("id")))


def _reconciled(codes: list[str]) -> dict[str, datetime]:
    rows = ReconcileRecord.objects.filter(partner__in=codes, error="")
    return dict(rows.values_list("partner_id").annotate(Max("at")))


def _handed_in(codes: list[str]) -> dict[str, datetime]:
    """Where several offices hand in, the oldest of theirs."""
    rows = HandedBook.objects.filter(partner__in=codes, completed_at__isnull=False)
    return dict(rows.values_list("partner_id").annotate(Min("as_of")))


def _keys(codes: list[str], at: datetime) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for row in PartnerKey.objects.filter(partner__in=codes).order_by("-valid_from", "key_id"):
        begun, ended = row.valid_from <= at, row.valid_until is not None and row.valid_until <= at
        is_valid = begun and not ended and row.revoked_at is None
        key = Key(row.key_id, row.valid_from, row.valid_until, is_valid, row.revoked_at is not None)
        found.setdefault(row.partner_id, []).append(key)
    return found
