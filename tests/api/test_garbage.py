"""Whatever is in the body, signed or not: a plain answer in JSON, never a failure, never an echo."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lianban.exchange import contract, signing
from lianban.exchange.models import InboxMessage
from tests.api import caller
from tests.api.caller import HOST, NOW, Caller, complaint, envelope

pytestmark = pytest.mark.django_db
PATH = "/exchange/v1/messages"
FEW = settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b"   ",
    "no JSON": b"<?xml version='1.0'?><a/>",
    "a list": b"[]",
    "a number": b"1e999",
    "a word": b'"text"',
    "null": b"null",
    "half": b'{"specversion": "1.0", "id": "m-0000',
    "deep": b"[" * 100_000,
    "deep in data": b'{"data": ' * 5_000,
    "not UTF-8": b'{"id": "\xff\xfe"}',
    "GBK": '{"id": "编号"}'.encode("gb18030"),
    "UTF-16": '{"id": "m"}'.encode("utf-16"),
    "half a pair": b'{"id": "\\ud800"}',
    "twice": b'{"id": "m-00000001", "id": "m-00000002"}',
    "not a number": b'{"data": {"days": NaN}}',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_message_is_named_as_such(police: Caller, name: str) -> None:
    answer = police.post(BODIES[name])
    assert answer.status_code in (400, 415, 422), answer.content
    said = complaint(answer)
    assert said.message and said.what_to_do
    assert not InboxMessage.objects.exists()


@pytest.mark.parametrize("place", ["id", "source", "subject", "data"])
def test_an_empty_character_is_refused_wherever_it_stands(
    police: Caller, subject: str, place: str
) -> None:
    said = envelope("status", subject, state="on_desk", note="x\0y")
    said = (
        said if place == "data" else {**said, "data": {"state": "on_desk"}, place: "LB\0" + "x" * 8}
    )
    answer = police.post(json.dumps(said).encode())
    assert (answer.status_code, complaint(answer).code) == (400, "nul")
    raw = police.post(json.dumps(said).encode().replace(b"\\u0000", b"\0"))
    assert (raw.status_code, complaint(raw).code) == (400, "nul")


def test_text_that_only_speaks_of_an_empty_character_is_taken(police: Caller, subject: str) -> None:
    answer = police.post(envelope("status", subject, state="on_desk", note="写成 \\u0000 的字"))
    assert answer.status_code == 200, answer.content


WRONG: dict[str, dict[str, Any]] = {
    "specversion": {"specversion": "0.3"},
    "id": {"id": "short"},
    "type": {"type": "x" * 81},
    "time": {"time": "2026-09-03T10:00:00"},
    "sequence": {"sequence": "first"},
    "subject": {"subject": "s" * 61},
    "data": {"data": []},
    "datacontenttype": {"datacontenttype": "text/xml"},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_an_envelope_is_named_by_its_place_alone(
    police: Caller, subject: str, name: str
) -> None:
    answer = police.post({**envelope("receive", subject), **WRONG[name]})
    assert (answer.status_code, complaint(answer).where) == (422, name)


SECRET = "439901200503010017"


def test_no_value_that_was_sent_comes_back_in_a_complaint(police: Caller, subject: str) -> None:
    for said in (
        envelope("return", subject, reason_code=SECRET, reason="x"),
        envelope("decide", subject, outcome=SECRET),
        envelope("extend", subject, days=SECRET, grounds="x"),
        envelope("issue", subject, number="号", issued_on=SECRET),
        envelope("receive", subject, **{SECRET: SECRET}),
        envelope("request_correction", subject, defects=[SECRET]),
        {**envelope("receive", subject), SECRET: 1},
        {**envelope("receive", subject), "type": SECRET},
        {**envelope("receive", subject), "id": f"{SECRET} "},
    ):
        answer = police.post(said)
        assert answer.status_code == 422, answer.content
        assert SECRET not in answer.content.decode(), said
    for row in InboxMessage.objects.all():
        assert SECRET not in json.dumps(row.answer)


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain", "multipart/form-data; boundary=x",
     "application/x-www-form-urlencoded", "application/cloudevents+json; charset=gbk",
     "application/cloudevents-batch+json", "nonsense"],
)  # fmt: skip
def test_another_type_is_told_which_one_to_send(
    police: Caller, subject: str, content_type: str
) -> None:
    body = json.dumps(envelope("receive", subject)).encode()
    answer = police.checked(police.sign("POST", PATH, body, content_type=content_type))
    said = complaint(answer)
    assert (answer.status_code, said.code) == (415, "wrong_type")
    assert "application/cloudevents+json" in said.what_to_do
    assert caller.state(subject) == "dispatched"


def test_a_body_that_is_too_long_or_of_unknown_length_is_not_read(db: None) -> None:
    client = Client()
    long = client.generic(
        "POST", PATH, b"x", "text/plain", CONTENT_LENGTH=str(contract.MOST_BYTES + 1)
    )
    assert (long.status_code, complaint(long).code) == (413, "too_large")
    endless = client.generic("POST", PATH, b"", HTTP_TRANSFER_ENCODING="chunked")
    assert (endless.status_code, complaint(endless).code) == (411, "length_required")
    for length in ("-1", "1e9", "²", "9" * 40):
        answer = client.generic("POST", PATH, b"x", "text/plain", CONTENT_LENGTH=length)
        assert complaint(answer), length


def test_a_message_of_the_largest_size_is_taken(police: Caller, subject: str) -> None:
    said = envelope("receive", subject)
    room = contract.MOST_BYTES - len(json.dumps(said).encode())
    answer = police.post(json.dumps(said).encode() + b" " * room)
    assert answer.status_code == 200, answer.content


@FEW
@given(body=some.binary(max_size=200))
def test_no_bytes_break_the_door(police: Caller, body: bytes) -> None:
    answer = police.send(police.sign("POST", PATH, body))
    assert complaint(answer).code in ("bad_json", "wrong_body", "nul", "wrong_type")


_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner),
    max_leaves=8,
)


@FEW
@given(word=some.sampled_from(sorted(contract.IN)), data=some.dictionaries(
    some.sampled_from(["reason", "reason_code", "days", "outcome", "file", "state", "x"]), _JSON))  # fmt: skip
def test_no_data_breaks_the_door(police: Caller, subject: str, word: str, data: Any) -> None:
    answer = police.send(
        police.sign("POST", PATH, json.dumps(envelope(word, subject, **data)).encode())
    )
    assert answer.status_code < 500
    assert answer["Content-Type"] == "application/json"


@FEW
@given(
    stated=some.text(max_size=120), signature=some.text(max_size=120), digest=some.text(max_size=60)
)
def test_no_signature_header_breaks_the_door(
    police: Caller, stated: str, signature: str, digest: str
) -> None:
    headers = {"Signature-Input": stated, "Signature": signature, "Content-Digest": digest}
    sent = {
        name: text.encode("utf-8", "replace").decode("latin-1") for name, text in headers.items()
    }
    message = signing.Message("POST", HOST + PATH, body=b"{}", headers=sent)
    answer = police.send(message)
    assert answer.status_code in (400, 401)
    assert complaint(answer) and NOW
