"""Partners without a network: what an adapter says of a row, and what it hears."""

import itertools
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from lianban.cases.services import hand_in
from lianban.exchange import compose, contract, inbound, partners
from lianban.exchange.models import PartnerRecord
from lianban.exchange.receipts import Taken
from lianban.outbox.models import OutboxMessage
from tests.services.cast import City, moment
from tests.services.test_case_life import filled

#: Partners are connected before anything happens.
CONNECTED = moment("2026-09-01 08:00")
AT = moment("2026-09-03 10:00")
_serial = itertools.count(1)


def connect(code: str, adapter: str = "") -> PartnerRecord:
    """A partner with the adapter of its name."""
    return partners.connect(
        code=code,
        name=f"{code} 系统",
        adapter=adapter or code,
        address="http://127.0.0.1:9",
        at=CONNECTED,
    )


def registered(city: City, **content: Any) -> UUID:
    """A case that was accepted at the counter."""
    draft = filled(city.clerk, **content)
    return hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT).case_id


def rows(code: str, topic: str) -> list[OutboxMessage]:
    """What a partner is to be told under one topic, in order."""
    found = OutboxMessage.objects.filter(department=code, topic=topic)
    return list(found.order_by("id"))


def said(row: OutboxMessage, partner: PartnerRecord, at: datetime = AT) -> Any:
    """The envelope of a row as its partner gets it; None where there is nothing to tell."""
    envelope = compose.compose(row, partner=partner, at=at)
    return json.loads(envelope.model_dump_json(exclude_none=True)) if envelope else None


def hear(
    partner: PartnerRecord, word: str, data: dict[str, Any], subject: str, at: datetime = AT
) -> Taken:
    """Let a partner say something, under a new name each time."""
    message = {
        "specversion": "1.0",
        "id": f"test-message-{next(_serial)}",
        "source": f"urn:test:{partner.code}",
        "type": contract.type_of(word),
        "subject": subject,
        "time": at.isoformat(),
        "data": data,
    }
    return inbound.receive(partner=partner, body=json.dumps(message).encode(), at=at)
