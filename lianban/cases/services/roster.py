"""The troop's roster (部队名册): uploaded and checked, taken in, taken back.

Checking writes nothing but the roster's own rows: it is the dry run. Both checking and taking in go
chunk by chunk, each in a transaction of its own, and begin where the last one ended; so progress is
seen and a worker that dies costs one chunk.
"""

import hashlib
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from lianban import vault
from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import roster_table
from lianban.cases.models import (
    DossierRecord,
    JointCaseRecord,
    RosterRecord,
    RosterRowRecord,
)
from lianban.cases.services import dossiers, roster_lines
from lianban.engine.refusal import Refused

State = RosterRecord.State
Outcome = RosterRowRecord.Outcome
#: Lines of one transaction.
CHUNK = 250
#: The background job that does the work, by its name.
JOB = "lianban.ops.jobs.work_on_roster"
_FILE = {"table": "cases_rosterrecord", "column": "content"}
_LIVING = (State.UPLOADED, State.CHECKED, State.APPLYING, State.APPLIED)


@dataclass(frozen=True)
class TakenBack:
    """What an undo did: dossiers that went, and lines that stay since somebody has touched them."""

    gone: int
    kept: int


def upload(*, content: bytes, name: str, district: str, actor: Actor, at: datetime) -> UUID:
    """Keep a roster's file and have it checked. Returns its id.

    Raises `Refused`: `bad_file` and `bad_roster` (with what to do), `known_roster` for a file that
    is here already (`roster_id`), `not_permitted`, `unknown_district`.
    """
    require(district, actor)
    table = roster_table.read(content, name=name, edition=dossiers.edition_of(district))
    digest = hashlib.sha256(content).hexdigest()
    roster_id = uuid.uuid4()
    with transaction.atomic():
        known = RosterRecord.objects.filter(
            district_id=district, digest=digest, state__in=_LIVING
        ).first()
        if known is not None:
            raise Refused(
                "known_roster",
                f"这份文件 {known.made_at.month} 月 {known.made_at.day} 日已经传过了，没有再传一次",
                roster_id=known.id,
            )
        RosterRecord.objects.create(
            id=roster_id,
            district_id=district,
            name=_shown_name(name),
            digest=digest,
            state=State.UPLOADED,
            content=vault.encrypt(content, **_FILE, row=str(roster_id)),
            total=len(table.lines),
            ignored=list(table.ignored)[:50],
            made_by_id=actor.user_id,
            made_at=at,
        )
        _enqueue(roster_id)
    return roster_id


@transaction.atomic
def apply(*, roster_id: UUID, actor: Actor, at: datetime) -> None:
    """Take the checked roster in; conflicts wait for an officer. A second click is harmless.

    Raises `Refused` (`unknown_roster`, `not_permitted`, `not_ready`).
    """
    roster = _locked(roster_id, actor)
    if roster.state in (State.APPLYING, State.APPLIED):
        return
    if roster.state != State.CHECKED:
        raise Refused("not_ready", f"名册现在是“{roster.get_state_display()}”，还不能导入")
    roster.state, roster.done = State.APPLYING, 0
    roster.total, roster.applied_at = _to_take(roster).count(), at
    roster.save(update_fields=["state", "done", "total", "applied_at"])
    _enqueue(roster.id)


@transaction.atomic
def undo(*, roster_id: UUID, actor: Actor, at: datetime) -> TakenBack:
    """Take back what this roster made and nobody has touched since; the rest stays and is told.

    A second undo changes nothing. Raises `Refused` (`unknown_roster`, `not_permitted`).
    """
    roster = _locked(roster_id, actor)
    if roster.state != State.UNDONE:
        gone = list(_untouched(roster).values_list("id", "dossier_id"))
        touched = roster.rows.filter(has_made_dossier=True).exclude(id__in=[i for i, _ in gone])
        roster.kept = touched.update(outcome=Outcome.KEPT, conflict="", since=at)
        roster.rows.exclude(outcome=Outcome.KEPT).delete()
        DossierRecord.objects.filter(id__in=[dossier for _, dossier in gone]).delete()
        roster.state, roster.content, roster.undone_at = State.UNDONE, None, at
        roster.taken_back = len(gone)
        roster.save(update_fields=["state", "content", "undone_at", "taken_back", "kept"])
    return TakenBack(roster.taken_back, roster.kept)


