"""Calls to the partner's system: signed as the platform signs, with bounded waits and answers."""

import json
import re
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from lianban.exchange import contract, signing
from lianban.exchange.conformance.rules import Broken

#: Bytes of the largest answer that is read.
MOST_ANSWER = 1024 * 1024
Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True)
class Heard:
    """An answer as it came."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def kind(self) -> str:
        """Its media type."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def __str__(self) -> str:
        """The status, and the beginning of the body."""
        return f"{self.status} {self.body[:200].decode('utf-8', 'replace')!r}"


@dataclass
class Caller:
    """Speaks to the partner at `url` with the platform's key."""

    url: str
    key: signing.PrivateKey
    partner_key: bytes
    now: Callable[[], datetime]
    #: Seconds for one whole answer.
    seconds: float = 10.0
    #: The name under which the partner signs, as it was last seen.
    partner_key_id: str = ""
    #: When the last answer was signed, by the partner's own clock, in whole seconds.
    answered_at: datetime = field(init=False)
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        # a system that the vendor names: no proxy, no redirects, no certificates of its own
        self.client = httpx.Client(
            trust_env=False, follow_redirects=False, timeout=self.seconds, verify=_authorities()
        )

    def post(self, envelope: contract.Envelope) -> signing.Message:
        """An unsigned POST of an envelope."""
        body = envelope.model_dump_json(exclude_none=True).encode()
        return self.raw(body, message_id=envelope.id)

    def raw(self, body: bytes, *, message_id: str) -> signing.Message:
        """An unsigned POST of any bytes."""
        headers = {"Content-Type": contract.MEDIA_TYPE, "Idempotency-Key": message_id}
        return signing.Message("POST", f"{self.url}/messages", body, headers)

    def get(self, path: str) -> signing.Message:
        """An unsigned GET."""
        return signing.Message("GET", f"{self.url}{path}")

    def signed(self, message: signing.Message) -> signing.Message:
        """The message, signed as it should be."""
        signing.sign(message, key=self.key, at=self.now())
        return message

    def good(
        self, message: signing.Message, *, status: int, rule: str, expected: str, also: int = 0
    ) -> Heard:
        """Send a signed message and demand a signed answer of one status; `also` is as good."""
        heard = self.send(self.signed(message))
        if heard.status == 429 or heard.status >= 500:
            raise Broken("answers_without_failing", expected, str(heard))
        if heard.status not in (status, also):
            raise Broken(rule, expected, str(heard))
        if not heard.kind.endswith("json"):
            raise Broken(
                "answers_in_json", "Content-Type: application/json", heard.kind or "没有写"
            )
        self.verify(message, heard)
        if as_json(heard) is None:
            raise Broken("answers_in_json", "JSON", str(heard))
        return heard

    def read(self, heard: Heard, kind: type[Body], *, rule: str) -> Body:
        """The answer's body by the contract. Raises `Broken`."""
        try:
            return kind.model_validate_json(heard.body)
        except ValidationError as failure:
            first = failure.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Broken(rule, f"合契约的 {kind.__name__}", f"{where}：{first['msg']}") from failure

    def verify(self, message: signing.Message, heard: Heard) -> None:
        """Demand that the answer is signed and answers this very message. Raises `Broken`."""
        answer = signing.Answer(message, heard.status, heard.body, heard.headers)
        try:
            signed = signing.verify_answer(
                answer, keys=lambda name: self.partner_key, at=self.now()
            )
        except signing.Forged as forged:
            expected = f"{message.method} {message.url} 的答复（{heard.status}）带有效签名"
            found = f"{forged.code}: {forged.message}"
            raise Broken("answers_are_signed", expected, found) from forged
        self.partner_key_id = signed.key_id
        self.answered_at = _made_at(heard)

    def send(self, message: signing.Message) -> Heard:
        """Send a message as it is; the answer may be anything. Raises `Broken('answers_in_time')`."""
        heard = self.send_or_be_cut_off(message)
        if heard is None:
            raise Broken("answers_in_time", self._expected(message), "没有接通，或者中途断了")
        return heard

    def send_or_be_cut_off(self, message: signing.Message) -> Heard | None:
        """Send a message; None where there is no connection, or it was closed too early."""
        # who drips a header now and then is never silent for long: the connection is closed then
        watch = threading.Timer(self.seconds, self.client.close)
        watch.start()
        try:
            return self._send(message)
        except Broken:
            raise
        except Exception as failure:  # whatever a closed connection may lead to
            if self.client.is_closed or isinstance(failure, httpx.TimeoutException):
                expected = self._expected(message)
                raise Broken("answers_in_time", expected, "超过时间没有答复完") from failure
            return None
        finally:
            watch.cancel()

    def _expected(self, message: signing.Message) -> str:
        return f"{message.method} {message.url} 在 {self.seconds:g} 秒内有答复"

    def _send(self, message: signing.Message) -> Heard:
        headers = {"Accept-Encoding": "identity", **message.headers}
        with self.client.stream(
            message.method, message.url, content=message.body or None, headers=headers
        ) as answer:
            if 300 <= answer.status_code < 400:
                where = answer.headers.get("location", "")[:80]
                raise Broken("answers_itself", "不转址", f"{answer.status_code} {where}")
            packed = answer.headers.get("content-encoding", "identity")
            if packed != "identity":
                raise Broken("answers_are_small", "不压缩", f"Content-Encoding: {packed[:40]}")
            body = b""
            for piece in answer.iter_raw():
                body += piece
                if len(body) > MOST_ANSWER:
                    raise Broken("answers_are_small", "答复不超过 1 MB", "答复超过 1 MB")
            return Heard(answer.status_code, body, dict(answer.headers))

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


@cache
def _authorities() -> ssl.SSLContext:
    """The usual certificate authorities; reading them takes longer than a call."""
    return ssl.create_default_context()


def as_json(heard: Heard) -> Any:
    """The answer's body as JSON; None where it is none."""
    try:
        return json.loads(heard.body)
    except (ValueError, RecursionError):
        return None


def _made_at(heard: Heard) -> datetime:
    """The moment at which a good signature was made."""
    found = re.search(r";created=(\d{1,12})\b", heard.headers.get("signature-input", ""))
    return datetime.fromtimestamp(int(found.group(1)) if found else 0, UTC)
