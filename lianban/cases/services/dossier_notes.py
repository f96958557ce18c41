"""Asking for what does not come: the troop for a dossier, a person to report; by letter or telephone."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lianban.accounts.actor import Actor
from lianban.cases import impersonal
from lianban.cases.models import DossierNoteRecord, DossierRecord, JointCaseRecord
from lianban.cases.services import dossiers
from lianban.engine.refusal import Refused

LONGEST = 200
#: A note may be written down late, but not about a day that long ago.
_DAYS_BACK = 366


@transaction.atomic
def add(
    *,
    kind: str,
    on: date,
    words: str,
    actor: Actor,
    at: datetime,
    case_ids: Iterable[UUID] = (),
    dossier_ids: Iterable[UUID] = (),
) -> int:
    """Note that somebody was asked on a day, for each of these; how many notes that made.

    Raises `Refused`: `nothing_chosen`, `unknown_kind`, `wrong_date`, `too_long`, `personal_value`,
    `too_many`, `not_permitted`.
    """
    _require_sense(kind, on, words, at)
    cases = JointCaseRecord.objects.filter(
        id__in=set(case_ids), district_id__in=actor.districts
    ).order_by("id")
    found = DossierRecord.objects.filter(
        id__in=set(dossier_ids), district_id__in=actor.districts
    ).order_by("id")
    about: list[JointCaseRecord | DossierRecord] = [
        *cases[: dossiers.MOST],
        *found[: dossiers.MOST],
    ]
    if not about:
        raise Refused("nothing_chosen", "请至少选一件")
    for district in {one.district_id for one in about}:
        dossiers.require_district(district, actor)
    facts = {"kind": kind, "on": on, "words": words.strip(), "noted_by_id": actor.user_id, "at": at}
    DossierNoteRecord.objects.bulk_create(
        DossierNoteRecord(
            case=one if isinstance(one, JointCaseRecord) else None,
            dossier=one if isinstance(one, DossierRecord) else None,
            **facts,
        )
        for one in about
    )
    return len(about)


def _require_sense(kind: str, on: date, words: str, at: datetime) -> None:
    if kind not in DossierNoteRecord.Kind.values:
        raise Refused("unknown_kind", "请选发函还是打电话")
    if not 0 <= (at.date() - on).days <= _DAYS_BACK:
        raise Refused("wrong_date", "请核对日期：不能晚于今天")
    if len(words) > LONGEST:
        raise Refused("too_long", f"最多写 {LONGEST} 个字")
    impersonal.require(words, today=at.date())
