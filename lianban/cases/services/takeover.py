"""Bring what an earlier case holds into a new one: grades, who saw it, and the files."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.utils.timezone import make_aware

from lianban.accounts.actor import Actor
from lianban.cases import store
from lianban.cases.models import FileRecord, MaterialRecord
from lianban.cases.reuse import Offer
from lianban.cases.services import sealed_files
from lianban.engine import commands as c
from lianban.engine.decide import decide

State = MaterialRecord.State


def take_over(
    raw: Any, loaded: store.Loaded, offers: Iterable[Offer], *, actor: Actor, at: datetime
) -> store.Loaded:
    """Use materials of earlier cases in a case that was just handed in; the case after it."""
    for offer in offers:
        command = c.GradeMaterials((offer.code,), offer.grade, "earlier", offer.valid_until)
        events = decide(loaded.edition, loaded.case, command, at=at, calendar=loaded.calendar)
        loaded = store.write(raw, loaded, events, actor=actor, at=at) if events else loaded
        seen = offer.seen_by_id is not None
        MaterialRecord.objects.filter(case_id=loaded.case_id, code=offer.code).update(
            state=State.SEEN if seen else State.UPLOADED,
            seen_by_id=offer.seen_by_id,
            seen_at=make_aware(datetime.combine(offer.verified_on, time())) if seen else None,
            updated_at=at,
        )
        files = FileRecord.objects.filter(case_id=offer.case_id, material=offer.code)
        for file in files.filter(state=FileRecord.State.CLEAN):
            sealed_files.copy(file, case_id=loaded.case_id, at=at)
    return loaded
