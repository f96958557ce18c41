"""Does the journal hold, and do the rows say what it says? Nothing is written."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from lianban.cases import codec, queries
from lianban.cases.models import JointCaseRecord, SubCaseRecord
from lianban.engine import event_data
from lianban.engine.case import JointCase
from lianban.engine.evolve import fold
from lianban.journal import chain
from lianban.journal.models import JournalEntry


@dataclass(frozen=True)
class Problem:
    """One disagreement."""

    case_id: UUID
    case_number: str
    text: str


def problems() -> Iterator[Problem]:
    """Every disagreement: in a chain, between a chain and its rows, entries without a case."""
    for record in JointCaseRecord.objects.order_by("submitted_at").iterator(chunk_size=200):
        for text in problems_of(record):
            yield Problem(record.id, record.case_number, text)
    known = JointCaseRecord.objects.values("id")
    strangers = JournalEntry.objects.exclude(case_id__in=known).values_list("case_id", flat=True)
    for case_id in strangers.distinct():
        yield Problem(case_id, "", "the journal has entries of a case that has no row")


def _entry(row: JournalEntry) -> chain.Entry:
    return chain.Entry(
        case_id=row.case_id,
        sequence=row.sequence,
        at=row.at,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        event=row.event,
        body=row.body,
        digest=bytes(row.digest),
    )


def problems_of(record: JointCaseRecord) -> Iterator[str]:
    """Every disagreement of one case, in words."""
    entries = [
        _entry(row) for row in JournalEntry.objects.filter(case_id=record.id).order_by("sequence")
    ]
    yield from chain.breaks(entries)
    if len(entries) != record.sequence:
        yield f"the row counts {record.sequence} events, the journal has {len(entries)}"
    if entries and entries[-1].digest != bytes(record.head):
        yield "the row's head is not the digest of the last entry"
    try:
        folded = fold(event_data.from_data(x.event, json.loads(x.body), at=x.at) for x in entries)
    except (KeyError, TypeError, ValueError) as error:
        yield f"the journal cannot be folded: {error!r}"
        return
    rows = list(record.sub_cases.order_by("number"))
    yield from _differences(folded, queries.aggregate(record, rows))
    yield from _columns(rows)


def _differences(folded: JointCase, stored: JointCase) -> Iterator[str]:
    for name in folded.__dataclass_fields__:
        if name != "sub_cases" and getattr(folded, name) != getattr(stored, name):
            yield f"the row's {name} is not what the journal says"
    for number in sorted(folded.sub_cases.keys() | stored.sub_cases.keys()):
        if folded.sub_cases.get(number) != stored.sub_cases.get(number):
            yield f"the row of item {number} is not what the journal says"


def _columns(rows: list[SubCaseRecord]) -> Iterator[str]:
    for row in rows:
        sub = codec.sub_from_data(row.detail)
        columns = (row.number, row.state, row.department, row.outcome)
        if columns != (sub.number, sub.state, sub.department, sub.outcome or ""):
            yield f"the columns of item {row.number} differ from its detail"
