"""What must hold when the storm is over: both sides' own records, compared line by line.

Read are the platform's tables and the departments' memories as they lie there; nothing of the
product helps, except for its own commands, whose word is asked for besides.
"""

import contextlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg

from tests.chaos.plan import PARTNERS, Plan
from tests.chaos.town import Town, memory

#: What a department did, and the event that it must have caused, once for each time.
EVENTS = {
    "receive": "Received",
    "return": "Returned",
    "accept": "Accepted",
    "granted": "Granted",
    "denied": "Denied",
    "deliver": "Delivered",
}
_OURS = """
SELECT r.case_number || '-' || to_char((j.body::json->>'item')::int, 'FM00'), j.event, count(*)
  FROM journal_journalentry AS j JOIN cases_jointcaserecord AS r ON r.id = j.case_id
 WHERE j.event = ANY(%s) AND j.actor_kind = 'partner' GROUP BY 1, 2
"""
_SUB_CASES = """
SELECT r.case_number || '-' || to_char(s.number, 'FM00'), s.outcome,
       coalesce(string_agg(x.number, '+'), '')
  FROM cases_subcaserecord AS s JOIN cases_jointcaserecord AS r ON r.id = s.case_id
  LEFT JOIN cases_resultrecord AS x ON x.sub_case_id = s.id
 WHERE s.number > 1 GROUP BY 1, 2
"""
_NUMBER = re.compile(r"(?<![0-9A-Za-z-])\d{17}[\dXx](?![0-9A-Za-z-])")
#: A run of so many sub-cases is long enough for everybody to meet his fate.
_LONG = 500
#: Where nothing of a person may stand: what is queued, tried, told to people, answered.
_PLAIN = (
    "SELECT args::text FROM procrastinate_jobs",
    "SELECT ended FROM exchange_tryrecord",
    "SELECT last_error FROM outbox_outboxmessage",
    "SELECT code || note || about FROM exchange_taskrecord",
    "SELECT answer::text || subject || message_id FROM exchange_inboxmessage",
    "SELECT last_error FROM exchange_partnerrecord",
)


def problems(town: Town) -> Iterator[str]:
    """Everything that is not as it must be."""
    with psycopg.connect(town.database) as database:
        yield from _sent(database, town.plan)
        yield from _taken(database, town.plan)
        yield from _effects(database, town.plan)
        yield from _books(database, town.plan)
        yield from _left_over(database)
        yield from _personal(database, town.plan)
    yield from _unseen(town)


