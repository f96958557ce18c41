"""What the journal says a paper is about: the event, and the case as it stood right after it.

A paper may be opened for the first time long after its event; it must still say what was so then.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lianban.cases import forms, mended
from lianban.cases.content import Content
from lianban.cases.queries import CaseView
from lianban.catalogue.calendar import CHINA
from lianban.catalogue.planning import Plan
from lianban.documents import letterhead
from lianban.documents.letterhead import Letterhead
from lianban.engine import event_data
from lianban.engine.case import JointCase
from lianban.engine.evolve import evolve
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry


@dataclass(frozen=True)
class Moment:
    """One event of a case, with the case before and after it."""

    sequence: int
    #: In Chinese time.
    at: datetime
    event: Any
    #: The officer's name, where an officer did it.
    officer: str
    before: JointCase
    case: JointCase
    #: The case once everything had followed that followed at the same moment.
    settled: JointCase
    #: The form version that was in force.
    form_hash: str

    @property
    def item(self) -> int | None:
        """The item that the event is about, or None for the whole case."""
        found: int | None = getattr(self.event, "item", None)
        return found


def moments(view: CaseView) -> list[Moment]:
    """Every event of the case, in order."""
    case, form_hash, found = JointCase(), "", []
    for entry in JournalEntry.objects.filter(case_id=view.id).order_by("sequence"):
        at = entry.at.astimezone(CHINA)
        event = event_data.from_data(entry.event, json.loads(entry.body), at=at)
        before, case = case, evolve(case, event)
        form_hash = getattr(event, "form_hash", "") or form_hash
        officer = entry.actor_name if entry.actor_kind == "officer" else ""
        found.append(Moment(entry.sequence, at, event, officer, before, case, case, form_hash))
    ends = {moment.at: moment.case for moment in found}
    return [replace(moment, settled=ends[moment.at]) for moment in found]


@dataclass(frozen=True)
class Occasion:
    """Everything that a paper about one moment may say."""

    view: CaseView
    moment: Moment
    content: Content
    plan: Plan
    head: Letterhead

    def sheet(self) -> dict[str, Any]:
        """What every document of the case carries."""
        sheet = self.head.sheet(at=self.moment.at, case_number=self.view.case_number)
        return sheet | {"mended": self.mended()}

    def mended(self) -> str:
        """What about the person was corrected, and when: a paper says the new value."""
        found = mended.of_case(self.view)
        days = [one.at.astimezone(CHINA) for one in found]
        said = [
            f"{one.label}于{day.year}年{day.month}月{day.day}日更正"
            for one, day in zip(found, days, strict=True)
        ]
        return "；".join(said)

    def notice(self, *bases: str) -> dict[str, Any]:
        """What every notice to the person carries, with the legal bases of these texts."""
        return {
            **self.sheet(),
            "addressee": self.view.person_name,
            "identity_number": self.view.identity_masked,
            "legal_bases": tuple(line for key in bases for line in self.head.lines(key)),
        }


def of(view: CaseView, moment: Moment) -> Occasion:
    """The occasion of one moment. Raises `Refused('erased')` where the form was erased since."""
    edition = view.edition
    found = forms.by_digest(view.id, moment.form_hash)
    if found is None:
        raise Refused("erased", "表单内容已经按规定删除，不能再出这份文书")
    sub = moment.case.sub_cases.get(moment.item) if moment.item is not None else None
    department = sub.department if sub else edition.lead_department
    head = letterhead.of(edition, district=view.district, department=department)
    return Occasion(view, moment, found, found.plan(edition), head)
