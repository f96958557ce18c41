"""How often a sub-case was sent to a department, and which of these times a message speaks of."""

from typing import Any
from uuid import UUID

from lianban.cases import handed_out
from lianban.engine.refusal import Refused
from lianban.outbox.models import OutboxMessage

#: The message speaks of another time that its sub-case was sent than the newest one.
OTHER_ROUND = "other_round"


def dispatches(*, case_id: UUID, item: int | None, department: str) -> Any:
    """Every time that a sub-case was sent to a department's system."""
    same = OutboxMessage.objects.filter(case_id=case_id, item=item, topic="dispatch")
    return same.filter(department=department).exclude(state=OutboxMessage.State.DESK)


def of(row: OutboxMessage) -> int:
    """How often its sub-case was sent to its department when a message was written, with this time."""
    told = dispatches(case_id=row.case_id, item=row.item, department=row.department)
    return int(told.filter(id__lte=row.id).count())


def of_message(message_id: str) -> int | None:
    """The same by the message's id; None for one that is not ours, or came before any dispatch."""
    row = OutboxMessage.objects.filter(message_id=message_id).first()
    return (of(row) or None) if row else None


def require_newest(said: int | None, *, case_id: UUID, item: int, department: str) -> None:
    """Refuse what answers an earlier time; nobody sends the sub-case again until the effect is written.

    A message that does not say its round is taken for the newest. Raises `Refused('other_round')`.
    """
    if said is None:
        return
    handed_out.hold(case_id)
    newest = dispatches(case_id=case_id, item=item, department=department).count()
    if said != newest:
        raise Refused(OTHER_ROUND, f"这条说的是第 {said} 次送办，现在是第 {newest} 次")
