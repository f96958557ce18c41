"""Gathering (定期汇总): a counter's accepted cases are pushed to their departments together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.accounts.models import District
from lianban.cases.models import BatchRecord, JointCaseRecord
from lianban.cases.services.dossiers import RowResult, edition_of
from lianban.cases.services.run import run
from lianban.engine import commands as c
from lianban.engine.refusal import Refused

#: The most cases that one batch holds.
MOST = 200


@dataclass(frozen=True)
class Gathered:
    """A batch, or none when nothing could be gathered, and what became of each case."""

    batch_id: UUID | None
    number: str
    rows: list[RowResult]


@transaction.atomic
def gather(*, case_ids: Iterable[UUID], actor: Actor, at: datetime) -> Gathered:
    """Gather cases into one numbered batch and dispatch what is ready in them.

    A case that cannot be gathered is left out with its reason; one that was gathered before leads
    to its own batch, so that a second click finds the first one's. Raises `Refused`.
    """
    wanted = sorted(set(case_ids))
    if not wanted:
        raise Refused("nothing_chosen", "请至少选一件")
    if len(wanted) > MOST:
        raise Refused("too_many", f"一次最多汇总 {MOST} 件，现在选了 {len(wanted)} 件")
    assert actor.district is not None
    _require(actor, actor.district)
    # no key lock: writers of cases hold the district as theirs, and we wait for them below
    District.objects.select_for_update(no_key=True).get(code=actor.district)
    cases = JointCaseRecord.objects.select_related("person").prefetch_related("batches")
    rows, members, earlier = [], [], None
    for case in cases.filter(id__in=wanted, district_id__in=actor.districts).order_by("id"):
        before = next(iter(case.batches.all()), None)
        result = _one(case, before, actor, at)
        rows.append(result)
        earlier = earlier or before
        if result.done:
            members.append(case)
    if not members:
        return Gathered(earlier.id if earlier else None, earlier.number if earlier else "", rows)
    batch = BatchRecord.objects.create(
        district_id=actor.district,
        number=_number(actor.district, at),
        gathered_at=at,
        gathered_by_id=actor.user_id,
    )
    batch.cases.set(members)
    return Gathered(batch.id, batch.number, rows)


def _one(
    case: JointCaseRecord, before: BatchRecord | None, actor: Actor, at: datetime
) -> RowResult:
    label = f"{case.person.name} {case.case_number}"
    if before is not None:
        return RowResult(label, False, f"早就汇总过了，在 {before.number} 里")
    try:
        after = run(c.GatherBatch(), case_id=case.id, actor=actor, at=at)
    except Refused as refusal:
        return RowResult(label, False, refusal.message)
    if after.sequence == case.sequence:
        return RowResult(label, False, "早就汇总过了")
    return RowResult(label, True, "已推送")


def _number(district: str, at: datetime) -> str:
    """`HZ`, the day, the district and the day's serial; the locked district row keeps it unique."""
    start = f"HZ{at:%Y%m%d}-{district}-"
    return f"{start}{BatchRecord.objects.filter(number__startswith=start).count() + 1:02d}"


def _require(actor: Actor, district: str) -> None:
    subject = permissions.Subject(
        district=district, lead_department=edition_of(district).lead_department
    )
    if not permissions.allows(actor=actor, command="gather_batch", subject=subject):
        raise Refused("not_permitted", "您的岗位不能汇总推送")
