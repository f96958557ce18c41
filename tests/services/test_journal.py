"""The journal holds what happened, and shows it when somebody changed it."""

import pytest
from django.db import DatabaseError, connection, transaction

from lianban.cases import verify
from lianban.cases.services import hand_in
from lianban.journal.models import JournalEntry
from tests.services.cast import City, moment
from tests.services.test_case_life import filled

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case_id() -> object:
    city = City().build()
    draft = filled(city.clerk)
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=moment("2026-09-03 09:10"))
    return receipt.case_id


def tamper(sql: str, *, trigger: bool = True) -> None:
    with connection.cursor() as cursor:
        if trigger:
            cursor.execute("ALTER TABLE journal_journalentry DISABLE TRIGGER journal_rows_stay")
        cursor.execute(sql)
        if trigger:
            cursor.execute("ALTER TABLE journal_journalentry ENABLE TRIGGER journal_rows_stay")


def test_an_untouched_journal_holds_and_agrees_with_the_rows(case_id: object) -> None:
    assert list(verify.problems()) == []


@pytest.mark.parametrize("sql", [
    "UPDATE journal_journalentry SET body = '{}'",
    "DELETE FROM journal_journalentry",
])  # fmt: skip
def test_the_database_refuses_to_change_the_journal(case_id: object, sql: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.parametrize("sql", [
    "UPDATE journal_journalentry SET actor_name = '别人' WHERE sequence = 1",
    "UPDATE journal_journalentry SET body = replace(body, 'counter', 'online') WHERE sequence = 1",
    "UPDATE journal_journalentry SET at = at + interval '1 hour' WHERE sequence = 2",
    "DELETE FROM journal_journalentry WHERE sequence = 2",
    "DELETE FROM journal_journalentry WHERE sequence = (SELECT max(sequence) FROM journal_journalentry)",
    "UPDATE cases_subcaserecord SET state = 'concluded' WHERE number = 1",
    "UPDATE cases_jointcaserecord SET state = 'concluded'",
    "UPDATE cases_subcaserecord SET detail = jsonb_set(detail, '{s}', '\"concluded\"') WHERE number = 1",
    "DELETE FROM cases_subcaserecord WHERE number = 2",
])  # fmt: skip
def test_any_change_is_found(case_id: object, sql: str) -> None:
    tamper(sql)
    assert list(verify.problems())


def test_an_entry_put_in_is_found(case_id: object) -> None:
    last = JournalEntry.objects.order_by("-sequence").first()
    assert last
    JournalEntry.objects.create(
        case_id=last.case_id, sequence=last.sequence + 1, at=last.at, actor_kind="system",
        event="HandlingBegan", body="{}", digest=bytes(32),
    )  # fmt: skip
    assert list(verify.problems())
