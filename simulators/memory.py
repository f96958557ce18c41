"""A system's memory: one SQLite file. What was answered is in it, whenever the process is killed."""

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import RLock
from typing import Any

from simulators.plan import FETCH, Known, Plan, Step

_TABLES = """
CREATE TABLE IF NOT EXISTS heard (id TEXT PRIMARY KEY, type TEXT, subject TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nonces (nonce TEXT PRIMARY KEY, at REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subjects (
    subject TEXT PRIMARY KEY, item TEXT, state TEXT, outcome TEXT DEFAULT '', round INTEGER,
    seen_at REAL, decided_at REAL, result_number TEXT DEFAULT '') WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS steps (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, subject TEXT, word TEXT, data TEXT, state TEXT,
    after REAL, next_at REAL, happened_at REAL, body BLOB, attempts INTEGER DEFAULT 0,
    done_at REAL, outcome TEXT DEFAULT '');
CREATE INDEX IF NOT EXISTS steps_due ON steps (next_at) WHERE done_at IS NULL;
CREATE INDEX IF NOT EXISTS steps_subject ON steps (subject, seq);
"""
_KNOWN = "subject, item, state, outcome, round, seen_at, decided_at, result_number"
_ROW = "seq, id, subject, word, data, state, body, attempts"
_OPEN = "done_at IS NULL"
_CHINA = timezone(timedelta(hours=8))
#: Minutes that a person is seen.
_VISIT = 20


@dataclass(frozen=True)
class Row:
    """A step as it is kept. `body` is there once it has happened, and stays the same."""

    seq: int
    id: str
    subject: str
    word: str
    data: dict[str, Any]
    state: str
    body: bytes | None
    attempts: int


