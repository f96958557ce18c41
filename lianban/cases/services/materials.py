"""Materials: files come in, and a draft says how each material comes.

Where a material stands is worked out by `cases.material_state`; these services write what the
person and the officers did.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction

from lianban.accounts.actor import Actor
from lianban.cases import looks, queries, reuse, scanner, store, uploads
from lianban.cases.models import DraftRecord, FileRecord, MaterialRecord
from lianban.cases.scanner import Verdict
from lianban.cases.services import drafts, record, sealed_files, supplies
from lianban.cases.services.run import require
from lianban.engine import commands as c
from lianban.engine.records import OriginalOpened
from lianban.engine.refusal import Refused

State = MaterialRecord.State


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
    """Check, rewrite and seal one file of a material, for a draft or for a case.

    The same file a second time is the first one. In a draft the material counts as uploaded from
    now; in a case it counts once it is supplied. A file that the scanner finds harmful is kept
    under seal and opened by nobody; one that it could not look at waits. Raises `Refused`:
    `bad_file` (what is wrong and what to do), `too_many_files`, `unknown_material`, and what the
    draft or case refuses.
    """
    if (draft_id is None) == (case_id is None):
        raise ValueError("a file belongs to a draft or to a case")
    clean = uploads.check(upload, name=name)
    checked = clean, scanner.verdict(clean.original)
    if draft_id is not None:
        kept = _add_to_draft(draft_id, material, *checked, actor, at)
    else:
        assert case_id is not None
        kept = _add_to_case(case_id, material, *checked, actor, at)
    sealed_files.refuse_harmful(kept)
    return kept


def remove_file(*, file_id: UUID, actor: Actor, at: datetime) -> None:
    """Delete a file of the actor's own draft. Raises `Refused('unknown_file')`."""
    with transaction.atomic():
        row, draft = _own_draft_file(file_id, actor)
        row.delete()
        rest = FileRecord.objects.filter(draft_id=draft.id, material=row.material)
        if not rest.exclude(state=FileRecord.State.REFUSED).exists():
            _choose(draft, {row.material: ""}, actor, at)


def move_file(*, file_id: UUID, earlier: bool, actor: Actor) -> None:
    """Exchange a file of the actor's own draft with its neighbour; the first and last stay.

    Raises `Refused('unknown_file')`.
    """
    with transaction.atomic():
        row, draft = _own_draft_file(file_id, actor)
        same = FileRecord.objects.filter(draft_id=draft.id, material=row.material)
        order = list(same.order_by("place", "created_at", "id").values_list("id", flat=True))
        here = order.index(row.id)
        there = here - 1 if earlier else here + 1
        if there in range(len(order)):
            order[here], order[there] = order[there], order[here]
        for place, one in enumerate(order):
            FileRecord.objects.filter(id=one).update(place=place)


def open_file(*, file_id: UUID, actor: Actor, at: datetime) -> tuple[FileRecord, bytes]:
    """A file and its bytes as others may see them; who opened it is kept.

    Raises `Refused`: `unknown_file` for those who may not see its material, and for a file that was
    found harmful; `being_checked` until the scanner has looked.
    """
    row = FileRecord.objects.defer("original").filter(id=file_id).first()
    if row is None or row.state == FileRecord.State.REFUSED or not _may_open(row, actor, at):
        raise Refused("unknown_file", "没有这个文件，或者您不能看")
    _require_checked(row)
    if row.case_id is not None:
        looks.keep(case_id=row.case_id, what=f"file:{row.id}", actor=actor, at=at)
    return row, sealed_files.content_of(row)


def open_original(*, file_id: UUID, actor: Actor, at: datetime) -> tuple[FileRecord, bytes]:
    """The bytes of a case's file as they came, with all that the copy leaves out.

    For the bureau's head, where the copy is doubted; it is journalled, and the person sees it.
    Raises `Refused` (`unknown_file`, `being_checked`, `not_permitted`).
    """
    row = FileRecord.objects.defer("content").filter(id=file_id).first()
    if row is None or row.case_id is None or not row.original:
        raise Refused("unknown_file", "没有这个文件，或者您不能看")
    with store.begun() as raw:
        loaded = store.load(raw, row.case_id)
        record.authorise(loaded, "open_original", actor)
        if row.state == FileRecord.State.REFUSED:
            raise Refused("unknown_file", "这个文件没有通过安全检查，谁都不能看")
        _require_checked(row)
        opened = OriginalOpened(at, item=None, materials=(row.material,))
        record.write(raw, loaded, opened, actor=actor, at=at)
        looks.keep(case_id=row.case_id, what=f"original:{row.id}", actor=actor, at=at)
    return row, sealed_files.original_of(row)


