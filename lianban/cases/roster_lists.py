"""Rosters, their progress and their conflicts, as officers see them; numbers are shown masked."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from lianban import vault
from lianban.accounts import identity_number
from lianban.accounts.actor import Actor
from lianban.cases import editions, forms, roster_judge, roster_known, worklists
from lianban.cases.models import RosterRecord, RosterRowRecord, ViewRecord
from lianban.cases.roster_judge import Known
from lianban.cases.roster_table import Line
from lianban.catalogue.model import Edition
from lianban.engine.refusal import Refused

STATES = {state.value: state.label for state in RosterRecord.State}
#: At a dry run nobody has to look yet; but one may.
_OWN = ("checked", "applying")


@dataclass(frozen=True)
class RosterView:
    """One imported file and how far it is."""

    id: UUID
    name: str
    district_name: str
    state: str
    total: int
    done: int
    made_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None
    made_by: str
    ignored: tuple[str, ...]
    taken_back: int
    kept: int
    #: Lines by outcome: `new`, `known`, `conflict`, `left`, `kept`.
    outcomes: dict[str, int]
    #: Conflicts by code, in words, the most first.
    conflicts: tuple[tuple[str, str, int], ...]
    unread: int

    @property
    def state_word(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def is_busy(self) -> bool:
        """Whether a worker is at it."""
        return self.state in ("uploaded", "applying")

    @property
    def lines(self) -> int:
        """How many lines have a row."""
        return sum(self.outcomes.values())


@dataclass(frozen=True)
class Said:
    """One thing that roster and person say; `person` is "" where they said nothing."""

    label: str
    roster: str
    person: str

    @property
    def differs(self) -> bool:
        """Whether they say different things."""
        return bool(self.person) and self.person != self.roster


@dataclass(frozen=True)
class RowView:
    """One line: what the file says, and what the system holds under the same number."""

    id: UUID
    roster_id: UUID
    roster_name: str
    home_name: str
    line: int
    name: str
    number_masked: str
    #: What stood in the file where it is no number, or another one, masked.
    number_typed: str
    district: str
    district_name: str
    conflict: str
    conflict_words: str
    since: datetime
    outcome: str
    outcome_word: str
    resolution: str
    reason: str
    place: str
    birth: str
    said: tuple[Said, ...]
    unread: tuple[tuple[str, str], ...]
    known: Known | None
    has_number: bool


def rosters(*, actor: Actor, after: str = "", before: str = "") -> worklists.Page[RosterView]:
    """The rosters of the actor's districts, the newest first."""
    page = worklists.paged(_rosters(actor), "made_at", True, after, before)
    return worklists.Page([_view(row) for row in page.rows], page.next, page.previous)


def get(*, roster_id: UUID, actor: Actor) -> RosterView:
    """One roster. Raises `Refused('unknown_roster')`."""
    found = _rosters(actor).filter(id=roster_id).first()
    if found is None:
        raise Refused("unknown_roster", "没有这份名册")
    return _view(found)


def progress(*, roster_id: UUID) -> tuple[int, int]:
    """How many lines the present step has done, and of how many."""
    done, total = RosterRecord.objects.values_list("done", "total").get(id=roster_id)
    return done, total


def figures(*, roster_id: UUID) -> dict[str, Any]:
    """Lines by outcome and conflicts by code, for the console."""
    rows = RosterRowRecord.objects.filter(roster_id=roster_id)
    conflicts = rows.filter(outcome="conflict").values_list("conflict").annotate(Count("id"))
    outcomes = rows.values_list("outcome").annotate(Count("id"))
    return {
        "outcomes": dict(outcomes.order_by("outcome")),
        "conflicts": dict(conflicts.order_by("conflict")),
    }


def queue(
    *,
    actor: Actor,
    roster_id: UUID | None = None,
    conflict: str = "",
    after: str = "",
    before: str = "",
) -> worklists.Page[RowView]:
    """Lines that somebody must look at, the oldest first; narrowed to a roster or a conflict."""
    rows = _queue(actor)
    if roster_id is not None:
        rows = rows.filter(roster_id=roster_id)
    if conflict:
        rows = rows.filter(conflict=conflict)
    page = worklists.paged(rows, "since", False, after, before)
    shown = [_row(row, _edition(row), None) for row in page.rows]
    return worklists.Page(shown, page.next, page.previous)


def counts(*, actor: Actor, roster_id: UUID | None = None) -> list[tuple[str, str, int]]:
    """Conflicts by code with words and number, the most first."""
    rows = _queue(actor)
    if roster_id is not None:
        rows = rows.filter(roster_id=roster_id)
    return _conflicts(rows)


def kept(*, roster_id: UUID, actor: Actor) -> list[RowView]:
    """The lines that an undo left, as somebody had touched what they made; the first hundred."""
    rows = _rows(actor).filter(roster_id=roster_id, outcome=RosterRowRecord.Outcome.KEPT)
    return [_row(row, _edition(row), None) for row in rows.order_by("line")[:100]]


def unread(*, roster_id: UUID, actor: Actor) -> list[RowView]:
    """The lines with a cell that nobody could read; the first hundred."""
    rows = _rows(actor).filter(roster_id=roster_id, unread__gt=0)
    return [_row(row, _edition(row), None) for row in rows.order_by("line")[:100]]


def row(*, row_id: UUID, actor: Actor) -> RowView:
    """One line with both sides. Raises `Refused('unknown_roster_row')`."""
    found = _found(row_id, actor)
    index = bytes(found.identity_index) if found.identity_index else b""
    known = roster_known.fetch([index], besides=found.roster_id) if index else {}
    return _row(found, _edition(found), known.get(index))


