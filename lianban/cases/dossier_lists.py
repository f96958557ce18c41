"""Lists of dossiers and of people without one, by keyset; numbers are shown masked."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from lianban.accounts.actor import Actor
from lianban.cases import forms, worklists
from lianban.cases.models import (
    DossierNoteRecord,
    DossierRecord,
    JointCaseRecord,
    PersonRecord,
    ViewRecord,
)
from lianban.cases.services import dossier_pieces
from lianban.cases.services import dossiers as dossiers_service
from lianban.cases.services.dossier_pieces import PieceView
from lianban.engine.refusal import Refused
from lianban.engine.states import CASE_OPEN
from lianban.journal.models import JournalEntry

STATES = {state.value: state.label for state in DossierRecord.State}
#: The most rows of one file.
MOST_EXPORTED = 5000
_HERE = ("arrived", "checking", "incomplete", "received")


@dataclass(frozen=True)
class Note:
    """Somebody was asked: on which day, by letter or telephone."""

    on: date
    kind: str

    @property
    def words(self) -> str:
        """How, in words."""
        return str(DossierNoteRecord.Kind(self.kind).label)


@dataclass(frozen=True)
class Narrow:
    """What narrows a list: one district, and those who wait since that day or longer."""

    district: str = ""
    since: date | None = None


WHOLE = Narrow()


@dataclass(frozen=True)
class DossierView:
    """One dossier as it is shown."""

    id: UUID
    name: str
    #: Names that came with the same number and are not this one.
    other_names: tuple[str, ...]
    identity_masked: str
    state: str
    district: str
    district_name: str
    vouchers: tuple[str, ...]
    remark: str
    arrived_on: date | None
    updated_at: datetime
    #: The person's newest case that this actor may see.
    case_id: UUID | None
    case_number: str
    #: The last day of the letter that came along and ends first.
    letter_until: date | None
    #: When somebody last asked for the person, and how.
    note: "Note | None"

    @property
    def state_word(self) -> str:
        """The state in words."""
        return STATES[self.state]


@dataclass(frozen=True)
class PersonView:
    """A person whose case waits for the dossier."""

    case_id: UUID
    case_number: str
    name: str
    district: str
    district_name: str
    case_state: str
    submitted_at: datetime
    #: Where the dossier stands, empty when nobody has heard of it.
    dossier_state: str
    #: The dossier bears another name.
    name_differs: bool
    #: When somebody last asked for the dossier, and how.
    note: "Note | None"

    @property
    def dossier_word(self) -> str:
        """The dossier's state in words."""
        return STATES.get(self.dossier_state, "")


def dossiers(
    *, actor: Actor, show: str, narrow: Narrow = WHOLE, after: str = "", before: str = ""
) -> worklists.Page[DossierView]:
    """Dossiers of the actor's districts: a state, `no_person`, `conflict`, `letters`, or all.

    Oldest first; `letters` by their last day. `Narrow.since` is about the day of arrival.
    """
    column = "letter_ends_on" if show == "letters" else "updated_at"
    rows = narrowed_dossiers(actor, show, narrow)
    page = worklists.paged(rows, column, show == "all", after, before)
    return worklists.Page([_view(row) for row in page.rows], page.next, page.previous)


def people(
    *, actor: Actor, narrow: Narrow = WHOLE, after: str = "", before: str = ""
) -> worklists.Page[PersonView]:
    """People with an open case whose dossier has not been received, those who wait longest first."""
    page = worklists.paged(narrowed_people(actor, narrow), "submitted_at", False, after, before)
    return worklists.Page([_person(row) for row in page.rows], page.next, page.previous)


