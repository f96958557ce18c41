"""One clerk's day: what was taken in, accepted, noticed, refused, handed out, and what came back."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases import editions, timeline
from lianban.cases.models import JointCaseRecord
from lianban.journal.models import JournalEntry

#: Kind of deed to its events and its word, in the order shown.
DEEDS = {
    "taken_in": (("Submitted", "Registered"), "收件"),
    "accepted": (("Registered", "CaseAccepted"), "受理"),
    "noticed": (("CorrectionRequested",), "告知补正"),
    "deferred": (("DeferralGranted",), "容缺"),
    "refused": (("AcceptanceRefused",), "不予受理"),
    "corrected": (("Corrected",), "收补正"),
    "decided": (("Granted", "Denied"), "当场办"),
    "handed_out": (("Delivered",), "发证"),
    "withdrawn": (("Withdrawn",), "撤回"),
}
RETURNED = "returned"


@dataclass(frozen=True)
class Deed:
    """One line of the day."""

    kind: str
    at: datetime
    case_id: UUID
    case_number: str
    person_name: str
    text: str


@dataclass(frozen=True)
class Day:
    """One clerk's day, oldest line first."""

    on: date
    deeds: tuple[Deed, ...]
    #: What departments sent back today of the cases that this clerk took in, whenever that was.
    returned: tuple[Deed, ...]

    def count(self, kind: str) -> int:
        """How many lines of one kind."""
        return sum(deed.kind == kind for deed in self.deeds)

    @property
    def cases(self) -> int:
        """How many cases the clerk had in hand."""
        return len({deed.case_id for deed in self.deeds})


def day(*, actor: Actor, at: datetime) -> Day:
    """What this officer did on the day of `at`, in the time zone of `at`."""
    start = at.replace(hour=0, minute=0, second=0, microsecond=0)
    within = {"at__gte": start, "at__lt": start + timedelta(days=1)}
    own = JournalEntry.objects.filter(actor_id=actor.user_id, **within)
    taken_in = JournalEntry.objects.filter(
        actor_id=actor.user_id, event__in=DEEDS["taken_in"][0]
    ).values("case_id")
    back = JournalEntry.objects.filter(event="Returned", case_id__in=taken_in, **within)
    kinds = {event for events, _ in DEEDS.values() for event in events}
    return Day(
        at.date(),
        tuple(_deeds(own.filter(event__in=kinds).order_by("at", "id"), actor)),
        tuple(_deeds(back.order_by("at", "id"), actor)),
    )


def _deeds(entries: Iterable[JournalEntry], actor: Actor) -> Iterable[Deed]:
    listed = list(entries)
    rows = JointCaseRecord.objects.filter(
        id__in={entry.case_id for entry in listed}, district_id__in=actor.districts
    )
    cases = {row.id: row for row in rows.select_related("person")}
    for entry in listed:
        row = cases.get(entry.case_id)
        if row is None:
            continue
        edition = editions.pinned(row.edition_id, row.edition_hash)
        text = next(timeline.lines(edition, [entry])).text
        for kind in _kinds(entry):
            yield Deed(kind, entry.at, row.id, row.case_number, row.person.name, text)


def _kinds(entry: JournalEntry) -> list[str]:
    if entry.event == "Returned":
        return [RETURNED]
    if entry.event == "CaseAccepted" and json.loads(entry.body).get("deemed"):
        return []
    return [kind for kind, (events, _) in DEEDS.items() if entry.event in events]
