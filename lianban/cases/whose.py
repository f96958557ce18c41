"""Whose cases the rows of other rooms are about: filters over their `case_id`, and names to show."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from lianban.accounts.actor import Actor
from lianban.cases import editions
from lianban.cases.models import JointCaseRecord, SubCaseRecord
from lianban.catalogue.model import Edition


@dataclass(frozen=True)
class CaseName:
    """How a case is named in a list."""

    case_number: str
    person_name: str
    district_name: str
    edition: Edition

    def item_name(self, number: int | None) -> str:
        """An item's number and short name; nothing where it is none of the plan's."""
        known = {item.number for item in self.edition.items}
        return f"{number} {self.edition.item(number).short_name}" if number in known else ""


def in_districts(actor: Actor) -> Exists:
    """Rows whose case lies in the actor's districts."""
    rows = JointCaseRecord.objects.filter(id=OuterRef("case_id"))
    return Exists(rows.filter(district_id__in=actor.districts))


def own_items(actor: Actor) -> Exists:
    """Rows whose case and item lie with the actor's office."""
    rows = SubCaseRecord.objects.filter(case_id=OuterRef("case_id"), number=OuterRef("item"))
    return Exists(rows.filter(department=actor.department or "", district_id__in=actor.districts))


def names(case_ids: Iterable[UUID | None]) -> dict[UUID, CaseName]:
    """The names of cases, for a list that was narrowed to what the actor may see."""
    rows = JointCaseRecord.objects.select_related("person", "district")
    wanted = {case_id for case_id in case_ids if case_id}
    return {
        row.id: CaseName(
            row.case_number,
            row.person.name,
            row.district.name,
            editions.pinned(row.edition_id, row.edition_hash),
        )
        for row in rows.filter(id__in=wanted)
    }
