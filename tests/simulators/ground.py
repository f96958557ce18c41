"""A small platform on localhost, and simulators as the processes that they are."""

import hashlib
import json
import os
import secrets
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from typing import Any

import httpx

from lianban.exchange import contract, signing
from lianban.ops.environment import ROOT

CASE = "LB202609033505211"
PATIENCE = 60.0
MOST = 1 << 20
#: One for all: a client of its own for every call would read the certificates each time.
CLIENT = httpx.Client(trust_env=False, verify=False)


@dataclass
class Platform:
    """What the simulators know of us: it checks every message by the contract, and keeps it."""

    key: signing.PrivateKey = field(
        default_factory=lambda: signing.PrivateKey.from_seed("lianban-1", secrets.token_bytes(32))
    )
    partners: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    messages: list[contract.Envelope] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    #: Statuses that the next messages about `moody` are answered with, before all is well again.
    moods: list[int] = field(default_factory=list)
    moody: str = ""
    #: The ids of what was answered so.
    refused: list[str] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)
    address: str = ""

    def take(self, message: signing.Message) -> tuple[int, bytes, str]:
        """Answer a call."""
        signing.verify(message, keys=self.partners.get, at=datetime.now(UTC))
        path = message.url.removeprefix(f"{self.address}/exchange/v1/")
        with self.changed:
            self.changed.notify_all()
            said = json.loads(message.body or b"{}")
            if self.moods and said.get("subject") == self.moody:
                self.refused.append(said["id"])
                return self.moods.pop(0), b'{"code": "mood", "message": ""}', "application/json"
            if path.startswith("files/"):
                self.fetched.append(path)
                return 200, self.files[path], "application/pdf"
            envelope = contract.Envelope.model_validate_json(message.body)
            word = contract.word_of(envelope.type)
            contract.IN[word].model_validate(envelope.data)
            self.messages.append(envelope)
            receipt = contract.Receipt(id=envelope.id, outcome="applied")
            return 200, receipt.model_dump_json().encode(), "application/json"

    def said(self, subject: str) -> list[str]:
        """The words of the messages about a subject, as they came."""
        return [contract.word_of(one.type) for one in self.about(subject)]

    def about(self, subject: str) -> list[contract.Envelope]:
        """The messages about a subject."""
        return [one for one in self.messages if one.subject == subject]

    def data(self, subject: str, word: str) -> dict[str, Any]:
        """The data of the first message with a word."""
        type_ = contract.type_of(word)
        return next(one.data for one in self.about(subject) if one.type == type_)

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until something has come; fail where it never does."""
        with self.changed:
            came = self.changed.wait_for(until, timeout=PATIENCE)
        assert came, [(one.subject, one.type) for one in self.messages] + self.wrong

    def wait_for(self, subject: str, *words: str) -> None:
        """Wait until exactly these words have come about a subject."""
        self.wait(lambda: len(self.said(subject)) >= len(words))
        assert self.said(subject) == list(words)
        assert self.wrong == [], self.wrong


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body: bytes) -> None:
        platform = self.server.platform
        url = f"{platform.address}{self.path}"
        message = signing.Message(self.command, url, body, dict(self.headers.items()))
        try:
            status, content, content_type = platform.take(message)
        except Exception as failure:
            platform.wrong.append(repr(failure))
            status, content, content_type = 500, b"{}", "application/json"
        answer = signing.Answer(message, status, content, {"Content-Type": content_type})
        signing.sign_answer(answer, key=platform.key, at=datetime.now(UTC))
        self.send_response(status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    platform: Platform


@contextmanager
def serving(platform: Platform) -> Iterator[Platform]:
    """A platform that answers; at its earlier address where it had one."""
    port = int(platform.address.rsplit(":", 1)[1]) if platform.address else 0
    with _Server(("127.0.0.1", port), _Handler) as server:
        server.platform = platform
        platform.address = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield platform
        server.shutdown()


@dataclass
class Process:
    """A running process of simulators."""

    popen: subprocess.Popen[str]
    addresses: dict[str, str]

    def kill(self) -> None:
        """SIGKILL."""
        self.popen.kill()
        self.popen.wait()


@dataclass
class Town:
    """A configuration in a folder: codes with their kinds and ways to misbehave."""

    folder: Path
    platform: Platform
    port: int = 0
    systems: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, code: str, kind: str, *chaos: str) -> None:
        """Add a system."""
        seed = secrets.token_bytes(32)
        path = self.folder / f"{code}.key"
        path.write_text(seed.hex())
        path.chmod(0o600)
        own = {"kind": kind, "key_id": f"{code}-1", "private_key": path.name}
        self.systems[code] = own | ({"chaos": list(chaos)} if chaos else {})
        self.platform.partners[f"{code}-1"] = signing.PrivateKey.from_seed("", seed).public

    def write(self) -> Path:
        """Write the configuration."""
        config = self.folder / "simulators.json"
        platform = self.platform
        about = {"address": platform.address, "key_id": platform.key.key_id}
        content = {
            "platform": about | {"public_key": platform.key.public.hex()},
            "port": self.port,
            "memory": "memory",
            "systems": self.systems,
        }
        config.write_text(json.dumps(content))
        return config

    @contextmanager
    def running(self, *options: str) -> Iterator[Process]:
        """Start the simulators, and stop them at the end."""
        command = [
            sys.executable,
            "-m",
            "simulators",
            str(self.write()),
            "--speed",
            "20000",
            *options,
        ]
        environment = {"PATH": os.environ["PATH"], "PYTHONWARNINGS": "error::ResourceWarning"}
        popen = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
        )
        assert popen.stdout is not None
        ready = popen.stdout.readline().split()
        assert ready[:1] == ["ready"], ready
        process = Process(popen, {one.rsplit("/", 1)[1]: one for one in ready[1:]})
        self.port = int(ready[1].split(":")[2].split("/")[0])
        try:
            yield process
            if popen.poll() is None:
                popen.terminate()
                assert popen.wait(timeout=PATIENCE) == 0
        finally:
            if popen.poll() is None:
                popen.kill()
            popen.communicate()


@dataclass
class Said:
    """An answer of a simulator, whose signature is good."""

    status: int
    content: dict[str, Any]
    headers: httpx.Headers


def call(
    platform: Platform,
    address: str,
    *,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    key: signing.PrivateKey | None = None,
    signed_url: str = "",
    at: datetime | None = None,
    nonce: str = "",
    timeout: float = PATIENCE,
) -> Said:
    """Call a simulator as the platform does. Raises `signing.Forged` for an answer that is not its."""
    method = "POST" if body else "GET"
    message = signing.Message(method, signed_url or address, body, headers or {})
    moment = at or datetime.now(UTC)
    signing.sign(message, key=key or platform.key, at=moment, nonce=nonce)
    status, content, got = read(message, address, timeout=timeout)
    message.url = address
    answer = signing.Answer(message, status, content, dict(got.items()))
    signing.verify_answer(answer, keys=platform.partners.get, at=datetime.now(UTC))
    return Said(status, json.loads(content), got)


def read(
    message: signing.Message, address: str, *, timeout: float
) -> tuple[int, bytes, httpx.Headers]:
    """Make a call, and read no more of its answer than the platform would: status, body, headers."""
    stream = CLIENT.stream(
        message.method,
        address,
        content=message.body or None,
        headers=message.headers,
        timeout=timeout,
    )
    content = b""
    with stream as got:
        for piece in got.iter_raw():
            content += piece
            if len(content) > MOST:
                break
    return got.status_code, content, got.headers


def letter(word: str, subject: str, data: dict[str, Any], *, message_id: str = "") -> bytes:
    """A message to a simulator, checked by the contract."""
    envelope = contract.envelope(
        word=word,
        message_id=message_id or secrets.token_hex(8),
        source="lianban",
        subject=subject,
        at=datetime.now(UTC),
        data=contract.OUT[word].model_validate(data),
    )
    return envelope.model_dump_json().encode()


def tell(
    platform: Platform,
    address: str,
    word: str,
    subject: str,
    data: dict[str, Any],
    *,
    message_id: str = "",
    timeout: float = PATIENCE,
) -> Said:
    """Send a message to a simulator."""
    body = letter(word, subject, data, message_id=message_id)
    headers = {
        "Content-Type": contract.MEDIA_TYPE,
        "Idempotency-Key": json.loads(body)["id"],
    }
    return call(platform, f"{address}/messages", body=body, headers=headers, timeout=timeout)


def dispatch(item: str = "anything", round_: int = 1, **fields: str) -> dict[str, Any]:
    """A dispatch of an item with these fields and two materials without files."""
    return {
        "item": item,
        "item_name": "一个事项",
        "round": round_,
        "district": "350521",
        "edition": "city-1",
        "fields": {code: {"label": code, "value": value} for code, value in fields.items()},
        "materials": {
            "settlement_notice": {"name": "落户通知书", "grade": "A"},
            "photo": {"name": "照片", "grade": "C"},
        },
    }


def link(platform: Platform, content: bytes, *, name: str, digest: str = "") -> dict[str, Any]:
    """A file that the platform has, as a message names it."""
    path = f"files/{name}"
    platform.files[path] = content
    return {
        "name": f"{name}.pdf",
        "content_type": "application/pdf",
        "size": len(content),
        "digest": digest or hashlib.sha256(content).hexdigest(),
        "link": f"{platform.address}/exchange/v1/{path}",
        "link_until": (datetime.now(UTC) + timedelta(minutes=15)).isoformat(),
    }


def file_of(issue: dict[str, Any]) -> bytes:
    """The file of an issued result, once its digest was compared."""
    content = b64decode(issue["file"]["content"])
    assert hashlib.sha256(content).hexdigest() == issue["file"]["digest"]
    return content


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)
