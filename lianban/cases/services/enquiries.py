"""Answering what a person asks beside the sub-cases. Reading is `cases.enquiry_lists`."""

from datetime import datetime
from uuid import UUID

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import editions, impersonal, store
from lianban.cases.enquiry_lists import EnquiryView, of_case, view_of
from lianban.cases.models import EnquiryRecord
from lianban.engine.refusal import Refused

__all__ = ["answer", "of_case"]

LONGEST = 2000


def answer(*, enquiry_id: UUID, text: str, actor: Actor, at: datetime) -> EnquiryView:
    """Answer an enquiry once; the same answer again changes nothing.

    Raises `Refused`: `unknown_case` for what the office is not asked, `empty`, `too_long`,
    `personal_value`, `already_answered` (`by` and `at` say who was quicker).
    """
    words = _checked(text, at)
    with store.begun():
        row = (
            EnquiryRecord.objects.select_for_update(of=("self",))
            .select_related("case__person", "district", "answered_by")
            .filter(id=enquiry_id)
            .first()
        )
        if row is None or not _may_answer(row, actor):
            raise Refused("unknown_case", "没有这条咨询")
        if row.answered_at is not None:
            return _again(row, words)
        row.answer, row.answered_at, row.answered_by_id = words, at, actor.user_id
        row.save(update_fields=["answer", "answered_at", "answered_by"])
        return view_of(row)


def _checked(text: str, at: datetime) -> str:
    words = text.strip()
    if not words:
        raise Refused("empty", "请写下答复")
    if len(words) > LONGEST:
        raise Refused("too_long", f"答复最多 {LONGEST} 个字，现在是 {len(words)} 个")
    impersonal.require(words, today=at.date(), what="答复")
    return words


def _may_answer(row: EnquiryRecord, actor: Actor) -> bool:
    edition = editions.pinned(row.case.edition_id, row.case.edition_hash)
    about = permissions.Subject(
        district=row.district_id,
        lead_department=edition.lead_department,
        applicant_user_id=row.case.applicant_id,
        case_id=row.case_id,
        item_department=row.department,
    )
    return permissions.allows(actor=actor, command="answer_enquiry", subject=about)


def _again(row: EnquiryRecord, words: str) -> EnquiryView:
    found = view_of(row)
    if found.answer == words:
        return found
    message = f"{found.answered_by_name or '同事'}已经答复过了"
    raise Refused("already_answered", message, by=found.answered_by_name)
