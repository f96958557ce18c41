"""What another department is asked to verify (核验): which papers, as they stood, of which person."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from lianban.cases import editions, forms, handed_out, queries
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord
from lianban.catalogue.model import Edition, Field
from lianban.engine import event_data, verification
from lianban.engine.case import Graded, JointCase
from lianban.engine.evolve import evolve, fold
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry


@dataclass(frozen=True)
class Asked:
    """A question of one event, to one department, and the papers as they stood then."""

    edition: Edition
    question: verification.Question
    stood: Mapping[str, Graded]


@dataclass(frozen=True)
class Shown:
    """A question with what the department is shown. Personal values."""

    #: Fields that say who the person is.
    fields: tuple[tuple[Field, str], ...] = field(repr=False)
    #: Materials with their files.
    materials: tuple[handed_out.GivenMaterial, ...]
    #: Results of the case itself, by code: name and grade.
    results: Mapping[str, tuple[str, str]]


def asked(*, case_id: UUID, sequence: int, department: str) -> Asked:
    """What this event of the case asked this department. Raises `Refused('unknown_question')`."""
    case = JointCaseRecord.objects.filter(id=case_id).first()
    rows = JournalEntry.objects.filter(case_id=case_id, sequence__lte=sequence)
    events = [
        event_data.from_data(row.event, json.loads(row.body), at=row.at)
        for row in rows.order_by("sequence")
    ]
    if case is None or len(events) != sequence:
        raise Refused("unknown_question", "没有请对方核验过这个")
    edition = editions.pinned(case.edition_id, case.edition_hash)
    before = fold(events[:-1])
    for question in verification.questions(edition, events[-1], before):
        if question.department == department:
            grades = evolve(before, events[-1]).grades
            return Asked(edition, question, {code: grades[code] for code in question.papers})
    raise Refused("unknown_question", "没有请对方核验过这个")


def still(found: Asked, case: JointCase) -> tuple[str, ...]:
    """The papers that stand now as they stood when they were asked about."""
    return tuple(code for code, graded in found.stood.items() if case.grades.get(code) == graded)


def shown(*, case_id: UUID, sequence: int, department: str) -> Shown | None:
    """What the department is shown; None where there is nothing to ask any more.

    Raises `Refused('unknown_question')`, `vault.Unreadable`.
    """
    found = asked(case_id=case_id, sequence=sequence, department=department)
    content = forms.latest(case_id)
    case = queries.current(case_id)
    open_ = still(found, case)
    if content is None or not (open_ or found.question.identity):
        return None
    known = found.edition.material_by_code
    own = tuple(code for code in open_ if code in known)
    return Shown(
        fields=tuple(_fields(found.edition, content)),
        materials=tuple(handed_out.materials(case_id, found.edition, case, own)),
        results={
            code: (_result_name(found.edition, code), found.stood[code].grade)
            for code in open_
            if code not in known
        },
    )


def _fields(edition: Edition, content: Content) -> list[tuple[Field, str]]:
    values = [(f, content.fields.get(f.code, "")) for f in edition.fields]
    return [(f, v) for f, v in values if v and f.code in edition.partners.identity_fields]


def _result_name(edition: Edition, code: str) -> str:
    results = (item.result for item in edition.items)
    return next((result.name for result in results if result and result.code == code), code)
