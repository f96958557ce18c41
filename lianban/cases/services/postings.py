"""Posting: envelopes made ready in one batch, sent with tracking numbers, and those that come back."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from lianban.accounts import permissions, sheets
from lianban.accounts.actor import Actor
from lianban.accounts.models import District, Role
from lianban.cases import case_number, editions, forms, looks, result_lists, store
from lianban.cases.content import Content
from lianban.cases.models import MailRecord, PostingRecord, ResultRecord
from lianban.cases.services import delivery, record, waybills
from lianban.cases.services.results import locked
from lianban.engine.records import MailReturned, Posted
from lianban.engine.refusal import Refused
from lianban.vault import normalise

State = ResultRecord.State
#: The most envelopes in one batch: twenty sheets of labels.
MOST = 200
#: The plan's reasons for which mail comes back begin with this.
REASONS = "mail_returned."
_TRACKING = re.compile(r"[A-Z0-9]{8,30}")
_LONGEST_CARRIER = 30


@dataclass(frozen=True)
class Made:
    """A batch, and what was left out of it, in words."""

    posting: PostingRecord
    left_out: list[str]


@dataclass(frozen=True)
class Envelope:
    """One envelope as a desk sees it; its address is read apart, for the label only."""

    mail: MailRecord
    case_id: UUID
    case_number: str
    person_name: str
    #: What is in it: item and result, in words.
    contents: tuple[str, ...]
    return_reason: str


@transaction.atomic
def make(*, result_ids: Iterable[UUID], actor: Actor, at: datetime) -> Made:
    """Put what waits for the post into envelopes, one a person, of one numbered batch.

    What cannot go (no address, meanwhile another way) is left out by name. Raises `Refused`
    (`nothing_chosen`, `too_many`, `nothing_to_post` with why).
    """
    wanted = list(dict.fromkeys(result_ids))
    if not wanted:
        raise Refused("nothing_chosen", "还没选。先在左边打勾，再按这个按钮")
    if len(wanted) > MOST:
        raise Refused("too_many", f"一批最多 {MOST} 件，现在选了 {len(wanted)} 件")
    assert actor.district is not None
    # no key lock: writers of cases hold the district as theirs, and we wait for them below
    District.objects.select_for_update(no_key=True).get(code=actor.district)
    posting = PostingRecord.objects.create(
        number=_number(actor.district, at),
        district_id=actor.district,
        office_id=actor.office_id,
        made_at=at,
        made_by_id=actor.user_id,
    )
    left_out = [words for one in wanted if (words := _into_envelope(posting, one, actor))]
    if not posting.mails.exists():
        raise Refused("nothing_to_post", "；".join(dict.fromkeys(left_out)))
    waybills.order(posting)
    return Made(posting, left_out)


def _into_envelope(posting: PostingRecord, result_id: UUID, actor: Actor) -> str:
    """Put one result into its person's envelope; why not, otherwise."""
    shown = result_lists.one(result_id=result_id, actor=actor)
    label = f"{shown.person_name}的{shown.name}"
    with store.begun() as raw:
        held = locked(raw, result_id)
        record.authorise(held.loaded, "deliver", actor, item=held.item)
        row = held.row
        in_one = row.mail_id is not None and row.state == State.TO_POST
        if row.way != "courier" or row.state not in (State.TO_POST, State.RETURNED) or in_one:
            return f"{label}已经在别的批次里，或者不用寄了"
        if not delivery.address_of(held.loaded.edition, _content(held.loaded.case_id)):
            return f"{label}没有收件地址，请先补上"
        mail, _ = MailRecord.objects.get_or_create(posting=posting, case_id=held.loaded.case_id)
        row.mail, row.state = mail, State.TO_POST
        row.save(update_fields=["mail", "state"])
        delivery.drop_empty(held.loaded.case_id)
    return ""


def _number(district: str, at: datetime) -> str:
    """`YJ`, the day, the district and the day's serial; the locked district row keeps it unique."""
    start = f"YJ{at:%Y%m%d}-{district}-"
    return f"{start}{PostingRecord.objects.filter(number__startswith=start).count() + 1:02d}"


def _content(case_id: UUID) -> Content:
    return forms.latest(case_id) or Content()


# Reading ---------------------------------------------------------------------------------------


def listed(*, actor: Actor) -> QuerySet[PostingRecord]:
    """The batches of a desk, the newest first."""
    rows = PostingRecord.objects.filter(district_id__in=actor.districts)
    if Role.COUNTER_CLERK not in permissions.roles_of(actor):
        rows = rows.filter(office__department=actor.department or "")
    return rows.select_related("office", "made_by").order_by("-made_at", "-id")


def get(*, posting_id: UUID, actor: Actor) -> PostingRecord:
    """One batch of the desk. Raises `Refused('unknown_posting')`."""
    found = listed(actor=actor).filter(id=posting_id).first()
    if found is None:
        raise Refused("unknown_posting", "没有这一批")
    return found


