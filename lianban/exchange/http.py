"""Calls to partners' systems: signed, bounded in time and size, and trusted only where signed back."""

import secrets
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import httpx
from django.conf import settings

from lianban.exchange import partners, signing
from lianban.exchange.answers import Temporary, judge
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

    A failure (4xx, 5xx) need not be signed: it moves nothing here. Raises `Temporary`.
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
    if 200 <= answer.status_code < 300:
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
    until = time.monotonic() + settings.EXCHANGE_TIMEOUT_SECONDS
    # without an encoding nothing can be small on the wire and endless when unpacked
    headers = {**message.headers, "Accept-Encoding": "identity"}
    with (
        session() as client,
        client.stream(
            message.method, message.url, content=message.body or None, headers=headers
        ) as response,
    ):
        body = b""
        for piece in response.iter_raw():
            body += piece
            if len(body) > MOST_ANSWER:
                raise Temporary("too_large", status=response.status_code)
            if time.monotonic() > until:
                raise Temporary("too_slow", status=response.status_code)
        return signing.Answer(message, response.status_code, body, dict(response.headers))


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
        key = partners.key_at(key_id, at)
        return bytes(key.public_key) if key and key.partner_id == partner.code else None

    try:
        signing.verify_answer(answer, keys=keys, at=at)
    except signing.Forged as forged:
        raise Temporary(f"answer_{forged.code}", status=answer.status_code) from forged
