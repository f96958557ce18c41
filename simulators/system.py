"""One system: it answers what the platform asks, from its own memory."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from simulators import contents, kinds, signing
from simulators.config import Platform, SystemConfig
from simulators.memory import Memory
from simulators.plan import Heard, Known, Unheard
from simulators.signing import Answer, Request, Unsigned

MOST_BYTES = 12 * 1024 * 1024
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,79}")
_TYPE = re.compile(r"cn\.lianban\.([a-z_]{1,40})\.v1")
_TYPES = ("application/cloudevents+json", "application/json")


class Refusal(Exception):
    """A call that is not taken."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass
class Reply:
    """An answer that is not signed yet."""

    status: int
    content: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


class System:
    """A system with its kind, key and memory."""

    def __init__(self, config: SystemConfig, platform: Platform, memory: Memory) -> None:
        self.code, self.key, self.platform = config.code, config.key, platform
        self.memory = memory
        self._kind = kinds.find(config.kind)
        #: Called when a message was taken.
        self.wake: Callable[[], None] = lambda: None

    def answer(self, request: Request, path: str, at: datetime) -> Reply:
        """What the system answers to a call; `path` is behind its own prefix."""
        try:
            self._admit(request, at)
            return self._route(request, path, at)
        except Refusal as refusal:
            return Reply(refusal.status, {"code": refusal.code, "message": str(refusal)})

    def signed(self, request: Request, reply: Reply, at: datetime) -> Answer:
        """The answer as it goes out; where the call had no signature, there is none to answer."""
        body = json.dumps(reply.content, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"} | reply.headers
        answer = Answer(request, reply.status, body, headers)
        if any(name.lower() == "signature" for name in request.headers):
            signing.sign(answer, key=self.key, at=at)
        return answer

    def _admit(self, request: Request, at: datetime) -> None:
        try:
            nonce = signing.check(request, keys=self.platform.keys, at=at)
        except Unsigned as failure:
            raise Refusal(401, "bad_signature", str(failure)) from failure
        kept = 2.0 * signing.MOST_AGE
        if not self.memory.is_new_nonce(nonce, now=at.timestamp(), kept=kept):
            raise Refusal(401, "replayed", "this signature was used before; sign again")

    def _route(self, request: Request, path: str, at: datetime) -> Reply:
        parts = path.strip("/").split("/")
        if parts == ["messages"]:
            if request.method != "POST":
                raise Refusal(405, "method", "messages are posted")
            return self._hear(request, at)
        if request.method != "GET":
            raise Refusal(405, "method", "this address is only read")
        if parts == ["book"]:
            return self._book(request)
        if len(parts) == 2 and parts[0] == "sub-cases":
            known = self.memory.known(parts[1])
            if known is None:
                raise Refusal(404, "unknown_sub_case", "nothing is known here by this name")
            return Reply(200, line(known))
        raise Refusal(404, "not_found", "there are messages, sub-cases/NAME and book")

    def _book(self, request: Request) -> Reply:
        query = parse_qs(urlsplit(request.url).query)
        limit = query.get("limit", ["500"])[0]
        if not re.fullmatch(r"[1-9]\d{0,2}|1000", limit):
            raise Refusal(400, "wrong_limit", "limit is 1 to 1000")
        found = self.memory.book(after=query.get("after", [""])[0], limit=int(limit) + 1)
        page, more = found[: int(limit)], len(found) > int(limit)
        return Reply(
            200, {"lines": [line(one) for one in page], "next": page[-1].subject if more else ""}
        )

    def _hear(self, request: Request, at: datetime) -> Reply:
        envelope = _envelope(request)
        message_id, type_, subject = envelope["id"], envelope["type"], envelope["subject"]
        with self.memory.change():
            first = self.memory.heard(message_id)
            if first is not None:
                if first != (type_, subject):
                    raise Refusal(409, "other_message", "another message had this id")
                return Reply(200, {"id": message_id, "outcome": "repeated"})
            self._take(envelope, at)
            self.memory.remember(message_id, type_, subject)
            self.memory.then(self.wake)
        return Reply(200, {"id": message_id, "outcome": "accepted"})

    def _take(self, envelope: dict[str, Any], at: datetime) -> None:
        word, subject = _word(envelope["type"]), envelope["subject"]
        rule = self._kind.get(word)
        if rule is None:
            raise Refusal(422, "unknown_word", f"this system does not know {word or 'this type'}")
        try:
            contents.check(word, envelope["data"])
            plan = rule(
                Heard(word, subject, envelope["data"], self.memory.known(subject), at.timestamp())
            )
        except Unheard as failure:
            raise Refusal(422, failure.code, str(failure)) from failure
        except (KeyError, AttributeError, TypeError) as failure:
            raise Refusal(
                422, "wrong_data", f"the data cannot be read: {failure!r}"[:200]
            ) from failure
        self.memory.plan(subject, plan, now=at.timestamp())


def line(known: Known) -> dict[str, Any]:
    """A line of the book."""
    decided = known.decided_at
    return {
        "sub_case": known.subject,
        "state": known.state,
        "outcome": known.outcome,
        "round": known.round,
        "seen_at": _moment(known.seen_at),
        "decided_at": None if decided is None else _moment(decided),
        "result_number": known.result_number,
    }


def _moment(stamp: float) -> str:
    return datetime.fromtimestamp(stamp, UTC).isoformat(timespec="milliseconds")


def _word(type_: str) -> str:
    found = _TYPE.fullmatch(type_)
    return found.group(1) if found else ""


def _envelope(request: Request) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    if headers.get("content-type", "").split(";")[0].strip().lower() not in _TYPES:
        raise Refusal(415, "content_type", f"send {_TYPES[0]}")
    try:
        envelope = json.loads(request.body)
        json.dumps(
            envelope, ensure_ascii=False
        ).encode()  # half a surrogate pair can be read, not kept
    except (ValueError, RecursionError) as failure:
        raise Refusal(400, "not_json", "the body is not JSON in UTF-8") from failure
    if not isinstance(envelope, dict) or envelope.get("specversion") != "1.0":
        raise Refusal(400, "not_an_envelope", "the body is no CloudEvents 1.0 envelope")
    if not all(isinstance(envelope.get(key), str) for key in ("id", "type", "subject", "source")):
        raise Refusal(400, "not_an_envelope", "id, type, subject and source are needed")
    if not _ID.fullmatch(envelope["id"]) or not isinstance(envelope.get("data"), dict):
        raise Refusal(400, "not_an_envelope", "the id has 8 to 80 signs; data is an object")
    if headers.get("idempotency-key", envelope["id"]) != envelope["id"]:
        raise Refusal(400, "other_id", "Idempotency-Key and the envelope's id differ")
    return envelope
