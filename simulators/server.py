"""The door of all systems of a process: HTTP/1.1, a thread a connection."""

import logging
import socket
import struct
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from simulators.signing import Answer, Request
from simulators.system import MOST_BYTES

_LOG = logging.getLogger("simulators")


class Line:
    """The connection that a call came on: what can be done with it, good and bad."""

    def __init__(self, handler: "Handler") -> None:
        self._handler = handler

    def send(self, answer: Answer) -> None:
        """Answer."""
        self.stream(answer.status_code, answer.headers, [answer.body], length=len(answer.body))

    def stream(
        self,
        status: int,
        headers: Mapping[str, str],
        chunks: Iterable[bytes],
        *,
        length: int | None,
    ) -> None:
        """Answer in pieces; without a length the answer ends when the connection does."""
        handler = self._handler
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if length is None:
            handler.send_header("Connection", "close")
            handler.close_connection = True
        else:
            handler.send_header("Content-Length", str(length))
        handler.end_headers()
        for chunk in chunks:
            handler.wfile.write(chunk)

    def reset(self) -> None:
        """Tear the connection down without an answer."""
        linger = struct.pack("ii", 1, 0)
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._handler.close_connection = True
        self._handler.connection.close()


class Respondent(Protocol):
    """A system, or its chaos twin."""

    code: str

    def respond(self, request: Request, path: str, line: Line) -> None:
        """Answer a call."""


class Handler(BaseHTTPRequestHandler):
    """Reads a call and gives it to the system that its path names."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True
    wbufsize = -1
    server: "Server"

    def do_GET(self) -> None:
        """A call without a body."""
        self._serve(b"")

    def do_POST(self) -> None:
        """A call with a body."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._plainly(411, "Content-Length is needed")
        elif int(length) > MOST_BYTES:
            self._plainly(413, f"more than {MOST_BYTES} bytes")
        else:
            self._serve(self.rfile.read(int(length)))

    def _serve(self, body: bytes) -> None:
        prefix, _, path = self.path.split("?")[0].lstrip("/").partition("/")
        system = self.server.systems.get(prefix)
        if system is None:
            self._plainly(404, "no system stands here")
            return
        url = f"http://{self.headers.get('Host', '')}{self.path}"
        request = Request(self.command, url, body, dict(self.headers.items()))
        try:
            system.respond(request, path, Line(self))
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception:
            _LOG.exception("%s: a call failed", prefix)
            self._plainly(500, "it broke")

    def _plainly(self, status: int, text: str) -> None:
        self.close_connection = True
        headers = {"Content-Type": "text/plain", "Connection": "close"}
        body = text.encode()
        Line(self).stream(status, headers, [body], length=len(body))

    def handle(self) -> None:
        """Callers go away at any time; that is not worth a word."""
        try:
            super().handle()
        except (ConnectionError, TimeoutError, OSError, ValueError):
            self.close_connection = True

    def finish(self) -> None:
        """Write what is left, where there is still somebody to read it."""
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a call's address names a sub-case."""


class Server(ThreadingHTTPServer):
    """All systems of a process."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, systems: Mapping[str, Respondent]) -> None:
        self.systems = systems
        super().__init__((host, port), Handler)

    def address(self, code: str) -> str:
        """The base address of a system."""
        host, port = self.server_address[0], self.server_address[1]
        return f"http://{host!s}:{port}/{code}"


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)
