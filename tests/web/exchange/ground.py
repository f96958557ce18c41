"""A partner, and messages out and in, as the relay and the partner's calls leave them."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.test import Client

from lianban import clock
from lianban.exchange import contract, inbound, partners, tasks
from lianban.exchange.models import InboxMessage, PartnerRecord, TaskRecord, TryRecord
from lianban.outbox.models import OutboxMessage
from tests.services.cast import FIELDS
from tests.web.bureau import desk

POLICE = "public_security"
HOUSEHOLD = 3
#: What nobody reads who only watches.
PERSONAL = (
    FIELDS["name"],
    FIELDS["identity_number"],
    FIELDS["mobile"],
    FIELDS["home_address"],
    FIELDS["bank_account"],
)


def police(*, mode: str = "push", at: datetime | None = None) -> PartnerRecord:
    """The police's own system."""
    return partners.connect(
        code=POLICE,
        name="公安部门",
        adapter=POLICE,
        mode=mode,
        address="http://127.0.0.1:9" if mode == "push" else "",
        at=at or clock.now() - timedelta(days=1),
    )


def message(case_id: UUID, item: int = HOUSEHOLD, topic: str = "dispatch") -> OutboxMessage:
    """The newest message to the police about an item."""
    rows = OutboxMessage.objects.filter(case_id=case_id, item=item, topic=topic, department=POLICE)
    return rows.order_by("-id")[0]


def dead(case_id: UUID, item: int = HOUSEHOLD) -> OutboxMessage:
    """A message that was given up, with its tries and its task."""
    at, row = clock.now(), message(case_id, item)
    for number in range(2):
        TryRecord.objects.create(
            message=row, partner_code=POLICE, at=at - timedelta(hours=2 - number),
            ended="no_connection", milliseconds=10_000,
        )  # fmt: skip
    row.state, row.done_at, row.attempts = OutboxMessage.State.DEAD, at, 24
    row.last_error = "no_connection"
    row.save()
    tasks.open_(
        kind=TaskRecord.Kind.DEAD, partner=partners.get(POLICE), about=str(row.message_id),
        case_id=row.case_id, item=row.item, code="no_connection", at=at,
    )  # fmt: skip
    return row


def arrived(case_id: UUID, item: int = HOUSEHOLD, *, at: datetime | None = None) -> OutboxMessage:
    """A message that their system has."""
    row = message(case_id, item)
    row.state, row.done_at, row.attempts = OutboxMessage.State.SENT, at or clock.now(), 1
    row.save()
    return row


def came(
    subject: str, word: str = "decide", name: str = "ga-00000001", **data: Any
) -> InboxMessage:
    """Something that their system has told us."""
    body = {
        "specversion": "1.0", "id": name, "source": "urn:ga", "type": contract.type_of(word),
        "subject": subject, "time": "2026-10-19T09:30:00+08:00", "data": data,
    }  # fmt: skip
    partner = partners.get(POLICE)
    inbound.receive(partner=partner, body=json.dumps(body).encode(), at=clock.now())
    return InboxMessage.objects.get(partner=partner, message_id=name)


def parked(case_id: UUID, item: int = HOUSEHOLD, name: str = "ga-00000001") -> InboxMessage:
    """A result that came before the decision: it fits nothing yet."""
    row = came(sub_case(case_id, item), "issue", name, number="1", issued_on="2026-10-19")
    assert row.state == InboxMessage.State.PARKED
    return row


def sub_case(case_id: UUID, item: int = HOUSEHOLD) -> str:
    """The sub-case's name on the wire."""
    return contract.sub_case(desk.number(case_id), item)


def head(city: Any, district: str) -> Client:
    """A browser of the head of a county's bureau."""
    return desk.browser(city, "bureau_head", district)


def department(city: Any, code: str = POLICE, district: str = "439901") -> Client:
    """A browser of an officer of a department."""
    client = Client()
    client.force_login(city.people[f"department_officer@{code}.{district}"])
    return client
