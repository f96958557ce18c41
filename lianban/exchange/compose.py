"""What a message says: composed from the case at the moment of sending, by the partner's adapter."""

import hashlib
from datetime import datetime

from lianban.exchange import contract, partners, registry
from lianban.exchange.adapter import Telling
from lianban.exchange.models import PartnerRecord
from lianban.outbox.models import OutboxMessage

#: How a try ends whose message could not be composed, and how many such tries a message has.
FAILED = "not_composed"
MOST_TRIES = 5


def compose(
    row: OutboxMessage, *, partner: PartnerRecord, at: datetime
) -> contract.Envelope | None:
    """The envelope of a message; None where there is nothing to tell (any more).

    Raises `Refused`, `vault.Unreadable`.
    """
    tell = registry.adapter(partner.adapter).tells.get(row.topic)
    told = tell(Telling(row, partner, at)) if tell else None
    if told is None:
        return None
    return contract.envelope(
        word=told.word,
        message_id=str(row.message_id),
        source=partners.source(),
        subject=told.subject,
        at=row.created_at,
        data=told.data,
        sequence=row.sequence,
    )


def digest(envelope: contract.Envelope) -> str:
    """SHA-256 (hex) of an envelope as it is sent."""
    return hashlib.sha256(envelope.model_dump_json(exclude_none=True).encode()).hexdigest()
