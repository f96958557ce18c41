"""The editions that cases run under: those in the policy folder, and those that old cases pinned."""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from lianban.cases.models import EditionRecord
from lianban.catalogue import calendar as calendars
from lianban.catalogue import load, source
from lianban.catalogue.finding import PolicyRefused
from lianban.catalogue.model import Edition


def policy_folder() -> Path:
    """Where the editions lie: LIANBAN_POLICY_DIR, or the repository's own."""
    return Path(os.environ.get("LIANBAN_POLICY_DIR") or load.POLICY_FOLDER)


@cache
def in_force(edition_id: str) -> Edition:
    """The edition of this id as the policy folder holds it now. Raises what `load` raises."""
    return load.load(load.find(edition_id, folder=policy_folder()))


def departments() -> frozenset[str]:
    """The codes of all departments, and services, that any plan in the policy folder names."""
    return _departments(policy_folder())


@cache
def _departments(folder: Path) -> frozenset[str]:
    found: set[str] = set()
    for file in folder.glob("*/plan.yaml"):
        with suppress(PolicyRefused):  # a draft: no case can run under it
            found |= {one.code for one in in_force(file.parent.name).departments}
    return frozenset(found)


@cache
def pinned(edition_id: str, edition_hash: str) -> Edition:
    """The edition that a case pinned, from the folder if unchanged, else as it was recorded."""
    try:
        current = in_force(edition_id)
    except FileNotFoundError:
        current = None
    if current is not None and current.hash == edition_hash:
        return current
    record = EditionRecord.objects.get(hash=edition_hash)
    read = source.Source(Path(edition_id))
    read.documents = {n: source.Document(n, data) for n, data in record.documents.items()}
    return load.build(read)


def record(edition: Edition) -> None:
    """Keep the edition's documents, so that its cases outlive a change of the folder."""
    _record_once(edition.id, edition.hash)


@cache
def _record_once(edition_id: str, edition_hash: str) -> None:
    read = source.read(load.find(edition_id, folder=policy_folder()))
    documents = {name: document.data for name, document in read.documents.items()}
    EditionRecord.objects.get_or_create(
        hash=edition_hash, defaults={"edition_id": edition_id, "documents": documents}
    )


def calendar() -> calendars.Calendar:
    """The working calendar that the city confirmed, or the one that comes with this version."""
    file = Path("calendar") / "china.yaml"
    own = policy_folder() / file
    return calendars.load(own if own.is_file() else load.POLICY_FOLDER / file)
