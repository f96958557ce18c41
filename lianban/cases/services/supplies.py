"""What a case waited for comes: originals are seen, what a notice asked for is sent back.

Whoever meets a need meets it everywhere: the grade of the material rises, and every open request
for it closes in the same transaction.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import form_rules, forms, material_state, store
from lianban.cases.content import Content
from lianban.cases.models import FileRecord, MaterialRecord
from lianban.cases.services.run import require, subject
from lianban.catalogue.model import Edition
from lianban.engine import commands as c
from lianban.engine.case import JointCase
from lianban.engine.decide import decide
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry

State = MaterialRecord.State


def tick_seen(
    *,
    case_id: UUID,
    codes: Collection[str],
    actor: Actor,
    at: datetime,
    item: int | None = None,
    source: str = "counter",
    dated: Mapping[str, date] | None = None,
) -> JointCase:
    """An officer saw these originals: grade B from now on, for all items at once.

    What was missing, deferred or asked for by any notice counts as supplied in the same
    transaction. A department ticks what its own `item` needs. `source` is where it was seen:
    `counter`, `department`, `mail`. `dated` gives the day on papers that end by the plan.
    Raises `Refused` (`unknown_case`, `not_permitted`, `unknown_material`, `wrong_date`).
    """
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        named = _materials_only(loaded, codes)
        _require_tick(loaded, actor, item, named)
        require_going_on(loaded)
        ends = {code: _ends(loaded.edition, code, dated or {}, at) for code in named}
        _note(loaded, named, State.SEEN, at=at, seen_by=actor)
        for until in dict.fromkeys(ends.values()):
            same = tuple(code for code in named if ends[code] == until)
            loaded = _decide(raw, loaded, c.GradeMaterials(same, "B", source, until), actor, at)
        return _correct(raw, loaded, named, "", actor, at).case


def _ends(edition: Edition, code: str, dated: Mapping[str, date], at: datetime) -> date | None:
    """The last day of a paper, from the day that stands on it. Raises `Refused('wrong_date')`."""
    days, day = edition.material_by_code[code].valid_days, dated.get(code)
    if day is None or not days:
        return None
    if day > at.date() or day.year < at.year - _OLDEST_YEARS:
        raise Refused("wrong_date", "请核对材料上的日期：不能晚于今天", materials=[code])
    return day + timedelta(days=days)


#: A letter that is older is a slip of the pen.
_OLDEST_YEARS = 10


def _decide(
    raw: Any, loaded: store.Loaded, command: c.Command, actor: Actor, at: datetime
) -> store.Loaded:
    events = decide(loaded.edition, loaded.case, command, at=at, calendar=loaded.calendar)
    return store.write(raw, loaded, events, actor=actor, at=at) if events else loaded


def supply(
    *,
    case_id: UUID,
    codes: Collection[str],
    actor: Actor,
    at: datetime,
    promised: Collection[str] = (),
    fields: Mapping[str, str] | None = None,
) -> JointCase:
    """Send back what a notice asked for: materials by code and fields with their new values.

    A material counts with a file that came after it was asked for, or as `promised` to the counter.
    Fields are checked and become a new form version. When nothing of it is waited for any more (a
    second click), nothing happens. Raises `Refused` (`missing_file` with the
    codes, `form_incomplete` with complaints by field, and what the case refuses).
    """
    values = dict(fields or {})
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        require(loaded, c.Correct(()), actor)
        named = _materials_only(loaded, {*codes, *promised})
        if not _waited(loaded.case) & {*named, *values}:
            return loaded.case
        brought = [code for code in named if code in promised]
        sent = [code for code in named if code not in promised]
        _require_files(loaded, sent)
        form_hash = _new_version(loaded, values, at) if values else ""
        _note(loaded, sent, State.UPLOADED, at=at)
        _note(loaded, brought, State.PROMISED, at=at)
        grade = c.GradeMaterials(tuple(sent), "C", "upload")
        loaded = _decide(raw, loaded, grade, actor, at)
        return _correct(raw, loaded, [*named, *values], form_hash, actor, at).case


def require_material(edition: Edition, code: str) -> Any:
    material = edition.material_by_code.get(code)
    if material is None:
        raise Refused("unknown_material", "没有这项材料，请刷新页面再试")
    return material


def _require_tick(
    loaded: store.Loaded, actor: Actor, item: int | None, codes: Collection[str]
) -> None:
    about = subject(loaded, item)
    sub = loaded.case.sub_cases.get(item) if item is not None else None
    foreign = sub is not None and set(codes) - set(sub.materials)
    if not foreign and permissions.allows(actor=actor, command="tick_seen", subject=about):
        return
    if permissions.may_see(actor=actor, subject=about):
        raise Refused("not_permitted", "原件由窗口或退役军人事务局核对")
    raise Refused("unknown_case", "没有这件联办件")


def require_going_on(loaded: store.Loaded) -> None:
    if loaded.case.ended and not loaded.case.open_items:
        raise Refused("ended", "联办件已经结束，不能再收材料")


def _materials_only(loaded: store.Loaded, codes: Collection[str]) -> list[str]:
    for code in codes:
        require_material(loaded.edition, code)
    return [m.code for m in loaded.edition.materials if m.code in codes]


def _note(
    loaded: store.Loaded,
    codes: Collection[str],
    state: MaterialRecord.State,
    *,
    at: datetime,
    seen_by: Actor | None = None,
) -> None:
    values = {
        "state": state,
        "updated_at": at,
        "seen_by_id": seen_by.user_id if seen_by else None,
        "seen_at": at if seen_by else None,
    }
    rows = [MaterialRecord(case_id=loaded.case_id, code=code, **values) for code in codes]
    MaterialRecord.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["case", "code"], update_fields=[*values]
    )


def _waited(case: JointCase) -> set[str]:
    """What the person still owes: missing, deferred, or named by a notice."""
    return material_state.outstanding(case) | set(case.deferrals)


def _correct(
    raw: Any,
    loaded: store.Loaded,
    supplied: Collection[str],
    form_hash: str,
    actor: Actor,
    at: datetime,
) -> store.Loaded:
    waited = _waited(loaded.case)
    answered = tuple(code for code in supplied if code in waited)
    if not answered:
        return loaded
    command = c.Correct(answered, _tail(loaded.case, answered), form_hash)
    return _decide(raw, loaded, command, actor, at)


def _tail(case: JointCase, answered: Collection[str]) -> int | None:
    """None for an open case; after its end the item that goes on and waits for the answer."""
    if not case.ended:
        return None
    waiting = [
        n for n in case.open_items if set(case.sub_cases[n].notice.outstanding) & set(answered)
    ]
    return next(iter([*waiting, *case.open_items]), None)


def _require_files(loaded: store.Loaded, codes: Collection[str]) -> None:
    """Each material has a file that is newer than the notice which asked for it."""
    asked = asked_at(loaded.case_id)
    newest: dict[str, datetime] = {}
    for material, at in FileRecord.objects.filter(case_id=loaded.case_id).values_list(
        "material", "created_at"
    ):
        newest[material] = max(at, newest.get(material, at))
    lacking = [
        code
        for code in codes
        if code not in newest or (code in asked and newest[code] < asked[code])
    ]
    if lacking:
        names = "、".join(loaded.edition.material_by_code[code].name for code in lacking)
        raise Refused("missing_file", f"请先上传「{names}」，或选择带到窗口", materials=lacking)


def asked_at(case_id: UUID) -> dict[str, datetime]:
    """When each defect was last named by a notice."""
    entries = JournalEntry.objects.filter(case_id=case_id, event="CorrectionRequested")
    return {
        code: entry.at
        for entry in entries.order_by("sequence")
        for code in json.loads(entry.body)["defects"]
    }


def _new_version(loaded: store.Loaded, values: Mapping[str, str], at: datetime) -> str:
    """Keep the form with some fields mended. Raises `Refused('form_incomplete')`."""
    known = forms.latest(loaded.case_id) or Content()
    plan = known.plan(loaded.edition)
    asked = {field.code for field in form_rules.asked(plan, {**known.fields, **values})}
    unknown = [code for code in values if code not in asked]
    if unknown:
        raise Refused("unknown_field", "这一栏不能在这里改", fields=unknown)
    merged = {**known.fields, **values}
    found = form_rules.complaints(plan, merged, today=at.date())
    complaints = {code: text for code, text in found.items() if code in values}
    if complaints:
        raise Refused("form_incomplete", "还有没填好的地方", complaints=complaints)
    full = form_rules.complete(plan, merged, today=at.date())
    return forms.add_version(case_id=loaded.case_id, content=replace(known, fields=full), at=at)
