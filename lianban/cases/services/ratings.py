"""好差评: the person rates, nobody else; a bad rating is called back within the plan's days.

One rating for each concluded item and one for the case (国办发〔2019〕51号; five levels). The rater's
words are sealed; officers see them, other people never.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lianban import vault
from lianban.accounts.actor import Actor
from lianban.cases import store
from lianban.cases.models import RatingRecord
from lianban.cases.services import record
from lianban.engine import deadlines
from lianban.engine.records import CalledBack, Rated
from lianban.engine.refusal import Refused

LEVELS = (5, 4, 3, 2, 1)
#: This level and those below it are bad (不满意, 非常不满意).
BAD = 2
#: Working days within which a bad rating is called back (德州 2020).
CALL_DAYS = 5
LONGEST = 500
TABLE = "cases_ratingrecord"


@dataclass(frozen=True)
class Given:
    """What was rated; `call_by` tells the person when somebody will call."""

    is_new: bool
    is_bad: bool


def rate(
    *,
    case_id: UUID,
    level: int,
    actor: Actor,
    at: datetime,
    item: int | None = None,
    comment: str = "",
) -> Given:
    """Rate an item that has ended with a decision, or the case that has concluded.

    The same rating again changes nothing. Raises `Refused`: `unknown_case`, `not_permitted`,
    `wrong_level`, `too_long`, `not_ready` (nothing to rate yet), `already_rated`.
    """
    if level not in LEVELS:
        raise Refused("wrong_level", "请从五档里选一个")
    words = comment.strip()
    if len(words) > LONGEST:
        raise Refused("too_long", f"最多写 {LONGEST} 个字，现在是 {len(words)} 个")
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "rate", actor)
        department = _rated_department(loaded, item)
        known = RatingRecord.objects.filter(case_id=case_id, item=item).first()
        if known is not None:
            if known.level != level:
                raise Refused("already_rated", "这一项您已经评过了。要改，请打综合窗口电话")
            return Given(is_new=False, is_bad=level <= BAD)
        _keep(loaded, item, department, level, words, at)
        record.write(raw, loaded, Rated(at, item, level), actor=actor, at=at)
    return Given(is_new=True, is_bad=level <= BAD)


def _rated_department(loaded: store.Loaded, item: int | None) -> str:
    """Who is rated. Raises `Refused('not_ready')` where nothing has ended."""
    case = loaded.case
    if item is None:
        if not case.ended:
            raise Refused("not_ready", "整件办结以后再评")
        return loaded.edition.lead_department
    sub = case.sub_cases.get(item)
    if sub is None:
        raise Refused("unknown_case", "没有这个事项")
    if not sub.ended or sub.outcome is None:
        raise Refused("not_ready", "这一项办结以后再评")
    return sub.department


def _keep(
    loaded: store.Loaded, item: int | None, department: str, level: int, words: str, at: datetime
) -> None:
    due = deadlines.add_working_days(loaded.calendar, at.date(), CALL_DAYS)
    row = uuid.uuid4()
    RatingRecord.objects.create(
        id=row,
        case_id=loaded.case_id,
        item=item,
        department=department,
        level=level,
        comment=_sealed(words, "comment", row),
        answer=b"",
        rated_at=at,
        call_by=due.on if level <= BAD else None,
    )


def call_back(*, rating_id: UUID, answer: str, actor: Actor, at: datetime) -> None:
    """Record what was said on the phone after a bad rating, and what was mended.

    Raises `Refused`: `unknown_rating`, `not_permitted`, `needs_grounds`, `too_long`,
    `already_answered`.
    """
    found = RatingRecord.objects.filter(id=rating_id, call_by__isnull=False).first()
    if found is None:
        raise Refused("unknown_rating", "没有这条评价")
    with store.begun() as raw:
        loaded = store.load(raw, found.case_id)
        record.authorise(loaded, "call_back", actor, item=found.item)
        words = _answer(answer)
        found = RatingRecord.objects.select_for_update().get(id=rating_id)
        if found.called_at is not None:
            raise Refused("already_answered", "同事已经回访过这一条")
        found.answer, found.called_at = _sealed(words, "answer", found.id), at
        found.called_by_id = actor.user_id
        found.save(update_fields=["answer", "called_at", "called_by"])
        record.write(raw, loaded, CalledBack(at, found.item), actor=actor, at=at)


def _answer(text: str) -> str:
    """The words of a call, asked for only from one who may call."""
    words = text.strip()
    if not words:
        raise Refused("needs_grounds", "请写下怎么回复的、改了什么")
    if len(words) > LONGEST:
        raise Refused("too_long", f"最多写 {LONGEST} 个字，现在是 {len(words)} 个")
    return words


def _sealed(words: str, column: str, row: UUID) -> bytes:
    return vault.encrypt(words.encode(), table=TABLE, column=column, row=str(row))
