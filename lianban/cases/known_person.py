"""What is known of a person when the number is typed: a case that runs, earlier ones, the dossier."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from lianban import vault
from lianban.accounts import identity_number
from lianban.accounts.actor import Actor
from lianban.accounts.person_name import folded
from lianban.cases.models import DossierRecord, JointCaseRecord, PersonRecord
from lianban.engine.states import CASE_OPEN


@dataclass(frozen=True)
class KnownCase:
    """One joint case of the person. `id` is None for a case that the actor may not open."""

    id: UUID | None
    case_number: str
    state: str
    district_name: str
    submitted_at: datetime
    is_open: bool


@dataclass(frozen=True)
class Known:
    """What is known of one identity number."""

    birth_date: date
    #: `male` or `female`, by the number.
    sex: str
    area_is_in_force: bool
    #: The number came before under another name than the one that was typed.
    name_differs: bool
    cases: tuple[KnownCase, ...]
    #: Where the troop's dossier stands, in words; empty: none is known in the actor's districts.
    dossier: str
    dossier_differs: bool

    @property
    def running(self) -> KnownCase | None:
        """The case that is open: a person has at most one."""
        return next((case for case in self.cases if case.is_open), None)


def known(number: str, *, name: str, actor: Actor, today: date) -> Known | None:
    """Look a number up; None when it is no number. Cases elsewhere are told without a way in."""
    try:
        parsed = identity_number.parse(number, today=today)
    except identity_number.NotANumber:
        return None
    index = vault.blind_index(parsed.number, purpose="identity_number")
    person = PersonRecord.objects.filter(identity_index=index).first()
    dossier = DossierRecord.objects.filter(
        identity_index=index, district_id__in=actor.districts
    ).first()
    return Known(
        birth_date=parsed.birth_date,
        sex=parsed.sex,
        area_is_in_force=parsed.area_is_in_force,
        name_differs=person is not None and _differs(person.name, name),
        cases=tuple(_cases(person, actor)) if person else (),
        dossier=DossierRecord.State(dossier.state).label if dossier else "",
        dossier_differs=dossier is not None and _differs(dossier.name, name),
    )


def _differs(known_name: str, typed: str) -> bool:
    return bool(typed) and folded(known_name) != folded(typed)


def _cases(person: PersonRecord, actor: Actor) -> list[KnownCase]:
    rows = JointCaseRecord.objects.filter(person=person).select_related("district")
    return [
        KnownCase(
            id=row.id if row.district_id in actor.districts else None,
            case_number=row.case_number if row.district_id in actor.districts else "",
            state=row.state,
            district_name=row.district.name,
            submitted_at=row.submitted_at,
            is_open=row.state in CASE_OPEN,
        )
        for row in rows.order_by("-submitted_at")[:5]
    ]
