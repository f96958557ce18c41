"""What a receipt says of the history: an anchor outside, with which anybody can check it later.

The head of a case's hash chain binds every entry before it. Printed on the receipt it leaves the
house; a history that was rewritten afterwards, rows and journal together, no longer fits it.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from lianban.cases import verify
from lianban.cases.models import JointCaseRecord
from lianban.journal.models import JournalEntry

#: Case number, number of the entry, and its SHA-256 in groups of eight; blanks do not matter.
_CODE = re.compile(r"(LB\d{14}[\dX])-(\d{1,6})-((?:[0-9a-f]-?){64})", re.IGNORECASE)


@dataclass(frozen=True)
class Anchor:
    """One entry of a case's history by its place and digest."""

    case_number: str
    sequence: int
    digest: str

    def __str__(self) -> str:
        groups = [self.digest[i : i + 8] for i in range(0, len(self.digest), 8)]
        return "-".join((self.case_number, str(self.sequence), *groups))


def latest(case_id: UUID, case_number: str, *, sequence: int | None = None) -> Anchor | None:
    """The anchor at an entry of the case, the newest unless named."""
    entries = JournalEntry.objects.filter(case_id=case_id).order_by("-sequence")
    if sequence is not None:
        entries = entries.filter(sequence=sequence)
    entry = entries.first()
    return Anchor(case_number, entry.sequence, bytes(entry.digest).hex()) if entry else None


def read(text: str) -> Anchor | None:
    """The anchor in a text, such as that of a receipt; None where there is none."""
    found = _CODE.search(re.sub(r"[\s\u200b]", "", text))
    if found is None:
        return None
    return Anchor(found[1].upper(), int(found[2]), found[3].replace("-", "").lower())


def disagreements(anchor: Anchor) -> list[str]:
    """Why the history shown today is not the one of the receipt; empty: it is.

    Checks that the entry stands where the receipt says with the same digest, and that every entry
    of the case, and its rows, hang together.
    """
    record = JointCaseRecord.objects.filter(case_number=anchor.case_number).first()
    if record is None:
        return ["there is no case of this number"]
    entry = JournalEntry.objects.filter(case_id=record.id, sequence=anchor.sequence).first()
    found = list(verify.problems_of(record))
    if entry is None:
        return [f"the history has no entry {anchor.sequence}", *found]
    if bytes(entry.digest).hex() != anchor.digest:
        found.insert(0, f"entry {anchor.sequence} is another one than on the receipt")
    return found
