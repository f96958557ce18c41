"""核验: which papers, and whether the person, another department's own records must confirm, and when.

A paper is asked about once as it stands: when the first item that reads it is dispatched, or when it
comes, or comes better, after that. The person is asked about with the first dispatch of the case, and
again after a correction. Where the plan names nobody, nothing is asked; nothing ever waits for it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from lianban.catalogue.model import Edition
from lianban.engine import events as e
from lianban.engine import records as r
from lianban.engine.case import Graded, JointCase, SubCase
from lianban.engine.evolve import evolve

#: How the source of a grade begins that a verification gave; the department follows.
SOURCE = "verified"
_UNCERTAIN = "BC"
_ITEM = "item"


@dataclass(frozen=True)
class Question:
    """What one department is asked at one event."""

    department: str
    #: Codes of papers, in the order of their names.
    papers: tuple[str, ...]
    #: Whether the person is who the form says.
    identity: bool


def questions(edition: Edition, event: e.Event, before: JointCase) -> tuple[Question, ...]:
    """What is asked when `event` happens to the case `before`, by department."""
    asked: dict[str, list[str]] = {}
    for code, graded in _papers(edition, event, before):
        department = verifier(edition, code, graded)
        if department:
            asked.setdefault(department, []).append(code)
    by = edition.partners.identity_by if _asks_identity(edition, event, before) else ""
    return tuple(
        Question(name, tuple(sorted(asked.get(name, ()))), name == by)
        for name in sorted({*asked, *([by] if by else ())})
    )


def verifier(edition: Edition, code: str, graded: Graded) -> str:
    """The department to be asked about a paper that stands so; empty: nobody.

    What an item of the case issued is verified only where that result says so. A declared paper is
    not there yet, and a good one needs nobody.
    """
    kind, _, number = graded.source.partition(":")
    if kind == _ITEM and number.isdecimal():
        result = edition.item(int(number)).result
        return result.verified_by if result else ""
    material = edition.material_by_code.get(code)
    return material.verified_by if material and graded.grade in _UNCERTAIN else ""


def _papers(edition: Edition, event: e.Event, before: JointCase) -> Iterable[tuple[str, Graded]]:
    """The papers that may have to be asked about now, as they stand after the event."""
    if isinstance(event, e.MaterialGraded):
        graded, read = Graded(event.grade, event.source, event.until), _read(edition, before)
        return [(code, graded) for code in event.codes if code in read]
    if isinstance(event, e.Dispatched):
        new = set(_reads(edition, before.sub_cases[event.item])) - _read(edition, before)
        return [(code, graded) for code, graded in before.grades.items() if code in new]
    return ()


def _read(edition: Edition, case: JointCase) -> set[str]:
    """Codes of all papers that some department has been given."""
    given = [sub for sub in case.sub_cases.values() if sub.dispatched_on]
    return {code for sub in given for code in _reads(edition, sub)}


def _reads(edition: Edition, sub: SubCase) -> Collection[str]:
    """Codes of the papers that an item reads: its materials, and results that reach its desk."""
    code = edition.item(sub.number).code
    results = [item.result for item in edition.items if item.result]
    return {*sub.materials, *(result.code for result in results if code in result.serves)}


def _asks_identity(edition: Edition, event: e.Event, before: JointCase) -> bool:
    has_begun = any(sub.dispatched_on for sub in before.sub_cases.values())
    if isinstance(event, r.PersonCorrected):
        return has_begun and bool(set(event.codes) & set(edition.partners.identity_fields))
    return isinstance(event, e.Dispatched) and not has_begun


def along(
    edition: Edition, events: Iterable[e.Event], before: JointCase
) -> Iterable[tuple[int, Question]]:
    """The questions of events that follow the case `before`, each with its event's sequence."""
    watched = (e.MaterialGraded, e.Dispatched, r.PersonCorrected)
    found = list(events)
    if not any(isinstance(event, watched) for event in found):
        return
    case = before
    for event in found:
        for question in questions(edition, event, case):
            yield case.sequence + 1, question
        case = evolve(case, event)
