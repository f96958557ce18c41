"""Whether a department's own system has an item: the truth that everybody may read, one line each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from lianban.exchange.models import PartnerRecord
from lianban.outbox import standing
from lianban.outbox.models import OutboxMessage

#: Not their fault: nothing, or a message that we could not compose.
_OURS = ("", "not_composed")
#: `going`: on its way. `failing`: their system cannot be reached, it is sent again by itself.
#: `fetched_later`: they fetch it. `reached`: their system has it. `stuck`: given up, a person looks.
How = Literal["going", "failing", "fetched_later", "reached", "stuck"]


@dataclass(frozen=True)
class Reach:
    """How far the newest message about an item has come."""

    how: How
    topic: str
    department: str
    #: On its way, or with them, since then.
    since: datetime


def of_case(case_id: UUID, departments: Mapping[int, str]) -> dict[int, Reach]:
    """How far each item has come to the department that owns it (item to code).

    An item is left out where its department works at its desk here: it has no system of its own, or
    had none when the item was sent.
    """
    rows = standing.of_case(case_id)
    own = {n: rows[n, code] for n, code in departments.items() if (n, code) in rows}
    wanted = {one.department for one in own.values()}
    partners = {p.code: p for p in PartnerRecord.objects.filter(code__in=wanted)} if own else {}
    found = {number: _reach(one, partners.get(one.department)) for number, one in own.items()}
    return {number: one for number, one in found.items() if one is not None}


def _reach(row: standing.Standing, partner: PartnerRecord | None) -> Reach | None:
    is_desk = row.state == OutboxMessage.State.DESK
    if partner is None or is_desk or _stayed_here(row, partner):
        return None
    since = row.done_at or row.since
    return Reach(_how(row, partner), row.topic, row.department, since)


def _stayed_here(row: standing.Standing, partner: PartnerRecord) -> bool:
    """It was written before the partner was connected, and not marked yet."""
    return row.state == OutboxMessage.State.PENDING and row.since < partner.connected_at


def _how(row: standing.Standing, partner: PartnerRecord) -> How:
    if row.state == OutboxMessage.State.SENT:
        return "reached"
    if row.state == OutboxMessage.State.DEAD:
        return "stuck"
    if partner.mode != PartnerRecord.Mode.PUSH:
        return "fetched_later"
    is_failing = partner.failing_since or row.error not in _OURS
    return "failing" if is_failing else "going"
