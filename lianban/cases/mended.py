"""What about the person was mended after a department had it: shown where it works."""

import json
from dataclasses import dataclass
from datetime import datetime

from lianban.cases import timeline
from lianban.cases.queries import CaseView
from lianban.journal.models import JournalEntry


@dataclass(frozen=True)
class Mended:
    """Fields that are different now, by their labels."""

    label: str
    at: datetime


def of_item(view: CaseView, number: int) -> list[Mended]:
    """What of this item's fields was mended after its department had been given the old values."""
    code = view.edition.item(number).code
    own = {field.code for field in view.edition.fields if code in field.items}
    found = []
    entries = JournalEntry.objects.filter(case_id=view.id, event="PersonCorrected")
    for entry in entries.order_by("sequence"):
        body = json.loads(entry.body)
        codes = [one for one in body["codes"] if one in own] if number in body["items"] else []
        if codes:
            names = "、".join(timeline.name_of(view.edition, one) for one in codes)
            found.append(Mended(names, entry.at))
    return found


def of_case(view: CaseView) -> list[Mended]:
    """Everything about the person that was mended, for those who see the whole case."""
    entries = JournalEntry.objects.filter(case_id=view.id, event="PersonCorrected")
    return [
        Mended(
            "、".join(timeline.name_of(view.edition, c) for c in json.loads(entry.body)["codes"]),
            entry.at,
        )
        for entry in entries.order_by("sequence")
    ]