def _rows(database: Any, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return list(database.execute(sql, values or None))


def _theirs(plan: Plan, sql: str) -> list[tuple[Any, ...]]:
    return [(code, *row) for code in PARTNERS for row in memory(plan, code, sql)]


def _sent(database: Any, plan: Plan) -> Iterator[str]:
    """What we sent, they have heard; what they have heard, we sent."""
    sql = "SELECT department, message_id::text FROM outbox_outboxmessage WHERE state = 'sent'"
    ours = Counter(_rows(database, sql))
    theirs = Counter(_theirs(plan, "SELECT id FROM heard"))
    for code, name in (ours - theirs).elements():
        yield f"lost on the way out: {name} to {code}"
    for code, name in (theirs - ours).elements():
        yield f"heard but not sent: {name} at {code}"
    sql = "SELECT state, count(*) FROM outbox_outboxmessage WHERE state <> 'sent' GROUP BY 1"
    for state, count in _rows(database, sql):
        yield f"{count} messages are {state}"


def _taken(database: Any, plan: Plan) -> Iterator[str]:
    """What they said, we applied, each once; nothing else came in."""
    sql = "SELECT partner_id, message_id, state FROM exchange_inboxmessage"
    ours = Counter(_rows(database, sql))
    said = "SELECT id, 'applied' FROM steps WHERE happened_at IS NOT NULL"
    theirs = Counter(_theirs(plan, said))
    for one in (theirs - ours).elements():
        yield f"said and not applied: {one}"
    for one in (ours - theirs).elements():
        yield f"in our inbox, and never said so: {one}"


def _effects(database: Any, plan: Plan) -> Iterator[str]:
    """Each thing that a department did stands in our journal as often as it did it."""
    did: Counter[tuple[str, str]] = Counter()
    sql = "SELECT subject, word, data FROM steps WHERE happened_at IS NOT NULL"
    for _, subject, word, data in _theirs(plan, sql):
        event = EVENTS.get(_meaning(word, json.loads(data)))
        if event:
            did[subject, event] += 1
    stands = Counter(
        {
            (subject, event): count
            for subject, event, count in _rows(database, _OURS, list(EVENTS.values()))
        }
    )
    for (subject, event), count in (did - stands).items():
        yield f"lost: {event} of {subject}, {count} times"
    for (subject, event), count in (stands - did).items():
        yield f"a double effect: {event} of {subject}, {count} times too often"


def _meaning(word: str, data: dict[str, Any]) -> str:
    if word == "decide":
        return str(data["outcome"])
    # an electronic result reaches the person with its file
    return "deliver" if word == "issue" and "file" in data else word


def _books(database: Any, plan: Plan) -> Iterator[str]:
    """Outcome and number of every sub-case are the same on both sides."""
    ours = {name: (outcome, number) for name, outcome, number in _rows(database, _SUB_CASES)}
    sql = "SELECT subject, outcome, result_number FROM subjects"
    theirs = {name: (outcome, number) for _, name, outcome, number in _theirs(plan, sql)}
    if len(ours) != plan.sub_cases:
        yield f"{len(ours)} sub-cases, not {plan.sub_cases}"
    for name in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(name), theirs.get(name)
        if here != there:
            yield f"{name}: ours {here}, theirs {there}"
        elif here and not here[0]:
            yield f"{name} is not decided"


def _left_over(database: Any) -> Iterator[str]:
    """No work is left for a person, and no job has failed."""
    sql = "SELECT kind, code, about FROM exchange_taskrecord WHERE closed_at IS NULL"
    for kind, code, about in _rows(database, sql):
        yield f"an open task: {kind} {code} {about}"
    sql = "SELECT task_name, args::text FROM procrastinate_jobs WHERE status = 'failed'"
    for name, args in _rows(database, sql):
        yield f"a failed job: {name} {args}"


def _personal(database: Any, plan: Plan) -> Iterator[str]:
    """No identity number stands in the queue, in an error, in an answer, or in a log."""
    for sql in _PLAIN:
        if any(_NUMBER.search(text) for (text,) in _rows(database, sql)):
            yield f"an identity number in: {sql}"
    for log in plan.folder.glob("*.log"):
        if _NUMBER.search(log.read_text(errors="replace")):
            yield f"an identity number in {log.name}"


def _unseen(town: Town) -> Iterator[str]:
    """Each named point has been died at; a short run may be over before."""
    died = {(who.split("-")[0], point) for who, _, point in map(str.split, town.deaths())}
    if town.plan.sub_cases >= _LONG:
        for kind, point in sorted(town.plan.fated() - died):
            yield f"nobody died: {kind} {point}"


# What is printed where it does not hold -----------------------------------------------------------

_STANDING = {
    "out": "SELECT department, topic, state, attempts, abandoned, next_at, leased_until, last_error"
    " FROM outbox_outboxmessage WHERE state <> 'sent' ORDER BY id",
    "in": "SELECT partner_id, type, subject, partner_sequence, state, code"
    " FROM exchange_inboxmessage WHERE state <> 'applied' ORDER BY id",
    "partners": "SELECT code, failures, closed_until, last_error FROM exchange_partnerrecord",
    "jobs": "SELECT task_name, status, lock, attempts, scheduled_at FROM procrastinate_jobs",
    "tasks": "SELECT kind, code, about FROM exchange_taskrecord WHERE closed_at IS NULL",
}


def standing(town: Town) -> str:
    """Where everything stands, and the end of what each process said."""
    lines = [f"files are kept in {town.plan.folder}", *town.deaths()]
    with psycopg.connect(town.database) as database:
        for name, sql in _STANDING.items():
            lines += [f"{name}: {' '.join(map(str, row))}" for row in _rows(database, sql)[:20]]
    for log in sorted(town.plan.folder.glob("*.log")):
        lines += [f"{log.name}: {line[:300]}" for line in log.read_text().splitlines()[-5:]]
    return "\n".join(lines)


# The product's own word ------------------------------------------------------------------------

COMMANDS = {
    "journal": ("journal", "verify", "--json"),
    "counts": ("exchange", "counts", "--json"),
    "reconcile": ("exchange", "reconcile", "--json"),
}


def ask(plan: Plan) -> None:
    """Call the product's commands, in a process of the town, and keep what they print."""
    from lianban.ops.main import main

    said = {}
    for name, words in COMMANDS.items():
        with contextlib.redirect_stdout(io.StringIO()) as out:
            code = main(list(words))
        said[name] = {"code": code, "said": json.loads(out.getvalue())}
    (plan.folder / "commands.json").write_text(json.dumps(said, ensure_ascii=False))
