"""Receiving dossiers one scan after the other: what each scan found, and taking one back.

A scan says that the dossier lies on the table: it arrives, whatever its checklist will say. Nothing
merges over a name, and a dossier of another district is only pointed out.
"""

import re
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from lianban import vault
from lianban.accounts import identity_number, person_name
from lianban.accounts.actor import Actor
from lianban.cases import dossier_code, forms
from lianban.cases.models import DossierRecord, DossierScanRecord, JointCaseRecord, PersonRecord
from lianban.cases.services import dossiers
from lianban.engine.refusal import Refused
from lianban.engine.states import CASE_OPEN

State = DossierRecord.State
Outcome = DossierScanRecord.Outcome
TABLE = "cases_dossierscanrecord"
#: The most signs that one scan may have.
LONGEST = 120
#: States in which a scan brings a dossier in.
_COMES = (State.EXPECTED, State.INCOMPLETE)
#: Seventeen digits and a check sign, with the blanks and hyphens that people put between.
_NUMBER = re.compile(r"(?:[0-9][ -]?){14,17}[0-9Xx]")


@dataclass(frozen=True)
class _Read:
    """What was scanned: a dossier by its own number, or a person's number with or without a name."""

    name: str = ""
    number: str = ""
    ids: tuple[UUID, UUID] | None = None


@transaction.atomic
def scan(*, text: str, district: str, actor: Actor, at: datetime) -> UUID:
    """Take in the dossier whose label or number was scanned; the scan's id.

    Raises `Refused`: `empty`, `wrong_number`, `unknown_dossier`, `wrong_name`, `not_permitted`,
    `unknown_district`.
    """
    dossiers.require_district(district, actor)
    read = _read(text, at.date())
    row = DossierScanRecord(
        id=uuid.uuid4(), district_id=district, scanned_by_id=actor.user_id, at=at
    )
    found = _find(read)
    if found is not None:
        _met(row, found, read, actor)
    else:
        _not_announced(row, read, actor)
    row.save(force_insert=True)
    return row.id


def _read(text: str, today: date) -> _Read:
    plain = unicodedata.normalize("NFKC", text[: LONGEST + 1]).strip()
    if not plain:
        raise Refused("empty", "请扫档案上的码，或输入身份证号、档案编号")
    if len(plain) > LONGEST or any(unicodedata.category(sign)[0] == "C" for sign in plain):
        raise Refused("wrong_number", "这不是档案上的码，也不是身份证号，请再扫一次")
    if ids := dossier_code.decode(plain):
        return _Read(ids=ids)
    if dossier_code.looks_like(plain):
        raise Refused("wrong_number", "档案编号不对，请照标签再输一遍，或扫标签上的码")
    found = _NUMBER.search(plain)
    number = found.group() if found else plain
    name = " ".join(plain.replace(number, " ").replace(",", " ").split()) if found else ""
    if len(name) > 50 or person_name.private_characters(name=name):
        raise Refused("wrong_name", "姓名太长，或有别的电脑认不出的字")
    try:
        return _Read(name=name, number=identity_number.parse(number, today=today).number)
    except identity_number.NotANumber as error:
        raise Refused("wrong_number", str(error)) from error


def _find(read: _Read) -> DossierRecord | None:
    rows = DossierRecord.objects.select_for_update()
    if read.ids is None:
        index = vault.blind_index(read.number, purpose="identity_number")
        return rows.filter(identity_index=index).first()
    found = list(rows.filter(id__range=read.ids)[:2])
    if len(found) != 1:
        raise Refused("unknown_dossier", "没有这个编号的档案，请改输身份证号")
    return found[0]


