"""Files that wait for the scanner: asked about again until it answers, released or refused then."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianban.accounts.actor import Actor
from lianban.cases import scanner, store
from lianban.cases.models import DraftRecord, FileRecord
from lianban.cases.scanner import Verdict
from lianban.cases.services import drafts, record, sealed_files
from lianban.engine.records import FileRefused

_AT_ONCE = 50
_STATES = {Verdict.CLEAN: FileRecord.State.CLEAN, Verdict.HARMFUL: FileRecord.State.REFUSED}


def again(*, at: datetime) -> int:
    """Ask about files that nobody could check yet, oldest first; how many are settled now.

    Stops at the first one without an answer: the scanner is still away.
    """
    waiting = FileRecord.objects.filter(state=FileRecord.State.CHECKING).order_by("created_at")
    settled = 0
    for file_id in list(waiting.values_list("id", flat=True)[:_AT_ONCE]):
        row = FileRecord.objects.defer("content").filter(id=file_id).first()
        if row is None:
            continue
        found = scanner.verdict(sealed_files.original_of(row))
        if found is Verdict.UNKNOWN:
            break
        settled += _settle(row, found, at)
    return settled


def _settle(row: FileRecord, found: Verdict, at: datetime) -> int:
    """Note what the scanner said; 0 where the file has gone elsewhere meanwhile."""
    if row.case_id is not None:
        return _settle_in_case(row, row.case_id, found, at)
    with transaction.atomic():
        if row.draft_id is not None:
            DraftRecord.objects.select_for_update().filter(id=row.draft_id).only("id").first()
        count = _noted(row, found, at)
        if count and found is Verdict.HARMFUL and row.draft_id is not None:
            _forget(row.draft_id, row.material, at)
        return count


def _settle_in_case(row: FileRecord, case_id: UUID, found: Verdict, at: datetime) -> int:
    """The case goes on without a harmful file; the person is told."""
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        count = _noted(row, found, at)
        if count and found is Verdict.HARMFUL:
            told = FileRefused(at, item=None, materials=(row.material,))
            record.write(raw, loaded, told, actor=Actor.system(), at=at)
        return count


def _noted(row: FileRecord, found: Verdict, at: datetime) -> int:
    same = FileRecord.objects.filter(
        id=row.id, state=FileRecord.State.CHECKING, case_id=row.case_id, draft_id=row.draft_id
    )
    return same.update(state=_STATES[found], checked_at=at)


def _forget(draft_id: UUID, material: str, at: datetime) -> None:
    others = FileRecord.objects.filter(draft_id=draft_id, material=material)
    if not others.exclude(state=FileRecord.State.REFUSED).exists():
        drafts.forget_way(draft_id=draft_id, material=material, at=at)