def progress(posting: PostingRecord) -> tuple[int, int]:
    """How many envelopes a batch has, and how many of them went out."""
    mails = posting.mails
    return mails.count(), mails.filter(posted_at__isnull=False).count()


def envelopes(posting: PostingRecord) -> list[Envelope]:
    """The envelopes of a batch, in the order of their labels."""
    rows = posting.mails.select_related("case__person").order_by("case__case_number")
    return [_envelope(mail) for mail in rows]


def _envelope(mail: MailRecord) -> Envelope:
    edition = editions.pinned(mail.case.edition_id, mail.case.edition_hash)
    numbers = mail.results.filter(withdrawn_at__isnull=True).values_list("sub_case__number")
    items = [edition.item(number) for (number,) in numbers.order_by("sub_case__number")]
    reasons = edition.wording.get("reasons", {})
    return Envelope(
        mail=mail,
        case_id=mail.case_id,
        case_number=mail.case.case_number,
        person_name=mail.case.person.name,
        contents=tuple(item.result.name if item.result else item.short_name for item in items),
        return_reason=reasons.get(mail.return_reason, mail.return_reason),
    )


def addressed(
    posting: PostingRecord, *, actor: Actor, at: datetime
) -> Iterator[tuple[Envelope, delivery.Address]]:
    """The envelopes with their addresses, for the labels; that they were read is kept."""
    for one in envelopes(posting):
        if not one.contents:
            continue
        edition = editions.pinned(one.mail.case.edition_id, one.mail.case.edition_hash)
        looks.keep(case_id=one.case_id, what=f"label:{posting.number}", actor=actor, at=at)
        yield one, delivery.address_of(edition, _content(one.case_id))


def reasons(actor: Actor) -> list[tuple[str, str]]:
    """Why mail comes back, by the plans in force in the actor's districts."""
    rows = District.objects.filter(code__in=actor.districts).exclude(policy_edition="")
    found: dict[str, str] = {}
    for name in rows.values_list("policy_edition", flat=True).distinct():
        words = editions.in_force(name).wording.get("reasons", {})
        found |= {code: text for code, text in words.items() if code.startswith(REASONS)}
    return list(found.items())


# Out -------------------------------------------------------------------------------------------


