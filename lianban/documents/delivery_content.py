"""What the papers around a delivery need to know: the proof of delivery, and sheets of labels."""

from dataclasses import dataclass, field
from datetime import date, datetime

from lianban.documents.content import Document, Notice, Signature


@dataclass(frozen=True, kw_only=True)
class DeliveryRecord(Notice):
    """送达回证: one result put into the hands of the person or an agent, who signs for it."""

    item: str = ""
    result: str = ""
    result_number: str = ""
    result_date: date | None = None
    result_office: str = ""
    handed_over_at: datetime | None = None
    #: The officer who checked the document and handed over.
    handed_over_by: str = ""
    way: str = ""
    signature: Signature = field(default_factory=Signature)


@dataclass(frozen=True, kw_only=True)
class PostingLabel:
    """One label: whom it goes to, who sends it; ``qr`` is the case's number as SVG."""

    name: str
    phone: str
    address: str
    contents: str
    case_number: str
    qr: str


@dataclass(frozen=True, kw_only=True)
class PostingLabels(Document):
    """A4 sheets of two by five labels; the sender is the document's own office."""

    batch: str = ""
    labels: tuple[PostingLabel, ...] = ()
