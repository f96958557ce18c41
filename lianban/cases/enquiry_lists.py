"""Enquiries beside the sub-cases: what a department is asked, and what the person reads."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import editions, worklists
from lianban.cases.models import EnquiryRecord
from lianban.catalogue.model import Enquiry
from lianban.engine.refusal import Refused

TABS = ("open", "answered")


@dataclass(frozen=True)
class EnquiryView:
    """One enquiry as it is shown."""

    id: UUID
    case_id: UUID
    case_number: str
    person_name: str
    code: str
    name: str
    #: What the plan says about it, in words for the person.
    text: str
    department_name: str
    district_name: str
    due_on: date
    answer: str
    answered_at: datetime | None
    answered_by_name: str

    @property
    def is_open(self) -> bool:
        """Whether it waits for its answer."""
        return self.answered_at is None

    def is_overdue(self, today: date) -> bool:
        """Whether the day by which it should have been answered has passed."""
        return self.is_open and self.due_on < today


def items(
    *, actor: Actor, tab: str, after: str = "", before: str = ""
) -> worklists.Page[EnquiryView]:
    """The enquiries of the actor's office: `open` by due date, `answered` newest first."""
    rows = _rows(actor)
    if tab == "answered":
        page = worklists.paged(
            rows.filter(answered_at__isnull=False), "answered_at", True, after, before
        )
    else:
        page = worklists.paged(
            rows.filter(answered_at__isnull=True), "due_on", False, after, before
        )
    return worklists.Page([view_of(row) for row in page.rows], page.next, page.previous)


def open_count(*, actor: Actor) -> int:
    """How many enquiries wait for an answer of the actor's office."""
    return _rows(actor).filter(answered_at__isnull=True).count()


def overdue(
    *, actor: Actor, today: date, after: str = "", before: str = ""
) -> worklists.Page[EnquiryView]:
    """What any department of the actor's districts should have answered by now, the oldest first."""
    page = worklists.paged(_overdue(actor, today), "due_on", False, after, before)
    return worklists.Page([view_of(row) for row in page.rows], page.next, page.previous)


def overdue_count(*, actor: Actor, today: date) -> int:
    """How many enquiries of the actor's districts are overdue."""
    return _overdue(actor, today).count()


def _overdue(actor: Actor, today: date) -> QuerySet[EnquiryRecord]:
    rows = EnquiryRecord.objects.select_related("case__person", "district", "answered_by")
    if permissions.BUREAU not in permissions.roles_of(actor):
        return rows.none()
    return rows.filter(district_id__in=actor.districts, answered_at__isnull=True, due_on__lt=today)


def get(*, enquiry_id: UUID, actor: Actor) -> EnquiryView:
    """One enquiry. Raises `Refused('unknown_case')` for what the actor's office is not asked."""
    row = _rows(actor).filter(id=enquiry_id).first()
    if row is None:
        raise Refused("unknown_case", "没有这条咨询")
    return view_of(row)


def of_case(case_id: UUID) -> list[EnquiryView]:
    """The enquiries of one case with their answers, for the person's own page."""
    rows = EnquiryRecord.objects.select_related("case__person", "district", "answered_by")
    return [view_of(row) for row in rows.filter(case_id=case_id).order_by("id")]


def _rows(actor: Actor) -> QuerySet[EnquiryRecord]:
    rows = EnquiryRecord.objects.select_related("case__person", "district", "answered_by")
    if not permissions.roles_of(actor) & permissions.roles_for("answer_enquiry"):
        return rows.none()
    return rows.filter(department=actor.department or "", district_id__in=actor.districts)


def view_of(row: EnquiryRecord) -> EnquiryView:
    """What of the row is shown."""
    edition = editions.pinned(row.case.edition_id, row.case.edition_hash)
    plan = next((e for e in edition.enquiries if e.code == row.code), None)
    return EnquiryView(
        id=row.id,
        case_id=row.case_id,
        case_number=row.case.case_number,
        person_name=row.case.person.name,
        code=row.code,
        name=plan.name if plan else row.code,
        text=_text(plan),
        department_name=edition.department_names.get(row.department, ""),
        district_name=row.district.name,
        due_on=row.due_on,
        answer=row.answer,
        answered_at=row.answered_at,
        answered_by_name=row.answered_by.name if row.answered_by else "",
    )


def _text(plan: Enquiry | None) -> str:
    return plan.text if plan else ""
