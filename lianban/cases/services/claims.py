"""Who works at what: an officer claims an item, or at the bureau a whole case, and gives it back.

A claim is no step of the procedure: it stands in no journal and moves no clock. It keeps two
officers of one office from doing the same work.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.accounts.models import District, User
from lianban.cases import absence_lists, impersonal, store
from lianban.cases.models import JointCaseRecord, SubCaseRecord
from lianban.cases.result_rows import Given
from lianban.cases.services import record
from lianban.cases.services.run import run, subject
from lianban.engine import commands as c
from lianban.engine.case import JointCase
from lianban.engine.records import ActedFor, Reassigned
from lianban.engine.refusal import Refused
from lianban.engine.states import AT_WORK, State

#: One thing to claim: a case, and one of its items (None: the case as a whole).
Target = tuple[UUID, int | None]

_LONGEST = 300
_AT_DESK = AT_WORK | {State.CORRECTION_DUE, State.SUSPENDED, State.DELIVERING}


@dataclass(frozen=True)
class Result:
    """What became of one row of many; `code` and `message` are empty when it went well."""

    case_id: UUID
    item: int | None
    code: str = ""
    message: str = ""

    @property
    def is_done(self) -> bool:
        """Whether this row did what was asked."""
        return not self.code


def claim(*, case_id: UUID, item: int | None, actor: Actor, at: datetime) -> None:
    """Take an item (None: the case as a whole) as one's own work. A repeat changes nothing.

    Raises `Refused`: `already_claimed` (`by` names who has it), `ended`, `not_ready` for what is at
    no desk of this department, `not_permitted`, `unknown_case`.
    """
    with store.begun() as raw:
        loaded = _permitted(raw, case_id, item, actor, "claim")
        _require_at_desk(loaded, item)
        _take(case_id, item, actor, at)


def give_back(*, case_id: UUID, item: int | None, actor: Actor, at: datetime) -> None:
    """Let go of a claim, one's own or that of a colleague of the office who is away.

    What nobody holds stays so without complaint. Raises `Refused`.
    """
    with store.begun() as raw:
        _permitted(raw, case_id, item, actor, "give_back")
        _row(case_id, item).update(**_values(item, None, None))


def reassign(
    *, case_id: UUID, item: int, officer_id: UUID, note: str, actor: Actor, at: datetime
) -> None:
    """Give an item to another officer of its office, with a note; the journal names both.

    The bureau's head may do so for every office of the district, an officer within the own office.
    Raises `Refused`: `unknown_officer` for one who does not work there, `needs_grounds`, `ended`,
    `not_ready`, `not_permitted`, `unknown_case`.
    """
    words = note.strip()
    if not words:
        raise Refused("needs_grounds", "请写一句为什么换人办")
    impersonal.require(words, today=at.date())
    if len(words) > _LONGEST:
        raise Refused("too_long", f"说明最多 {_LONGEST} 个字，现在是 {len(words)} 个")
    with store.begun() as raw:
        loaded = _permitted(raw, case_id, item, actor, "reassign")
        _require_at_desk(loaded, item)
        row = SubCaseRecord.objects.select_related("claimed_by").get(case_id=case_id, number=item)
        after = next((o for o in officers_for(row) if o.id == officer_id), None)
        if after is None:
            raise Refused("unknown_officer", "请选这个单位在岗的人")
        if row.claimed_by_id == after.id:
            return
        _row(case_id, item).update(**_values(item, after.id, at))
        before = row.claimed_by.name if row.claimed_by else "没人认领"
        moved = Reassigned(at, item, before, after.name, words)
        record.write(raw, loaded, moved, actor=actor, at=at)


def officers_of(case_id: UUID, item: int) -> list[User]:
    """Who may be given this item of a case."""
    row = SubCaseRecord.objects.filter(case_id=case_id, number=item).first()
    return officers_for(row) if row else []


def officers_for(row: SubCaseRecord) -> list[User]:
    """Who may be given an item: the active officers of its department in its district or above."""
    reach = District.objects.filter(code=row.district_id).values_list("code", "parent__code")
    codes = {code for pair in reach for code in pair if code}
    found = User.objects.filter(
        kind=User.Kind.OFFICER,
        is_active=True,
        office__department=row.department,
        office__district_id__in=codes,
        role_grants__role__in=permissions.roles_for("claim"),
    )
    return list(found.order_by("name", "id").distinct())


def claim_many(targets: Iterable[Target], *, actor: Actor, at: datetime) -> list[Result]:
    """Claim each of several; a row that is refused does not hold up the others."""
    return many(
        targets, lambda case_id, item: claim(case_id=case_id, item=item, actor=actor, at=at)
    )


def give_back_many(targets: Iterable[Target], *, actor: Actor, at: datetime) -> list[Result]:
    """Give back each of several; a row that is refused does not hold up the others."""
    return many(
        targets, lambda case_id, item: give_back(case_id=case_id, item=item, actor=actor, at=at)
    )


def act(
    command: c.Command,
    *,
    case_id: UUID,
    item: int,
    actor: Actor,
    at: datetime,
    expected_sequence: int | None = None,
    result_number: str = "",
    result: Given | None = None,
) -> JointCase:
    """Claim the item and give a command about it, both or neither: who acts on it has it.

    A deputy acts on what the officer who is away has, and the journal names both. Raises `Refused`
    as `claim` and `run` do.
    """
    with transaction.atomic(), store.begun() as raw:
        loaded = _permitted(raw, case_id, item, actor, "claim")
        away = absence_lists.away(case_id, item, actor=actor, on=at.date())
        if away is None and _is_at_desk(loaded, item):
            _take(case_id, item, actor, at)
        after = run(
            command,
            case_id=case_id,
            actor=actor,
            at=at,
            expected_sequence=expected_sequence,
            result_number=result_number,
            result=result,
        )
        if away is not None and after.sequence != loaded.case.sequence:
            acted = ActedFor(at, item, away.name)
            return record.write(raw, store.load(raw, case_id), acted, actor=actor, at=at).case
        return after


def many(targets: Iterable[Target], act_on: Callable[[UUID, int | None], object]) -> list[Result]:
    """Do one thing to each of several rows, each in a transaction of its own."""
    results = []
    for case_id, item in dict.fromkeys(targets):
        try:
            act_on(case_id, item)
        except Refused as refusal:
            results.append(Result(case_id, item, refusal.code, refusal.message))
        else:
            results.append(Result(case_id, item))
    return results


def _permitted(
    raw: Any, case_id: UUID, item: int | None, actor: Actor, command: str
) -> store.Loaded:
    """Lock and load the case; what the actor may not see does not exist for it."""
    loaded = store.load(raw, case_id)
    if item is not None and item not in loaded.case.sub_cases:
        raise Refused("unknown_case", "没有这个事项")
    about = subject(loaded, item)
    if permissions.allows(actor=actor, command=command, subject=about):
        return loaded
    if not permissions.may_see(actor=actor, subject=about):
        raise Refused("unknown_case", "没有这件联办件")
    raise Refused("not_permitted", "您的岗位不能认领这一件", command=command)


def _is_at_desk(loaded: store.Loaded, item: int | None) -> bool:
    if item is None:
        return loaded.case.is_open
    sub = loaded.case.sub_cases[item]
    at_lead = sub.department == loaded.edition.lead_department
    return sub.state in _AT_DESK and (sub.state is not State.READY or at_lead)


def _require_at_desk(loaded: store.Loaded, item: int | None) -> None:
    if _is_at_desk(loaded, item):
        return
    if item is None or loaded.case.sub_cases[item].ended:
        raise Refused("ended", "这一件已经结束，不用认领", item=item)
    raise Refused("not_ready", "这一件还没送到本部门", item=item)


def _take(case_id: UUID, item: int | None, actor: Actor, at: datetime) -> None:
    """Write the claim where nobody has it; whoever finds a colleague's reads the name."""
    row = _row(case_id, item)
    free = Q(claimed_by__isnull=True) | Q(claimed_by__is_active=False)
    taken = row.filter(free).update(**_values(item, actor.user_id, at))
    if taken:
        return
    holder = User.objects.filter(id__in=row.values("claimed_by")).first()
    if holder is not None and holder.id != actor.user_id:
        message = f"{holder.name}已经认领了这一件。要您来办，请{holder.name}先退回"
        raise Refused("already_claimed", message, by=holder.name, item=item)


def _row(case_id: UUID, item: int | None) -> Any:
    if item is None:
        return JointCaseRecord.objects.filter(id=case_id)
    return SubCaseRecord.objects.filter(case_id=case_id, number=item)


def _values(item: int | None, user_id: UUID | None, at: datetime | None) -> dict[str, Any]:
    """The columns of a claim; a case as a whole does not note when it was claimed."""
    return {"claimed_by_id": user_id} | ({"claimed_at": at} if item is not None else {})
