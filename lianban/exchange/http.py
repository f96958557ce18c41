"""Calls to partners' systems: signed, bounded in time and size, and trusted only where signed back."""

import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import httpx
from django.conf import settings

from lianban.exchange import partners, signing
from lianban.exchange.answers import NEVER, Temporary, judge
from lianban.exchange.contract import MEDIA_TYPE, Envelope
from lianban.exchange.models import PartnerRecord

#: Bytes of an answer that are read at most.
MOST_ANSWER = 1024 * 1024
_kept = threading.local()


@dataclass(frozen=True)
class Got:
    """An answer whose signature holds, or that is a failure."""

    status: int
    content_type: str
    body: bytes
    retry_after: str


def post(partner: PartnerRecord, envelope: Envelope, *, at: datetime) -> None:
    """Send one message. Raises `Temporary` or `Permanent`; returns where it arrived."""
    body = envelope.model_dump_json(exclude_none=True).encode()
    headers = {"Content-Type": MEDIA_TYPE, "Idempotency-Key": envelope.id}
    message = signing.Message("POST", f"{partner.address}/messages", body, headers)
    got = call(partner, message, at=at)
    judge(got.status, got.content_type, got.body, got.retry_after, name=envelope.id)


def get(partner: PartnerRecord, path: str, *, at: datetime) -> Got:
    """Ask a partner for something; `path` begins with a slash. Raises `Temporary`."""
    return call(partner, signing.Message("GET", f"{partner.address}{path}"), at=at)


def call(partner: PartnerRecord, message: signing.Message, *, at: datetime) -> Got:
    """Sign, send, read at most a megabyte within the time allowed, and check who answered.

    A failure (4xx, 5xx) need not be signed, for it moves nothing here, but where it says that a message
    will never be taken: any proxy under way can say so, of all that passes. Raises `Temporary`.
    """
    signing.sign(message, key=partners.own_key(), at=at, nonce=secrets.token_urlsafe(18))
    try:
        answer = _exchange(message)
    except httpx.TimeoutException as failure:
        raise Temporary("too_slow") from failure
    except httpx.ConnectError as failure:
        raise Temporary("no_connection") from failure
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as failure:
        raise Temporary("broken_off") from failure
    if 200 <= answer.status_code < 300 or answer.status_code in NEVER:
        _require_theirs(partner, answer, at)
    elif answer.status_code < 400:
        raise Temporary("redirected", status=answer.status_code)
    fields = {name.lower(): value for name, value in answer.headers.items()}
    return Got(
        answer.status_code,
        fields.get("content-type", ""),
        answer.body,
        fields.get("retry-after", ""),
    )


def _exchange(message: signing.Message) -> signing.Answer:
    # without an encoding nothing can be small on the wire and endless when unpacked
    headers = {**message.headers, "Accept-Encoding": "identity"}
    body = b""
    with session() as client, _bounded() as (is_over, trace):
        request = client.build_request(
            message.method,
            message.url,
            content=message.body or None,
            headers=headers,
            extensions={"trace": trace},
        )
        try:
            response = client.send(request, stream=True)
            with closing(response):
                for piece in response.iter_raw():
                    body += piece
                    if len(body) > MOST_ANSWER:
                        raise Temporary("too_large", status=response.status_code)
                if is_over.is_set():  # an answer of no stated length ends where its line does
                    raise Temporary("too_slow", status=response.status_code)
        except (httpx.HTTPError, OSError) as failure:
            if is_over.is_set():
                raise Temporary("too_slow") from failure
            raise
        return signing.Answer(message, response.status_code, body, dict(response.headers))


Trace = Callable[[str, dict[str, Any]], None]


@contextmanager
def _bounded() -> Iterator[tuple[threading.Event, Trace]]:
    """End what is done inside when the time allowed is over, however busy the line is.

    The client's own limits are those of one read: an answer, or its headers, that comes byte by
    byte would never end. So the lines are cut from outside; the client opens new ones.
    """
    sockets: list[socket.socket] = _kept.__dict__.setdefault("sockets", [])
    is_over = threading.Event()

    def trace(event: str, info: dict[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            sockets[:] = [one for one in sockets if one.fileno() >= 0]
            sockets.append(info["return_value"].get_extra_info("socket"))
            if is_over.is_set():
                cut()

    def cut() -> None:
        is_over.set()
        for one in list(sockets):
            with suppress(OSError):  # closed meanwhile; TLS is not asked, another thread is in it
                socket.socket.shutdown(one, socket.SHUT_RDWR)

    timer = threading.Timer(settings.EXCHANGE_TIMEOUT_SECONDS, cut)
    timer.daemon = True
    timer.start()
    try:
        yield is_over, trace
    finally:
        timer.cancel()


@contextmanager
def session() -> Iterator[httpx.Client]:
    """Keep connections open between the calls inside; a session within a session is that one."""
    outer: httpx.Client | None = getattr(_kept, "client", None)
    if outer is not None:
        yield outer
        return
    with httpx.Client(
        verify=_trusted(),
        timeout=settings.EXCHANGE_TIMEOUT_SECONDS,
        follow_redirects=False,
        trust_env=False,
    ) as client:
        _kept.client = client
        try:
            yield client
        finally:
            _kept.client = None


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that we trust, read once: that takes longer than a call."""
    return httpx.create_ssl_context(trust_env=False)


def _require_theirs(partner: PartnerRecord, answer: signing.Answer, at: datetime) -> None:
    """Raise `Temporary` unless the partner itself gave this answer to this very request."""

    def keys(key_id: str) -> bytes | None:
        found = partners.valid_keys(partner, at).filter(key_id=key_id)
        key = found.values_list("public_key", flat=True).first()
        return bytes(key) if key else None

    try:
        signing.verify_answer(answer, keys=keys, at=at)
    except signing.Forged as forged:
        raise Temporary(f"answer_{forged.code}", status=answer.status_code) from forged
