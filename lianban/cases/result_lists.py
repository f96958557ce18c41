"""Results as they are read: a case's own, a desk's lists, one by its code, and the public proof."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from lianban.accounts import limiter, permissions
from lianban.accounts.actor import Actor
from lianban.accounts.models import Role
from lianban.cases import editions, forms, result_rows, worklists
from lianban.cases.models import ResultRecord
from lianban.cases.queries import CaseView
from lianban.catalogue.model import Edition
from lianban.engine.refusal import Refused
from lianban.vault import normalise

State = ResultRecord.State
#: The lists of a desk, in the order shown.
SHOWS = {
    "pick_up": ("待领取", Q(state=State.TO_HAND_OVER)),
    "to_post": ("待邮寄", Q(state=State.TO_POST)),
    "posted": ("在路上", Q(state=State.POSTED)),
    "returned": ("退回的", Q(state=State.RETURNED)),
    "done": ("交付了", Q(state__in=(State.HANDED_OVER, State.ELECTRONIC))),
}
#: Wrong codes at one desk; a person with the right one is never in the way of it.
GUESSES = limiter.Limit(rule="pick_up_code", most=20, window=timedelta(minutes=10))


@dataclass(frozen=True)
class ResultView:
    """One result as it is shown. Neither its code nor anybody's number is in here."""

    id: UUID
    case_id: UUID
    case_number: str
    person_name: str
    district_name: str
    item: int
    item_name: str
    name: str
    number: str
    issued_on: date
    office_name: str
    verification_code: str
    way: str
    way_words: str
    state: str
    state_words: str
    since: datetime
    #: What to bring, in the plan's words.
    bring: str
    has_file: bool
    file_name: str
    digest: str
    carrier: str
    tracking_number: str
    posted_at: datetime | None
    returned_at: datetime | None
    return_reason: str
    posting_id: UUID | None
    posting_number: str
    mail_id: UUID | None
    handed_to: str

    @property
    def is_done(self) -> bool:
        """Whether nobody has to do anything about it any more."""
        return self.state in (State.HANDED_OVER, State.ELECTRONIC)

    def age(self, today: date) -> int:
        """Days since it came to this state."""
        return (today - timezone.localdate(self.since)).days


def of_case(view: CaseView) -> list[ResultView]:
    """The results of a case that this actor sees, in the order of their items."""
    numbers = [shown.item.number for shown in view.items]
    rows = _rows().filter(sub_case__case_id=view.id, sub_case__number__in=numbers)
    return [_view(row) for row in rows.order_by("sub_case__number")]


def code_for_person(view: CaseView, result: ResultView, *, actor: Actor) -> str:
    """The code by which the person fetches a result; nobody else reads it."""
    if actor.kind != "applicant" or result.case_id != view.id:
        return ""
    row = ResultRecord.objects.only("id", "code").get(id=result.id)
    code = result_rows.code_of(row)
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}".strip()


# Desks -----------------------------------------------------------------------------------------


def scope(actor: Actor) -> Q:
    """What a desk sees: a counter all of its districts, every other office what it issued."""
    here = Q(district_id__in=actor.districts) & Q(withdrawn_at__isnull=True)
    if Role.COUNTER_CLERK in permissions.roles_of(actor):
        return here
    return here & Q(department=actor.department or "")


def listed(
    *, actor: Actor, show: str, after: str = "", before: str = ""
) -> worklists.Page[ResultView]:
    """One list of a desk, what has waited longest on top; what is done the other way round."""
    rows = _rows().filter(scope(actor), SHOWS[show][1])
    page = worklists.paged(rows, "since", show == "done", after, before)
    return worklists.Page([_view(row) for row in page.rows], page.next, page.previous)


def counts(*, actor: Actor) -> dict[str, int]:
    """How many each list has, but for what is done."""
    rows = ResultRecord.objects.filter(scope(actor))
    return {show: rows.filter(q).count() for show, (_, q) in SHOWS.items() if show != "done"}


def one(*, result_id: UUID, actor: Actor) -> ResultView:
    """One result of the desk. Raises `Refused('unknown_result')`."""
    row = _rows().filter(scope(actor), id=result_id).first()
    if row is None:
        raise Refused("unknown_result", "没有这个结果")
    return _view(row)


def identity_of(result: ResultView) -> str:
    """The masked identity number of whose result it is."""
    row = ResultRecord.objects.select_related("sub_case__case__person").get(id=result.id)
    person = row.sub_case.case.person
    return forms.masked_identity(
        bytes(person.identity_number), table="cases_personrecord", row=person.id
    )


