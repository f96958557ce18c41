"""The lines of a roster as rows: judged with what is known of their numbers, and taken in."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import connection

from lianban.cases import forms, roster_judge, roster_known
from lianban.cases.models import DossierRecord, RosterRecord, RosterRowRecord
from lianban.cases.roster_judge import Known, Number, Question
from lianban.cases.roster_known import Places
from lianban.cases.roster_table import Line
from lianban.cases.services import dossiers
from lianban.catalogue.model import Edition

Outcome = RosterRowRecord.Outcome
_NOBODY = Known()


class Sheet:
    """All lines of one file, so that a line knows of the others with its number."""

    def __init__(self, lines: Sequence[Line], edition: Edition, *, home: str, at: datetime) -> None:
        self.lines, self.edition, self.home = lines, edition, home
        self.places = Places(home)
        today = at.date()
        self._numbers = [roster_judge.number_of(line, today=today) for line in lines]
        self._indexes = [
            roster_known.index_of(found.number) if found.number else None for found in self._numbers
        ]
        self._names: dict[bytes, list[str]] = defaultdict(list)
        self._earlier: list[tuple[str, ...]] = []
        for line, index in zip(lines, self._indexes, strict=True):
            names = self._names[index] if index else []
            self._earlier.append(tuple(names))
            if index:
                names.append(line.name)

    def row(self, roster: RosterRecord, place: int) -> RosterRowRecord:
        """A new row for the line at this place, not yet judged."""
        line, number, row = self.lines[place], self._numbers[place].number, uuid.uuid4()
        return RosterRowRecord(
            id=row,
            roster=roster,
            line=line.line,
            district_id=self.places.looks_after(line.place),
            name=line.name[:50],
            identity_number=_sealed(number, row) if number else None,
            identity_index=self._indexes[place],
            details=roster_known.sealed(line, row=row),
            unread=len(line.unread),
        )

    def judge(self, rows: Sequence[RosterRowRecord], *, at: datetime) -> None:
        """Say where each new row belongs."""
        by_line = {line.line: place for place, line in enumerate(self.lines)}
        known = roster_known.fetch(_indexes(rows))
        for row in rows:
            place = by_line[row.line]
            index = self._indexes[place]
            names = self._names[index] if index else []
            asked = Question(
                line=self.lines[place],
                number=self._numbers[place],
                known=known.get(index, _NOBODY) if index else _NOBODY,
                edition=self.edition,
                district=row.district_id,
                home=self.home,
                place=self.places.meant(self.lines[place].place),
                earlier=self._earlier[place],
                is_ambiguous=any(not roster_judge.same_name(names[0], name) for name in names),
            )
            put(row, asked, at=at)


def take_in(rows: Sequence[RosterRowRecord], roster: RosterRecord, *, at: datetime) -> None:
    """Judge rows again and make the dossiers that are missing; what has changed is a conflict now.

    A row whose dossier somebody else has noted at the same moment is left for the next time.
    """
    edition = dossiers.edition_of(roster.district_id)
    places = Places(roster.district_id)
    known = roster_known.fetch(_indexes(rows), besides=roster.id)
    made: dict[UUID, DossierRecord] = {}
    for row in rows:
        asked = question(row, roster, edition, places, known)
        put(row, asked, at=at)
        if row.outcome == Outcome.CONFLICT:
            continue
        row.applied_at, row.dossier_id = at, asked.known.dossier_id
        if row.dossier_id is None:
            made[row.id] = _dossier(row, asked, at)
    DossierRecord.objects.bulk_create(made.values(), ignore_conflicts=True)
    _join(rows, made)
    _write(rows)


#: One statement for a whole chunk; Django's own way costs more than all the rest.
_UPDATE = """
    UPDATE cases_rosterrowrecord AS row SET outcome = new.outcome, conflict = new.conflict,
        since = new.since, applied_at = new.applied_at, dossier_id = new.dossier_id,
        has_made_dossier = new.has_made_dossier
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[],
        %s::uuid[], %s::boolean[])
        AS new(id, outcome, conflict, since, applied_at, dossier_id, has_made_dossier)
    WHERE row.id = new.id
"""


def _write(rows: Sequence[RosterRowRecord]) -> None:
    columns: list[list[object]] = [
        [row.id for row in rows],
        [str(row.outcome) for row in rows],
        [row.conflict for row in rows],
        [row.since for row in rows],
        [row.applied_at for row in rows],
        [row.dossier_id for row in rows],
        [row.has_made_dossier for row in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, columns)


def _join(rows: Sequence[RosterRowRecord], made: Mapping[UUID, DossierRecord]) -> None:
    written = set(
        DossierRecord.objects.filter(id__in=[one.id for one in made.values()]).values_list(
            "id", flat=True
        )
    )
    for row in rows:
        dossier = made.get(row.id)
        if dossier is None:
            continue
        if dossier.id in written:
            row.dossier_id, row.has_made_dossier = dossier.id, True
        else:
            row.applied_at = None


def question(
    row: RosterRowRecord,
    roster: RosterRecord,
    edition: Edition,
    places: Places,
    known: Mapping[bytes, Known],
) -> Question:
    """A row that was judged before, to be judged with what is known now.

    An officer may have corrected the name or the number since.
    """
    line = replace(roster_known.opened(row), name=row.name)
    index = bytes(row.identity_index) if row.identity_index else b""
    number, again = number_of(row), roster_judge.number_of(line, today=roster.made_at.date())
    is_corrected = bool(number) and number != again.number
    own = RosterRowRecord.objects.filter(roster=roster, identity_index=index or None)
    twins = own.exclude(id=row.id).exclude(outcome=Outcome.LEFT) if is_corrected else own.none()
    return Question(
        line=line,
        number=Number(number) if is_corrected else again,
        known=known.get(index, _NOBODY),
        edition=edition,
        district=row.district_id,
        home=roster.district_id,
        place=places.meant(line.place),
        earlier=tuple(twins.values_list("name", flat=True)),
        is_forwarded=row.resolution == "forward" or roster_judge.FORWARDED in row.settled,
        settled=frozenset(row.settled),
    )


def number_of(row: RosterRowRecord) -> str:
    """The whole number of a row, or "". Raises `vault.Unreadable`."""
    if row.identity_number is None:
        return ""
    return forms.open_identity(bytes(row.identity_number), table=roster_known.TABLE, row=row.id)


def put(row: RosterRowRecord, asked: Question, *, at: datetime) -> None:
    """Write the verdict into the row's columns; it waits since the moment that it fell out."""
    code = roster_judge.conflict(asked)
    if code != row.conflict or not row.since:
        row.since = at
    row.conflict = code
    if code:
        row.outcome = Outcome.CONFLICT
    else:
        row.outcome = Outcome.KNOWN if roster_judge.is_known(asked) else Outcome.NEW


def _dossier(row: RosterRowRecord, asked: Question, at: datetime) -> DossierRecord:
    """A dossier that is expected; a person who is here under another name keeps theirs."""
    dossier_id = uuid.uuid4()
    return DossierRecord(
        id=dossier_id,
        district_id=row.district_id,
        name=asked.known.person_name or row.name,
        identity_number=forms.seal_identity(
            asked.number.number, table=dossiers.TABLE, row=dossier_id
        ),
        identity_index=row.identity_index,
        state=DossierRecord.State.EXPECTED,
        updated_at=at,
    )


def _indexes(rows: Sequence[RosterRowRecord]) -> list[bytes]:
    return [bytes(row.identity_index) for row in rows if row.identity_index]


def _sealed(number: str, row: UUID) -> bytes:
    return forms.seal_identity(number, table=roster_known.TABLE, row=row)
