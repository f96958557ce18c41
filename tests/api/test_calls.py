"""Calls of a partner's system that are as agreed: what they do, and what they are answered."""

import hashlib
import json
from typing import Any
from urllib.parse import quote

import pytest
from django.db import OperationalError
from django.test import Client

from lianban.accounts.models import User
from lianban.exchange import book, compose, contract, links, signing
from lianban.exchange.models import InboxMessage
from lianban.outbox.models import OutboxMessage
from tests.api import caller
from tests.api.caller import ARMY, NOW, POLICE, Caller, complaint, envelope
from tests.services.cast import City

pytestmark = pytest.mark.django_db


def test_what_a_partner_tells_has_its_effect_and_the_answer_is_signed(
    police: Caller, subject: str
) -> None:
    answer = police.post(envelope("receive", subject, message_id="gate-0001"))
    assert (answer.status_code, answer.json()) == (
        200, {"id": "gate-0001", "outcome": "applied", "code": "", "state": "received"},
    )  # fmt: skip
    assert caller.state(subject) == "received"


def test_the_whole_way_of_a_sub_case_is_told_in_messages(police: Caller, subject: str) -> None:
    for word, data, state in (
        ("receive", {}, "received"),
        ("accept", {}, "accepted"),
        ("suspend", {"reason": "等待复核"}, "suspended"),
        ("resume", {}, "accepted"),
    ):
        answer = police.post(envelope(word, subject, **data))
        assert (answer.status_code, answer.json()["state"]) == (200, state), answer.content


def test_a_key_against_repetition_is_the_envelopes_own_id(police: Caller, subject: str) -> None:
    said = envelope("receive", subject)
    refused = police.post(said, Idempotency_Key="another-00000001")
    assert refused.status_code == 400
    assert complaint(refused).code == "wrong_idempotency_key"
    assert caller.state(subject) == "dispatched"
    assert police.post(said, Idempotency_Key=said["id"]).status_code == 200


def test_a_repeat_is_answered_with_the_first_answer_and_nothing_happens_twice(
    police: Caller, subject: str
) -> None:
    said = envelope("receive", subject)
    first = police.post(said)
    second = police.post(said)
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert InboxMessage.objects.count() == 1


def test_another_message_under_the_same_id_is_refused(police: Caller, subject: str) -> None:
    said = envelope("receive", subject)
    police.post(said)
    answer = police.post({**said, "time": "2026-09-03T11:00:00+08:00"})
    assert (answer.status_code, complaint(answer).code) == (409, "id_reused")


def test_what_fits_nothing_now_is_kept_for_a_person(police: Caller, subject: str) -> None:
    answer = police.post(envelope("deliver", subject))
    assert (answer.status_code, answer.json()["outcome"]) == (202, "parked")
    assert caller.state(subject) == "dispatched"


def test_a_system_that_cannot_be_called_asks_for_its_messages_and_confirms_them(
    city: City, police: Caller
) -> None:
    poller = Caller(caller.connect(ARMY, first=3, mode="poll"))
    caller.dispatched(city)
    first = poller.get("messages?after=0&limit=10")
    (message,) = first.json()["messages"]
    assert message["type"] == "cn.lianban.dispatch.v1"
    assert poller.get("messages").json()["messages"][0]["id"] == message["id"], "not confirmed"
    cursor = first.json()["cursor"]
    assert poller.get(f"messages?after={cursor}").json()["messages"] == []
    assert OutboxMessage.objects.get(department=ARMY).state == "sent"
    wrong = poller.get(f"messages?after={cursor + 5}")
    assert (wrong.status_code, complaint(wrong).code) == (409, "wrong_cursor")
    pushed = police.get("messages")
    assert (pushed.status_code, complaint(pushed).code) == (409, "not_polling")


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", f"after={2**63}", "limit=0", "limit=9999", "after=1.5"]
)
def test_a_value_in_the_address_that_cannot_be_is_named(police: Caller, query: str) -> None:
    answer = police.get(f"messages?{query}")
    assert answer.status_code == 422
    assert complaint(answer).where == f"query/{query.split('=')[0]}"


