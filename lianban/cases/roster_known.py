"""What the system holds under the numbers of a roster: read in bulk, by their blind indexes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from lianban import vault
from lianban.accounts.models import District
from lianban.cases import forms, roster_table
from lianban.cases.models import DossierRecord, JointCaseRecord, PersonRecord, RosterRowRecord
from lianban.cases.roster_judge import Known, KnownCase
from lianban.cases.roster_table import Line
from lianban.engine.states import CASE_OPEN

TABLE = "cases_rosterrowrecord"
_PLACE = {"table": TABLE, "column": "details"}


def index_of(number: str) -> bytes:
    """The blind index of a number, as people and dossiers have it."""
    return vault.blind_index(number, purpose="identity_number")


def fetch(indexes: Iterable[bytes], *, besides: UUID | None = None) -> dict[bytes, Known]:
    """What is known under each index; `besides` is the roster whose own lines do not count."""
    wanted = sorted(set(indexes))
    dossiers = {
        bytes(row.identity_index): row
        for row in DossierRecord.objects.filter(identity_index__in=wanted)
    }
    people = {
        bytes(row.identity_index): row
        for row in PersonRecord.objects.filter(identity_index__in=wanted)
    }
    cases = _cases([person.id for person in people.values()])
    elsewhere = _elsewhere(wanted, besides)
    found = {}
    for index in wanted:
        dossier, person = dossiers.get(index), people.get(index)
        found[index] = Known(
            dossier_id=dossier.id if dossier else None,
            dossier_name=dossier.name if dossier else "",
            dossier_district=dossier.district_id if dossier else "",
            person_name=person.name if person else "",
            cases=tuple(cases[person.id]) if person else (),
            elsewhere=tuple(elsewhere[index]),
        )
    return found


def _cases(people: Sequence[UUID]) -> dict[UUID, list[KnownCase]]:
    found: dict[UUID, list[KnownCase]] = defaultdict(list)
    if not people:
        return found
    for row in JointCaseRecord.objects.filter(person_id__in=people).order_by("-submitted_at"):
        is_open = row.state in CASE_OPEN
        content = _content(row.id) if is_open else None
        found[row.person_id].append(
            KnownCase(
                id=row.id,
                district=row.district_id,
                state=row.state,
                is_open=is_open,
                answers=content.answers if content else {},
                fields=content.fields if content else {},
            )
        )
    return found


def _content(case_id: UUID) -> Any:
    try:
        return forms.latest(case_id)
    except vault.Unreadable:
        return None


def _elsewhere(indexes: Sequence[bytes], besides: UUID | None) -> dict[bytes, list[str]]:
    """Names under which the numbers stand in other rosters that were taken in."""
    found: dict[bytes, list[str]] = defaultdict(list)
    rows = RosterRowRecord.objects.filter(
        identity_index__in=indexes, roster__state__in=("applying", "applied")
    ).exclude(outcome__in=("left", "kept"))
    for index, name in rows.exclude(roster_id=besides).values_list("identity_index", "name"):
        found[bytes(index or b"")].append(name)
    return found


# A row's sealed details ------------------------------------------------------------------------


def sealed(line: Line, *, row: UUID) -> bytes:
    """Everything of a line that is not a column, sealed to its row."""
    body = json.dumps(asdict(line), ensure_ascii=False).encode()
    return vault.encrypt(body, **_PLACE, row=str(row))


def opened(row: RosterRowRecord) -> Line:
    """A row's line as it stood in the file. Raises `vault.Unreadable`."""
    data = json.loads(vault.decrypt(bytes(row.details), **_PLACE, row=str(row.id)))
    unread = tuple((heading, cell) for heading, cell in data.pop("unread"))
    return Line(**data, unread=unread)


# Places ----------------------------------------------------------------------------------------


class Places:
    """The districts by name, to read the cell that says where somebody settles."""

    def __init__(self, home: str) -> None:
        self.home = home
        rows = District.objects.filter(active=True)
        self._named = [(roster_table.folded(d.name), d.code, d.parent_id) for d in rows]
        self._cells: dict[str, str] = {}

    def meant(self, cell: str) -> str:
        """The code of the district that a cell names, "" for an empty one, "?" for another."""
        if cell not in self._cells:
            self._cells[cell] = self._read(roster_table.folded(cell))
        return self._cells[cell]

    def looks_after(self, cell: str) -> str:
        """The county that a line goes to: the one it names below the roster's own, or that."""
        code = self.meant(cell)
        below = {found for _, found, parent in self._named if parent == self.home}
        return code if code in below else self.home

    def _read(self, text: str) -> str:
        if not text:
            return ""
        # "某市东湖县": the place that is named last is the narrowest.
        ends = [
            (text.rfind(name) + len(name), code) for name, code, _ in self._named if name in text
        ]
        return max(ends)[1] if ends else "?"
