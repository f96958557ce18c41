"""Materials: files come in, originals are seen, what was asked for is supplied.

Where a material stands is worked out by `cases.material_state`; these services write what the
person and the officers did.
"""

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet, Sum

from lianban import vault
from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import form_rules, forms, looks, material_state, queries, store, uploads
from lianban.cases.content import Content
from lianban.cases.models import DraftRecord, FileRecord, MaterialRecord
from lianban.cases.services import drafts
from lianban.cases.services.run import require, subject
from lianban.catalogue.model import Edition
from lianban.engine import commands as c
from lianban.engine.case import JointCase
from lianban.engine.decide import decide
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry

MOST_FILES = 30
MOST_BYTES = 60 * 1024 * 1024

State = MaterialRecord.State
_PLACE = {"table": "cases_filerecord", "column": "content"}


def add_file(
    *,
    material: str,
    upload: BinaryIO | Any,
    name: str,
    actor: Actor,
    at: datetime,
    draft_id: UUID | None = None,
    case_id: UUID | None = None,
) -> FileRecord:
    """Check, rewrite and seal one file of a material, for a draft or (after a notice) for a case.

    The same file a second time is the first one. In a draft the material counts as uploaded from
    now; in a case it counts once it is supplied. Raises `Refused`: `bad_file` (what is wrong and
    what to do), `too_many_files`, `unknown_material`, and what the draft or case refuses.
    """
    if (draft_id is None) == (case_id is None):
        raise ValueError("a file belongs to a draft or to a case")
    clean = uploads.check(upload, name=name)
    if draft_id is not None:
        return _add_to_draft(draft_id, material, clean, actor, at)
    assert case_id is not None
    return _add_to_case(case_id, material, clean, actor, at)


def remove_file(*, file_id: UUID, actor: Actor, at: datetime) -> None:
    """Delete a file of the actor's own draft. Raises `Refused('unknown_file')`."""
    with transaction.atomic():
        record = FileRecord.objects.defer("content").filter(id=file_id).first()
        if record is None or record.draft_id is None:
            raise Refused("unknown_file", "没有这个文件，或者已经交上去了，不能再删")
        draft = _locked_draft(record.draft_id, actor, code="unknown_file")
        record.delete()
        rest = FileRecord.objects.filter(draft_id=draft.id, material=record.material).exists()
        if not rest:
            _choose(draft, {record.material: ""}, actor, at)


def open_file(*, file_id: UUID, actor: Actor, at: datetime) -> tuple[FileRecord, bytes]:
    """A file and its bytes, for those who see its material; who opened it is kept.

    Raises `Refused('unknown_file')` for everybody else.
    """
    record = FileRecord.objects.filter(id=file_id).first()
    if record is None or not _may_open(record, actor, at):
        raise Refused("unknown_file", "没有这个文件，或者您不能看")
    content = vault.decrypt(bytes(record.content), **_PLACE, row=str(record.id))
    if record.case_id is not None:
        looks.keep(case_id=record.case_id, what=f"file:{record.id}", actor=actor, at=at)
    return record, content


def promise(*, draft_id: UUID, ways: Mapping[str, str], actor: Actor, at: datetime) -> drafts.Draft:
    """Say how each material of a draft comes, by code.

    `promised` (brought to the counter), `with_dossier`, and at the counter `seen` and `deferred`;
    `uploaded` needs a file; an empty way takes the choice back. Raises `Refused`
    (`unknown_material`, `unknown_way`, `missing_file`).
    """
    with transaction.atomic():
        draft = _locked_draft(draft_id, actor)
        for code, way in ways.items():
            _require_way(draft, code, way, actor)
        return _choose(draft, ways, actor, at)


def tick_seen(*, case_id: UUID, codes: Collection[str], actor: Actor, at: datetime) -> JointCase:
    """An officer of the counter or the bureau saw these originals: for all items at once.

    What was missing, deferred or asked for by a notice counts as supplied in the same transaction.
    Raises `Refused` (`unknown_case`, `not_permitted`, `unknown_material`).
    """
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        _require_tick(loaded, actor)
        _require_going_on(loaded)
        named = _materials_only(loaded, codes)
        _note(loaded, named, State.SEEN, at=at, seen_by=actor)
        return _correct(raw, loaded, named, "", actor, at).case


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
        return _correct(raw, loaded, [*named, *values], form_hash, actor, at).case


# Files ---------------------------------------------------------------------------------------


def _add_to_draft(
    draft_id: UUID, material: str, clean: uploads.Clean, actor: Actor, at: datetime
) -> FileRecord:
    with transaction.atomic():
        draft = _locked_draft(draft_id, actor)
        _require_material(draft.edition, material)
        files = FileRecord.objects.filter(draft_id=draft_id)
        record = _keep(files, material, clean, at, draft_id=draft_id)
        _choose(draft, {material: State.UPLOADED}, actor, at)
        return record


