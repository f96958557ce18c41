"""Calls that are not what they seem: each is refused with 401, has no effect, and says why."""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lianban.exchange import partners, signing
from lianban.exchange.models import InboxMessage
from tests.api import caller
from tests.api.caller import ARMY, HOST, NOW, POLICE, Caller, complaint, envelope
from tests.services.cast import City

pytestmark = pytest.mark.django_db
PATH = "/exchange/v1/messages"
Message = signing.Message


def good(police: Caller, subject: str) -> Message:
    """A call that would be taken."""
    return police.sign("POST", PATH, json.dumps(envelope("receive", subject)).encode())


def resigned(police: Caller, message: Message, old: str, new: str) -> Message:
    """The same call with other words about its signature, honestly signed over them."""
    stated = message.headers["Signature-Input"].partition("=")[2]
    assert old in stated
    return over(police, message, stated.replace(old, new, 1))


def over(police: Caller, message: Message, stated: str, **known: str) -> Message:
    """Sign a call by hand over these parts and parameters, as a vendor's own program would."""
    values = {
        "@method": message.method, "@target-uri": message.url,
        "content-digest": message.headers.get("Content-Digest", ""),
        "content-type": message.headers.get("Content-Type", ""), "date": "x", "@status": "200", **known,
    }  # fmt: skip
    parts = re.findall(r'"([^"]+)"', stated.partition(")")[0])
    lines = [f'"{name}": {values[name]}' for name in parts]
    base = "\n".join([*lines, f'"@signature-params": {stated}'])
    signature = b64encode(police.key.key.sign(base.encode())).decode()
    message.headers["Signature-Input"] = f"lianban={stated}"
    message.headers["Signature"] = f"lianban=:{signature}:"
    return message


def header(name: str, text: str) -> Callable[[Caller, Message], Message]:
    """Put one header in the place of another, without signing anew."""

    def forge(_: Caller, message: Message) -> Message:
        message.headers[name] = text
        return message

    return forge


def words(old: str, new: str) -> Callable[[Caller, Message], Message]:
    """Say something else about the signature, and sign that."""
    return lambda police, message: resigned(police, message, old, new)


def without(name: str) -> Callable[[Caller, Message], Message]:
    """Leave a header away."""

    def forge(_: Caller, message: Message) -> Message:
        del message.headers[name]
        return message

    return forge


def body(change: Callable[[bytes], bytes]) -> Callable[[Caller, Message], Message]:
    """Change the body under way."""

    def forge(_: Caller, message: Message) -> Message:
        message.body = change(message.body)
        return message

    return forge


def created(shift: timedelta) -> Callable[[Caller, Message], Message]:
    """Sign at another moment."""
    return lambda police, message: police.sign("POST", PATH, message.body, at=NOW + shift)


def by(key: signing.PrivateKey) -> Callable[[Caller, Message], Message]:
    """Sign with another key."""
    return lambda _, message: Caller(key).sign("POST", PATH, message.body)


def to(method: str, url: str) -> Callable[[Caller, Message], Message]:
    """Sign for another address, or another method, and send it here."""

    def forge(police: Caller, message: Message) -> Message:
        signed = Message(method, url, body=message.body, headers=dict(message.headers))
        for name in ("Signature", "Signature-Input", "Content-Digest"):
            del signed.headers[name]
        signing.sign(signed, key=police.key, at=NOW)
        message.headers = signed.headers
        return message

    return forge


def _flip(text: bytes) -> bytes:
    return text[:-2] + bytes([text[-2] ^ 1]) + text[-1:]


def _two(police: Caller, message: Message, *, second_tag: str = signing.TAG) -> Message:
    """A second signature beside the first, under another label; it is of nobody."""
    stated = message.headers["Signature-Input"].partition("=")[2].replace(signing.TAG, second_tag)
    forged = b64encode(bytes(64)).decode()
    message.headers["Signature-Input"] += f", second={stated}"
    message.headers["Signature"] += f", second=:{forged}:"
    return message