def export(
    *, actor: Actor, show: str, narrow: Narrow, at: datetime
) -> list[PersonView] | list[DossierView]:
    """Every row of a list, for a file; that each was taken out is kept. At most `MOST_EXPORTED`."""
    found: list[PersonView] | list[DossierView]
    if show == "people":
        rows = narrowed_people(actor, narrow).order_by("submitted_at", "id")
        found = [_person(row) for row in rows[:MOST_EXPORTED]]
        ids = [row.case_id for row in found]
    else:
        rows = narrowed_dossiers(actor, show, narrow).order_by("updated_at", "id")
        found = [_view(row) for row in rows[:MOST_EXPORTED]]
        ids = [row.id for row in found]
    ViewRecord.objects.bulk_create(
        ViewRecord(case_id=one, user_id=actor.user_id, what=f"export:{show}", at=at) for one in ids
    )
    return found


def narrowed_people(actor: Actor, narrow: Narrow) -> QuerySet[Any]:
    """Rows of `people`, not yet in order."""
    notes = DossierNoteRecord.objects.filter(case_id=OuterRef("id")).order_by("-on", "-at")
    rows = _people(actor).annotate(
        note_on=Subquery(notes.values("on")[:1]), note_kind=Subquery(notes.values("kind")[:1])
    )
    if narrow.district:
        rows = rows.filter(district_id=narrow.district)
    if narrow.since:
        rows = rows.filter(submitted_at__date__lte=narrow.since)
    found: QuerySet[Any] = rows.select_related("person", "district")
    return found


def narrowed_dossiers(actor: Actor, show: str, narrow: Narrow) -> QuerySet[Any]:
    """Rows of `dossiers`, not yet in order."""
    notes = DossierNoteRecord.objects.filter(dossier_id=OuterRef("id")).order_by("-on", "-at")
    rows = _dossiers(actor, show).annotate(
        letter_ends_on=F("letter_until"),
        note_on=Subquery(notes.values("on")[:1]),
        note_kind=Subquery(notes.values("kind")[:1]),
    )
    if narrow.district:
        rows = rows.filter(district_id=narrow.district)
    if narrow.since:
        rows = rows.filter(arrived_on__lte=narrow.since)
    found: QuerySet[Any] = rows.select_related("district")
    return found


def to_receive(
    *, actor: Actor, after: str = "", before: str = ""
) -> worklists.Page[JointCaseRecord]:
    """Cases whose person has reported and whose dossier is here, so that reception can be registered."""
    rows = _to_receive(actor).select_related("person", "district")
    return worklists.paged(rows, "since", False, after, before)


def counts(*, actor: Actor) -> dict[str, int]:
    """How many rows each list has; `people` are those without a dossier, `to_receive` cases."""
    shows = ("expected", "arrived", "checking", "incomplete", "no_person", "conflict", "letters")
    found = {show: _dossiers(actor, show).count() for show in shows}
    waiting = {"people": _people(actor).count(), "to_receive": _to_receive(actor).count()}
    return waiting | found


def get(*, dossier_id: UUID, actor: Actor) -> DossierView:
    """One dossier. Raises `Refused('unknown_case')` for what the actor may not see."""
    row = _dossiers(actor, "all").select_related("district").filter(id=dossier_id).first()
    if row is None:
        raise Refused("unknown_case", "没有这份档案")
    return _view(row)


def pieces(*, dossier_id: UUID, actor: Actor) -> list[PieceView]:
    """The checklist of one dossier. Raises `Refused('unknown_case')`."""
    row = _dossiers(actor, "all").filter(id=dossier_id).first()
    if row is None:
        raise Refused("unknown_case", "没有这份档案")
    return dossier_pieces.of(row, dossiers_service.edition_of(row.district_id))


def expected(*, actor: Actor, district: str, most: int) -> list[DossierView]:
    """Dossiers that are announced and not here yet, by name, for labels."""
    rows = narrowed_dossiers(actor, "expected", Narrow(district=district))
    return [_view(row) for row in rows.order_by("name", "id")[:most]]


def reveal(*, dossier_id: UUID, actor: Actor, at: datetime) -> str:
    """The whole number; who looked is kept. Raises `Refused('unknown_case')`."""
    row = _dossiers(actor, "all").filter(id=dossier_id).first()
    if row is None:
        raise Refused("unknown_case", "没有这份档案")
    ViewRecord.objects.create(case_id=row.id, user_id=actor.user_id, what="dossier", at=at)
    return _number(row)


