"""Leave: while an officer is away, a deputy of the same office does what the officer has."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from lianban.accounts.actor import Actor
from lianban.accounts.models import User
from lianban.cases import absence_lists
from lianban.cases.models import AbsenceRecord
from lianban.engine.refusal import Refused

#: The longest leave in natural days.
MOST_DAYS = 366


@transaction.atomic
def declare(
    *, officer_id: UUID, deputy_id: UUID, from_on: date, to_on: date, actor: Actor, at: datetime
) -> AbsenceRecord:
    """Note that an officer is away from `from_on` to `to_on`, both included, and who stands in.

    An officer does so for oneself, the bureau's head for everybody of the districts. It ends by
    itself. Raises `Refused`: `unknown_officer`, `bad_dates`, `already_away` for one who has a leave
    in these days, `deputy_away`, `not_permitted`.
    """
    officer = _officer(officer_id, actor)
    if officer is None:
        raise Refused("unknown_officer", "没有这位工作人员")
    if not absence_lists.may_declare(officer, actor):
        raise Refused("not_permitted", "请本人或退役军人事务部门负责人来登记")
    deputy = next((one for one in absence_lists.colleagues(officer) if one.id == deputy_id), None)
    if deputy is None:
        raise Refused("unknown_officer", "代办的人要是同一个单位在岗的同事")
    _require_dates(from_on, to_on, at.date())
    # Two leaves of one officer at once, noted at the same moment: the row lock lets one wait.
    User.objects.select_for_update().get(id=officer.id)
    if _within(from_on, to_on).filter(officer=officer).exists():
        raise Refused("already_away", f"{officer.name}这几天已经登记过请假")
    if _within(from_on, to_on).filter(officer=deputy).exists():
        raise Refused("deputy_away", f"{deputy.name}这几天自己也请假，请另选一位")
    assert actor.user_id is not None
    return AbsenceRecord.objects.create(
        officer=officer,
        deputy=deputy,
        from_on=from_on,
        to_on=to_on,
        noted_by_id=actor.user_id,
        noted_at=at,
    )


def _require_dates(from_on: date, to_on: date, today: date) -> None:
    if to_on < from_on:
        raise Refused("bad_dates", "最后一天不能早于第一天")
    if to_on < today:
        raise Refused("bad_dates", "最后一天已经过了")
    if (to_on - from_on).days > MOST_DAYS:
        raise Refused("bad_dates", "一次最多登记一年")


def end(*, absence_id: UUID, actor: Actor, at: datetime) -> None:
    """End a leave early: from today the officer is back. A repeat is harmless. Raises `Refused`."""
    row = AbsenceRecord.objects.select_related("officer__office").filter(id=absence_id).first()
    officer = _officer(row.officer_id, actor) if row else None
    if row is None or officer is None:
        raise Refused("unknown_absence", "没有这条请假登记")
    if not absence_lists.may_declare(officer, actor):
        raise Refused("not_permitted", "请本人或退役军人事务部门负责人来改")
    if row.from_on >= at.date():
        row.delete()
        return
    last = date.fromordinal(at.date().toordinal() - 1)
    if row.to_on > last:
        row.to_on = last
        row.save(update_fields=["to_on"])


def _within(from_on: date, to_on: date) -> QuerySet[AbsenceRecord]:
    return AbsenceRecord.objects.filter(from_on__lte=to_on, to_on__gte=from_on)


def _officer(officer_id: UUID, actor: Actor) -> User | None:
    """An officer in the actor's reach."""
    found = User.objects.select_related("office").filter(id=officer_id, kind=User.Kind.OFFICER)
    return found.filter(Q(office__district_id__in=actor.districts) | Q(id=actor.user_id)).first()