def _met(row: DossierScanRecord, found: DossierRecord, read: _Read, actor: Actor) -> None:
    """A dossier that is known already."""
    row.dossier = found
    if found.district_id not in actor.districts:
        row.outcome = Outcome.ELSEWHERE
        return
    dossiers.require_district(found.district_id, actor)
    row.name = found.name
    if found.state == State.RECEIVED:
        row.outcome = Outcome.ALREADY
        return
    before = {
        "state": found.state,
        "other_name": found.other_name,
        "arrived_on": found.arrived_on.isoformat() if found.arrived_on else None,
    }
    differs = bool(read.name) and not _same(found.name, read.name)
    if differs:
        found.other_name = read.name
    if found.state in _COMES:
        found.state, found.arrived_on = State.ARRIVED, row.at.date()
    if differs or found.state != before["state"]:
        row.before, found.updated_at = before, row.at
        found.save(update_fields=["state", "other_name", "arrived_on", "updated_at"])
    conflict = dossiers.names_in_conflict(found)
    row.outcome = Outcome.NAME_DIFFERS if conflict else Outcome.MATCHED


def _same(one: str, other: str) -> bool:
    return person_name.searchable(name=one) == person_name.searchable(name=other)


def _not_announced(row: DossierScanRecord, read: _Read, actor: Actor) -> None:
    """Nobody announced it; somebody who has a case here lends the name, else it is asked for."""
    index = vault.blind_index(read.number, purpose="identity_number")
    person = PersonRecord.objects.filter(identity_index=index).first()
    case = _case_of(person)
    if person and case and case.district_id not in actor.districts:
        row.outcome = Outcome.ELSEWHERE
        return
    row.outcome = Outcome.UNEXPECTED
    name = read.name or (person.name if person and case else "")
    if not name:
        row.identity_number = forms.seal_identity(read.number, table=TABLE, row=row.id)
        return
    _begin(row, name, read.number, case.district_id if case else row.district_id)


def _case_of(person: PersonRecord | None) -> JointCaseRecord | None:
    if person is None:
        return None
    return JointCaseRecord.objects.filter(person=person, state__in=CASE_OPEN).first()


def _begin(row: DossierScanRecord, name: str, number: str, district: str) -> None:
    index = vault.blind_index(number, purpose="identity_number")
    found = dossiers.new(name, number, index, district, row.at)
    if found is None:
        raise Refused("stale", "这份档案刚被别人登记了，请再扫一次")
    found.state, found.arrived_on = State.ARRIVED, row.at.date()
    found.save(update_fields=["state", "arrived_on"])
    row.dossier, row.name, row.has_made_dossier, row.identity_number = found, name, True, None
    if dossiers.names_in_conflict(found):
        row.outcome = Outcome.NAME_DIFFERS


@transaction.atomic
def give_name(*, scan_id: UUID, name: str, actor: Actor, at: datetime) -> None:
    """Say whose dossier it is that nobody announced and nobody knows; it arrives then.

    A repeat is harmless. Raises `Refused` (`unknown_scan`, `wrong_name`, `moved_on`).
    """
    row = _locked(scan_id, actor)
    if row.dossier_id:
        return
    name = " ".join(name.split())
    if not name or len(name) > 50 or person_name.private_characters(name=name):
        raise Refused("wrong_name", "请照档案写姓名，最多 50 个字")
    if row.identity_number is None or row.undone_at:
        raise Refused("moved_on", "这一份撤掉了，请再扫一次")
    number = forms.open_identity(bytes(row.identity_number), table=TABLE, row=row.id)
    index = vault.blind_index(number, purpose="identity_number")
    known = DossierRecord.objects.select_for_update().filter(identity_index=index).first()
    row.at = at
    if known is None:
        _begin(row, name, number, row.district_id)
    else:  # somebody has noted it since
        _met(row, known, _Read(name=name, number=number), actor)
        row.identity_number = None
    row.save()


