"""Where the newest message about each item of a case stands: on its way, arrived, given up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lianban.outbox.models import OutboxMessage

_ORDER = ("case_id", "item", "department", "-id")
#: Topics that a partner may do without: they say nothing of whether it has the item.
_BESIDE = ("appointment",)


@dataclass(frozen=True)
class Standing:
    """The newest message to one partner about one item."""

    topic: str
    department: str
    state: str
    #: When it was written.
    since: datetime
    #: When it arrived, or was given up; None while it is on its way.
    done_at: datetime | None
    #: Why it did not arrive when it was last tried: a code; empty where it was not tried.
    error: str


def of_case(case_id: UUID) -> dict[tuple[int, str], Standing]:
    """The newest message about each item of a case, by item and partner."""
    return of_cases([case_id]).get(case_id, {})


def of_cases(case_ids: Iterable[UUID]) -> dict[UUID, dict[tuple[int, str], Standing]]:
    """The same for several cases, in one read."""
    rows = OutboxMessage.objects.filter(case_id__in=list(case_ids), item__isnull=False)
    rows = rows.exclude(topic__in=_BESIDE)
    found: dict[UUID, dict[tuple[int, str], Standing]] = {}
    for row in rows.order_by(*_ORDER).distinct("case_id", "item", "department"):
        assert row.item is not None
        found.setdefault(row.case_id, {})[row.item, row.department] = _standing(row)
    return found


def _standing(row: OutboxMessage) -> Standing:
    return Standing(
        topic=row.topic,
        department=row.department,
        state=row.state,
        since=row.created_at,
        done_at=row.done_at,
        error=row.last_error if row.attempts else "",
    )
