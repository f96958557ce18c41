"""The hash chain of one case: canonical text in, digest out. Pure.

A chain shows any entry that was changed, left out or put in between. It cannot show that its tail
was cut or that all of it was written anew; that needs a digest kept outside this system.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

#: What the first entry of a case is chained to.
START = bytes(32)
_SHANGHAI = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry as it is hashed."""

    case_id: UUID
    sequence: int
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    event: str
    body: str
    digest: bytes


def canonical(data: dict[str, Any]) -> str:
    """The one text of a JSON object: sorted keys, no blanks, UTF-8."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(
    previous: bytes,
    *,
    case_id: UUID,
    sequence: int,
    at: datetime,
    actor_kind: str,
    actor_id: UUID | None,
    actor_name: str,
    event: str,
    body: str,
) -> bytes:
    """SHA-256 over the previous digest and every column of the entry."""
    moment = at.astimezone(_SHANGHAI).isoformat(timespec="microseconds")
    parts = (case_id, sequence, moment, actor_kind, actor_id or "", actor_name, event, body)
    text = "\x1f".join(map(str, parts))
    return hashlib.sha256(previous + text.encode()).digest()


def breaks(entries: Iterable[Entry]) -> Iterator[str]:
    """What is wrong with one case's entries, given in order; nothing when the chain holds."""
    previous, expected = START, 1
    for entry in entries:
        if entry.sequence != expected:
            yield f"entry {expected} is missing; {entry.sequence} follows"
        values = {name: getattr(entry, name) for name in entry.__dataclass_fields__}
        stored = values.pop("digest")
        if digest(previous, **values) != stored:
            yield f"entry {entry.sequence} was changed, or one before it was taken out or put in"
        previous, expected = stored, entry.sequence + 1
