"""Waybills: what a courier's system is asked to collect, one envelope each."""

from dataclasses import dataclass, field
from uuid import UUID

from lianban.cases import editions, forms
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord, MailRecord, PostingRecord
from lianban.cases.services import delivery
from lianban.outbox import wake
from lianban.outbox.models import OutboxMessage

#: The topic of the outbox, and the plan's word for who carries envelopes.
TOPIC = "waybill"


@dataclass(frozen=True)
class Waybill:
    """One envelope that waits for the courier. Personal values."""

    mail_id: UUID
    #: The office that sends it.
    sender: str
    to: delivery.Address = field(repr=False)


def courier(case: JointCaseRecord) -> str:
    """The partner that carries envelopes by the plan of this case; empty: nobody is asked."""
    edition = editions.pinned(case.edition_id, case.edition_hash)
    return edition.partners.services.get(TOPIC, "")


def order(posting: PostingRecord) -> None:
    """Write the order of every envelope of a batch, in the batch's own transaction.

    The message bears the envelope's name. It stands at the case's present sequence and at the first
    item in the envelope: an item is in one envelope at a time.
    """
    for mail in posting.mails.select_related("case"):
        numbers = mail.results.values_list("sub_case__number", flat=True)
        partner, item = courier(mail.case), min(numbers, default=None)
        if partner and item is not None:
            OutboxMessage.objects.get_or_create(
                message_id=mail.id,
                defaults={
                    "case_id": mail.case_id,
                    "sequence": mail.case.sequence,
                    "item": item,
                    "topic": TOPIC,
                    "department": partner,
                    "created_at": posting.made_at,
                    "next_at": posting.made_at,
                },
            )
            wake.after_commit([partner])


def read(mail_id: UUID) -> Waybill | None:
    """An envelope that still waits for the courier; None where it is gone, or empty by now."""
    mail = MailRecord.objects.select_related("case", "posting__office").filter(id=mail_id).first()
    if mail is None or mail.posted_at is not None:
        return None
    if not mail.results.filter(withdrawn_at__isnull=True).exists():
        return None
    case = mail.case
    edition = editions.pinned(case.edition_id, case.edition_hash)
    to = delivery.address_of(edition, forms.latest(case.id) or Content())
    office = mail.posting.office
    return Waybill(mail.id, office.name if office else edition.name, to) if to else None
