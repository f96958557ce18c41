"""A partner's system of our own making: real HTTP, real signatures, and told what to do wrong."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from lianban.exchange import partners, signing
from lianban.exchange.models import PartnerRecord
from tests.services.cast import moment

#: The key of every partner in these tests; of no use anywhere else.
KEY = signing.PrivateKey.from_seed("partner-key-1", bytes(range(32)))
#: Partners are connected before anything happens.
CONNECTED = moment("2026-09-01 08:00")


class System:
    """What arrived, and how the next calls are answered.

    `away` closes the door with 503; `answers` are taken one by one before the usual one: each gets
    the handler and does as it likes.
    """

    def __init__(self) -> None:
        self.arrived: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.away = False
        self.answers: list[Callable[[Any, signing.Message], None]] = []
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.address = ""

    @property
    def effects(self) -> list[dict[str, Any]]:
        """Messages that had an effect: the first of each id."""
        seen: dict[str, dict[str, Any]] = {}
        for message in self.arrived:
            seen.setdefault(message["id"], message)
        return list(seen.values())

    def subjects(self, word: str) -> list[str]:
        """The subjects of messages of one kind, in order."""
        return [m["subject"] for m in self.effects if m["type"] == f"cn.lianban.{word}.v1"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    system: System

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        url = f"http://{self.headers['Host']}{self.path}"
        message = signing.Message("POST", url, body, dict(self.headers.items()))
        ours = partners.own_key()
        signing.verify(message, keys=lambda _: ours.public, at=self.system.now())
        if self.system.away:
            self.reply(message, 503, {"code": "away"})
            return
        envelope = json.loads(body)
        if self.system.answers:
            self.system.answers.pop(0)(self, message)
            return
        self.take(message, envelope)

    @property
    def key(self) -> signing.PrivateKey:
        """The key of the partner whose address was called."""
        return key_of(self.path.split("/")[1])

    def take(self, message: signing.Message, envelope: dict[str, Any]) -> None:
        """Take a message and say so."""
        known = envelope["id"] in {m["id"] for m in self.system.arrived}
        self.system.arrived.append(envelope)
        self.system.keys.append(self.headers["Idempotency-Key"])
        outcome = "repeated" if known else "accepted"
        self.reply(message, 200, {"id": envelope["id"], "outcome": outcome})

    def reply(
        self,
        message: signing.Message,
        status: int,
        data: Any,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Answer with signed JSON."""
        body = json.dumps(data).encode()
        answer = signing.Answer(message, status, body, {"Content-Type": "application/json"})
        signing.sign_answer(answer, key=self.key, at=self.system.now())
        self.raw(status, body, {**answer.headers, **(headers or {})})

    def raw(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        """Answer with these very bytes."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[System]:
    """A system that answers on a port of its own."""
    system = System()
    handler = type("Handler", (_Handler,), {"system": system})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    system.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()


def connect(code: str, address: str, **said: Any) -> PartnerRecord:
    """Connect a partner with the tests' key."""
    partner = partners.connect(
        code=code,
        name=f"{code} 部门",
        adapter="demo",
        address=f"{address}/{code}",
        at=CONNECTED,
        **said,
    )
    key_id = f"{code}-key"
    partners.add_key(code=code, key_id=key_id, public_key=KEY.public, at=CONNECTED)
    return partner


def key_of(code: str) -> signing.PrivateKey:
    """The key with which a partner connected by `connect` signs."""
    return signing.PrivateKey(f"{code}-key", KEY.key)


class Clock:
    """A moment that a test moves."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def wait_for(condition: Callable[[], bool], *, seconds: float = 20.0) -> bool:
    """Wait until something holds, at most so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def case_number(case_id: UUID) -> str:
    """The number of a case."""
    from lianban.cases.models import JointCaseRecord

    return JointCaseRecord.objects.values_list("case_number", flat=True).get(id=case_id)
