"""Plain counts and lists for operators."""

from uuid import UUID

from django.db.models import QuerySet

from lianban.accounts.models import User
from lianban.cases.models import JointCaseRecord, SubCaseRecord
from lianban.engine.states import CASE_OPEN


def cases() -> int:
    """How many joint cases there are, ended ones included."""
    return JointCaseRecord.objects.count()


def concluded(*, most: int) -> list[tuple[UUID, User, list[int]]]:
    """The newest concluded cases whose people have accounts, with the items that were decided."""
    rows = JointCaseRecord.objects.filter(applicant__isnull=False, state="concluded")
    found = rows.select_related("applicant").order_by("-submitted_at", "id")[:most]
    return [
        (row.id, row.applicant, list(_decided(row).values_list("number", flat=True)))
        for row in found
        if row.applicant
    ]


def _decided(case: JointCaseRecord) -> QuerySet[SubCaseRecord]:
    return case.sub_cases.filter(state="concluded").order_by("number")


def newest_open(*, district: str, most: int) -> list[tuple[UUID, User]]:
    """The newest open cases of a district whose people have accounts, with these accounts."""
    rows = JointCaseRecord.objects.filter(
        district_id=district, applicant__isnull=False, state__in=CASE_OPEN
    ).select_related("applicant")
    found = rows.order_by("-submitted_at", "id")[:most]
    return [(row.id, row.applicant) for row in found if row.applicant]