def _answers_signature(police: Caller, message: Message) -> Message:
    """What signed an answer of ours is shown as if it were a request's."""
    asked = police.sign("GET", "/exchange/v1/book")
    answer = police.checked(asked)
    for name in ("Signature", "Signature-Input", "Content-Digest"):
        message.headers[name] = answer[name]
    return message


def _another_digest(algorithm: str, value: bytes) -> Callable[[Caller, Message], Message]:
    def forge(police: Caller, message: Message) -> Message:
        message.headers["Content-Digest"] = f"{algorithm}=:{b64encode(value).decode()}:"
        stated = message.headers["Signature-Input"].partition("=")[2]
        return over(police, message, stated)

    return forge


_LONG = "x" * 100_000
FORGERIES: dict[str, tuple[Callable[[Caller, Message], Message], str]] = {
    "an unknown key": (by(caller.key("nobody-1", 9)), "unknown_key"),
    "another's key under our name": (by(caller.key(f"{POLICE}-1", 9)), "bad_signature"),
    "a key name that is a path": (words(f"{POLICE}-1", "../../etc/passwd"), "unknown_key"),
    "a key name of a thousand letters": (words(f"{POLICE}-1", "k" * 1000), "unknown_key"),
    "no key name": (words(f';keyid="{POLICE}-1"', ""), "bad_signature"),
    "no signature": (without("Signature"), "unsigned"),
    "nothing said of the signature": (without("Signature-Input"), "unsigned"),
    "no digest": (without("Content-Digest"), "too_few_parts"),
    "one bit of the body": (body(_flip), "body_changed"),
    "a byte more": (body(lambda text: text + b" "), "body_changed"),
    "an empty body": (body(lambda _: b""), ""),
    "half a body": (body(lambda text: text[: len(text) // 2]), "body_changed"),
    "another digest, not signed": (
        header("Content-Digest", signing.digest_header(b"other")), "bad_signature"),
    "another body's digest, signed": (_another_digest("sha-256", bytes(32)), "body_changed"),
    "a digest that nobody knows": (_another_digest("md5", bytes(16)), ""),
    "a digest too short": (_another_digest("sha-256", b"short"), ""),
    "a digest that is none": (header("Content-Digest", "sha-256=abc"), ""),
    "the method not signed": (words('"@method" ', ""), "too_few_parts"),
    "the address not signed": (words('"@target-uri" ', ""), "too_few_parts"),
    "the digest not signed": (words('"content-digest" ', ""), "too_few_parts"),
    "the type not signed": (words(' "content-type"', ""), "too_few_parts"),
    "nothing signed": (
        words('"@method" "@target-uri" "content-digest" "content-type"', ""), "too_few_parts"),
    "a part twice": (words('"@method" ', '"@method" "@method" '), ""),
    "a part that is not there": (words('"@method" ', '"@method" "date" '), ""),
    "a part of an answer": (words('"@method" ', '"@method" "@status" '), ""),
    "no tag": (words(f';tag="{signing.TAG}"', ""), "malformed"),
    "another contract's tag": (words(signing.TAG, "somebody-elses-v1"), "malformed"),
    "six minutes old": (created(-timedelta(minutes=6)), "clock"),
    "six minutes ahead": (created(timedelta(minutes=6)), "clock"),
    "a year old": (created(-timedelta(days=365)), "clock"),
    "no moment": (words(f";created={int(NOW.timestamp())}", ""), "no_created"),
    "half a moment": (words(f"created={int(NOW.timestamp())}", "created=1.5"), ""),
    "a moment in words": (words(f"created={int(NOW.timestamp())}", 'created="now"'), ""),
    "a moment beyond all": (words(f"created={int(NOW.timestamp())}", "created=999999999999999"),
                            "clock"),
    "a moment before all": (words(f"created={int(NOW.timestamp())}", "created=-99999999999999"),
                            "clock"),
    "expired": (words(";keyid", f";expires={int(NOW.timestamp()) - 1};keyid"), "expired"),
    "an end beyond all": (words(";keyid", ";expires=999999999999999;keyid"), ""),
    "an end in words": (words(";keyid", ';expires="never";keyid'), ""),
    "no nonce": (lambda police, message: over(
        police, message, re.sub(r';nonce="[^"]*"', "",
                                message.headers["Signature-Input"].partition("=")[2])), "no_nonce"),
    "a short nonce": (lambda police, message: police.sign("POST", PATH, message.body, nonce="1234567"),
                      "no_nonce"),
    "a long nonce": (lambda police, message: police.sign("POST", PATH, message.body, nonce="n" * 81),
                     "no_nonce"),
    "another way of signing": (words('alg="ed25519"', 'alg="hmac-sha256"'), ""),
    "no way of signing named wrongly": (words('alg="ed25519"', "alg=1"), ""),
    "a parameter of nobody": (words(";keyid", ";admin;keyid"), ""),
    "for another path": (to("POST", f"{HOST}/exchange/v1/book"), "bad_signature"),
    "for another query": (to("POST", f"{HOST}{PATH}?after=1"), "bad_signature"),
    "for another host": (to("POST", f"http://other.example{PATH}"), "bad_signature"),
    "for the same host over TLS": (to("POST", f"https://testserver{PATH}"), "bad_signature"),
    "for another method": (to("PUT", HOST + PATH), "bad_signature"),
    "another type": (header("Content-Type", "text/plain"), "bad_signature"),
    "a version and a signature, as webhooks do": (header("Signature", "v1,c2ln"), "malformed"),
    "a signature that is no bytes": (header("Signature", 'lianban="text"'), "malformed"),
    "a signature of another label": (header("Signature", "other=:AAAA:"), "malformed"),
    "an empty signature": (header("Signature", ""), ""),
    "a signature that is broken off": (header("Signature", "lianban=:AAA"), "malformed"),
    "a signature of one byte": (header("Signature", "lianban=:AA==:"), "bad_signature"),
    "the same label twice": (
        lambda _, message: header("Signature", f"{message.headers['Signature']}, lianban=:AAAA:")(
            _, message), "malformed"),
    "brackets without end": (header("Signature-Input", "lianban=" + "(" * 2000), "malformed"),
    "no list": (header("Signature-Input", "lianban=1"), "malformed"),
    "letters beyond ASCII": (header("Signature-Input", "lianban=(“@method”)"), "malformed"),
    "a giant header": (header("Signature-Input", f"lianban=({_LONG})"), "malformed"),
    "a giant signature": (header("Signature", f"lianban=:{_LONG}:"), "malformed"),
    "a second signature that is bad": (_two, ""),
    "only the other contract's signature is good": (
        lambda police, message: _two(
            police, resigned(police, message, signing.TAG, "somebody-elses-v1"),
            second_tag="third-v1"), "malformed"),
    "an answer's signature": (_answers_signature, ""),
}  # fmt: skip


def test_there_are_at_least_thirty_forgeries() -> None:
    assert len(FORGERIES) >= 60


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_call_is_refused(police: Caller, name: str) -> None:
    forge, code = FORGERIES[name]
    answer = police.send(forge(police, good(police, "LB202609030000012-03")), path=PATH)
    assert answer.status_code == 401, answer.content
    said = complaint(answer)
    assert said.what_to_do and said.message
    assert code in ("", said.code)
    assert "Signature" not in answer, "who was not known is not signed for"
    assert not InboxMessage.objects.exists(), "not a word of it was read"


def test_what_is_forged_here_would_be_taken_if_it_were_not(police: Caller, subject: str) -> None:
    message = good(police, subject)
    stated = message.headers["Signature-Input"].partition("=")[2]
    assert police.checked(over(police, message, stated)).status_code == 200


def test_a_good_signature_beside_one_of_another_contract_is_enough(
    police: Caller, subject: str
) -> None:
    message = _two(police, good(police, subject), second_tag="somebody-elses-v1")
    assert police.send(message).status_code == 200


# Keys ------------------------------------------------------------------------------------------


def test_while_a_key_is_changed_both_are_good_and_then_only_the_new_one(
    police: Caller, subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = caller.key(f"{POLICE}-2", 5)
    partners.add_key(code=POLICE, key_id=new.key_id, public_key=new.public, at=NOW)
    partners.retire_key(key_id=police.key.key_id, until=NOW + timedelta(minutes=1), at=NOW)
    other = Caller(new)
    assert police.get("book").status_code == other.get("book").status_code == 200
    later = NOW + timedelta(minutes=2)
    monkeypatch.setattr("lianban.clock.now", lambda: later)
    old = police.send(police.sign("GET", "/exchange/v1/book", at=later))
    assert (old.status_code, complaint(old).code) == (401, "unknown_key")
    assert other.send(other.sign("GET", "/exchange/v1/book", at=later)).status_code == 200


def test_a_revoked_key_is_refused_at_once_and_counted(police: Caller, subject: str) -> None:
    assert police.get("book").status_code == 200
    partners.revoke_key(key_id=police.key.key_id, at=NOW)
    answer = police.send(good(police, subject))
    assert (answer.status_code, complaint(answer).code) == (401, "unknown_key")
    assert caller.state(subject) == "dispatched"


def test_refused_calls_and_wrong_clocks_are_counted_with_the_partner(
    police: Caller, subject: str
) -> None:
    police.send(body(_flip)(police, good(police, subject)))
    answer = police.send(created(-timedelta(minutes=6))(police, good(police, subject)))
    assert "2026-09-03T10:00:00+0800" in complaint(answer).what_to_do, "our time is said"
    row = caller.partner(POLICE)
    assert (row.refused_count, row.skewed_count) == (2, 1)


# A good signature is not enough ----------------------------------------------------------------


def test_another_departments_sub_case_is_not_touched(
    city: City, police: Caller, subject: str
) -> None:
    stranger = Caller(caller.connect(ARMY, first=3))
    answer = stranger.post(envelope("receive", subject))
    assert (answer.status_code, answer.json()["outcome"]) == (202, "parked")
    assert caller.state(subject) == "dispatched"
    assert answer.json()["state"] == "", "nothing of it is told"


def test_a_message_of_another_partner_under_the_same_id_is_its_own(
    city: City, police: Caller, subject: str
) -> None:
    stranger = Caller(caller.connect(ARMY, first=3))
    said = envelope("receive", subject)
    assert police.post(said).json()["state"] == "received"
    assert stranger.post(said).json()["outcome"] == "parked", "not the first one's answer"


def test_what_is_told_of_cannot_be_what_only_we_tell(police: Caller, subject: str) -> None:
    for word in ("dispatch", "withdraw", "order_payment", "nonsense"):
        answer = police.post(envelope(word, subject))
        assert (answer.status_code, complaint(answer).code) == (422, "unknown_type"), word


def everything(client: Client) -> list[tuple[str, Any]]:
    """One unsigned call of every kind at every address of the door."""
    calls = []
    for path in ("messages", "book", "files/x", "sub-cases/x"):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
            answer = client.generic(method, f"/exchange/v1/{path}", b"{}", "application/json")
            calls.append((f"{method} {path}", answer))
    return calls


def test_a_stranger_is_answered_in_json_whatever_it_tries(db: None) -> None:
    for call, answer in everything(Client()):
        assert answer.status_code in (401, 405), call
        if not call.startswith("HEAD"):
            assert complaint(answer).code in ("unsigned", "wrong_method"), call
    missing = Client().get("/exchange/v1/nothing/here")
    assert (missing.status_code, complaint(missing).code) == (404, "not_found")
