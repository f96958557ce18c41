"""`lianban exchange counts|resend`: how many messages stand where, and one of them sent again."""

import argparse
from uuid import UUID

from django.db.models import Count

from lianban.accounts.actor import Actor
from lianban.clock import now
from lianban.engine.refusal import Refused
from lianban.exchange.models import InboxMessage, PartnerRecord
from lianban.exchange.resend import resend as send_again
from lianban.ops.command import Commands
from lianban.ops.exchange_said import GOOD, add_json, as_json, guarded
from lianban.outbox.models import OutboxMessage

#: Out, in the database's words, and as they are printed.
_OUT = {"pending": "waiting", "sent": "sent", "desk": "desk", "dead": "dead"}
NAMES = ("sent", "waiting", "dead", "desk", *InboxMessage.State.values)


def register(subparsers: Commands) -> None:
    """Add both commands."""
    counting = subparsers.add_parser(
        "counts", help="messages by partner: sent, waiting, dead, applied, parked …"
    )
    add_json(counting)
    counting.set_defaults(act=show)
    again = subparsers.add_parser("resend", help="send a message once more, under its old name")
    again.add_argument("message", help="the message's id")
    again.set_defaults(act=resend)


@guarded
def show(options: argparse.Namespace) -> int:
    """Print the counts of every partner, and of all together."""
    found = counts()
    total = {name: sum(one[name] for one in found.values()) for name in NAMES}
    if options.json:
        as_json({"partners": found, "total": total})
        return GOOD
    for code, one in [*found.items(), ("all", total)]:
        said = "  ".join(f"{name} {one[name]}" for name in NAMES if one[name])
        print(f"{code}: {said or 'nothing'}")
    return GOOD


def counts() -> dict[str, dict[str, int]]:
    """For each partner, and each other department that anything was written for: how many stand where."""
    found = {code: dict.fromkeys(NAMES, 0) for code in _codes()}
    out = OutboxMessage.objects.order_by().values_list("department", "state")
    for code, state, number in out.annotate(Count("id")):
        found.setdefault(code, dict.fromkeys(NAMES, 0))[_OUT[state]] = number
    came = InboxMessage.objects.order_by().values_list("partner_id", "state")
    for code, state, number in came.annotate(Count("id")):
        found[code][state] = number
    return dict(sorted(found.items()))


def _codes() -> list[str]:
    return list(PartnerRecord.objects.values_list("code", flat=True))


@guarded
def resend(options: argparse.Namespace) -> int:
    """Put a message back into the line."""
    try:
        message_id = UUID(options.message)
    except ValueError as failure:
        raise Refused("unknown_message", "消息编号写成 8-4-4-4-12 的样子") from failure
    send_again(message_id=message_id, actor=Actor.system(), at=now())
    print(f"{message_id} 重新排队")
    return GOOD
