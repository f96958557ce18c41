"""Lines of a roster that somebody must look at: settled one by one, never by themselves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianban.accounts import identity_number
from lianban.accounts.actor import Actor
from lianban.accounts.models import District
from lianban.cases import forms, roster_judge, roster_known
from lianban.cases.models import RosterRecord, RosterRowRecord
from lianban.cases.roster_known import Places
from lianban.cases.services import dossiers, roster, roster_lines
from lianban.cases.services.dossiers import RowResult
from lianban.engine.refusal import Refused

Outcome = RosterRowRecord.Outcome
SAME, TWO, CORRECT = "same", "two", "correct"
FORWARD, IGNORE, PERSON, ROSTER = "forward", "ignore", "person", "roster"
_LOOK = (SAME, CORRECT, FORWARD, IGNORE)
_NUMBER = (CORRECT, FORWARD, IGNORE)
#: What may be decided about a conflict, the likeliest first; differing answers are `_ANSWER`.
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "bad_name": _NUMBER,
    "bad_check_digit": _NUMBER,
    "lost_digits": _NUMBER,
    "bad_number": _NUMBER,
    "fifteen_digits": _LOOK,
    "birth_differs": _LOOK,
    roster_judge.IN_FILE: _LOOK,
    roster_judge.ELSEWHERE: _LOOK,
    roster_judge.FORWARDED: (SAME, FORWARD, IGNORE),
    roster_judge.OTHER_DISTRICT: (FORWARD, SAME, CORRECT, IGNORE),
    roster_judge.HELD_ELSEWHERE: _NUMBER,
    roster_judge.VARIANT: (SAME, TWO, CORRECT, IGNORE),
    roster_judge.NAME: (SAME, TWO, CORRECT, IGNORE),
    "already_concluded": (SAME, CORRECT, IGNORE),
}
_ANSWER = (PERSON, ROSTER)
#: The most lines that are settled at once.
MOST = 100
_MOST_REASON = 200


def allowed(conflict: str) -> tuple[str, ...]:
    """The resolutions of a conflict, the likeliest first."""
    return _ALLOWED.get(conflict, _ANSWER)


@transaction.atomic
def resolve(
    *,
    row_id: UUID,
    conflict: str,
    resolution: str,
    actor: Actor,
    at: datetime,
    name: str = "",
    number: str = "",
    district: str = "",
    reason: str = "",
) -> None:
    """Settle one conflict, as it was shown; the line goes on, or shows its next conflict.

    `same` lets it stand, `two` and `ignore` leave the line out, `correct` gives another name or
    number, `forward` hands it to another county's queue, `person` and `roster` say which of two
    answers is right. Raises `Refused`: `unknown_roster_row`, `not_permitted`, `stale`,
    `unknown_resolution`, `no_reason`, `wrong_number`, `wrong_name`, `unknown_district`.
    """
    row = _locked(row_id, actor)
    if row.conflict != conflict or row.outcome != Outcome.CONFLICT:
        raise Refused("stale", "这一行刚被别人处理过，请看看现在的情况")
    if resolution not in allowed(conflict):
        raise Refused("unknown_resolution", "请从列出的办法里选一个")
    row.reason = reason.strip()[:_MOST_REASON]
    row.resolution, row.resolved_at, row.resolved_by_id = resolution, at, actor.user_id
    if resolution in (TWO, IGNORE):
        _leave_out(row, resolution, at)
    elif resolution == FORWARD:
        _forward(row, district, at)
    else:
        if resolution == CORRECT:
            _correct(row, name.strip(), number, at)
        else:
            row.settled = [*row.settled, conflict]
        _go_on(row, at)


def resolve_many(
    *,
    row_ids: Sequence[UUID],
    conflict: str,
    resolution: str,
    actor: Actor,
    at: datetime,
    district: str = "",
    reason: str = "",
) -> list[RowResult]:
    """Settle the same conflict of many lines in the same way; one result for each line.

    A name or number is corrected one by one only. Raises `Refused` for too many lines.
    """
    if len(row_ids) > MOST:
        raise Refused("too_many", f"一次最多 {MOST} 行，现在是 {len(row_ids)} 行，请分几次")
    found = []
    for row in RosterRowRecord.objects.filter(id__in=row_ids, district_id__in=actor.districts):
        try:
            if resolution == CORRECT:
                raise Refused("unknown_resolution", "姓名和号码要一行一行改")
            resolve(
                row_id=row.id, conflict=conflict, resolution=resolution, actor=actor, at=at,
                district=district, reason=reason,
            )  # fmt: skip
        except Refused as refusal:
            found.append(RowResult(row.name, False, refusal.message))
        else:
            found.append(RowResult(row.name, True, "处理好了"))
    return found


def _leave_out(row: RosterRowRecord, resolution: str, at: datetime) -> None:
    if resolution == IGNORE and not row.reason:
        raise Refused("no_reason", "请写为什么不收这一行")
    row.outcome, row.since = Outcome.LEFT, at
    row.save()


def _forward(row: RosterRowRecord, district: str, at: datetime) -> None:
    places = District.objects.filter(active=True).exclude(policy_edition="")
    if district == row.district_id or not places.filter(code=district).exists():
        raise Refused("unknown_district", "请选归哪个区县")
    row.district_id, row.conflict, row.since = district, roster_judge.FORWARDED, at
    row.settled = [code for code in row.settled if code != roster_judge.FORWARDED]
    row.save()


def _correct(row: RosterRowRecord, name: str, number: str, at: datetime) -> None:
    """Put another name or number in the line's place; what stood in the file is kept as it was."""
    if number.strip():
        try:
            found = identity_number.parse(number, today=at.date())
        except identity_number.NotANumber as error:
            raise Refused("wrong_number", str(error)) from error
        row.identity_number = forms.seal_identity(
            found.number, table=roster_known.TABLE, row=row.id
        )
        row.identity_index = roster_known.index_of(found.number)
    elif not name or name == row.name:
        raise Refused("wrong_number", "请写对的身份证号，或者对的姓名")
    if len(name) > 50:
        raise Refused("wrong_name", f"姓名最多 50 个字，现在是 {len(name)} 个")
    row.name = name or row.name
    # What was decided about the other number or name says nothing of this one.
    row.settled = [code for code in row.settled if code == roster_judge.FORWARDED]


def _go_on(row: RosterRowRecord, at: datetime) -> None:
    """Judge the line again, and take it in where the roster was and nothing stands against it."""
    held = row.roster
    index = bytes(row.identity_index) if row.identity_index else b""
    known = roster_known.fetch([index] if index else [], besides=held.id)
    edition = dossiers.edition_of(held.district_id)
    asked = roster_lines.question(row, held, edition, Places(held.district_id), known)
    roster_lines.put(row, asked, at=at)
    row.save()
    taken = held.state in (RosterRecord.State.APPLYING, RosterRecord.State.APPLIED)
    if taken and row.outcome != Outcome.CONFLICT and row.applied_at is None:
        roster_lines.take_in([row], held, at=at)


def _locked(row_id: UUID, actor: Actor) -> RosterRowRecord:
    rows = RosterRowRecord.objects.select_for_update(of=("self",)).select_related("roster")
    row = rows.filter(id=row_id, district_id__in=actor.districts).first()
    if row is None:
        raise Refused("unknown_roster_row", "没有这一行，名册可能已经撤销")
    roster.require(row.district_id, actor)
    return row
