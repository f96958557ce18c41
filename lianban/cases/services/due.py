"""Rules that fall due by time: applied to every case whose next date has passed."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from lianban.accounts.actor import Actor
from lianban.cases.models import JointCaseRecord
from lianban.cases.services.run import run
from lianban.engine import commands as c
from lianban.engine.states import CASE_OPEN

#: The shortest notice limit is longer than this many natural days.
_NOTICE_DAYS = timedelta(days=5)


def due_cases(*, at: datetime) -> list[UUID]:
    """Cases that may have something due: a date has passed, or a department was silent for days."""
    silent = Q(
        sub_cases__state__in=("dispatched", "received"), sub_cases__since__lt=at - _NOTICE_DAYS
    )
    rows = JointCaseRecord.objects.filter(state__in=CASE_OPEN)
    rows = rows.filter(Q(clock_on__lt=at.date()) | silent)
    return list(rows.order_by("id").distinct().values_list("id", flat=True))


def pass_time(*, at: datetime) -> int:
    """Apply the due rules, each case in its own transaction; return how many cases were looked at.

    Applying them twice changes nothing.
    """
    found = due_cases(at=at)
    for case_id in found:
        run(c.PassTime(), case_id=case_id, actor=Actor.system(), at=at)
    return len(found)
