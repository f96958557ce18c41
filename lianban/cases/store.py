"""Load a case with its lock, and write what happened to it. The only writer of case rows."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import IntegrityError, connection, transaction
from psycopg import Cursor

from lianban.accounts.actor import Actor
from lianban.cases import booked_items, codec, editions, result_rows, statements, tell
from lianban.catalogue.calendar import Calendar
from lianban.catalogue.model import Edition
from lianban.engine import event_data, turn
from lianban.engine import events as e
from lianban.engine.case import JointCase, SubCase
from lianban.engine.evolve import fold
from lianban.engine.refusal import Refused
from lianban.journal import chain
from lianban.outbox import wake

#: The constraint that a person's second open case would break.
ONE_OPEN_CASE = "one_open_case_a_person"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A case as it stands, and what of its row the rules do not know."""

    case_id: UUID
    case_number: str
    case: JointCase
    edition: Edition
    calendar: Calendar
    district: str
    applicant_user_id: UUID | None
    person_id: UUID
    head: bytes
    #: Where each item's office is, by number.
    places: Mapping[int, str] = field(default_factory=dict)


@contextmanager
def begun() -> Iterator[Any]:
    """A transaction on the raw connection; inside Django's own it joins that one."""
    connection.ensure_connection()
    raw = connection.connection
    if connection.in_atomic_block:
        yield raw
        return
    with transaction.atomic():
        yield raw


def _execute(raw: Any, sql: str, values: dict[str, Any]) -> Cursor[Any]:
    """Run a prepared statement on the server (Django's own cursors bind on the client).

    What the database refuses is raised as Django's own errors, as everywhere.
    """
    with connection.wrap_database_errors:
        return Cursor(raw).execute(sql, values, prepare=True)


def load(raw: Any, case_id: UUID) -> Loaded:
    """Lock and load a case in one trip. Raises `Refused('unknown_case')`."""
    key = {"case_id": case_id}
    with connection.wrap_database_errors, raw.pipeline():
        locked = _execute(raw, statements.LOCK, key)
        subs = _execute(raw, statements.LOAD, key)
    row = locked.fetchone()
    if row is None:
        raise Refused("unknown_case", "没有这件联办件")
    found = subs.fetchall()
    loaded = _loaded(row, [json.loads(detail) for detail, _, _ in found])
    return replace(loaded, places={number: district for _, number, district in found})


_COLUMNS = (
    "state",
    "edition_id",
    "edition_hash",
    "channel",
    "since",
    "submitted_at",
    "accepted_on",
)


def _loaded(row: tuple[Any, ...], subs: list[dict[str, Any]]) -> Loaded:
    case_id, case_number, *middle, detail, sequence, head, district, applicant, person = row
    columns = dict(zip(_COLUMNS, middle, strict=True)) | {"sequence": sequence}
    data = json.loads(detail)
    case = codec.case_from_data(data, columns, subs) if data else JointCase()
    return Loaded(
        case_id=case_id,
        case_number=case_number,
        case=case,
        edition=editions.pinned(columns["edition_id"], columns["edition_hash"]),
        calendar=editions.calendar(),
        district=district,
        applicant_user_id=applicant,
        person_id=person,
        head=bytes(head),
    )