@transaction.atomic
def undo(*, scan_id: UUID, actor: Actor, at: datetime) -> None:
    """Take a wrong scan back: the dossier is as it was before. A repeat is harmless.

    Raises `Refused` (`unknown_scan`, `not_permitted`, `moved_on` once something has happened since).
    """
    row = _locked(scan_id, actor)
    if row.undone_at is not None:
        return
    held = DossierRecord.objects.select_for_update()
    found = held.filter(id=row.dossier_id).first() if row.dossier_id else None
    if found is not None and (row.before or row.has_made_dossier):
        if found.updated_at != row.at:
            raise Refused("moved_on", "这份档案后来又动过，撤不了。请打开它改")
        if row.has_made_dossier:
            found.delete()
            row.dossier = None
        else:
            _restore(found, row.before, at)
    row.undone_at, row.identity_number = at, None
    row.save(update_fields=["undone_at", "identity_number", "dossier"])


def _restore(found: DossierRecord, before: dict[str, Any], at: datetime) -> None:
    found.state, found.other_name = before["state"], before["other_name"]
    arrived = before["arrived_on"]
    found.arrived_on = date.fromisoformat(arrived) if arrived else None
    found.updated_at = at
    found.save(update_fields=["state", "other_name", "arrived_on", "updated_at"])


def _locked(scan_id: UUID, actor: Actor) -> DossierScanRecord:
    row = (
        DossierScanRecord.objects.select_for_update()
        .filter(id=scan_id, district_id__in=actor.districts)
        .first()
    )
    if row is None:
        raise Refused("unknown_scan", "没有这一次扫描")
    dossiers.require_district(row.district_id, actor)
    return row


# What was scanned today ------------------------------------------------------------------------


@dataclass(frozen=True)
class Scan:
    """One scan as it is shown."""

    id: UUID
    outcome: str
    name: str
    identity_masked: str
    #: Where the dossier belongs, if it is not here.
    elsewhere: str
    dossier_id: UUID | None
    dossier_state: str
    at: datetime
    #: Nobody knows whose it is yet.
    needs_name: bool

    #: It lies here and is neither received nor sent back.
    is_open: bool

    @property
    def words(self) -> str:
        """The outcome in words."""
        return str(Outcome(self.outcome).label)


def today(*, actor: Actor, at: datetime, most: int = 50) -> tuple[int, list[Scan]]:
    """How many dossiers this officer took in today, and the last scans, newest first."""
    rows = _of_day(actor, at)
    taken = rows.filter(dossier__isnull=False, outcome__in=_TAKEN)
    count = taken.values("dossier_id").distinct().count()
    newest = rows.select_related("dossier__district").order_by("-at", "-id")[:most]
    return count, [_shown(row) for row in newest]


_TAKEN = (Outcome.MATCHED, Outcome.UNEXPECTED, Outcome.NAME_DIFFERS)


def _of_day(actor: Actor, at: datetime) -> QuerySet[DossierScanRecord]:
    start = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return DossierScanRecord.objects.filter(
        scanned_by_id=actor.user_id, at__gte=start, undone_at=None, district_id__in=actor.districts
    )


def _shown(row: DossierScanRecord) -> Scan:
    found, is_elsewhere = row.dossier, row.outcome == Outcome.ELSEWHERE
    masked = ""
    if found is not None and not is_elsewhere:
        masked = forms.masked_identity(
            bytes(found.identity_number), table=dossiers.TABLE, row=found.id
        )
    elif row.identity_number is not None:
        masked = forms.masked_identity(bytes(row.identity_number), table=TABLE, row=row.id)
    return Scan(
        id=row.id,
        outcome=row.outcome,
        name=row.name,
        identity_masked=masked,
        elsewhere=found.district.name if found is not None and is_elsewhere else "",
        dossier_id=None if is_elsewhere else row.dossier_id,
        dossier_state=found.get_state_display() if found is not None and not is_elsewhere else "",
        at=row.at,
        is_open=found is not None and found.state in (State.ARRIVED, State.CHECKING),
        needs_name=row.identity_number is not None,
    )
