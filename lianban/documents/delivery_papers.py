"""Papers around a delivery: 送达回证 of what was handed over, labels of what is posted."""

from datetime import datetime
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases import result_lists
from lianban.cases.services import dossiers, postings, signatures
from lianban.catalogue.calendar import CHINA
from lianban.documents import letterhead, qr, render
from lianban.documents.content import Signature
from lianban.documents.delivery_content import DeliveryRecord, PostingLabel, PostingLabels
from lianban.documents.occasion import Occasion
from lianban.documents.paper_form import on_paper


def delivery_record(on: Occasion) -> DeliveryRecord:
    """送达回证 of one result, with the signature that was given when it was handed over."""
    number = on.moment.item
    assert number is not None
    item = on.view.edition.item(number)
    result = next((r for r in result_lists.of_case(on.view) if r.item == number), None)
    signed = [
        one
        for one in signatures.of_case(case_id=on.view.id)
        if one.purpose == f"hand_over:{number}" and one.signed_at == on.moment.at
    ]
    sheet = on.notice("delivery_record_basis")
    drawn = on_paper(on.view.edition, on.content, signed)
    return DeliveryRecord(
        **sheet,
        item=item.name,
        result=item.result.name if item.result else item.name,
        result_number=result.number if result else "",
        result_date=result.issued_on if result else None,
        result_office=result.office_name if result else "",
        handed_over_at=on.moment.at,
        handed_over_by=on.moment.officer,
        way=on.head.word("delivery_record_way"),
        signature=drawn or Signature(),
    )


def labels(*, posting_id: UUID, actor: Actor, at: datetime) -> bytes:
    """The labels of a batch as PDF, in the order of its table; whose address was read is kept.

    Raises `Refused('unknown_posting')`.
    """
    posting = postings.get(posting_id=posting_id, actor=actor)
    edition = dossiers.edition_of(posting.district_id)
    department = posting.office.department if posting.office else edition.lead_department
    head = letterhead.of(edition, district=posting.district_id, department=department)
    shown = tuple(
        PostingLabel(
            name=address.name,
            phone=address.phone,
            address=address.address,
            contents="、".join(envelope.contents),
            case_number=envelope.case_number,
            qr=qr.svg(envelope.case_number),
        )
        for envelope, address in postings.addressed(posting, actor=actor, at=at)
    )
    sheet = head.sheet(at=posting.made_at.astimezone(CHINA))
    if posting.office:
        own = posting.office
        sheet |= {"office": own.name, "office_address": own.address, "office_phone": own.phone}
    return render.render(PostingLabels(**sheet, batch=posting.number, labels=shown))
