"""What the person owes on a case: one list of everything, at the case and at its items."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from lianban.cases import timeline
from lianban.cases.queries import CaseView
from lianban.catalogue.model import Field, Material
from lianban.engine import deadlines
from lianban.engine.case import Notice
from lianban.journal.models import JournalEntry


class Because(StrEnum):
    """Why something is owed."""

    #: A correction notice names it.
    NOTICE = "notice"
    #: Accepted without it; it is due by a date (容缺受理).
    DEFERRED = "deferred"
    #: It was not there at hand-in, or its deferral lapsed.
    MISSING = "missing"


@dataclass(frozen=True)
class Owed:
    """One material or field that the person is asked for."""

    code: str
    name: str
    because: Because
    #: The items that stand still without it, as far as it is known.
    items: tuple[int, ...]
    #: The day by which it is asked for; None where no day was set.
    by: date | None
    #: When a notice asked for it; None without a notice.
    asked_at: datetime | None
    material: Material | None = None
    field: Field | None = None


@dataclass(frozen=True)
class _Asked:
    at: datetime
    item: int | None


def owed(view: CaseView) -> list[Owed]:
    """Everything outstanding, once, the most pressing first; what comes with the dossier is not."""
    if view.case.ended and not view.case.open_items:
        return []
    asked = _asked(view.id)
    found: dict[str, Owed] = {}
    for item, notice in _notices(view):
        for code in notice.outstanding:
            known = found.get(code)
            more = known.items if known else ()
            items = more if item is None else (*more, item)
            found[code] = _owed(view, code, Because.NOTICE, items, asked.get(code))
    for code, deferral in view.case.deferrals.items():
        if code not in found:
            found[code] = _owed(view, code, Because.DEFERRED, deferral.items, None, deferral.due_on)
    for code in view.case.missing:
        if code not in found and not _may_still_come(view, code):
            found[code] = _owed(view, code, Because.MISSING, (), None)
    return sorted(found.values(), key=lambda one: (one.by is None, one.by or date.max))


def _notices(view: CaseView) -> list[tuple[int | None, Notice]]:
    own: list[tuple[int | None, Notice]] = [(None, view.case.notice)]
    return own + [(n, sub.notice) for n, sub in view.case.sub_cases.items() if not sub.ended]


def _asked(case_id: UUID) -> dict[str, _Asked]:
    """When each defect was last named."""
    entries = JournalEntry.objects.filter(case_id=case_id, event="CorrectionRequested")
    found: dict[str, _Asked] = {}
    for entry in entries.order_by("sequence"):
        body = json.loads(entry.body)
        found |= {code: _Asked(entry.at, body["item"]) for code in body["defects"]}
    return found


def _owed(
    view: CaseView,
    code: str,
    because: Because,
    items: tuple[int, ...],
    asked: _Asked | None,
    by: date | None = None,
) -> Owed:
    material = view.edition.material_by_code.get(code)
    if asked is not None:
        days = view.edition.rules.correction_review_days
        by = deadlines.add_working_days(view.calendar, asked.at.date(), days).on
    return Owed(
        code=code,
        name=timeline.name_of(view.edition, code),
        because=because,
        items=items or _needing(view, code),
        by=by,
        asked_at=asked.at if asked else None,
        material=material,
        field=next((f for f in view.edition.fields if f.code == code), None),
    )


def _needing(view: CaseView, code: str) -> tuple[int, ...]:
    """The open items that need a material, or read a field."""
    field = next((f for f in view.edition.fields if f.code == code), None)
    readers = set(field.items) if field else set()
    return tuple(
        number
        for number, sub in view.case.sub_cases.items()
        if not sub.ended and (code in sub.materials or view.edition.item(number).code in readers)
    )


def _may_still_come(view: CaseView, code: str) -> bool:
    """Whether it may come with the dossier, which is not here yet."""
    material = view.edition.material_by_code.get(code)
    if material is None or not material.may_arrive_with:
        return False
    milestone = view.case.milestones.get(material.may_arrive_with)
    return milestone is None or milestone.reached_at is None
