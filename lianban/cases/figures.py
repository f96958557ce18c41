"""Whether the plan's two promises hold: 一表申请 (asked once) and 最多跑一次 (one visit at most)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from lianban import vault
from lianban.cases import editions, figures_visits, form_rules, forms
from lianban.cases.content import Content
from lianban.cases.figures_visits import VisitFigures
from lianban.cases.models import JointCaseRecord
from lianban.catalogue import checklist
from lianban.catalogue.planning import Plan
from lianban.journal.models import JournalEntry


@dataclass(frozen=True)
class Asked:
    """How often things are asked: once for the joint case, or by every item that needs them."""

    once: int = 0
    by_items: int = 0

    @property
    def ratio(self) -> float:
        """Asked once, as a share of what the items would ask one by one; 1 where nothing is asked."""
        return self.once / self.by_items if self.by_items else 1.0

    def __add__(self, other: "Asked") -> "Asked":
        return Asked(self.once + other.once, self.by_items + other.by_items)


@dataclass(frozen=True)
class Notices:
    """One-time notices: how many, how many followed another, how many of those were refused."""

    #: Cases, or items of one, that got a notice.
    first: int
    #: Later ones, that named what no earlier one could.
    later: int
    #: Later ones of old facts, which were not let out.
    refused: int


@dataclass(frozen=True)
class Figures:
    """The figures of all cases."""

    cases: int
    #: Cases whose form could be read; an erased one is not counted below.
    read: int
    fields: Asked
    materials: Asked
    visits: VisitFigures
    notices: Notices


def all_cases() -> Figures:
    """Count over every case that was handed in."""
    fields, materials, read = Asked(), Asked(), 0
    for plan, content in _plans():
        fields += asked_fields(plan, content)
        materials += asked_materials(plan)
        read += 1
    return Figures(
        cases=JointCaseRecord.objects.count(),
        read=read,
        fields=fields,
        materials=materials,
        visits=figures_visits.visits_per_case(),
        notices=notices(),
    )


def asked_fields(plan: Plan, content: Content) -> Asked:
    """The fields that this person filled in, and how often the items together would ask them."""
    codes = {field.code for field in form_rules.asked(plan, content.fields)}
    found = [needed for needed in checklist.fields(plan) if needed.what.code in codes]
    return Asked(len(found), sum(len(needed.items) for needed in found))


def asked_materials(plan: Plan) -> Asked:
    """The materials of this person, and how often the items together would ask them."""
    found = checklist.materials(plan)
    return Asked(len(found), sum(len(needed.items) for needed in found))


def notices() -> Notices:
    """Count the notices in the journal."""
    given: dict[tuple[object, object], int] = {}
    entries = JournalEntry.objects.filter(event="CorrectionRequested")
    for case_id, body in entries.values_list("case_id", "body"):
        key = (case_id, json.loads(body)["item"])
        given[key] = given.get(key, 0) + 1
    refused = JournalEntry.objects.filter(event="NoticeRefused").count()
    return Notices(len(given), sum(given.values()) - len(given), refused)


def _plans() -> Iterator[tuple[Plan, Content]]:
    cases = JointCaseRecord.objects.values_list("id", "edition_id", "edition_hash")
    for case_id, edition_id, edition_hash in cases.iterator():
        try:
            content = forms.latest(case_id)
        except vault.Unreadable:
            content = None
        if content is not None:
            yield content.plan(editions.pinned(edition_id, edition_hash)), content