def by_code(text: str, *, actor: Actor, at: datetime) -> ResultView:
    """The result that waits under a pick-up code.

    Raises `Refused`: `unknown_code` with what to do, `too_many_tries` after too many wrong ones.
    """
    code = normalise(text)
    key = str(actor.office_id or actor.user_id)
    limiter.count(GUESSES, key=key, at=at)
    row = None
    if len(code) == result_rows.PICK_UP_LENGTH and set(code) <= set(result_rows.PICK_UP_SIGNS):
        rows = _rows().filter(scope(actor), state=State.TO_HAND_OVER)
        row = rows.filter(code_index=result_rows.index_of(code)).first()
    if row is None:
        raise Refused("unknown_code", "没有这个取件码的结果在等着领。请照本人手机上的再输一遍")
    limiter.forget(GUESSES, key=key, at=at)
    return _view(row)


def find(text: str, *, actor: Actor) -> list[ResultView]:
    """Results of the desk by case number or tracking number, at most 20, those that wait first."""
    plain = normalise(text)
    match = Q(sub_case__case__case_number=plain) | Q(mail__tracking_number=plain)
    rows = _rows().filter(scope(actor), match) if plain else _rows().none()
    found = [_view(row) for row in rows.order_by("-since")[:20]]
    return sorted(found, key=lambda one: one.is_done)


# The proof ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """What everybody may learn from a result's code: whether it is real, never whose it is."""

    item_name: str
    name: str
    number: str
    issued_on: date
    office_name: str
    #: Of the file, to compare one with; empty where there is none.
    digest: str
    withdrawn_on: date | None


def proof(code: str) -> Proof | None:
    """The result with this verification code, in its one spelling; None if there is none."""
    rows = ResultRecord.objects.defer("content").select_related("sub_case__case")
    row = rows.filter(verification_code=code).first()
    if row is None or not secrets.compare_digest(row.verification_code, code):
        return None
    item = _edition(row).item(row.sub_case.number)
    return Proof(
        item_name=item.name,
        name=item.result.name if item.result else item.name,
        number=row.number,
        issued_on=row.issued_on,
        office_name=row.office_name,
        digest=row.digest,
        withdrawn_on=timezone.localdate(row.withdrawn_at) if row.withdrawn_at else None,
    )


# Rows ------------------------------------------------------------------------------------------


def _rows() -> QuerySet[ResultRecord]:
    related = ("sub_case__case__person", "district", "mail__posting")
    return (
        ResultRecord.objects.filter(withdrawn_at__isnull=True)
        .select_related(*related)
        .defer("content")
    )


def _edition(row: ResultRecord) -> Edition:
    case = row.sub_case.case
    return editions.pinned(case.edition_id, case.edition_hash)


def _view(row: ResultRecord) -> ResultView:
    case, edition = row.sub_case.case, _edition(row)
    item = edition.item(row.sub_case.number)
    words = edition.wording.get("delivery", {})
    return ResultView(
        id=row.id,
        case_id=case.id,
        case_number=case.case_number,
        person_name=case.person.name,
        district_name=row.district.name,
        item=item.number,
        item_name=item.short_name,
        name=item.result.name if item.result else item.name,
        number=row.number,
        issued_on=row.issued_on,
        office_name=row.office_name,
        verification_code=row.verification_code,
        way=row.way,
        way_words=words.get(row.way, ""),
        state=row.state,
        state_words=str(State(row.state).label),
        since=row.since,
        bring=(item.result.pick_up_note if item.result else "") or words.get("pick_up_note", ""),
        has_file=bool(row.digest),
        file_name=row.file_name,
        digest=row.digest,
        handed_to=row.handed_to,
        **_mail(row, edition),
    )


def _mail(row: ResultRecord, edition: Edition) -> dict[str, Any]:
    mail = row.mail
    reasons = edition.wording.get("reasons", {})
    return {
        "carrier": mail.carrier if mail else "",
        "tracking_number": mail.tracking_number if mail else "",
        "posted_at": mail.posted_at if mail else None,
        "returned_at": mail.returned_at if mail else None,
        "return_reason": reasons.get(mail.return_reason, mail.return_reason) if mail else "",
        "posting_id": mail.posting_id if mail else None,
        "posting_number": mail.posting.number if mail else "",
        "mail_id": mail.id if mail else None,
    }