def test_a_file_of_a_material_is_fetched_by_its_link_by_its_department_alone(
    city: City, police: Caller, subject: str
) -> None:
    stranger = Caller(caller.connect(ARMY, first=3))
    row = caller.given_file(city, subject)
    message = OutboxMessage.objects.get(department=POLICE, topic="dispatch", item=int(subject[-2:]))
    told = compose.compose(message, partner=caller.partner(POLICE), at=NOW)
    assert told
    (given,) = told.data["materials"][row.material]["files"]
    path = given["link"].removeprefix("/exchange/v1/")
    answer = police.get(path)
    assert answer.status_code == 200, answer.content
    assert hashlib.sha256(answer.content).hexdigest() == given["digest"]
    assert (len(answer.content), answer["Content-Type"]) == (given["size"], given["content_type"])
    assert (stranger.get(path).status_code, police.get(path + "A").status_code) == (404, 404)


def test_a_link_ends(
    city: City, police: Caller, subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "LIFE", -links.LIFE)
    row = caller.given_file(city, subject)
    link, _ = links.link(row.id, partner=caller.partner(POLICE), at=NOW)
    answer = police.get(link.removeprefix("/exchange/v1/"))
    assert (answer.status_code, complaint(answer).code) == (410, "link_ended")


def test_both_sides_can_compare_their_books(city: City, police: Caller, subject: str) -> None:
    unknown = police.get(f"sub-cases/{subject}")
    assert (unknown.status_code, complaint(unknown).code) == (404, "unknown_case"), "not sent yet"
    caller.sent(POLICE)
    line = police.get(f"sub-cases/{subject}").json()
    assert (line["sub_case"], line["state"]) == (subject, "dispatched")
    names, after = [], ""
    while True:
        page = police.get(f"book?after={after}&limit=1").json()
        names += [each["sub_case"] for each in page["lines"]]
        after = page["next"]
        if not after:
            break
    assert subject in names and names == sorted(names) and len(names) == len(set(names))
    stranger = Caller(caller.connect(ARMY, first=3))
    answer = stranger.get(f"sub-cases/{subject}")
    assert answer.status_code == 404 and complaint(answer).code


@pytest.mark.parametrize("name", ["nonsense", "LB00000000000000X-99", "LB%00", "..", "1' OR 1=1"])
def test_a_sub_case_that_is_none_is_not_found(police: Caller, name: str) -> None:
    message = police.sign("GET", f"/exchange/v1/sub-cases/{quote(name, safe='%')}")
    answer = police.send(message)
    assert answer.status_code in (400, 401, 404)
    assert complaint(answer)


def test_no_session_opens_the_machine_door_and_none_is_begun(city: City, police: Caller) -> None:
    officer: User = city.people[f"department_officer@{POLICE}.439901"]
    police.client.force_login(officer)
    answer = police.client.get("/exchange/v1/book")
    assert (answer.status_code, complaint(answer).code) == (401, "unsigned")
    assert json.loads(answer.content)["what_to_do"]


def test_the_address_that_is_signed_is_the_one_that_the_outside_knows(
    police: Caller, settings: Any
) -> None:
    settings.SITE = {**settings.SITE, "public_address": "https://city.example"}
    inside = police.send(police.sign("GET", "/exchange/v1/book"))
    assert (inside.status_code, complaint(inside).code) == (401, "bad_signature")
    message = signing.Message("GET", "https://city.example/exchange/v1/book")
    signing.sign(message, key=police.key, at=NOW)
    answer = police.send(message, path="/exchange/v1/book")
    assert answer.status_code == 200
    caller.assert_ours(answer, message)


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [(RuntimeError("439901200503010017"), 500, "failure"), (OperationalError("gone"), 503, "busy")],
)
def test_a_failure_of_ours_is_told_in_json_and_says_nothing_of_its_inside(
    police: Caller, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int, code: str
) -> None:
    def fail(**_: Any) -> None:
        raise failure

    monkeypatch.setattr(book, "page", fail)
    patient = Caller(police.key, Client(raise_request_exception=False))
    answer = patient.get("book")
    said = contract.Complaint.model_validate_json(answer.content)
    assert (answer.status_code, said.code) == (status, code) and said.what_to_do
    assert "439901" not in answer.content.decode() and "gone" not in answer.content.decode()
    assert answer.get("Retry-After") == ("5" if status == 503 else None)
