"""The platform that the partner's system calls during the test: a small HTTP server, one per run."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import ValidationError

from lianban.exchange import contract, signing
from lianban.exchange.conformance.course import AGAIN, Course
from lianban.exchange.conformance.invented import PICTURE, PICTURE_PATH
from lianban.exchange.conformance.rules import Broken

MESSAGES_PATH = "/exchange/v1/messages"
#: Seconds after which a caller that says nothing is left alone.
_SILENT = 20
_STATUS = {"500": 500, "429": 429, "hold": 503}


class Platform:
    """Answers the partner as the platform does, keeps what was said, and the first broken rule."""

    def __init__(
        self,
        *,
        address: str,
        key: signing.PrivateKey,
        partner_key: bytes,
        now: Callable[[], datetime],
        waits: Mapping[str, int],
    ) -> None:
        self.address, self.key, self.partner_key, self.now = address, key, partner_key, now
        #: Seconds of `Retry-After`, by the fault: `429` and `hold`.
        self.waits = waits
        self.courses: dict[str, Course] = {}
        #: Subjects of messages that should have been refused.
        self.refused: set[str] = set()
        self.broken: Broken | None = None
        self.fetched = 0
        self.last = time.monotonic()
        self._nonces: set[str] = set()
        self._changed = threading.Condition()

    def follow(self, course: Course) -> None:
        """Expect messages about this."""
        with self._changed:
            self.courses[course.subject] = course

    @contextmanager
    def held(self) -> Iterator[None]:
        """Take no message in between."""
        with self._changed:
            yield

    def require(self) -> None:
        """Raise the first rule that was broken, if one was."""
        if self.broken is not None:
            raise self.broken

    def wait(self, until: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so, or a rule is broken, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self.broken is not None or until(), timeout=seconds)
            self.require()
            return until()

    def be_quiet(self, seconds: float, most: float) -> None:
        """Wait until nothing has come for some seconds."""
        end = time.monotonic() + most
        while (left := self.last + seconds - time.monotonic()) > 0 and time.monotonic() < end:
            self.wait(lambda: False, left)
        self.require()

    # What comes in ------------------------------------------------------------------------------

    def hear(self, message: signing.Message) -> tuple[int, bytes, str]:
        """Take one call: status, body and type of the answer; status 0: no answer at all."""
        with self._changed:
            self.last = time.monotonic()
            try:
                return self._hear(message)
            except Broken as broken:
                self.broken = self.broken or broken
                return self._complaint(400, broken.rule.code, broken.found)
            finally:
                self._changed.notify_all()

    def _hear(self, message: signing.Message) -> tuple[int, bytes, str]:
        path = message.url.removeprefix(self.address)
        try:
            signed = signing.verify(message, keys=lambda name: self.partner_key, at=self.now())
            if signed.nonce in self._nonces:
                raise signing.Forged("replayed", "this nonce was used before")
        except signing.Forged as forged:
            rule = "fetches_files_signed" if path == PICTURE_PATH else "calls_are_signed"
            found = f"{message.method} {path}：{forged.code}: {forged.message}"
            raise Broken(rule, "有效的签名", found) from forged
        self._nonces.add(signed.nonce)
        if (message.method, path) == ("GET", PICTURE_PATH):
            self.fetched += 1
            return 200, PICTURE, "image/png"
        if (message.method, path) != ("POST", MESSAGES_PATH):
            return self._complaint(404, "not_found", "there is nothing here")
        return self._message(message)

    def _message(self, message: signing.Message) -> tuple[int, bytes, str]:
        envelope, data = self._read(message)
        if envelope.subject in self.refused:
            found = f"{envelope.type}：{envelope.subject}"
            raise Broken("refused_has_no_effect", "没有收下的消息不起作用", found)
        course = self.courses.get(envelope.subject)
        if course is None:
            known = "、".join(self.courses)
            raise Broken("calls_name_what_was_sent", f"subject 是 {known}", envelope.subject)
        fault = course.take(envelope, data, waits=self.waits)
        if fault == "lost":
            return 0, b"", ""
        if fault:
            return self._complaint(_STATUS[fault], "later", "please send it again")
        receipt = contract.Receipt(id=envelope.id, outcome="applied", state=course.state)
        return 200, receipt.model_dump_json().encode(), "application/json"

    def _read(self, message: signing.Message) -> tuple[contract.Envelope, contract.Part]:
        try:
            envelope = contract.Envelope.model_validate_json(message.body)
            kind = contract.IN.get(contract.word_of(envelope.type))
            if kind is None:
                words = "、".join(contract.IN)
                raise Broken("calls_are_messages", f"类型是 {words}", envelope.type)
            data = kind.model_validate(envelope.data)
        except ValidationError as failure:
            first = failure.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            found = f"{where or 'body'}：{first['msg']}"
            raise Broken("calls_are_messages", "信封和 data 合契约", found) from failure
        _require_headers(message, envelope.id)
        return envelope, data

    def refuse(self, expected: str, found: str) -> None:
        """Note a call that is not even read."""
        with self._changed:
            self.broken = self.broken or Broken("calls_are_messages", expected, found)
            self._changed.notify_all()

    def _complaint(self, status: int, code: str, text: str) -> tuple[int, bytes, str]:
        body = contract.Complaint(code=code, message=text)
        return status, body.model_dump_json().encode(), "application/json"

    def must_come_again(self) -> tuple[str, Course] | None:
        """A message that was sent once and not again, by the rule that it breaks."""
        for course in self.courses.values():
            if course.pending is not None:
                return AGAIN[course.pending.fault], course
        return None


def _require_headers(message: signing.Message, name: str) -> None:
    given = {key.lower(): value.strip() for key, value in message.headers.items()}
    kind = given.get("content-type", "").partition(";")[0].strip().lower()
    if kind != contract.MEDIA_TYPE:
        raise Broken("calls_are_messages", f"Content-Type: {contract.MEDIA_TYPE}", kind or "没有写")
    if given.get("idempotency-key", name) != name:
        expected = f"Idempotency-Key 就是消息编号 {name}"
        raise Broken("calls_are_messages", expected, given["idempotency-key"][:80])


@contextmanager
def listening(platform: Platform, *, host: str, port: int) -> Iterator[int]:
    """Serve the platform on a port (0: any), and say which."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: Any) -> None:
            """A caller that hangs up is no failure of ours."""

    class Handler(_Handler):
        pass

    Handler.platform = platform
    server = Server((host, port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    platform: Platform
    protocol_version = "HTTP/1.1"
    timeout = _SILENT

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > contract.MOST_BYTES:
            expected = f"Content-Length 写明长度，不超过 {contract.MOST_BYTES}"
            self.platform.refuse(expected, length[:40] or "没有写")
            self.send_error(413 if length.isdecimal() else 411)
            return
        self._answer(self.rfile.read(int(length)))

    def _answer(self, body: bytes) -> None:
        platform = self.platform
        message = signing.Message(
            self.command, platform.address + self.path, body, dict(self.headers.items())
        )
        status, content, kind = platform.hear(message)
        if not status:
            self.close_connection = True
            return
        answer = signing.Answer(message, status, content, {"Content-Type": kind})
        try:
            signing.sign_answer(answer, key=platform.key, at=platform.now())
        except Exception:  # the call had no signature that an answer could name
            answer.headers.pop("Content-Digest", None)
        self.send_response(status)
        wait = platform.waits.get({429: "429", 503: "hold"}.get(status, ""))
        if wait is not None:
            self.send_header("Retry-After", str(wait))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *values: Any) -> None:
        """Nothing is written while a test runs."""
