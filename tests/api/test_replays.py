"""The same again, a thousand times, and too often: one effect, no failure, nobody else slowed."""

import json
from collections import Counter

import pytest

from lianban.exchange.models import InboxMessage, SeenNonce
from lianban.journal.models import JournalEntry
from tests.api import caller
from tests.api.caller import ARMY, POLICE, Caller, complaint, envelope
from tests.services.cast import City

pytestmark = pytest.mark.django_db
PATH = "/exchange/v1/messages"


def allow(code: str, most: int) -> None:
    """So many calls a minute."""
    row = caller.partner(code)
    row.takes_a_minute = most
    row.save(update_fields=["takes_a_minute"])


def received(subject: str) -> int:
    """How often the sub-case's receipt stands in the journal."""
    return JournalEntry.objects.filter(case_id=caller.case_of(subject).id, event="Received").count()


def test_one_signed_call_a_thousand_times_is_taken_once(police: Caller, subject: str) -> None:
    allow(POLICE, 10_000)
    message = police.sign("POST", PATH, json.dumps(envelope("receive", subject)).encode())
    answers = [police.send(message) for _ in range(1001)]
    assert Counter(answer.status_code for answer in answers) == {200: 1, 401: 1000}
    assert {complaint(answer).code for answer in answers[1:]} == {"replayed"}
    assert (InboxMessage.objects.count(), SeenNonce.objects.count(), received(subject)) == (1, 1, 1)
    assert caller.partner(POLICE).refused_count == 1000


def test_one_message_signed_anew_each_time_gets_the_first_answer_each_time(
    police: Caller, subject: str
) -> None:
    said = envelope("receive", subject)
    answers = [police.post(said) for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert (InboxMessage.objects.count(), received(subject)) == (1, 1)


def test_a_partner_that_calls_ten_times_too_often_waits_and_another_does_not(
    city: City, police: Caller, subject: str
) -> None:
    other = Caller(caller.connect(ARMY, first=3))
    allow(POLICE, 6)
    said = envelope("receive", subject)
    answers = [police.post(said) for _ in range(60)]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 54
    late = answers[-1]
    assert complaint(late).code == "too_many" and 1 <= int(late["Retry-After"]) <= 60
    assert other.get("book").status_code == 200
    assert (InboxMessage.objects.count(), received(subject)) == (1, 1)
