"""Corrected identity numbers that are somebody else's: what an officer compares."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from lianban import vault
from lianban.accounts import identity_number
from lianban.accounts.actor import Actor
from lianban.accounts.person_name import folded
from lianban.cases import editions, forms, worklists
from lianban.cases.models import JointCaseRecord, PersonConflictRecord
from lianban.cases.services import person_corrections
from lianban.engine.refusal import Refused
from lianban.engine.states import CASE_OPEN


@dataclass(frozen=True)
class ConflictView:
    """One conflict: the person of the case beside the one who has the number."""

    id: UUID
    case_id: UUID
    case_number: str
    district_name: str
    name_before: str
    number_before: str
    name_wanted: str
    number_wanted: str
    other_name: str
    #: The numbers of the other's cases that the actor may know of, and whether one is open.
    other_cases: tuple[str, ...]
    other_is_running: bool
    by_name: str
    at: datetime
    is_open: bool
    state_label: str

    @property
    def names_agree(self) -> bool:
        """Whether both rows have the same name."""
        return folded(self.name_wanted) == folded(self.other_name)


def items(*, actor: Actor, after: str = "", before: str = "") -> worklists.Page[ConflictView]:
    """The open conflicts of the actor's districts, the oldest first."""
    rows = _rows(actor).filter(state=PersonConflictRecord.State.OPEN)
    page = worklists.paged(rows, "raised_at", False, after, before)
    return worklists.Page([_view(row, actor) for row in page.rows], page.next, page.previous)


def open_count(*, actor: Actor) -> int:
    """How many wait."""
    return _rows(actor).filter(state=PersonConflictRecord.State.OPEN).count()


def get(*, conflict_id: UUID, actor: Actor) -> ConflictView:
    """One conflict. Raises `Refused('unknown_conflict')`."""
    row = _rows(actor).filter(id=conflict_id).first()
    if row is None:
        raise Refused("unknown_conflict", "没有这条核对")
    return _view(row, actor)


def _rows(actor: Actor) -> QuerySet[PersonConflictRecord]:
    rows = PersonConflictRecord.objects.filter(case__district_id__in=actor.districts)
    return rows.select_related("case__person", "case__district", "other", "raised_by")


def _view(row: PersonConflictRecord, actor: Actor) -> ConflictView:
    person, edition = row.case.person, editions.pinned(row.case.edition_id, row.case.edition_hash)
    own = person_corrections.person_fields(edition)
    try:
        wanted = person_corrections.wanted_values(row)
    except vault.Unreadable:
        wanted = {}
    number = wanted.get(own[person_corrections.NUMBER].code, "")
    cases = JointCaseRecord.objects.filter(person=row.other)
    return ConflictView(
        id=row.id,
        case_id=row.case_id,
        case_number=row.case.case_number,
        district_name=row.case.district.name,
        name_before=person.name,
        number_before=forms.masked_identity(
            bytes(person.identity_number), table="cases_personrecord", row=person.id
        ),
        name_wanted=wanted.get(own[person_corrections.NAME].code, person.name),
        number_wanted=identity_number.mask(number) if number else forms.UNREADABLE,
        other_name=row.other.name,
        other_cases=tuple(
            cases.filter(district_id__in=actor.districts).values_list("case_number", flat=True)
        ),
        other_is_running=cases.filter(state__in=CASE_OPEN).exists(),
        by_name=row.raised_by.name,
        at=row.raised_at,
        is_open=row.state == PersonConflictRecord.State.OPEN,
        state_label=PersonConflictRecord.State(row.state).label,
    )
