"""What a courier's system says of an envelope: collected, delivered, returned."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from lianban.accounts.actor import Actor
from lianban.cases import store
from lianban.cases.models import MailRecord
from lianban.cases.services import postings, record, results, waybills
from lianban.engine.refusal import Refused

COMMAND = "note_mail"
#: The plan's reason for what comes back without one.
NOT_SAID = f"{postings.REASONS}not_said"
_LONGEST_CARRIER = 30


def collected(*, mail_id: UUID, number: str, carrier: str, actor: Actor, at: datetime) -> None:
    """Keep the tracking number, as a clerk's typed one: the results in the envelope are posted.

    A repeat is harmless. Raises `Refused` (`unknown_mail`, `bad_numbers`, `not_permitted`).
    """
    with transaction.atomic(), store.begun() as raw:
        _collect(raw, mail_id, number, carrier, actor, at)


def delivered(*, mail_id: UUID, number: str, carrier: str, actor: Actor, at: datetime) -> None:
    """What was in the envelope has arrived; it was collected before, whether or not we heard so.

    A repeat is harmless. Raises `Refused` (as `collected`; `not_posted`: it came back meanwhile).
    """
    with transaction.atomic(), store.begun() as raw:
        _collect(raw, mail_id, number, carrier, actor, at)
        results.received(mail_id=mail_id, actor=actor, at=at, command=COMMAND)


def returned(*, mail_id: UUID, number: str, carrier: str, actor: Actor, at: datetime) -> None:
    """The envelope came back; the person is asked for another address or another way.

    A repeat is harmless. Raises `Refused` (as `collected`; `already_received`).
    """
    with transaction.atomic(), store.begun() as raw:
        mail = _collect(raw, mail_id, number, carrier, actor, at)
        if mail.received_at is not None:
            raise Refused("already_received", "这个邮件已经签收，不能再记退回")
        if mail.returned_at is None:
            postings.came_back(mail, reason=NOT_SAID, actor=actor, at=at, command=COMMAND)


def _collect(
    raw: Any, mail_id: UUID, number: str, carrier: str, actor: Actor, at: datetime
) -> MailRecord:
    """The envelope under its case's lock, posted with this number."""
    mails = MailRecord.objects.select_related("case", "posting")
    first = mails.filter(id=mail_id).first()
    if first is None or waybills.courier(first.case) != actor.department:
        raise Refused("unknown_mail", "没有这个邮件，或者不是请您寄的")
    loaded = store.load(raw, first.case_id)
    record.authorise(loaded, COMMAND, actor)
    mail = mails.get(id=mail_id)
    if mail.posted_at is not None:
        return mail
    postings.require_numbers({mail.id: number})
    said = {"carrier": carrier[:_LONGEST_CARRIER], "number": number}
    if not postings.send_out(raw, mail, **said, actor=actor, at=at, command=COMMAND):
        raise Refused("unknown_mail", "这个邮件里已经没有东西，请退回来")
    return mail
