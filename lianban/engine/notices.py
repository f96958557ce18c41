"""Correction notices and deferred materials, at the case or at one item.

One notice lists everything (行政许可法 第三十二条第四项: 一次告知); a later one may name only what
became visible since.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from lianban.catalogue.calendar import day_of
from lianban.engine import deadlines, lapse
from lianban.engine import events as e
from lianban.engine.case import Notice
from lianban.engine.desk import Desk
from lianban.engine.refusal import Refused


def request(
    desk: Desk, item: int | None, notice: Notice, defects: Sequence[str], *, open_: bool
) -> None:
    """Give a notice. A repeat of the open one yields nothing."""
    named = tuple(dict.fromkeys(defects))
    if not named:
        raise Refused("needs_grounds", "请至少列出一处要补正的内容")
    if open_:
        if set(named) <= set(notice.outstanding):
            return
        raise Refused(
            "already_noticed", "已经一次性告知过，请等对方补齐", defects=list(notice.outstanding)
        )
    because = {code: since(desk, notice, code) for code in named if notice.given}
    old = [code for code, reason in because.items() if not reason]
    if old:
        raise Refused("old_defect", "上次告知时就能看出的问题，不能再次告知", defects=old)
    ordinal, reasons = desk.case.notices + 1, tuple(because.values())
    digest = digest_of(desk, item, named, ordinal, reasons)
    desk.add(e.CorrectionRequested(desk.at, item, named, ordinal, reasons, digest))


def since(desk: Desk, notice: Notice, code: str) -> str:
    """Why a defect could not stand in the notice before; empty where it could.

    `supplied_since`: what came is wrong again. `expired_since`: it has passed its end.
    `dossier_came_since`: it was to come with the dossier, which came without it.
    """
    if code in notice.fresh:
        return "supplied_since"
    before = notice.at
    graded, material = desk.case.grades.get(code), desk.edition.material_by_code.get(code)
    end = graded.valid_until if graded else None
    if before and end and day_of(before) <= end < desk.today:
        return "expired_since"
    milestone = desk.case.milestones.get(material.may_arrive_with) if material else None
    came = milestone.reached_at if milestone else None
    return "dossier_came_since" if before and came and came > before else ""


def digest_of(
    desk: Desk, item: int | None, defects: Sequence[str], ordinal: int, because: Sequence[str]
) -> str:
    """The SHA-256 of a notice, over JSON with sorted keys, as lower-case hex."""
    said = {
        "edition": desk.edition.hash,
        "at": desk.at.isoformat(),
        "item": item,
        "ordinal": ordinal,
        "defects": list(defects),
        "because": list(because),
    }
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def require_in_time(desk: Desk, item: int | None, start: date) -> None:
    """Raise `Refused('too_late')` once silence since `start` has come to mean acceptance."""
    if lapse.is_silent(desk, start):
        raise Refused("too_late", "告知补正的期限已过，视为受理，不能再要求补正", item=item)


def correct(desk: Desk, item: int | None, supplied: Sequence[str], form_hash: str = "") -> None:
    """Take what the person supplied; what nobody waits for is a harmless repeat."""
    named = tuple(dict.fromkeys(supplied))
    wanted = set(desk.case.missing) | set(desk.case.deferrals) | set(desk.case.notice.outstanding)
    for sub in desk.case.sub_cases.values():
        wanted |= set(sub.notice.outstanding)
    if any(code in wanted for code in named):
        desk.add(e.Corrected(desk.at, item, named, form_hash))


def defer(desk: Desk, item: int | None, materials: Sequence[str]) -> None:
    """Grant deferral for secondary materials. Raises `Refused('deferral_not_allowed')`."""
    named = tuple(code for code in dict.fromkeys(materials) if code not in desk.case.deferrals)
    for code in named:
        material = desk.edition.material_by_code.get(code)
        if material is None or not material.deferrable:
            name = material.name if material else code
            raise Refused("deferral_not_allowed", f"「{name}」不能容缺", materials=[code])
    if named:
        due_on = deadlines.add_working_days(desk.calendar, desk.today, _days(desk, item, named)).on
        desk.add(e.DeferralGranted(desk.at, item, named, due_on))


def _days(desk: Desk, item: int | None, materials: Sequence[str]) -> int:
    """Working days for the supplement: at most the plan's figure, and before the items' limits."""
    rules = desk.edition.rules
    subs = desk.case.sub_cases
    numbers = (
        [item] if item is not None else [n for n in subs if set(materials) & set(subs[n].materials)]
    )
    limits = [desk.item(number).pledged for number in numbers]
    rooms = [limit.days - rules.deferral_before_limit_days for limit in limits if limit]
    return min([rules.deferral_most_days, *(room for room in rooms if room > 0)])
