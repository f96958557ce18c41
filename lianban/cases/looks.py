"""Who opened which file or paper of a person, and when."""

from datetime import datetime
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases.models import ViewRecord


def keep(*, case_id: UUID, what: str, actor: Actor, at: datetime) -> None:
    """Keep that the actor opened `what` (at most 60 signs, no personal value) of a case."""
    system = (actor.department or "") if actor.kind == "partner" else ""
    ViewRecord.objects.create(
        case_id=case_id, user_id=actor.user_id, department=system, what=what, at=at
    )