def _add_to_case(
    case_id: UUID, material: str, clean: uploads.Clean, actor: Actor, at: datetime
) -> FileRecord:
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        require(loaded, c.Correct((material,)), actor)
        _require_going_on(loaded)
        _require_material(loaded.edition, material)
        files = FileRecord.objects.filter(case_id=case_id)
        record = _keep(files, material, clean, at, case_id=case_id)
        asked = _asked_at(case_id).get(material)
        if asked is not None and record.created_at < asked:
            raise Refused("same_file", "和要您补之前交的是同一个文件。请重新拍，或者换一份")
        return record


def _keep(
    files: QuerySet[FileRecord], material: str, clean: uploads.Clean, at: datetime, **owner: UUID
) -> FileRecord:
    """Seal a file under its owner's lock, so that two at once cannot pass the quota together."""
    digest = vault.blind_index(hashlib.sha256(clean.content).hexdigest(), purpose="file").hex()
    known = files.filter(material=material, digest=digest).defer("content").first()
    if known is not None:
        return known
    held = files.aggregate(count=Count("id"), size=Sum("size"))
    if held["count"] >= MOST_FILES or (held["size"] or 0) + len(clean.content) > MOST_BYTES:
        raise Refused(
            "too_many_files",
            f"最多 {MOST_FILES} 个文件、共 {MOST_BYTES // 1024 // 1024} MB，其余的请带到窗口",
        )
    file_id = uuid.uuid4()
    return FileRecord.objects.create(
        id=file_id,
        material=material,
        name=clean.name,
        content_type=clean.content_type,
        size=len(clean.content),
        digest=digest,
        content=vault.encrypt(clean.content, **_PLACE, row=str(file_id)),
        created_at=at,
        **owner,
    )


def _may_open(record: FileRecord, actor: Actor, at: datetime) -> bool:
    try:
        if record.case_id is None:
            return record.draft_id is not None and bool(
                drafts.get(draft_id=record.draft_id, actor=actor)
            )
        view = queries.get(case_id=record.case_id, actor=actor, at=at)
    except Refused:
        return False
    return any(file.id == record.id for shown in queries.materials(view) for file in shown.files)


# Drafts --------------------------------------------------------------------------------------


def _locked_draft(draft_id: UUID, actor: Actor, *, code: str = "unknown_draft") -> drafts.Draft:
    DraftRecord.objects.select_for_update().filter(id=draft_id).only("id").first()
    try:
        return drafts.get(draft_id=draft_id, actor=actor)
    except Refused as refusal:
        raise Refused(code, refusal.message) from refusal


def _choose(
    draft: drafts.Draft, ways: Mapping[str, str], actor: Actor, at: datetime
) -> drafts.Draft:
    merged = {code: way for code, way in {**draft.content.materials, **ways}.items() if way}
    content = replace(draft.content, materials=merged)
    return drafts.save(draft_id=draft.id, content=content, actor=actor, at=at)


def _require_way(draft: drafts.Draft, code: str, way: str, actor: Actor) -> None:
    material = _require_material(draft.edition, code)
    offered = {"", State.PROMISED, State.UPLOADED}
    offered |= {State.WITH_DOSSIER} if material.may_arrive_with else set()
    if actor.kind == "officer":
        offered |= {State.SEEN} | ({State.DEFERRED} if material.deferrable else set())
    if way not in offered:
        raise Refused("unknown_way", f"「{material.name}」不能这样交", material=code)
    has_file = FileRecord.objects.filter(draft_id=draft.id, material=code).exists
    if way == State.UPLOADED and not has_file():
        raise Refused("missing_file", f"请先上传「{material.name}」", materials=[code])


def _require_material(edition: Edition, code: str) -> Any:
    material = edition.material_by_code.get(code)
    if material is None:
        raise Refused("unknown_material", "没有这项材料，请刷新页面再试")
    return material


# Cases ---------------------------------------------------------------------------------------


def _require_tick(loaded: store.Loaded, actor: Actor) -> None:
    about = subject(loaded, None)
    if permissions.allows(actor=actor, command="tick_seen", subject=about):
        return
    if permissions.may_see(actor=actor, subject=about):
        raise Refused("not_permitted", "原件由窗口或退役军人事务局核对")
    raise Refused("unknown_case", "没有这件联办件")


def _require_going_on(loaded: store.Loaded) -> None:
    if loaded.case.ended and not loaded.case.open_items:
        raise Refused("ended", "联办件已经结束，不能再收材料")


def _materials_only(loaded: store.Loaded, codes: Collection[str]) -> list[str]:
    for code in codes:
        _require_material(loaded.edition, code)
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
    for code in codes:
        MaterialRecord.objects.update_or_create(case_id=loaded.case_id, code=code, defaults=values)


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
    events = decide(loaded.edition, loaded.case, command, at=at, calendar=loaded.calendar)
    return store.write(raw, loaded, events, actor=actor, at=at) if events else loaded


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
    asked = _asked_at(loaded.case_id)
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


def _asked_at(case_id: UUID) -> dict[str, datetime]:
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
