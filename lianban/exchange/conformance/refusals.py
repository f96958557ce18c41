"""What a partner's system must not take: forgeries, replays, and what it cannot read."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lianban.exchange import contract, signing
from lianban.exchange.conformance.rules import RULES, Broken
from lianban.exchange.conformance.stage import Stage
from lianban.exchange.signing import Message, PrivateKey

#: More than the five minutes that a clock may be off.
_TOO_OLD = timedelta(minutes=6)


def play(stage: Stage, replayed: Message) -> None:
    """Send every forgery and every bad message; each must be refused, with the right status."""
    for rule, forge in _FORGERIES:
        for message in forge(stage):
            _refused(stage, message, rule, (401,))
        stage.ok(rule)
    _refused(stage, replayed, "refuses_a_replay", (401,))
    stage.ok("refuses_a_replay")
    for rule, status, name, body in _bad(stage):
        message = stage.caller.raw(body, message_id=name)
        stage.caller.good(message, status=status, rule=rule, expected=RULES[rule].sentence)
        stage.ok(rule)
    _too_large(stage)


def _refused(stage: Stage, message: Message, rule: str, statuses: tuple[int, ...]) -> None:
    heard = stage.caller.send_or_be_cut_off(message)
    if heard is None or heard.status not in statuses:
        raise Broken(rule, RULES[rule].sentence, str(heard or "没有答复，连接断了"))


def _new(stage: Stage) -> Message:
    """A good message about something that must never be heard of."""
    course = stage.course(must_end=False)
    with stage.platform.held():
        stage.platform.refused.add(course.subject)
    return stage.caller.post(stage.envelope(stage.post.word, course, course.sent))


def _unsigned(stage: Stage) -> list[Message]:
    return [_new(stage)]


def _forged(stage: Stage) -> list[Message]:
    other = PrivateKey(stage.caller.key.key_id, Ed25519PrivateKey.generate())
    return [_signed(stage, _new(stage), key=other)]


def _unknown_key(stage: Stage) -> list[Message]:
    other = replace(stage.caller.key, key_id=f"unknown-{uuid4().hex[:8]}")
    return [_signed(stage, _new(stage), key=other)]


def _changed(stage: Stage) -> list[Message]:
    message = _signed(stage, _new(stage))
    message.body += b" "
    return [message]


def _partial(stage: Stage) -> list[Message]:
    """The body is there, with its digest, and the signature says nothing of either."""
    message = _new(stage)
    body, message.body = message.body, b""
    _signed(stage, message)
    message.body = body
    message.headers["Content-Digest"] = signing.digest_header(body)
    return [message]


def _old(stage: Stage) -> list[Message]:
    return [_signed(stage, _new(stage), off=-_TOO_OLD), _signed(stage, _new(stage), off=_TOO_OLD)]


def _malformed(stage: Stage) -> list[Message]:
    messages = []
    for value in ("v1,", 'lianban=("@method")', "lianban=:!!!:"):
        message = _signed(stage, _new(stage))
        message.headers["Signature-Input"] = message.headers["Signature"] = value
        messages.append(message)
    return messages


def _signed(
    stage: Stage, message: Message, *, key: PrivateKey | None = None, off: timedelta = timedelta()
) -> Message:
    signing.sign(message, key=key or stage.caller.key, at=stage.caller.now() + off)
    return message


_FORGERIES: tuple[tuple[str, Callable[[Stage], list[Message]]], ...] = (
    ("refuses_an_unsigned_call", _unsigned),
    ("refuses_a_forged_signature", _forged),
    ("refuses_an_unknown_key", _unknown_key),
    ("refuses_a_changed_body", _changed),
    ("refuses_a_partial_signature", _partial),
    ("refuses_an_old_signature", _old),
    ("refuses_a_malformed_signature", _malformed),
)


def _bad(stage: Stage) -> list[tuple[str, int, str, bytes]]:
    """Signed well, and not to be taken: the rule, the status, the message's name, the body."""
    good, name = json.loads(_new(stage).body), str(uuid4())
    unknown = good | {"id": name, "type": contract.type_of("nonsense")}
    bad = good | {"id": name, "data": {"fields": "none"}}
    return [
        ("refuses_bad_json", 400, name, b'{"specversion": "1.0", '),
        ("refuses_an_unknown_type", 422, name, json.dumps(unknown).encode()),
        ("refuses_bad_content", 422, name, json.dumps(bad).encode()),
    ]


def _too_large(stage: Stage) -> None:
    """A caller that is cut off while it still sends has been refused, too."""
    body = b'{"data": "' + b"x" * contract.MOST_BYTES + b'"}'
    message = stage.caller.signed(stage.caller.raw(body, message_id=str(uuid4())))
    heard = stage.caller.send_or_be_cut_off(message)
    if heard is not None and heard.status not in (413, 400):
        raise Broken("refuses_what_is_too_large", "413 或 400", str(heard))
    stage.ok("refuses_what_is_too_large")