def write(
    raw: Any, before: Loaded, events: tuple[e.Event, ...], *, actor: Actor, at: datetime
) -> Loaded:
    """Write rows, journal, messages and outbox in one trip; return the case after the events.

    Raises `Refused('stale')` if somebody wrote without the lock, and `Refused('already_running')`
    if this would be the person's second open case.
    """
    after = fold(events, start=before.case)
    booked = booked_items.along(before.case_id, before.edition, events)
    by = actor.department or "" if actor.kind == "partner" else ""
    told = tell.outbox(before.edition, events, before.case, after, booked=booked, by=by)
    entries, head = _entries(before, events, actor=actor, at=at)
    values = _case_values(before, after) | {
        "case_id": before.case_id,
        "before": before.case.sequence,
        "district": before.district,
        "at": at,
        "head": head,
        "actor_kind": actor.kind,
        "actor_id": actor.user_id,
        "actor_name": actor.name,
        "subs": json.dumps([_sub_row(before, sub) for sub in _changed(before.case, after)]),
        "entries": json.dumps(entries, ensure_ascii=False),
        "messages": json.dumps(tell.messages(events, before.case.sequence)),
        "outbox": json.dumps(told),
    }
    try:
        written = _execute(raw, statements.WRITE, values).fetchone()
    except IntegrityError as error:
        if _constraint(error) != ONE_OPEN_CASE:
            raise
        raise Refused("already_running", "这个人另有一件正在办理的联办件") from error
    if written is None or written[0] != 1:
        raise Refused("stale", "这件联办件刚被别人改过，请刷新再试")
    wake.after_commit(row["department"] for row in told)
    result_rows.follow(before.case_id, before.edition, after, events, actor=actor, at=at)
    return replace(before, case=after, head=head)


def _constraint(error: IntegrityError) -> str | None:
    """The constraint that was violated."""
    cause = error.__cause__
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None


def create(raw: Any, values: dict[str, Any]) -> None:
    """Insert the empty row of a new case; `write` fills it in the same transaction."""
    _execute(raw, statements.CREATE, values | {"head": chain.START})


def _changed(before: JointCase, after: JointCase) -> list[SubCase]:
    known = before.sub_cases
    return [sub for number, sub in after.sub_cases.items() if known.get(number) is not sub]


def _sub_row(loaded: Loaded, sub: SubCase) -> dict[str, Any]:
    due = turn.due(loaded.edition, loaded.calendar, sub)
    clock = due.on if due else turn.review_on(loaded.edition, loaded.calendar, sub)
    return {
        "id": str(uuid.uuid4()),
        "number": sub.number,
        "department": sub.department,
        "state": sub.state,
        "outcome": sub.outcome or "",
        "since": sub.since.isoformat(),
        "due_on": due.on.isoformat() if due else None,
        "is_provisional": bool(due and due.provisional),
        "clock_on": clock.isoformat() if clock else None,
        "detail": codec.sub_to_data(sub),
    }


def _case_values(loaded: Loaded, after: JointCase) -> dict[str, Any]:
    edition, calendar = loaded.edition, loaded.calendar
    due = turn.case_due(edition, calendar, after)
    turns = list(turn.turns(edition, calendar, after))
    return {
        "state": after.state,
        "since": after.since,
        "accepted_on": after.accepted_on,
        "due_on": due.on if due else None,
        "is_provisional": bool(due and due.provisional),
        "open_count": len(after.open_items),
        "item_count": len(after.sub_cases),
        "clock_on": min((t.by for t in turns if t.by), default=None),
        "next_actors": json.dumps(sorted({t.actor for t in turns})),
        "detail": json.dumps(codec.case_to_data(after)),
        "sequence": after.sequence,
    }


def _entries(
    before: Loaded, events: tuple[e.Event, ...], *, actor: Actor, at: datetime
) -> tuple[list[dict[str, Any]], bytes]:
    head, entries = before.head, []
    for sequence, event in enumerate(events, start=before.case.sequence + 1):
        name, body = type(event).__name__, chain.canonical(event_data.to_data(event))
        head = chain.digest(
            head,
            case_id=before.case_id,
            sequence=sequence,
            at=at,
            actor_kind=actor.kind,
            actor_id=actor.user_id,
            actor_name=actor.name,
            event=name,
            body=body,
        )
        entries.append({"sequence": sequence, "event": name, "body": body, "digest": head.hex()})
    return entries, head


def set_result_number(raw: Any, case_id: UUID, item: int, number: str) -> None:
    """Keep the department's own number of what it issued."""
    values = {"case_id": case_id, "number": item, "result": number}
    _execute(raw, statements.RESULT_NUMBER, values)
