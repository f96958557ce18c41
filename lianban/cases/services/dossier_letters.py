"""The letters with which dossiers went back: once one is opened its number stands."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianban.accounts.actor import Actor
from lianban.cases import timeline
from lianban.cases.models import DossierReturnRecord
from lianban.cases.services import dossiers
from lianban.engine.refusal import Refused


@dataclass(frozen=True)
class Return:
    """One return of a dossier."""

    sequence: int
    at: datetime
    #: The names of what was missing.
    missing: tuple[str, ...]
    returned_by: str
    is_taken_back: bool
    is_printed: bool


def of(dossier_id: UUID, district: str) -> list[Return]:
    """Every return of a dossier that the caller has read, newest first."""
    edition = dossiers.edition_of(district)
    rows = DossierReturnRecord.objects.filter(dossier_id=dossier_id).select_related("returned_by")
    return [
        Return(
            sequence=row.sequence,
            at=row.at,
            missing=tuple(timeline.name_of(edition, code) for code in row.pieces),
            returned_by=row.returned_by.name if row.returned_by else "",
            is_taken_back=row.taken_back_at is not None,
            is_printed=row.printed_at is not None,
        )
        for row in rows.order_by("-sequence")
    ]


@transaction.atomic
def opened(*, dossier_id: UUID, sequence: int, actor: Actor, at: datetime) -> Return:
    """A return whose letter is opened: from now on it cannot be taken back.

    Raises `Refused('unknown_paper')` for one that there is not, or that was taken back.
    """
    found = dossiers.locked(dossier_id, actor)
    rows = DossierReturnRecord.objects.select_for_update()
    row = rows.filter(dossier=found, sequence=sequence, taken_back_at=None).first()
    if row is None:
        raise Refused("unknown_paper", "没有这份退回函，或者退回已经撤销")
    if row.printed_at is None:
        row.printed_at = at
        row.save(update_fields=["printed_at"])
    return next(one for one in of(found.id, found.district_id) if one.sequence == sequence)
