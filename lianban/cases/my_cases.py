"""The cases of one applicant: handed in by the account, or opened by a receipt."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from lianban.accounts.actor import Actor
from lianban.cases.models import JointCaseRecord


@dataclass(frozen=True)
class OwnCase:
    """One case in the list of a person's own."""

    id: UUID
    case_number: str
    person_name: str
    district_name: str
    state: str
    submitted_at: datetime
    item_count: int
    open_count: int


def own(actor: Actor) -> list[OwnCase]:
    """The actor's own cases, newest first; officers have none."""
    if actor.kind != "applicant":
        return []
    mine = Q(id__in=actor.case_ids)
    if actor.user_id is not None:
        mine |= Q(applicant_id=actor.user_id)
    rows = JointCaseRecord.objects.select_related("person", "district").filter(mine)
    return [
        OwnCase(
            id=row.id,
            case_number=row.case_number,
            person_name=row.person.name,
            district_name=row.district.name,
            state=row.state,
            submitted_at=row.submitted_at,
            item_count=row.item_count,
            open_count=row.open_count,
        )
        for row in rows.order_by("-submitted_at", "id")
    ]
