"""Text messages: the plan's words about one event, and the phone of the person as it is now."""

import json
from dataclasses import dataclass, field
from uuid import UUID

from lianban.cases import editions, forms, tell
from lianban.cases.models import JointCaseRecord
from lianban.engine import event_data
from lianban.journal.models import JournalEntry

#: The type of the field that holds the person's own phone; the first of the form counts.
PHONE = "mobile"


@dataclass(frozen=True)
class Text:
    """One text message. The phone is a personal value; the words name nobody."""

    to: str = field(repr=False)
    words: str


def of_event(*, case_id: UUID, sequence: int) -> Text | None:
    """The text about one event; None without a phone, or where the plan sends none.

    Raises `vault.Unreadable`.
    """
    case = JointCaseRecord.objects.filter(id=case_id).first()
    entry = JournalEntry.objects.filter(case_id=case_id, sequence=sequence).first()
    content = forms.latest(case_id)
    if case is None or entry is None or content is None:
        return None
    edition = editions.pinned(case.edition_id, case.edition_hash)
    event = event_data.from_data(entry.event, json.loads(entry.body), at=entry.at)
    words = tell.text_of(edition, event)
    phones = (content.fields.get(f.code, "") for f in edition.fields if f.type == PHONE)
    phone = next((phone for phone in phones if phone), "")
    return Text(phone, words) if phone and words else None
