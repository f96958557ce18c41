"""What the watching of the exchange shows at both faces: lists of messages, one message, its tries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from lianban.accounts.actor import Actor
from lianban.exchange import partners, resend
from lianban.exchange.models import InboxMessage, PartnerRecord, TaskRecord, TryRecord
from lianban.exchange.watching import lists, said, task_lists
from lianban.exchange.watching.lists import Incoming, Outgoing
from lianban.outbox.models import OutboxMessage
from lianban.web.components import access
from lianban.web.components import exchange_words as words
from lianban.web.components.refusals import attempt
from lianban.web.components.status import Status

#: The lists of one partner: code, name, and what to say when it is empty.
SHOWS = {
    "waiting": ("等着发", "没有等着发的", "写进来的都送到了。"),
    "dead": ("没送到", "没有送不到的", "发了七天没发到、或者对方拒收的，会到这里。"),
    "sent": ("送到了", "还没有送到过", "送到对方系统的会列在这里，新的在前。"),
    "parked": (
        "来件对不上",
        "没有对不上的来件",
        "对方发来、和哪一件都对不上的，会停在这里等人看。",
    ),
    "came": ("来件", "对方还没有发来过", "对方系统发来的会列在这里，新的在前。"),
}
_RESENDABLE = frozenset(
    {OutboxMessage.State.DEAD, OutboxMessage.State.SENT, OutboxMessage.State.PENDING}
)
_IN_STATES: dict[str, str] = {
    InboxMessage.State.APPLIED: "done",
    InboxMessage.State.PARKED: "needs-you",
    InboxMessage.State.REFUSED: "denied",
    InboxMessage.State.SETTLED: "done",
}
_OUT_STATES: dict[str, str] = {
    OutboxMessage.State.PENDING: "waiting",
    OutboxMessage.State.SENT: "done",
    OutboxMessage.State.DESK: "done",
    OutboxMessage.State.DEAD: "denied",
}


@dataclass(frozen=True)
class OutRow:
    """A message out as it stands in a list or on its page."""

    message: Outgoing
    what: str
    status: Status
    age: str
    error: str
    may_resend: bool


@dataclass(frozen=True)
class InRow:
    """A message in as it stands in a list or on its page."""

    message: Incoming
    what: str
    status: Status
    age: str
    why: str


@dataclass(frozen=True)
class Tried:
    """One try in words."""

    row: TryRecord
    ended: str
    is_ok: bool


@dataclass(frozen=True)
class TaskRow:
    """A task as it stands in a list or on its page."""

    task: task_lists.Task
    kind: str
    why: str
    age: str


def out_row(message: Outgoing, at: datetime) -> OutRow:
    """A message out in words."""
    row = message.row
    return OutRow(
        message=message,
        what=words.topic(row.topic),
        status=Status(_OUT_STATES[row.state], OutboxMessage.State(row.state).label),
        age=words.ago(row.created_at, at),
        error=words.error(row.last_error),
        may_resend=row.state in _RESENDABLE,
    )


def resent(request: access.Request, one: Outgoing, *, back: str, at: datetime) -> HttpResponse:
    """Put a message back into the line for whoever asked for it, and go back to its page."""
    if not out_row(one, at).may_resend:
        messages.error(request, "这一件在本平台办理，没有要发的")
        return redirect(back)
    return attempt(
        request,
        lambda: resend.resend(message_id=one.row.message_id, actor=request.actor, at=at),
        back=back,
        done="排上队了，马上重发",
    )


def in_row(message: Incoming, at: datetime) -> InRow:
    """A message in in words."""
    row = message.row
    return InRow(
        message=message,
        what=words.heard(message.word),
        status=Status(_IN_STATES[row.state], InboxMessage.State(row.state).label),
        age=words.ago(row.received_at, at),
        why=words.parked(row.code),
    )


def task_row(task: task_lists.Task, at: datetime) -> TaskRow:
    """A task in words."""
    row = task.row
    until = row.closed_at or at
    return TaskRow(
        task=task,
        kind=TaskRecord.Kind(row.kind).label,
        why=words.task(row.kind, row.code),
        age=words.ago(row.opened_at, until),
    )


def listing(code: str, *, actor: Actor, show: str, keys: dict[str, str], at: datetime) -> Any:
    """One page of a partner's list, ready to draw."""
    if show in lists.OUT:
        page: Any = lists.outgoing(code, actor=actor, show=show, **keys)
        rows: list[Any] = [out_row(one, at) for one in page.rows]
    else:
        page = lists.incoming(code, actor=actor, show=show, **keys)
        rows = [in_row(one, at) for one in page.rows]
    return {
        "show": show,
        "rows": rows,
        "page": page,
        "is_out": show in lists.OUT,
        "title_of": SHOWS[show][0],
        "empty_title": SHOWS[show][1],
        "empty_text": SHOWS[show][2],
    }


def message(one: Outgoing, *, at: datetime) -> dict[str, Any]:
    """One message out: where it stands, what it says, and every try."""
    partner = partners.find(one.row.department)
    tried = [Tried(row, words.error(row.ended), row.ended == "ok") for row in lists.tries(one.row)]
    return {
        "one": out_row(one, at),
        "partner": partner,
        "is_pushed": is_pushed(partner),
        "said": said.outgoing(one.row, partner=partner, at=at) if partner else None,
        "tries": tried,
    }


def is_pushed(partner: PartnerRecord | None) -> bool:
    """Whether we send to it; otherwise it fetches."""
    return partner is not None and partner.mode == PartnerRecord.Mode.PUSH


def partner_status(state: str) -> Status:
    """The status tag of a partner's state."""
    return Status(*words.STATES[state])
