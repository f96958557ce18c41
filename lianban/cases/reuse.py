"""What a person gave for an earlier case and still stands: nothing is asked twice.

The plan says of each material for how many days a later case may use it; signatures and
undertakings are no materials and are never taken over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet

from lianban import vault
from lianban.accounts import person_name
from lianban.accounts.actor import Actor
from lianban.cases import codec
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord, MaterialRecord, PersonRecord
from lianban.catalogue import checklist
from lianban.catalogue.model import Edition, Material
from lianban.engine.states import CASE_OPEN
from lianban.engine.trust import THERE, is_enough

#: How a material comes that is taken over.
REUSED = "reused"


@dataclass(frozen=True)
class Offer:
    """One material of an earlier case that a new one may use."""

    code: str
    name: str
    #: A, B or C, as it was then.
    grade: str
    case_id: UUID
    case_number: str
    verified_on: date
    #: The last day on which it may be used.
    until: date
    #: The end of the paper itself, if it has one.
    valid_until: date | None
    seen_by_id: UUID | None


def offers(*, edition: Edition, content: Content, actor: Actor, today: date) -> dict[str, Offer]:
    """What this form's person may use again, by material code; nothing for a stranger's number.

    A person alone is offered what the same account gave; an officer what lies in the own districts.
    """
    try:
        plan = content.plan(edition)
    except ValueError:
        return {}
    found_by_plan = [n.what for n in checklist.materials(plan)]
    needed = {what.code: what for what in found_by_plan if isinstance(what, Material)}
    found: dict[str, Offer] = {}
    for case in _earlier(edition, content, actor):
        for offer in _of_case(case, needed, today):
            best = found.get(offer.code)
            if best is None or offer.grade < best.grade:
                found[offer.code] = offer
    return found


def _earlier(edition: Edition, content: Content, actor: Actor) -> QuerySet[JointCaseRecord]:
    codes = {field.type: field.code for field in reversed(edition.fields)}
    name = content.fields.get(codes["name"], "")
    number = content.fields.get(codes["identity_number"], "")
    index = vault.blind_index(number.upper(), purpose="identity_number")
    person = PersonRecord.objects.filter(identity_index=index).first()
    if person is None or person_name.folded(person.name) != person_name.folded(name):
        return JointCaseRecord.objects.none()
    rows = JointCaseRecord.objects.filter(person=person).exclude(state__in=CASE_OPEN)
    own = {"district_id__in": actor.districts}
    if actor.kind == "applicant":
        if actor.user_id is None:
            return JointCaseRecord.objects.none()
        own = {"applicant_id": actor.user_id}  # type: ignore[dict-item]
    return rows.filter(**own).order_by("-submitted_at")


def _of_case(case: JointCaseRecord, needed: dict[str, Material], today: date) -> Iterator[Offer]:
    grades = codec.grades_from_data(case.detail)
    for row in MaterialRecord.objects.filter(case=case, code__in=needed.keys() & grades.keys()):
        graded, material = grades[row.code], needed[row.code]
        verified = (row.seen_at or row.updated_at).date()
        until = verified + timedelta(days=material.reusable_days)
        until = min(until, graded.valid_until or until)
        if material.reusable_days and is_enough(graded.grade, THERE) and today <= until:
            yield Offer(
                code=row.code,
                name=material.name,
                grade=graded.grade,
                case_id=case.id,
                case_number=case.case_number,
                verified_on=verified,
                until=until,
                valid_until=graded.valid_until,
                seen_by_id=row.seen_by_id,
            )