def promise(*, draft_id: UUID, ways: Mapping[str, str], actor: Actor, at: datetime) -> drafts.Draft:
    """Say how each material of a draft comes, by code.

    `promised` (brought to the counter), `with_dossier`, and at the counter `seen` and `deferred`;
    `uploaded` needs a file; an empty way takes the choice back. Raises `Refused`
    (`unknown_material`, `unknown_way`, `missing_file`).
    """
    with transaction.atomic():
        draft = _locked_draft(draft_id, actor)
        for code, way in ways.items():
            _require_way(draft, code, way, actor, at)
        return _choose(draft, ways, actor, at)


# Files ---------------------------------------------------------------------------------------


def _add_to_draft(
    draft_id: UUID,
    material: str,
    clean: uploads.Clean,
    verdict: Verdict,
    actor: Actor,
    at: datetime,
) -> FileRecord:
    with transaction.atomic():
        draft = _locked_draft(draft_id, actor)
        supplies.require_material(draft.edition, material)
        files = FileRecord.objects.filter(draft_id=draft_id)
        kept = sealed_files.keep(
            files, clean, verdict, material=material, actor=actor, at=at, draft_id=draft_id
        )
        if kept.state != FileRecord.State.REFUSED:
            _choose(draft, {material: State.UPLOADED}, actor, at)
        return kept


def _add_to_case(
    case_id: UUID,
    material: str,
    clean: uploads.Clean,
    verdict: Verdict,
    actor: Actor,
    at: datetime,
) -> FileRecord:
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        require(loaded, c.Correct((material,)), actor)
        supplies.require_going_on(loaded)
        supplies.require_material(loaded.edition, material)
        files = FileRecord.objects.filter(case_id=case_id)
        kept = sealed_files.keep(
            files, clean, verdict, material=material, actor=actor, at=at, case_id=case_id
        )
        asked = supplies.asked_at(case_id).get(material)
        if asked is not None and kept.created_at < asked:
            raise Refused("same_file", "和要您补之前交的是同一个文件。请重新拍，或者换一份")
        return kept


def _own_draft_file(file_id: UUID, actor: Actor) -> tuple[FileRecord, drafts.Draft]:
    row = FileRecord.objects.defer("content", "original").filter(id=file_id).first()
    if row is None or row.draft_id is None:
        raise Refused("unknown_file", "没有这个文件，或者已经交上去了，不能再改")
    return row, _locked_draft(row.draft_id, actor, code="unknown_file")


def _require_checked(row: FileRecord) -> None:
    if row.state == FileRecord.State.CHECKING:
        raise Refused("being_checked", "这个文件还在做安全检查，过几分钟再看")


def _may_open(row: FileRecord, actor: Actor, at: datetime) -> bool:
    try:
        if row.case_id is None:
            return row.draft_id is not None and bool(drafts.get(draft_id=row.draft_id, actor=actor))
        view = queries.get(case_id=row.case_id, actor=actor, at=at)
    except Refused:
        return False
    return any(file.id == row.id for shown in queries.materials(view) for file in shown.files)


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


def _reusable(draft: drafts.Draft, code: str, actor: Actor, at: datetime) -> set[str]:
    found = reuse.offers(edition=draft.edition, content=draft.content, actor=actor, today=at.date())
    return {reuse.REUSED} if code in found else set()


def _require_way(draft: drafts.Draft, code: str, way: str, actor: Actor, at: datetime) -> None:
    material = supplies.require_material(draft.edition, code)
    offered: set[str] = {"", State.PROMISED, State.UPLOADED}
    offered |= {State.WITH_DOSSIER} if material.may_arrive_with else set()
    offered |= _reusable(draft, code, actor, at) if way == reuse.REUSED else set()
    if actor.kind == "officer":
        offered |= {State.SEEN} | ({State.DEFERRED} if material.deferrable else set())
    if way not in offered:
        raise Refused("unknown_way", f"「{material.name}」不能这样交", material=code)
    held = FileRecord.objects.filter(draft_id=draft.id, material=code)
    held = held.exclude(state=FileRecord.State.REFUSED)
    if way == State.UPLOADED and not held.exists():
        raise Refused("missing_file", f"请先上传「{material.name}」", materials=[code])
