"""Scanned pages of the printed form: held by whoever scanned them until they are filed.

A scan says by its code which draft or case it belongs to; a clerk looks at it and confirms. One
without a readable code waits until somebody says whose it is. Nothing that was scanned is lost.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.accounts.models import User
from lianban.cases import decoding, form_pages, scanner, store, uploads
from lianban.cases.content import Content
from lianban.cases.form_pages import FORM
from lianban.cases.models import DraftRecord, FileRecord, JointCaseRecord, MaterialRecord
from lianban.cases.services import counter, drafts, record, sealed_files
from lianban.engine.records import FormFiled
from lianban.engine.refusal import Refused

#: So many one clerk may hold unfiled.
MOST_HELD = 30
#: Marks of one scan that are kept, apart by blanks; a file with more is of several people.
_MOST_MARKS = 3


@dataclass(frozen=True)
class Scan:
    """One scan that is not filed yet, and whose it says it is."""

    id: UUID
    name: str
    pages: int
    at: datetime
    #: Whether it can be shown as a picture.
    is_picture: bool
    #: A draft or a case in the clerk's reach; both None where nobody knows yet.
    draft_id: UUID | None = None
    case_id: UUID | None = None
    #: Pages of the form that it says it holds.
    form_pages: tuple[int, ...] = ()
    #: What to do where it cannot be filed as it is.
    problem: str = ""
    #: The draft belongs to the person's own account, not to the clerk.
    is_anothers: bool = False


def take(*, upload: BinaryIO | Any, name: str, actor: Actor, at: datetime) -> Scan:
    """Check a scan, read its codes, lay it straight and hold it.

    Raises `Refused` (`not_permitted`, `bad_file`, `too_many_files`).
    """
    clerk = _required_clerk(actor)
    clean = uploads.check(upload, name=name)
    verdict = scanner.verdict(clean.original)
    answer = decoding.run("codes", clean.content)
    texts = [text for _, text in answer.facts.get("codes", [])]
    if answer.status == 0 and answer.content:
        clean = uploads.straightened(clean, answer.content)
    with transaction.atomic():
        User.objects.select_for_update().filter(id=clerk).first()
        held = FileRecord.objects.filter(holder_id=clerk)
        if held.count() >= MOST_HELD:
            raise Refused("too_many_files", f"还有 {MOST_HELD} 张扫描没有归档，请先归档再扫")
        marks = " ".join(dict.fromkeys(texts[:_MOST_MARKS]))
        kept = sealed_files.keep(
            held, clean, verdict, material=FORM, actor=actor, at=at,
            holder_id=clerk, mark=marks,
        )  # fmt: skip
    sealed_files.refuse_harmful(kept)
    return _shown(kept, actor)


def held(*, actor: Actor) -> list[Scan]:
    """The clerk's unfiled scans, newest first."""
    rows = FileRecord.objects.filter(holder_id=actor.user_id).defer("content", "original")
    rows = rows.exclude(state=FileRecord.State.REFUSED).order_by("-created_at", "id")
    return [_shown(row, actor) for row in rows] if actor.user_id else []


def get(*, scan_id: UUID, actor: Actor) -> Scan:
    """One of the clerk's unfiled scans. Raises `Refused('unknown_file')`."""
    return _shown(_own(scan_id, actor), actor)


def image(*, scan_id: UUID, actor: Actor) -> tuple[str, bytes]:
    """Media type and bytes of a scan, for the clerk who holds it. Raises `Refused`."""
    row = FileRecord.objects.defer("original").filter(id=_own(scan_id, actor).id).first()
    if row is None or row.state != FileRecord.State.CLEAN:
        raise Refused("being_checked", "这个文件还在做安全检查，过几分钟再看")
    return row.content_type, sealed_files.content_of(row)


def file_with_case(*, scan_id: UUID, case_id: UUID, actor: Actor, at: datetime) -> None:
    """File a scan with a case of the clerk's reach, in the journal.

    Raises `Refused` (`unknown_file`, `unknown_case`, `not_permitted`, `too_many_files`).
    """
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "file_form", actor)
        row = _locked(scan_id, actor)
        files = FileRecord.objects.filter(case_id=case_id)
        sealed_files.hand_over(row, files, case_id=case_id)
        filed = FormFiled(at, item=None, digest=row.original_digest)
        record.write(raw, loaded, filed, actor=actor, at=at)


