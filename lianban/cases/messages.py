"""In-app messages to the person: their words from the pinned edition, and proof that they were seen."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lianban.cases import timeline
from lianban.cases.models import MessageRecord
from lianban.cases.queries import CaseView
from lianban.catalogue import visits
from lianban.engine import deadlines
from lianban.journal.models import JournalEntry


@dataclass(frozen=True)
class Message:
    """One message in words."""

    id: int
    at: datetime
    kind: str
    item: int | None
    title: str
    text: str
    seen_at: datetime | None


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def of_case(view: CaseView) -> list[Message]:
    """The case's messages, newest first."""
    records = list(MessageRecord.objects.filter(case_id=view.id).order_by("-sequence"))
    entries = JournalEntry.objects.filter(
        case_id=view.id, sequence__in=[r.sequence for r in records]
    )
    bodies = {entry.sequence: json.loads(entry.body) for entry in entries}
    opened = _opened(view, records)
    for record in records:
        bodies.setdefault(record.sequence, {})["opened"] = opened.get(record.at, [])
    return [_message(view, record, bodies.get(record.sequence, {})) for record in records]


def mark_seen(*, case_id: UUID, at: datetime) -> int:
    """Note that the person saw all messages that are there; the first time counts."""
    return MessageRecord.objects.filter(case_id=case_id, seen_at__isnull=True).update(seen_at=at)


def unseen(case_id: UUID) -> int:
    """How many messages the person has not seen."""
    return MessageRecord.objects.filter(case_id=case_id, seen_at__isnull=True).count()


def _message(view: CaseView, record: MessageRecord, body: dict[str, Any]) -> Message:
    wording = view.edition.wording.get("messages", {}) | view.edition.wording.get("notices", {})
    words = _Blank(dict(_words(view, record, body)))
    title = wording.get(f"message_{record.kind}_title", "有新进展").format_map(words)
    text = _text(wording, record, body).format_map(words)
    return Message(record.id, record.at, record.kind, record.item, title, text, record.seen_at)


def _opened(view: CaseView, records: Iterable[MessageRecord]) -> dict[datetime, list[str]]:
    """Names of the items that could be begun with each milestone, by its moment."""
    moments = [record.at for record in records if record.kind in _OPENS]
    found: dict[datetime, list[str]] = {}
    rows = JournalEntry.objects.filter(case_id=view.id, event="Readied", at__in=moments)
    for entry in rows.order_by("sequence") if moments else ():
        item = view.edition.item(json.loads(entry.body)["item"])
        found.setdefault(entry.at, []).append(item.short_name)
    return found


#: Kinds of messages that say what goes on now.
_OPENS = frozenset({"dossier_received", "reception"})


def _text(wording: dict[str, str], record: MessageRecord, body: dict[str, Any]) -> str:
    key = f"message_{record.kind}"
    return wording.get(key) or wording.get(f"{key}_{body.get('delivery', '')}", "")


def _words(
    view: CaseView, record: MessageRecord, body: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    yield "case_number", view.case_number
    yield "place", visits.place_name(view.edition, body.get("place", ""))
    yield "purpose", view.edition.reasons.get(body.get("purpose", ""), "")
    yield "time", body.get("time", "")
    yield "count", str(len(view.case.sub_cases))
    yield "district", str(body.get("district", "")) or view.district_name
    yield "reason", body.get("reason") or body.get("grounds") or ""
    yield "date", _date(view, record, body)
    opened = "、".join(body.get("opened", ()))
    words = view.edition.wording.get("notices", {}).get("opened_now", "")
    yield "opened", words.replace("{items}", opened) if opened else ""
    codes = (
        body.get("codes")
        or body.get("defects")
        or body.get("materials")
        or body.get("supplied")
        or body.get("pieces")
        or []
    )
    yield "materials", "、".join(timeline.name_of(view.edition, code) for code in codes)
    if record.item is None:
        yield "item", "联办件"
        return
    item, sub = view.edition.item(record.item), view.case.sub_cases[record.item]
    yield "item", item.short_name
    yield "department", view.edition.department_names[sub.department]
    yield "result", item.result.name if item.result else item.name


def _date(view: CaseView, record: MessageRecord, body: dict[str, Any]) -> str:
    if "due_on" in body:
        day = date.fromisoformat(body["due_on"])
    elif "time" in body:
        day = date.fromisoformat(body["on"])
    elif record.kind == "correction":
        days = view.edition.rules.correction_review_days
        day = deadlines.add_working_days(view.calendar, record.at.date(), days).on
    else:
        found = next((s.due for s in view.items if s.item.number == record.item), None)
        if found is None:
            return "（日期待定）"
        day = found.on
    return f"{day.month}月{day.day}日"