class Memory:
    """What a system remembers. Every method is one transaction, or joins the caller's."""

    def __init__(self, path: Path, *, source: str, speed: float) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._source, self._speed = source, speed
        self._lock, self._depth = RLock(), 0
        self._then: list[Callable[[], None]] = []
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=20)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction; one inside another is part of it."""
        with self._lock:
            if self._depth:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth = 0
                then, self._then = self._then, []
        for act in then:
            act()

    def then(self, act: Callable[[], None]) -> None:
        """Act when the transaction of this thread is over and its lock is free; at once without one.

        Whoever takes a lock of his own while he has this one waits for those who do it in turn.
        """
        with self._lock:
            if self._depth:
                self._then.append(act)
                return
        act()

    def is_new_nonce(self, nonce: str, *, now: float, kept: float) -> bool:
        """Remember a nonce; False where it was used before."""
        with self.change() as db:
            db.execute("DELETE FROM nonces WHERE at < ?", (now - kept,))
            added = db.execute("INSERT OR IGNORE INTO nonces VALUES (?, ?)", (nonce, now))
            return added.rowcount == 1

    def heard(self, message_id: str) -> tuple[str, str] | None:
        """Type and subject of a message that was taken before."""
        with self._lock:
            query = "SELECT type, subject FROM heard WHERE id = ?"
            found = self._db.execute(query, (message_id,)).fetchone()
        return None if found is None else (found[0], found[1])

    def remember(self, message_id: str, type_: str, subject: str) -> None:
        """Keep a message's id."""
        with self.change() as db:
            db.execute("INSERT INTO heard VALUES (?, ?, ?)", (message_id, type_, subject))

    def forget(self, subject: str) -> None:
        """Lose a subject, as if it had never been heard of; the messages' ids stay."""
        with self.change() as db:
            db.execute("DELETE FROM steps WHERE subject = ?", (subject,))
            db.execute("DELETE FROM subjects WHERE subject = ?", (subject,))

    def known(self, subject: str) -> Known | None:
        """What is known of a subject."""
        with self._lock:
            query = f"SELECT {_KNOWN} FROM subjects WHERE subject = ?"
            found = self._db.execute(query, (subject,)).fetchone()
        return None if found is None else Known(*found)

    def book(self, *, after: str, limit: int) -> list[Known]:
        """Sub-cases by name, behind `after`."""
        with self._lock:
            query = f"SELECT {_KNOWN} FROM subjects WHERE subject > ? AND subject GLOB 'LB*'"
            found = self._db.execute(f"{query} ORDER BY subject LIMIT ?", (after, limit)).fetchall()
        return [Known(*row) for row in found]

    def plan(self, subject: str, plan: Plan, *, now: float) -> None:
        """Take up what follows from a message."""
        with self.change() as db:
            if plan.drops:
                gone = f"subject = ? AND {_OPEN} AND happened_at IS NULL AND word != 'verified'"
                db.execute(f"DELETE FROM steps WHERE {gone}", (subject,))
            if plan.opens:
                db.execute(
                    "INSERT INTO subjects (subject, item, state, round, seen_at)"
                    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (subject) DO UPDATE SET"
                    " state = ?3, round = ?4, outcome = '', decided_at = NULL, result_number = ''",
                    (subject, plan.opens, plan.state, plan.round, now),
                )
            elif plan.state:
                query = "UPDATE subjects SET state = ? WHERE subject = ?"
                db.execute(query, (plan.state, subject))
            for step in plan.steps:
                self._add(subject, step)
            self._change_steps(db, subject, plan, now)
            self._wind(subject, now)

    def _change_steps(self, db: sqlite3.Connection, subject: str, plan: Plan, now: float) -> None:
        """Forget a step, or let one wait otherwise, as long as it has not happened."""
        which = f"subject = ? AND word = ? AND {_OPEN} AND happened_at IS NULL"
        db.execute(f"DELETE FROM steps WHERE {which}", (subject, plan.forgets))
        for word, seconds in plan.waits.items():
            wait = seconds / self._speed
            query = "UPDATE steps SET after = ?, next_at = CASE WHEN next_at IS NOT NULL THEN ? END"
            db.execute(f"{query} WHERE {which}", (wait, now + wait, subject, word))

    def say(self, subject: str, word: str, data: dict[str, Any], *, now: float) -> Row | None:
        """Plan one message that changes nothing in our own book, and let it happen at once."""
        with self.change():
            seq = self._add(subject, Step(word, data))
            self._wind(subject, now)
            return self.happen(self.row(seq), now=now)

    def row(self, seq: int) -> Row:
        """A step."""
        with self._lock:
            query = f"SELECT {_ROW} FROM steps WHERE seq = ?"
            return _row(self._db.execute(query, (seq,)).fetchone())

    def due(self, *, now: float, not_about: set[str]) -> Row | None:
        """The step that has been due longest, of a subject that nobody has in hand."""
        with self._lock:
            query = f"SELECT {_ROW} FROM steps WHERE {_OPEN} AND next_at <= ? ORDER BY next_at"
            for found in self._db.execute(query, (now,)):
                if found[2] not in not_about:
                    return _row(found)
        return None

    def next_due(self) -> float | None:
        """When the next step is due."""
        with self._lock:
            query = f"SELECT min(next_at) FROM steps WHERE {_OPEN} AND next_at IS NOT NULL"
            found: float | None = self._db.execute(query).fetchone()[0]
            return found

    def follower(self, row: Row) -> Row | None:
        """The message that comes behind this one."""
        with self._lock:
            query = f"SELECT {_ROW} FROM steps WHERE subject = ? AND seq > ? AND {_OPEN}"
            found = self._db.execute(f"{query} ORDER BY seq", (row.subject, row.seq)).fetchone()
        return None if found is None or found[3] == FETCH else _row(found)

    def happen(self, row: Row, *, now: float) -> Row | None:
        """Let a step happen: our book changes, and the message is written as it stays.

        None where the step was dropped meanwhile.
        """
        with self.change() as db:
            counted = "SELECT count(*) FROM steps WHERE subject = ? AND body IS NOT NULL"
            number = db.execute(counted, (row.subject,)).fetchone()[0] + 1
            body = self._envelope(row, number, now)
            query = "UPDATE steps SET happened_at = ?, body = ? WHERE seq = ?"
            if db.execute(query, (now, body, row.seq)).rowcount == 0:
                return None
            self._note(db, row, now)
        return replace(row, body=body)

    def done(self, row: Row, outcome: str, *, now: float) -> None:
        """A step is over; the one behind it begins to wait."""
        with self.change() as db:
            query = "UPDATE steps SET done_at = ?, outcome = ? WHERE seq = ?"
            db.execute(query, (now, outcome, row.seq))
            self._wind(row.subject, now)

    def later(self, row: Row, outcome: str, *, at: float) -> None:
        """A step is tried again at a moment."""
        with self.change() as db:
            query = "UPDATE steps SET next_at = ?, attempts = attempts + 1, outcome = ?"
            db.execute(f"{query} WHERE seq = ?", (at, outcome, row.seq))

    def _add(self, subject: str, step: Step) -> int:
        data = json.dumps(step.data, ensure_ascii=False)
        added = self._db.execute(
            "INSERT INTO steps (id, subject, word, data, state, after) VALUES (?, ?, ?, ?, ?, ?)",
            (str(uuid.uuid4()), subject, step.word, data, step.state, step.after / self._speed),
        )
        assert added.lastrowid is not None
        return added.lastrowid

    def _wind(self, subject: str, now: float) -> None:
        """Let the first open step of a subject wait for its time."""
        first = f"(SELECT min(seq) FROM steps WHERE subject = ? AND {_OPEN})"
        query = f"UPDATE steps SET next_at = ? + after WHERE next_at IS NULL AND seq = {first}"
        self._db.execute(query, (now, subject))

    def _note(self, db: sqlite3.Connection, row: Row, now: float) -> None:
        if row.state:
            query = "UPDATE subjects SET state = ? WHERE subject = ?"
            db.execute(query, (row.state, row.subject))
        if row.word == "decide" and row.state:
            query = "UPDATE subjects SET outcome = ?, decided_at = ? WHERE subject = ?"
            db.execute(query, (row.data["outcome"], now, row.subject))
        if row.word == "issue":
            query = "UPDATE subjects SET result_number = ? WHERE subject = ?"
            db.execute(query, (row.data["number"], row.subject))

    def _envelope(self, row: Row, number: int, now: float) -> bytes:
        at = datetime.fromtimestamp(now, UTC)
        moments = _moments(row.word, at.astimezone(_CHINA))
        envelope = {
            "specversion": "1.0",
            "id": row.id,
            "source": self._source,
            "type": f"cn.lianban.{row.word}.v1",
            "subject": row.subject,
            "time": at.isoformat(timespec="milliseconds"),
            "datacontenttype": "application/json",
            "sequence": str(number),
            **self._round(row.subject),
            "data": row.data | moments,
        }
        return json.dumps(envelope, ensure_ascii=False).encode()

    def _round(self, subject: str) -> dict[str, int]:
        """The round that a message answers; only a sub-case has any."""
        known = self.known(subject) if subject.startswith("LB") else None
        return {"round": known.round} if known else {}


def _moments(word: str, at: datetime) -> dict[str, str]:
    """What a message says of days and hours, as seen at the moment when it is written."""
    if word == "issue":
        return {"issued_on": at.date().isoformat()}
    if word == "appoint":
        starts = _next_time(at)
        return {
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(minutes=_VISIT)).isoformat(),
        }
    return {}


def _next_time(at: datetime) -> datetime:
    """Half an hour from now to the next ten minutes; outside office hours, the next weekday at half past nine."""
    soon = (at + timedelta(minutes=39)).replace(second=0, microsecond=0)
    soon -= timedelta(minutes=soon.minute % 10)
    if at.weekday() < 5 and 9 <= soon.hour < 17 and soon.date() == at.date():
        return soon
    day = at if at.hour < 9 else at + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day.replace(hour=9, minute=30, second=0, microsecond=0)


def _row(found: tuple[Any, ...]) -> Row:
    seq, id_, subject, word, data, state, body, attempts = found
    return Row(seq, id_, subject, word, json.loads(data), state, body, attempts)
