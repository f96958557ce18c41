"""The archive pack (归档信息包): one ZIP with everything of a case and a manifest of hashes.

Form, materials, notices, decisions, results, receipts, ratings, and the journal with the head of
its chain (DA/T 85-2019). The same case always makes the same bytes.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from mimetypes import guess_extension
from typing import Any

from lianban.accounts.actor import Actor
from lianban.cases import anchors, forms, queries, rating_lists, result_lists
from lianban.cases.queries import CaseView
from lianban.cases.services import results, sealed_files, signatures
from lianban.catalogue.calendar import CHINA
from lianban.documents import papers
from lianban.journal.models import JournalEntry

FORMAT = 1


@dataclass(frozen=True)
class Entry:
    """One file of the pack."""

    path: str
    content: bytes
    #: What it is, in words.
    about: str


def build(view: CaseView, *, actor: Actor, at: datetime, base_url: str) -> bytes:
    """The ZIP of an ended case, for an actor who sees the whole case.

    Raises what opening its papers and files raises; nothing is left out in silence.
    """
    found = list(_entries(view, actor=actor, at=at, base_url=base_url))
    manifest = Entry("manifest.json", _json(_manifest(view, found, at)), "目录和校验值")
    moment = at.astimezone(CHINA)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in (manifest, *found):
            info = zipfile.ZipInfo(entry.path, moment.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.content)
    return out.getvalue()


def _manifest(view: CaseView, found: list[Entry], at: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "case_number": view.case_number,
        "district": view.district,
        "edition": {"id": view.edition.id, "hash": view.edition.hash},
        "made_at": at.astimezone(CHINA).isoformat(),
        "history": str(anchors.latest(view.id, view.case_number) or ""),
        "files": [
            {
                "path": entry.path,
                "about": entry.about,
                "bytes": len(entry.content),
                "sha256": hashlib.sha256(entry.content).hexdigest(),
            }
            for entry in found
        ],
    }


def _entries(view: CaseView, *, actor: Actor, at: datetime, base_url: str) -> Iterator[Entry]:
    yield from _forms(view)
    yield from _papers(view, actor=actor, at=at, base_url=base_url)
    yield from _materials(view)
    yield from _results(view, actor=actor, at=at)
    yield from _ratings(view)
    yield _journal(view)


def _forms(view: CaseView) -> Iterator[Entry]:
    for number, content in forms.versions(view.id):
        yield Entry(
            f"form/version-{number}.json", content.to_bytes(), f"登记表内容，第 {number} 版"
        )
    for signed in signatures.of_case(case_id=view.id):
        said = {"purpose": signed.purpose, "way": signed.way, "digest": signed.digest}
        name = f"form/signature-{signed.purpose}-{signed.digest[:8]}.json"
        yield Entry(name, _json(said | {"signed_at": signed.signed_at.isoformat()}), "签名")


def _papers(view: CaseView, *, actor: Actor, at: datetime, base_url: str) -> Iterator[Entry]:
    for link in papers.available(view):
        content = papers.pdf(
            view,
            kind=link.kind,
            item=link.item,
            sequence=link.sequence,
            actor=actor,
            at=at,
            base_url=base_url,
        )
        about = f"{link.title} {link.item_name}".strip()
        name = f"papers/{link.sequence:04d}-{link.kind}-{link.item or 0}.pdf"
        yield Entry(name, content, about)


def _materials(view: CaseView) -> Iterator[Entry]:
    for shown in queries.materials(view):
        code = shown.material.code
        graded = asdict(shown.graded) if shown.graded else {}
        said = {"name": shown.material.name, "state": shown.state, "items": shown.items, **graded}
        yield Entry(f"materials/{code}/about.json", _json(said), shown.material.name)
        for page, file in enumerate(shown.files, start=1):
            ending = guess_extension(file.content_type) or ""
            content = sealed_files.content_of(file)
            yield Entry(f"materials/{code}/{page:02d}{ending}", content, shown.material.name)


def _results(view: CaseView, *, actor: Actor, at: datetime) -> Iterator[Entry]:
    for result in result_lists.of_case(view):
        folder = f"results/{result.item:02d}"
        said = {
            "name": result.name,
            "number": result.number,
            "issued_on": result.issued_on,
            "office": result.office_name,
            "way": result.way,
            "state": result.state,
            "carrier": result.carrier,
            "tracking_number": result.tracking_number,
            "sha256": result.digest,
        }
        yield Entry(f"{folder}/about.json", _json(said), result.name)
        if result.has_file:
            row, content = results.open_file(result_id=result.id, actor=actor, at=at)
            ending = guess_extension(row.content_type) or ""
            yield Entry(f"{folder}/result{ending}", content, result.name)


def _ratings(view: CaseView) -> Iterator[Entry]:
    given = rating_lists.of_case(view)
    if given:
        said = [{"item": r.item, "level": r.level, "rated_at": r.rated_at} for r in given.values()]
        yield Entry("ratings.json", _json(said), "好差评")


def _journal(view: CaseView) -> Entry:
    lines = [
        json.dumps(
            {
                "sequence": entry.sequence,
                "at": entry.at.isoformat(),
                "actor": entry.actor_name or entry.actor_kind,
                "event": entry.event,
                "body": json.loads(entry.body),
                "sha256": bytes(entry.digest).hex(),
            },
            ensure_ascii=False,
            sort_keys=True,
        )
        for entry in JournalEntry.objects.filter(case_id=view.id).order_by("sequence")
    ]
    return Entry("journal.jsonl", ("\n".join(lines) + "\n").encode(), "办件记录，一行一条")


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str)
    return (text + "\n").encode()