@dataclass
class Read:
    """Tracking numbers by envelope, from a table, a text or a file; and what is wrong, by line."""

    numbers: dict[UUID, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_text(posting: PostingRecord, text: str) -> Read:
    """Lines with a case number and a tracking number each, in any order, with any blanks."""
    return _read(posting, [(f"第 {n} 行", line) for n, line in enumerate(text.splitlines(), 1)])


def read_file(posting: PostingRecord, content: bytes, *, name: str) -> Read:
    """The same from the first sheet of an XLSX or CSV. Raises `Refused('bad_file')`."""
    _, grid = sheets.read(content, name=name)[0]
    lines = ["\t".join(sheets.text(cell) for cell in row) for row in grid]
    return _read(posting, [(f"第 {n} 行", line) for n, line in enumerate(lines, 1)], is_file=True)


def _read(
    posting: PostingRecord, lines: Iterable[tuple[str, str]], *, is_file: bool = False
) -> Read:
    by_case = {mail.case.case_number: mail.id for mail in posting.mails.select_related("case")}
    found = Read()
    for place, line in lines:
        words = [normalise(word) for word in re.split(r"[\s,，;；:：|]+", line) if word.strip()]
        known = next((word for word in words if case_number.is_valid(word)), None)
        if not words or (known is None and is_file):
            continue  # a file has a head, a title, remarks
        number = next((w for w in words if w != known and _TRACKING.fullmatch(w)), None)
        if known is None:
            found.problems.append(f"{place}：没有办件编号，或者抄错了一位")
        elif known not in by_case:
            found.problems.append(f"{place}：{known} 不在这一批里")
        elif number is None:
            found.problems.append(f"{place}：{known} 后面没有快递单号，单号是 8 到 30 位字母和数字")
        elif by_case[known] in found.numbers:
            found.problems.append(f"{place}：{known} 前面写过一次了")
        else:
            found.numbers[by_case[known]] = number
    if is_file and not found.numbers and not found.problems:
        found.problems.append("这个文件里没有一行有办件编号和快递单号")
    return found


def post(
    *, posting_id: UUID, carrier: str, numbers: Mapping[UUID, str], actor: Actor, at: datetime
) -> int:
    """Note that envelopes went out, by envelope its tracking number; how many went with this.

    A number of an envelope that went before is corrected. All or none. Raises `Refused`:
    `bad_numbers` with `problems` by envelope, `no_carrier`, `unknown_posting`, `not_permitted`.
    """
    posting = get(posting_id=posting_id, actor=actor)
    given = {key: normalise(text) for key, text in numbers.items() if text.strip()}
    if not given:
        raise Refused("bad_numbers", "一个快递单号都还没填")
    name = " ".join(carrier.split())
    if not name or len(name) > _LONGEST_CARRIER:
        raise Refused("no_carrier", f"请写快递公司，最多 {_LONGEST_CARRIER} 个字")
    require_numbers(given)
    with transaction.atomic(), store.begun() as raw:
        mails = posting.mails.filter(id__in=given).order_by("case_id")
        return sum(
            send_out(raw, mail, carrier=name, number=given[mail.id], actor=actor, at=at)
            for mail in mails
        )


def require_numbers(given: Mapping[UUID, str]) -> None:
    """Raise `Refused('bad_numbers')` unless each envelope has a tracking number of its own."""
    problems: dict[UUID, str] = {}
    elsewhere = MailRecord.objects.filter(tracking_number__in=given.values())
    used = set(elsewhere.exclude(id__in=given).values_list("tracking_number", flat=True))
    for key, number in given.items():
        if not _TRACKING.fullmatch(number):
            problems[key] = "快递单号是 8 到 30 位字母和数字"
        elif list(given.values()).count(number) > 1:
            problems[key] = "这个单号写了两次"
        elif number in used:
            problems[key] = "这个单号已经用在别的邮件上"
    if problems:
        raise Refused("bad_numbers", "有的单号不对，还没有记为寄出", problems=problems)


def send_out(
    raw: Any,
    mail: MailRecord,
    *,
    carrier: str,
    number: str,
    actor: Actor,
    at: datetime,
    command: str = "deliver",
) -> int:
    """Note that one envelope went out; 0 where it had gone, or holds nothing. Raises `Refused`."""
    is_first = mail.posted_at is None
    mail.carrier, mail.tracking_number, mail.posted_at = carrier, number, mail.posted_at or at
    if not is_first:
        mail.save(update_fields=["carrier", "tracking_number"])
        return 0
    rows = list(mail.results.filter(withdrawn_at__isnull=True, state=State.TO_POST).values("id"))
    if not rows:
        return 0
    mail.save(update_fields=["carrier", "tracking_number", "posted_at"])
    for row in rows:
        held = locked(raw, row["id"])
        record.authorise(held.loaded, command, actor, item=held.item)
        posted = Posted(at, held.item, mail.posting.number)
        record.write(raw, held.loaded, posted, actor=actor, at=at)
        ResultRecord.objects.filter(id=row["id"]).update(state=State.POSTED, since=at)
    return 1


# Back ------------------------------------------------------------------------------------------


def returned(*, text: str, reason: str, actor: Actor, at: datetime) -> MailRecord:
    """Note that an envelope came back, found by its tracking number or its case's number.

    The person is told, and asked for another address or another way. A repeat is harmless. Raises
    `Refused`: `unknown_mail`, `several_mails`, `unknown_reason`.
    """
    if reason not in dict(reasons(actor)):
        raise Refused("unknown_reason", "请选退回的原因")
    plain = normalise(text)
    match = Q(tracking_number=plain) | Q(case__case_number=plain)
    mine = MailRecord.objects.filter(match, posting__in=listed(actor=actor).values("id"))
    rows = list(mine.filter(posted_at__isnull=False, received_at=None)) if plain else []
    on_the_way = [mail for mail in rows if mail.returned_at is None] or rows[-1:]
    if not on_the_way:
        raise Refused("unknown_mail", "没有这个单号或办件编号的邮件在路上，请核对")
    if len(on_the_way) > 1:
        raise Refused("several_mails", "这一件有几个邮件在路上，请扫退回的那个快递单号")
    mail = on_the_way[0]
    if mail.returned_at is None:
        came_back(mail, reason=reason, actor=actor, at=at)
    return mail


def came_back(
    mail: MailRecord, *, reason: str, actor: Actor, at: datetime, command: str = "deliver"
) -> None:
    """Note of one envelope that it came back, for this reason of the plan. Raises `Refused`."""
    with store.begun() as raw:
        store.load(raw, mail.case_id)
        for row in list(mail.results.filter(withdrawn_at__isnull=True, state=State.POSTED)):
            held = locked(raw, row.id)
            record.authorise(held.loaded, command, actor, item=held.item)
            words = held.loaded.edition.wording.get("reasons", {}).get(reason, reason)
            happened = MailReturned(at, held.item, words)
            record.write(raw, held.loaded, happened, actor=actor, at=at)
            ResultRecord.objects.filter(id=row.id).update(state=State.RETURNED, since=at)
        mail.returned_at, mail.return_reason = at, reason
        mail.save(update_fields=["returned_at", "return_reason"])


def on_the_way(numbers: Iterable[str], *, actor: Actor) -> tuple[list[UUID], list[str]]:
    """The envelopes with these tracking numbers, and the numbers that lead to none."""
    wanted = dict.fromkeys(normalise(number) for number in numbers if number.strip())
    mine = MailRecord.objects.filter(posting__in=listed(actor=actor).values("id"))
    found = dict(mine.filter(tracking_number__in=list(wanted)).values_list("tracking_number", "id"))
    return list(found.values()), [number for number in wanted if number not in found]
