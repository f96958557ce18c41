"""Sending a message once more, because a person asks."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from lianban.accounts.actor import Actor
from lianban.cases import tell
from lianban.engine.refusal import Refused
from lianban.exchange import partners, tasks
from lianban.exchange.models import TaskRecord, TryRecord
from lianban.outbox.models import OutboxMessage

State = OutboxMessage.State


def resend(*, message_id: UUID, actor: Actor, at: datetime) -> None:
    """Put a message back into the line, under its old name: the partner has one effect of it at most.

    What waits already is only tried at once. With a sub-case go the times for coming that were not
    told behind it, for the sub-case says nothing of them. Raises `Refused`: `unknown_message`, and
    `unknown_partner` where nobody is connected.
    """
    row = OutboxMessage.objects.filter(message_id=message_id).first()
    if row is None:
        raise Refused("unknown_message", "没有这条消息")
    partner = partners.get(row.department)
    chosen = Q(id=row.id) | _untold_times(row) if row.topic == "dispatch" else Q(id=row.id)
    OutboxMessage.objects.filter(chosen).exclude(state=State.PENDING).update(
        state=State.PENDING, done_at=None, attempts=0, abandoned=0, begun_at=None, offered_in=None
    )
    OutboxMessage.objects.filter(id=row.id, leased_until=None).update(next_at=at)
    for kind in (TaskRecord.Kind.DEAD, TaskRecord.Kind.REFUSED):
        tasks.settle(
            kind=kind, partner=partner, about=str(message_id), note=f"{actor.name}重新发送", at=at
        )


def _untold_times(row: OutboxMessage) -> Q:
    """Times behind a dispatch that were not told; whoever refused the word as such is not asked again."""
    behind = Q(case_id=row.case_id, item=row.item, department=row.department, id__gt=row.id)
    refused = TryRecord.objects.filter(status=422, message__case_id=row.case_id)
    is_time = Q(topic=tell.APPOINTMENT, state=State.DESK)
    return behind & is_time & ~Q(id__in=refused.values("message_id"))
