"""Batches that were gathered, and the rows of their summary sheet."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases import editions, forms, worklists
from lianban.cases.models import BatchRecord, JointCaseRecord
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry


@dataclass(frozen=True)
class BatchView:
    """One batch as it is shown."""

    id: UUID
    number: str
    district_name: str
    gathered_at: datetime
    gathered_by: str
    case_count: int


@dataclass(frozen=True)
class SheetRow:
    """One gathered sub-case on the summary sheet, as it stands now."""

    case_id: UUID
    case_number: str
    name: str
    identity_masked: str
    item: int
    item_name: str
    department: str
    state: str
    outcome: str
    result_number: str


def batches(*, actor: Actor, after: str = "", before: str = "") -> worklists.Page[BatchView]:
    """The batches of the actor's districts, newest first."""
    rows = BatchRecord.objects.filter(district_id__in=actor.districts)
    rows = rows.select_related("district", "gathered_by").prefetch_related("cases")
    page = worklists.paged(rows, "gathered_at", True, after, before)
    return worklists.Page([_view(row) for row in page.rows], page.next, page.previous)


def get(*, batch_id: UUID, actor: Actor) -> BatchView:
    """One batch. Raises `Refused('unknown_case')`."""
    return _view(_record(batch_id, actor))


def sheet(*, batch_id: UUID, actor: Actor) -> list[SheetRow]:
    """One row for each sub-case that the batch pushed. Raises `Refused('unknown_case')`."""
    cases = _record(batch_id, actor).cases.select_related("person").prefetch_related("sub_cases")
    return [row for case in cases.order_by("case_number") for row in _rows(case)]


def _rows(case: JointCaseRecord) -> Iterator[SheetRow]:
    edition = editions.pinned(case.edition_id, case.edition_hash)
    entry = JournalEntry.objects.filter(case_id=case.id, event="BatchGathered").last()
    pushed = set(json.loads(entry.body)["items"]) if entry else set()
    masked = forms.masked_identity(
        bytes(case.person.identity_number), table="cases_personrecord", row=case.person_id
    )
    for sub in sorted(case.sub_cases.all(), key=lambda row: row.number):
        if sub.number in pushed:
            yield SheetRow(
                case_id=case.id,
                case_number=case.case_number,
                name=case.person.name,
                identity_masked=masked,
                item=sub.number,
                item_name=edition.item(sub.number).name,
                department=edition.department_names[sub.department],
                state=sub.state,
                outcome=sub.outcome,
                result_number=sub.result_number,
            )


def _record(batch_id: UUID, actor: Actor) -> BatchRecord:
    rows = BatchRecord.objects.select_related("district", "gathered_by").prefetch_related("cases")
    found = rows.filter(id=batch_id, district_id__in=actor.districts).first()
    if found is None:
        raise Refused("unknown_case", "没有这一批")
    return found


def _view(row: BatchRecord) -> BatchView:
    return BatchView(
        id=row.id,
        number=row.number,
        district_name=row.district.name,
        gathered_at=row.gathered_at,
        gathered_by=row.gathered_by.name if row.gathered_by else "",
        case_count=len(row.cases.all()),
    )
