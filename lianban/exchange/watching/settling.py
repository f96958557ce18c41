"""A message that came in and fits nothing: a person says what was done about it."""

from datetime import datetime

from django.db import transaction

from lianban.accounts.actor import Actor
from lianban.engine.refusal import Refused
from lianban.exchange import tasks
from lianban.exchange.models import InboxMessage, TaskRecord

State = InboxMessage.State


@transaction.atomic
def settle(*, inbox_id: int, note: str, actor: Actor, at: datetime) -> None:
    """Lay a parked message aside, with a note; its task is closed. A repeat is harmless.

    Raises `Refused`: `unknown_message`, `needs_grounds` (no note), `too_long`, and `stale` where it
    has had its effect meanwhile.
    """
    rows = InboxMessage.objects.select_for_update(of=("self",)).defer("body")
    row = rows.select_related("partner").filter(id=inbox_id).first()
    if row is None:
        raise Refused("unknown_message", "没有这条消息")
    if row.state == State.SETTLED:
        return
    if row.state != State.PARKED:
        raise Refused("stale", "这条来件刚才已经处理了，不用再写")
    tasks.close(task_id=_task(row, at).id, note=note, actor=actor, at=at)
    row.state, row.settled_at = State.SETTLED, at
    row.save(update_fields=["state", "settled_at"])


def _task(row: InboxMessage, at: datetime) -> TaskRecord:
    """The open task about the message; one is opened where somebody closed it alone."""
    tasks.about_incoming(row, at=at)
    return TaskRecord.objects.get(
        kind=TaskRecord.Kind.PARKED, partner=row.partner, about=row.message_id[:80], closed_at=None
    )
