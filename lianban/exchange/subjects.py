"""Subjects that are no sub-case: `text:<uuid>`, `mail:<uuid>`, `payment:<uuid>`, `verify:<uuid>`."""

from uuid import UUID

from lianban.engine.refusal import Refused
from lianban.exchange.adapter import Heard
from lianban.outbox.models import OutboxMessage


def name(kind: str, identity: UUID) -> str:
    """The subject of a service's message."""
    return f"{kind}:{identity}"


def identity(heard: Heard, kind: str) -> UUID:
    """The name in a subject of this kind. Raises `Refused('unknown_subject')`."""
    found, _, text = heard.envelope.subject.partition(":")
    try:
        if found == kind:
            return UUID(text)
    except ValueError:
        pass
    raise Refused("unknown_subject", f"这类消息的 subject 应当是 {kind}: 和我们给的编号")


def message(heard: Heard, kind: str) -> OutboxMessage:
    """Our own message to this partner that a subject names. Raises `Refused('unknown_subject')`."""
    rows = OutboxMessage.objects.filter(department=heard.partner.code, topic=kind)
    row = rows.filter(message_id=identity(heard, kind)).first()
    if row is None:
        raise Refused("unknown_subject", "没有给您发过这条消息")
    return row