def file_with_draft(*, scan_id: UUID, draft_id: UUID, actor: Actor) -> None:
    """File a scan with one of the clerk's own forms. Raises `Refused`."""
    with transaction.atomic():
        DraftRecord.objects.select_for_update().filter(id=draft_id).only("id").first()
        drafts.get(draft_id=draft_id, actor=actor)
        row = _locked(scan_id, actor)
        sealed_files.hand_over(row, FileRecord.objects.filter(draft_id=draft_id), draft_id=draft_id)


def go_on_with(*, scan_id: UUID, actor: Actor, at: datetime) -> drafts.Draft:
    """Begin a form at the counter from the one that the person filled in at home and brought.

    Whoever brings the printed form lets the clerk go on with it; the person's own draft stays.
    Raises `Refused` (`unknown_file`, `unknown_draft`, `unknown_district`).
    """
    scan = get(scan_id=scan_id, actor=actor)
    if scan.draft_id is None or not scan.is_anothers:
        raise Refused("unknown_draft", "没有这份草稿，可能已经提交或放弃")
    with transaction.atomic():
        old = drafts.by_paper(draft_id=scan.draft_id)
        begun = counter.start(
            district=old.district, content=_without_files(old.content), actor=actor, at=at
        )
        file_with_draft(scan_id=scan_id, draft_id=begun.id, actor=actor)
        return begun


def drop(*, scan_id: UUID, actor: Actor) -> None:
    """Throw an unfiled scan away. Raises `Refused('unknown_file')`."""
    with transaction.atomic():
        _locked(scan_id, actor).delete()


# Whose it is -------------------------------------------------------------------------------------


def _shown(row: FileRecord, actor: Actor) -> Scan:
    marks = [mark for text in row.mark.split() if (mark := form_pages.read(text))]
    pages = tuple(mark.page for mark in marks)
    scan = Scan(
        row.id,
        row.name,
        row.pages,
        row.created_at,
        row.content_type != uploads.PDF,
        form_pages=pages,
    )
    if len({(mark.kind, mark.id) for mark in marks}) > 1:
        return replace(scan, problem="这份扫描里有几个人的表，请一人一份分开扫")
    if not marks:
        return replace(scan, problem="没有认出表上的码。请输入办件编号，或者重新扫一次")
    return _of_case(scan, marks[0].id, actor) or _of_draft(scan, marks[0].id, actor)


def _of_case(scan: Scan, case_id: UUID, actor: Actor) -> Scan | None:
    """The case itself, or the one that the draft has become."""
    row = JointCaseRecord.objects.filter(id=case_id, district_id__in=actor.districts).first()
    return replace(scan, case_id=row.id) if row else None


def _of_draft(scan: Scan, draft_id: UUID, actor: Actor) -> Scan:
    row = DraftRecord.objects.filter(id=draft_id, district_id__in=actor.districts).first()
    if row is None:
        return replace(scan, problem="码认出来了，但这里没有这份表：可能是别的区县的，或者已经放弃")
    return replace(scan, draft_id=row.id, is_anothers=row.clerk_id != actor.user_id)


def _without_files(content: Content) -> Content:
    """What was uploaded stays with the person's own draft; here its original will be seen."""
    ways = {
        code: way if way == MaterialRecord.State.WITH_DOSSIER else MaterialRecord.State.PROMISED
        for code, way in content.materials.items()
    }
    return replace(content, materials=ways, done=())


def _required_clerk(actor: Actor) -> UUID:
    is_clerk = permissions.roles_of(actor) & permissions.roles_for("file_form")
    if actor.user_id is None or not is_clerk:
        raise Refused("not_permitted", "纸质表由综合窗口收")
    return actor.user_id


def _own(scan_id: UUID, actor: Actor) -> FileRecord:
    rows = FileRecord.objects.filter(id=scan_id, holder_id=actor.user_id)
    row = rows.exclude(state=FileRecord.State.REFUSED).defer("content", "original").first()
    if row is None or actor.user_id is None:
        raise Refused("unknown_file", "没有这张扫描，可能已经归档")
    return row


def _locked(scan_id: UUID, actor: Actor) -> FileRecord:
    FileRecord.objects.select_for_update().filter(id=scan_id).only("id").first()
    return _own(scan_id, actor)