def reveal(*, row_id: UUID, actor: Actor, at: datetime) -> str:
    """The whole number as it stands, or as it was typed; who looked is kept. Raises `Refused`."""
    found = _found(row_id, actor)
    ViewRecord.objects.create(case_id=found.id, user_id=actor.user_id, what="roster", at=at)
    return _number(found) or roster_known.opened(found).number_typed


# Rows ----------------------------------------------------------------------------------------


def _rosters(actor: Actor) -> QuerySet[RosterRecord]:
    rows = RosterRecord.objects.filter(district_id__in=actor.districts)
    return rows.select_related("district", "made_by").defer("content")


def _rows(actor: Actor) -> QuerySet[RosterRowRecord]:
    rows = RosterRowRecord.objects.select_related("district", "roster__district")
    mine = Q(district_id__in=actor.districts) | Q(roster__district_id__in=actor.districts)
    return rows.filter(mine).defer("roster__content")


def _queue(actor: Actor) -> QuerySet[RosterRowRecord]:
    ready = Q(roster__state="applied") | Q(
        roster__state__in=_OWN, roster__district_id__in=actor.districts
    )
    return _rows(actor).filter(ready, outcome="conflict", district_id__in=actor.districts)


def _found(row_id: UUID, actor: Actor) -> RosterRowRecord:
    found = _rows(actor).filter(id=row_id, district_id__in=actor.districts).first()
    if found is None:
        raise Refused("unknown_roster_row", "没有这一行，名册可能已经撤销")
    return found


def _edition(row: RosterRowRecord) -> Edition:
    return editions.in_force(row.roster.district.policy_edition)


def _conflicts(rows: QuerySet[RosterRowRecord]) -> list[tuple[str, str, int]]:
    found = rows.values("conflict", "roster__district__policy_edition").annotate(number=Count("id"))
    numbers: Counter[str] = Counter()
    worded: dict[str, str] = {}
    for one in found.order_by("conflict"):
        edition = editions.in_force(one["roster__district__policy_edition"])
        numbers[one["conflict"]] += one["number"]
        worded[one["conflict"]] = roster_judge.words(one["conflict"], edition)
    return [(code, worded[code], number) for code, number in numbers.most_common()]


def _view(found: RosterRecord) -> RosterView:
    rows = RosterRowRecord.objects.filter(roster=found)
    outcomes = rows.values_list("outcome").annotate(Count("id")).order_by("outcome")
    return RosterView(
        id=found.id,
        name=found.name,
        district_name=found.district.name,
        state=found.state,
        total=found.total,
        done=found.done,
        made_at=found.made_at,
        applied_at=found.applied_at,
        undone_at=found.undone_at,
        made_by=found.made_by.name if found.made_by else "系统",
        ignored=tuple(found.ignored),
        taken_back=found.taken_back,
        kept=found.kept,
        outcomes=dict(outcomes),
        conflicts=tuple(_conflicts(rows.filter(outcome="conflict"))),
        unread=rows.filter(unread__gt=0).count(),
    )


def _number(found: RosterRowRecord) -> str:
    if found.identity_number is None:
        return ""
    return forms.open_identity(bytes(found.identity_number), table=roster_known.TABLE, row=found.id)


def _row(found: RosterRowRecord, edition: Edition, known: Known | None) -> RowView:
    number, line = "", None
    with suppress(vault.Unreadable):  # shown as damaged; it stops no page
        number, line = _number(found), roster_known.opened(found)
    typed = identity_number.mask(line.number_typed) if line and line.number_typed != number else ""
    return RowView(
        id=found.id,
        roster_id=found.roster_id,
        roster_name=found.roster.name,
        home_name=found.roster.district.name,
        line=found.line,
        name=found.name,
        number_masked=identity_number.mask(number) if number else "",
        number_typed=typed if line else forms.UNREADABLE,
        district=found.district_id,
        district_name=found.district.name,
        conflict=found.conflict,
        conflict_words=roster_judge.words(found.conflict, edition) if found.conflict else "",
        since=found.since,
        outcome=found.outcome,
        outcome_word=RosterRowRecord.Outcome(found.outcome).label,
        resolution=found.resolution,
        reason=found.reason,
        place=line.place if line else "",
        birth=line.birth if line else "",
        said=_said(line, edition, known) if line else (),
        unread=line.unread if line else (),
        known=known,
        has_number=bool(number),
    )


def _said(line: Line, edition: Edition, known: Known | None) -> tuple[Said, ...]:
    case: Any = known.open_case if known else None
    answers, fields = (case.answers, case.fields) if case else ({}, {})
    found = [
        Said(
            question.label.rstrip("？"),
            question.label_of(line.answers[question.key]),
            question.label_of(answers[question.key]) if answers.get(question.key) else "",
        )
        for question in edition.questions
        if line.answers.get(question.key)
    ]
    for field in edition.fields:
        if not line.fields.get(field.code):
            continue
        labels = {choice.value: choice.label for choice in field.choices}
        ours, theirs = line.fields[field.code], fields.get(field.code, "")
        if field.sensitive:
            ours, theirs = _covered(ours), _covered(theirs)
        found.append(Said(field.label, labels.get(ours, ours), labels.get(theirs, theirs)))
    return tuple(found)


def _covered(text: str) -> str:
    """A sensitive text of which only the last two characters are shown."""
    return "*" * max(len(text) - 2, 0) + text[-2:] if len(text) > 4 else "*" * len(text)