def _untouched(roster: RosterRecord) -> QuerySet[RosterRowRecord]:
    """Lines whose dossier is as this roster made it, and whose person has not come since."""
    came = JointCaseRecord.objects.filter(
        person__identity_index=OuterRef("identity_index"), submitted_at__gt=OuterRef("applied_at")
    )
    others = RosterRowRecord.objects.filter(dossier_id=OuterRef("dossier_id")).exclude(
        roster_id=roster.id
    )
    return roster.rows.filter(
        ~Exists(came),
        ~Exists(others),
        has_made_dossier=True,
        dossier__state=DossierRecord.State.EXPECTED,
        dossier__other_name="",
        dossier__updated_at=F("applied_at"),
    ).exclude(settled__contains=["forwarded"])


# The work itself -------------------------------------------------------------------------------


def work(
    *,
    roster_id: UUID,
    now: Callable[[], datetime],
    chunks: int | None = None,
    tell: Callable[[], object] = lambda: None,
) -> bool:
    """Check or take in what is left, at most so many chunks; whether something remains.

    `tell` is called after each chunk. Harmless when there is nothing to do, or when two do it.
    """
    roster = RosterRecord.objects.filter(id=roster_id).first()
    steps = {State.UPLOADED: _check, State.APPLYING: _take_in}
    if roster is None or roster.state not in steps:
        return False
    for number, _ in enumerate(steps[State(roster.state)](roster, now), start=1):
        tell()
        if number == chunks:
            return True
    return False


def _check(roster: RosterRecord, now: Callable[[], datetime]) -> Iterator[None]:
    """Give each line its row; after each chunk control goes back."""
    if roster.content is None:
        return
    edition = dossiers.edition_of(roster.district_id)
    content = vault.decrypt(bytes(roster.content), **_FILE, row=str(roster.id))
    try:
        # The name decides only between CSV and XLSX, and its end is kept.
        lines = roster_table.read(content, name=roster.name, edition=edition).lines
    except Refused:
        RosterRecord.objects.filter(id=roster.id).update(state=State.FAILED, content=None)
        return
    sheet = roster_lines.Sheet(lines, edition, home=roster.district_id, at=roster.made_at)
    while True:
        with transaction.atomic():
            held = RosterRecord.objects.select_for_update().get(id=roster.id)
            if held.state != State.UPLOADED:
                return
            part = range(held.done, min(held.done + CHUNK, len(lines)))
            rows = [sheet.row(held, place) for place in part]
            sheet.judge(rows, at=now())
            RosterRowRecord.objects.bulk_create(rows, ignore_conflicts=True)
            held.done = part.stop
            if held.done == len(lines):
                held.state, held.content = State.CHECKED, None
            held.save(update_fields=["done", "state", "content"])
        yield


def _take_in(roster: RosterRecord, now: Callable[[], datetime]) -> Iterator[None]:
    """Make the dossiers of lines that nothing stands against, looking at each once more."""
    while True:
        with transaction.atomic():
            held = RosterRecord.objects.select_for_update().get(id=roster.id)
            if held.state != State.APPLYING:
                return
            left = _to_take(held)
            roster_lines.take_in(list(left.order_by("line")[:CHUNK]), held, at=now())
            remaining = left.count()
            held.done = max(held.total - remaining, 0)
            if not remaining:
                held.state = State.APPLIED
            held.save(update_fields=["done", "state"])
        yield


def _to_take(roster: RosterRecord) -> QuerySet[RosterRowRecord]:
    return roster.rows.filter(outcome__in=(Outcome.NEW, Outcome.KNOWN), applied_at=None)


# Who may, and the file's name --------------------------------------------------------------------


def require(district: str, actor: Actor) -> None:
    """Raise `Refused` unless the actor may bring in and settle rosters of this district.

    The system itself may: it is the engineer at the server's own console.
    """
    if actor.kind == "system":
        return
    subject = permissions.Subject(
        district=district, lead_department=dossiers.edition_of(district).lead_department
    )
    if not permissions.allows(actor=actor, command="import_roster", subject=subject):
        raise Refused("not_permitted", "您的岗位不能导入这个区县的名册")


def _locked(roster_id: UUID, actor: Actor) -> RosterRecord:
    found = RosterRecord.objects.select_for_update().filter(id=roster_id).first()
    if found is None or (actor.kind != "system" and found.district_id not in actor.districts):
        raise Refused("unknown_roster", "没有这份名册")
    require(found.district_id, actor)
    return found


def _shown_name(name: str) -> str:
    """The file's name as it may be shown: its end, without path and signs that nobody sees."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    return plain[-120:] or "名册"


def _enqueue(roster_id: UUID) -> None:
    """Have a worker do it, once; inside the transaction, so that it is never lost."""
    job = app.configure_task(JOB, queueing_lock=f"roster {roster_id}", lock=f"roster {roster_id}")
    try:
        with transaction.atomic():
            job.defer(roster_id=str(roster_id))
    except AlreadyEnqueued:
        return
