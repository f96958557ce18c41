"""A wrong name, identity number or phone, mended after the case was handed in, with its trace.

The old values stay sealed in the old form version. A number that is another person's row is never
merged with it by itself: an officer compares, and the case goes to that row or stays as it is.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from lianban import vault
from lianban.accounts import person_name
from lianban.accounts import services as accounts
from lianban.accounts.actor import Actor
from lianban.cases import form_rules, forms, store
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord, PersonConflictRecord, PersonRecord
from lianban.cases.services import hand_in, record
from lianban.catalogue.model import Edition, Field
from lianban.engine.records import ConflictDecided, NumberInConflict, PersonCorrected
from lianban.engine.refusal import Refused
from lianban.engine.states import CASE_OPEN

#: What about a person may be mended: types of the plan's fields, the first of each is the person's.
NAME, NUMBER, PHONE = "name", "identity_number", "mobile"
_KINDS = (NAME, NUMBER, PHONE)
S = PersonConflictRecord.State


@dataclass(frozen=True)
class Outcome:
    """What became of a correction: the fields that changed; or it waits for an officer."""

    codes: tuple[str, ...] = ()
    is_conflict: bool = False


def person_fields(edition: Edition) -> dict[str, Field]:
    """The fields that say who the person is, by type."""
    found = {field.type: field for field in reversed(edition.fields) if field.type in _KINDS}
    return {kind: found[kind] for kind in _KINDS if kind in found}


def correct(
    *, case_id: UUID, values: Mapping[str, str], original_seen: bool, actor: Actor, at: datetime
) -> Outcome:
    """Mend fields about the person, by field code, with the original seen. A repeat is harmless.

    Raises `Refused`: `original_not_seen`, `form_incomplete` (`complaints` by field code), `ended`,
    `already_in_conflict`, `not_permitted`, `unknown_case`.
    """
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "correct_person", actor)
        known = {field.code: field for field in person_fields(loaded.edition).values()}
        wanted = {code: value for code, value in values.items() if code in known}
        change = _change(loaded, wanted, at)
        kinds = {known[code].type for code in change.codes}
        if kinds & {NAME, NUMBER} and not original_seen:
            raise Refused("original_not_seen", "改姓名或身份证号，要先看过证件原件，请勾上")
        if not change.codes:
            return Outcome()
        return _carry_out(raw, loaded, change, actor, at)


def change_phone(
    *, case_id: UUID, phone: str, code: str, address: str, actor: Actor, at: datetime
) -> Outcome:
    """Write a new phone that the person has proved by a code sent to it.

    Raises `Refused`: `wrong_code`, `bad_phone`, `too_many_tries`, `ended`, `unknown_case`.
    """
    with store.begun() as raw:
        record.authorise(store.load(raw, case_id), "change_phone", actor)
    # Outside of the transaction: a wrong code that was tried must stay counted.
    number = accounts.prove_phone(phone=phone, code=code, address=address, at=at)
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "change_phone", actor)
        field = person_fields(loaded.edition)[PHONE]
        change = _change(loaded, {field.code: number}, at)
        return _carry_out(raw, loaded, change, actor, at) if change.codes else Outcome()


@dataclass(frozen=True)
class _Change:
    """The form before and after, and the person as the form would say it."""

    content: Content
    codes: tuple[str, ...]
    name: str
    number: str


def _change(loaded: store.Loaded, wanted: Mapping[str, str], at: datetime) -> _Change:
    if not loaded.case.is_open:
        raise Refused("ended", "联办件已经结束，不能再更正")
    before = forms.latest(loaded.case_id)
    if before is None:
        raise Refused("erased", "表单内容已经按规定删除")
    plan, today = before.plan(loaded.edition), at.date()
    merged = {**before.fields, **{code: value.strip() for code, value in wanted.items()}}
    # What follows from the number is worked out anew.
    derived = {f.code for f in loaded.edition.fields if f.derived_from in wanted}
    typed = {code: value for code, value in merged.items() if code not in derived}
    wrong = form_rules.complaints(plan, typed, today=today)
    complaints = {code: wrong[code] for code in wanted if code in wrong}
    if complaints:
        raise Refused("form_incomplete", "有的内容填得不对", complaints=complaints)
    after = replace(before, fields=form_rules.complete(plan, typed, today=today))
    codes = tuple(c for c in wanted if after.fields.get(c) != before.fields.get(c))
    own = person_fields(loaded.edition)
    return _Change(after, codes, after.fields[own[NAME].code], after.fields[own[NUMBER].code])


def _carry_out(
    raw: Any, loaded: store.Loaded, change: _Change, actor: Actor, at: datetime
) -> Outcome:
    person = PersonRecord.objects.select_for_update().get(id=loaded.person_id)
    index = vault.blind_index(change.number, purpose="identity_number")
    if index == bytes(person.identity_index):
        _rename(person, change.name)
    else:
        other = _renumber(loaded, person, change, index)
        if other is not None:
            _raise_conflict(raw, loaded, change, other, actor, at)
            return Outcome(is_conflict=True)
    loaded = _write(raw, loaded, change, actor, at)
    person = JointCaseRecord.objects.select_related("person").get(id=loaded.case_id).person
    hand_in.meet_dossier(raw, loaded, person, at)
    return Outcome(change.codes)


def _rename(person: PersonRecord, name: str) -> None:
    if person.name != name:
        person.name, person.name_folded = name, person_name.folded(name)
        person.save(update_fields=["name", "name_folded"])


def _renumber(
    loaded: store.Loaded, person: PersonRecord, change: _Change, index: bytes
) -> PersonRecord | None:
    """Give the person the number, or the case a person of its own; return whose number it is already.

    A person with other cases keeps the old number for those: nobody said that it was wrong there.
    """
    has_others = JointCaseRecord.objects.filter(person=person).exclude(id=loaded.case_id).exists()
    row_id = uuid.uuid4() if has_others else person.id
    values = {
        "name": change.name,
        "name_folded": person_name.folded(change.name),
        "identity_number": forms.seal_identity(
            change.number, table="cases_personrecord", row=row_id
        ),
        "identity_index": index,
    }
    try:
        with transaction.atomic():
            PersonRecord.objects.update_or_create(id=row_id, defaults=values)
    except IntegrityError:
        return PersonRecord.objects.get(identity_index=index)
    JointCaseRecord.objects.filter(id=loaded.case_id).update(person_id=row_id)
    return None


def _write(
    raw: Any, loaded: store.Loaded, change: _Change, actor: Actor, at: datetime
) -> store.Loaded:
    form_hash = forms.add_version(case_id=loaded.case_id, content=change.content, at=at)
    codes = set(change.codes)
    readers = {item for f in loaded.edition.fields if f.code in codes for item in f.items}
    had = tuple(
        number
        for number, sub in sorted(loaded.case.sub_cases.items())
        if sub.dispatched_on is not None and loaded.edition.item(number).code in readers
    )
    corrected = PersonCorrected(at, change.codes, had, form_hash)
    return record.write(raw, loaded, corrected, actor=actor, at=at)


# A number that is somebody else's ---------------------------------------------------------------


def _raise_conflict(
    raw: Any,
    loaded: store.Loaded,
    change: _Change,
    other: PersonRecord,
    actor: Actor,
    at: datetime,
) -> None:
    if PersonConflictRecord.objects.filter(case_id=loaded.case_id, state=S.OPEN).exists():
        raise Refused("already_in_conflict", "这一件已经有一个身份证号等着核对")
    assert actor.user_id is not None
    row_id = uuid.uuid4()
    own = person_fields(loaded.edition)
    wanted = {code: change.content.fields[code] for code in change.codes}
    assert own[NUMBER].code in wanted
    PersonConflictRecord.objects.create(
        id=row_id,
        case_id=loaded.case_id,
        other=other,
        sealed=vault.encrypt(json.dumps(wanted, ensure_ascii=False).encode(), **_place(row_id)),
        raised_by_id=actor.user_id,
        raised_at=at,
    )
    record.write(raw, loaded, NumberInConflict(at, change.codes), actor=actor, at=at)


def _place(row_id: UUID) -> dict[str, str]:
    return {"table": "cases_personconflictrecord", "column": "sealed", "row": str(row_id)}


def wanted_values(row: PersonConflictRecord) -> dict[str, str]:
    """What was to be written, by field code. Raises `vault.Unreadable`."""
    found: dict[str, str] = json.loads(vault.decrypt(bytes(row.sealed), **_place(row.id)))
    return found


def decide_conflict(*, conflict_id: UUID, same: bool, actor: Actor, at: datetime) -> None:
    """Say whether the two are one person; if so, the case goes to the row that has the number.

    Raises `Refused`: `name_differs`, `already_running` while the other row has an open case,
    `ended`, `unknown_conflict`, `not_permitted`.
    """
    with store.begun() as raw:
        found = PersonConflictRecord.objects.filter(id=conflict_id).first()
        if found is None:
            raise Refused("unknown_conflict", "没有这条核对")
        loaded = store.load(raw, found.case_id)
        record.authorise(loaded, "decide_person_conflict", actor)
        row = PersonConflictRecord.objects.select_related("other").get(id=conflict_id)
        if row.state != S.OPEN:
            if (row.state == S.SAME) == same:
                return
            raise Refused("ended", "这条核对已经处理过了")
        if same:
            loaded = _relink(raw, loaded, row, actor, at)
        row.state = S.SAME if same else S.DISMISSED
        row.decided_by_id, row.decided_at = actor.user_id, at
        row.save(update_fields=["state", "decided_by", "decided_at"])
        record.write(raw, loaded, ConflictDecided(at, same), actor=actor, at=at)


def _relink(
    raw: Any, loaded: store.Loaded, row: PersonConflictRecord, actor: Actor, at: datetime
) -> store.Loaded:
    change = _change(loaded, wanted_values(row), at)
    if person_name.folded(change.name) != person_name.folded(row.other.name):
        raise Refused("name_differs", "两边姓名不一样，不能当成同一个人")
    running = JointCaseRecord.objects.filter(person=row.other, state__in=CASE_OPEN)
    if running.exists():
        raise Refused("already_running", "这个号码另有一件正在办理的联办件，先看那一件")
    JointCaseRecord.objects.filter(id=loaded.case_id).update(person=row.other)
    loaded = _write(raw, loaded, change, actor, at)
    hand_in.meet_dossier(raw, loaded, row.other, at)
    _forget(loaded.person_id)
    fresh: store.Loaded = store.load(raw, loaded.case_id)
    return fresh


def _forget(person_id: UUID) -> None:
    """Remove a row under a wrong number that nothing hangs on: somebody else may own the number."""
    try:
        with transaction.atomic():
            PersonRecord.objects.filter(id=person_id, cases__isnull=True).delete()
    except (ProtectedError, IntegrityError):
        return
