"""The records that a page's address names, as each person may see one."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from lianban.accounts.actor import Actor
from lianban.accounts.models import User
from lianban.cases.models import (
    AppointmentRecord,
    BatchRecord,
    DossierRecord,
    DraftRecord,
    EnquiryRecord,
    FileRecord,
    JointCaseRecord,
    MoveRecord,
    PaymentBatchRecord,
    PersonConflictRecord,
    PostingRecord,
    ProposalRecord,
    ResultRecord,
    RosterRecord,
    RosterRowRecord,
)
from lianban.exchange.models import ExchangeFile, InboxMessage, TaskRecord
from lianban.outbox.models import OutboxMessage
from tests.web.exchange import ground as watched

DISTRICT = "990101"


def _drafts(actor: Actor) -> Any:
    owner = "applicant_id" if actor.kind == "applicant" else "clerk_id"
    return DraftRecord.objects.filter(**{owner: actor.user_id}).values_list("id", flat=True)


def _here(kind: Any) -> Any:
    return kind.objects.filter(case__district_id=DISTRICT).values_list("id", flat=True)


def _batches(_: Any) -> Any:
    return BatchRecord.objects.filter(district_id=DISTRICT).values_list("id", flat=True)


def _dossiers(_: Any) -> Any:
    return DossierRecord.objects.filter(district_id=DISTRICT).values_list("id", flat=True)


def _results(actor: Actor) -> Any:
    """One that waits to be fetched, where there is one."""
    rows = ResultRecord.objects.filter(district_id=DISTRICT, withdrawn_at=None)
    if actor.kind == "officer" and "counter_clerk" not in actor.roles:
        rows = rows.filter(department=actor.department)
    return rows.order_by("-state", "id").values_list("id", flat=True)


def _postings(actor: Actor) -> Any:
    rows = PostingRecord.objects.filter(district_id=DISTRICT)
    if "counter_clerk" not in actor.roles:
        rows = rows.filter(office__department=actor.department)
    return rows.values_list("id", flat=True)


def _enquiries(actor: Actor) -> Any:
    return EnquiryRecord.objects.filter(
        district_id=DISTRICT, department=actor.department
    ).values_list("id", flat=True)


def _orders(_: Any) -> Any:
    return PaymentBatchRecord.objects.filter(district_id=DISTRICT).values_list("id", flat=True)


def _outbox(actor: Actor) -> Any:
    """A message to the police, given up; a department sees its own."""
    rows = OutboxMessage.objects.filter(state="dead", department=watched.POLICE)
    if "department_officer" in actor.roles:
        rows = rows.filter(department=actor.department)
    return rows.values_list("message_id", flat=True)


def appointments(actor: Any) -> Any:
    rows = AppointmentRecord.objects.filter(case__district_id=DISTRICT).order_by("id")
    return rows.filter(case__applicant_id=actor.user_id) if actor.kind == "applicant" else rows


#: The records that a parameter names.
RECORDS: dict[str, Callable[[Any], Any]] = {
    "draft_id": _drafts,
    "appointment_id": lambda actor: appointments(actor).values_list("id", flat=True),
    "scan_id": lambda _: [uuid4()],  # only ever posted to
    "held_id": lambda actor: FileRecord.objects.filter(holder_id=actor.user_id).values_list(
        "id", flat=True
    ),
    "batch_id": _batches,
    "proposal_id": lambda _: _here(ProposalRecord),
    "conflict_id": lambda _: _here(PersonConflictRecord),
    "move_id": lambda _: MoveRecord.objects.filter(from_district=DISTRICT).values_list(
        "id", flat=True
    ),
    "absence_id": lambda _: [uuid4()],  # only ever posted to
    "rating_id": lambda _: [uuid4()],  # only ever posted to
    "order_id": _orders,
    "dossier_id": _dossiers,
    "roster_id": lambda _: RosterRecord.objects.values_list("id", flat=True),
    "row_id": lambda _: RosterRowRecord.objects.values_list("id", flat=True),
    "enquiry_id": _enquiries,
    "user_id": lambda _: [User.objects.get(username="donghu-gongan").id],
    "result_id": _results,
    "posting_id": _postings,
    "mail_id": lambda _: [uuid4()],  # only ever posted to
    "file_id": lambda _: [uuid4()],  # only ever removed
    "partner_code": lambda _: [watched.POLICE],
    "message_id": _outbox,
    "inbox_id": lambda _: InboxMessage.objects.values_list("id", flat=True),
    "task_id": lambda _: TaskRecord.objects.values_list("id", flat=True),
    "exchange_file_id": lambda actor: ExchangeFile.objects.filter(
        partner=actor.department
    ).values_list("id", flat=True),
    "receipt_id": lambda _: JointCaseRecord.objects.values_list("receipt_id", flat=True),
}
