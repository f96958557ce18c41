"""What the monitor counts is found by an index, however much has arrived over the years."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lianban.exchange import inbound
from lianban.exchange.watching import health
from lianban.outbox.models import OutboxMessage
from tests.exchange import partner as p
from tests.exchange.test_relay import START

pytestmark = pytest.mark.django_db
CODE = "public_security"
NOW = START + timedelta(days=365)


def years_of_messages() -> None:
    """Messages that arrived long ago, a few that were given up, and a few of today."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_outboxmessage"
            " (case_id, sequence, item, topic, department, created_at, done_at, state)"
            " SELECT gen_random_uuid(), 1, 1, 'dispatch', %(code)s, %(at)s, done,"
            "        CASE WHEN n %% 1000 = 0 THEN 'dead' ELSE 'sent' END"
            "   FROM generate_series(1, 4000) AS n,"
            "        LATERAL (SELECT %(at)s - CASE WHEN n %% 500 = 1 THEN interval '1 minute'"
            "                 ELSE interval '1 hour' * (n + 24) END) AS d(done)",
            {"code": CODE, "at": NOW},
        )
        cursor.execute("ANALYZE outbox_outboxmessage")


def plans(ask: Any) -> str:
    """How the database finds what is asked."""
    with CaptureQueriesContext(connection) as asked:
        ask()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        lines = []
        for query in asked.captured_queries:
            if query["sql"].startswith(("SELECT", "UPDATE")):
                cursor.execute(f"EXPLAIN {query['sql']}".replace("%", "%%"))
                lines += [line for (line,) in cursor.fetchall()]
    return "\n".join(lines)


def test_health_finds_what_waits_was_given_up_or_arrived_today_and_reads_nothing_else() -> None:
    p.connect(CODE, "http://127.0.0.1:9")
    years_of_messages()
    found = health.one(CODE, at=NOW)
    assert (found.sent_today, found.dead, found.waiting) == (8, 4, 0)
    plan = plans(lambda: health.one(CODE, at=NOW))
    assert "outbox_dead" in plan and "outbox_arrived" in plan, plan
    assert "Seq Scan on outbox_outboxmessage" not in plan, plan
    given_up = OutboxMessage.objects.filter(department=CODE, state="dead")
    assert "outbox_dead" in plans(given_up.count)


def test_what_is_forgotten_already_is_not_looked_at_again() -> None:
    assert "inbox_not_forgotten" in plans(lambda: inbound.forget_bodies(at=NOW))
