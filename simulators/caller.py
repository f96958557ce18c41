"""Calls to the platform, on one connection a thread that is kept while it holds."""

import http.client
from dataclasses import dataclass
from threading import local
from urllib.parse import urlsplit

from simulators.signing import Request

TIMEOUT = 10


class Away(Exception):
    """Nobody answers at that address."""


class Lost(Exception):
    """The connection broke before the answer was whole; the call may have had its effect."""


@dataclass(frozen=True)
class Got:
    """An answer as it came; header names are in small letters."""

    status: int
    body: bytes
    headers: dict[str, str]


class Caller:
    """Connections to one address."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._netloc, self._is_tls = parts.netloc, parts.scheme == "https"
        self._own = local()

    def call(self, request: Request) -> Got:
        """Make a signed call. Raises `Away` and `Lost`."""
        line = self._line()
        parts = urlsplit(request.url)
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        try:
            line.request(request.method, target, request.body or None, request.headers)
            answer = line.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Got(answer.status, answer.read(), headers)
        except (OSError, http.client.HTTPException) as failure:
            line.close()
            raise Lost(type(failure).__name__) from failure

    def close(self) -> None:
        """Close this thread's connection."""
        line: http.client.HTTPConnection | None = getattr(self._own, "line", None)
        if line is not None:
            line.close()

    def _line(self) -> http.client.HTTPConnection:
        line: http.client.HTTPConnection | None = getattr(self._own, "line", None)
        if line is None:
            kind = http.client.HTTPSConnection if self._is_tls else http.client.HTTPConnection
            line = self._own.line = kind(self._netloc, timeout=TIMEOUT)
        if line.sock is None:
            try:
                line.connect()
            except OSError as failure:
                raise Away(type(failure).__name__) from failure
        return line