def of_case(*, case_id: UUID, actor: Actor) -> DossierView | None:
    """The dossier that belongs to a case by its person's number, or None."""
    person = PersonRecord.objects.filter(cases__id=case_id).first()
    if person is None:
        return None
    rows = _dossiers(actor, "all").select_related("district")
    row = rows.filter(identity_index=person.identity_index).first()
    return _view(row) if row else None


def _dossiers(actor: Actor, show: str) -> QuerySet[Any]:
    same = PersonRecord.objects.filter(identity_index=OuterRef("identity_index"))
    cases = JointCaseRecord.objects.filter(
        person__identity_index=OuterRef("identity_index"), district_id__in=actor.districts
    ).order_by("-submitted_at")
    rows = DossierRecord.objects.filter(district_id__in=actor.districts).annotate(
        person_name=Subquery(same.values("name")[:1]),
        case_id_found=Subquery(cases.values("id")[:1]),
        case_number_found=Subquery(cases.values("case_number")[:1]),
    )
    if show == "conflict":
        return rows.filter(
            ~Q(other_name="") | (Q(person_name__isnull=False) & ~Q(person_name=F("name")))
        )
    if show == "no_person":
        came = JointCaseRecord.objects.filter(person__identity_index=OuterRef("identity_index"))
        return rows.filter(~Exists(came), state__in=_HERE)
    if show == "letters":
        open_case = JointCaseRecord.objects.filter(
            person__identity_index=OuterRef("identity_index"), state__in=CASE_OPEN
        )
        return rows.filter(Exists(open_case), letter_until__isnull=False)
    return rows.filter(state=show) if show in STATES else rows


def _people(actor: Actor) -> QuerySet[Any]:
    received = JournalEntry.objects.filter(case_id=OuterRef("id"), event="DossierReceived")
    dossier = DossierRecord.objects.filter(identity_index=OuterRef("person__identity_index"))
    return JointCaseRecord.objects.filter(
        ~Exists(received), district_id__in=actor.districts, state__in=CASE_OPEN
    ).annotate(
        dossier_state=Subquery(dossier.values("state")[:1]),
        dossier_name=Subquery(dossier.values("name")[:1]),
    )


def _to_receive(actor: Actor) -> QuerySet[JointCaseRecord]:
    events = JournalEntry.objects.filter(case_id=OuterRef("id"))
    return JointCaseRecord.objects.filter(
        Exists(events.filter(event="DossierReceived")),
        ~Exists(events.filter(event="ReceptionRegistered")),
        district_id__in=actor.districts,
        state="in_handling",
    )


def _number(row: Any) -> str:
    return forms.open_identity(bytes(row.identity_number), table="cases_dossierrecord", row=row.id)


def _view(row: Any) -> DossierView:
    others = (row.other_name, row.person_name or "")
    return DossierView(
        id=row.id,
        name=row.name,
        other_names=tuple(dict.fromkeys(o for o in others if o and o != row.name)),
        identity_masked=forms.masked_identity(
            bytes(row.identity_number), table="cases_dossierrecord", row=row.id
        ),
        state=row.state,
        district=row.district_id,
        district_name=row.district.name,
        vouchers=tuple(row.vouchers),
        remark=row.remark,
        arrived_on=row.arrived_on,
        updated_at=row.updated_at,
        case_id=row.case_id_found,
        case_number=row.case_number_found or "",
        letter_until=row.letter_until,
        note=_note(row),
    )


def _person(row: Any) -> PersonView:
    return PersonView(
        case_id=row.id,
        case_number=row.case_number,
        name=row.person.name,
        district=row.district_id,
        district_name=row.district.name,
        case_state=row.state,
        submitted_at=row.submitted_at,
        dossier_state=row.dossier_state or "",
        name_differs=bool(row.dossier_name and row.dossier_name != row.person.name),
        note=_note(row),
    )


def _note(row: Any) -> Note | None:
    """The last note of a row, where the list asks for it."""
    on: date | None = getattr(row, "note_on", None)
    return Note(on, row.note_kind) if on else None
