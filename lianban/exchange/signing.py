"""Signatures over HTTP messages between systems: RFC 9421 with Ed25519, RFC 9530 digests.

A request covers its method, its address as the outside knows it and, where it has a body, the
body's digest and type. An answer covers its status, its digest and type, and the digest (or the
signature) of the request that it answers, so that neither can be shown for another. Every signature
says when it was made, with which key, with a nonce, and the tag of this contract.
"""

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

TAG = "lianban-exchange-v1"
#: How far a clock may be off, and how long a signature may be under way.
MOST_AGE = timedelta(minutes=5)
_REQUEST = ("@method", "@target-uri")
_BODY = ("content-digest", "content-type")
_ANSWER = ("@status", *_BODY)
_OF_REQUEST = ('"@method";req', '"@target-uri";req', '"signature";req')
_DIGEST_OF_REQUEST = '"content-digest";req'


class Forged(Exception):
    """A message whose signature does not hold; `code` says why, in the contract's words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class PrivateKey:
    """Our side of a key."""

    key_id: str
    key: Ed25519PrivateKey

    @classmethod
    def from_seed(cls, key_id: str, seed: bytes) -> "PrivateKey":
        """The key of a seed of 32 bytes. Raises `ValueError` for another length."""
        return cls(key_id, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> bytes:
        """The 32 bytes that the other side keeps."""
        return self.key.public_key().public_bytes_raw()


@dataclass
class Message:
    """A request as it is signed. `url` is the address as the caller wrote it."""

    method: str
    url: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Answer:
    """An answer as it is signed, with the request that it answers."""

    request: Message
    status_code: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    #: The library asks for it; an answer has no address of its own.
    url: str = ""


@dataclass(frozen=True)
class Signed:
    """What a good signature says."""

    key_id: str
    nonce: str


def digest_header(body: bytes) -> str:
    """The `Content-Digest` of a body (RFC 9530)."""
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"


def sign(message: Message, *, key: PrivateKey, at: datetime, nonce: str = "") -> None:
    """Add digest and signature to a request, in place."""
    covered: tuple[str, ...] = _REQUEST
    if message.body:
        message.headers["Content-Digest"] = digest_header(message.body)
        covered += _BODY
    _sign(message, covered, key, at, nonce)


def sign_answer(answer: Answer, *, key: PrivateKey, at: datetime, nonce: str = "") -> None:
    """Add digest and signature to an answer; it carries the digest of its request."""
    answer.headers["Content-Digest"] = digest_header(answer.body)
    _sign(answer, _answer_covers(answer.request), key, at, nonce)


def verify(message: Message, *, keys: Callable[[str], bytes | None], at: datetime) -> Signed:
    """Check a request's signature; `keys` gives a public key by its id, or None.

    Replays are the caller's to remember, by key and nonce. Raises `Forged`.
    """
    required = _REQUEST + (_BODY if message.body else ())
    return _verify(message, required, keys, at)


def verify_answer(answer: Answer, *, keys: Callable[[str], bytes | None], at: datetime) -> Signed:
    """Check that an answer is signed and answers this very request. Raises `Forged`."""
    return _verify(answer, _answer_covers(answer.request), keys, at)


def _answer_covers(request: Message) -> tuple[str, ...]:
    has_digest = "content-digest" in {name.lower() for name in request.headers}
    return _ANSWER + _OF_REQUEST + ((_DIGEST_OF_REQUEST,) if has_digest else ())


def _sign(
    message: Any, covered: tuple[str, ...], key: PrivateKey, at: datetime, nonce: str
) -> None:
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=_Own(key.key_id, key.key)
    )
    signer.sign(
        message,
        key_id=key.key_id,
        created=at,
        nonce=nonce or secrets.token_urlsafe(18),
        label="lianban",
        tag=TAG,
        covered_component_ids=covered,
        use_existing_digest="Content-Digest" in message.headers,
    )


class _Own(HTTPSignatureKeyResolver):
    def __init__(self, key_id: str, key: Ed25519PrivateKey) -> None:
        self.key_id, self.key = key_id, key

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return self.key


class _Theirs(HTTPSignatureKeyResolver):
    def __init__(self, keys: Callable[[str], bytes | None]) -> None:
        self.keys = keys

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        found = self.keys(key_id)
        if found is None:
            raise Forged("unknown_key", f"no valid key of this name: {key_id[:80]}")
        return Ed25519PublicKey.from_public_bytes(found)


class _Verifier(HTTPMessageVerifier):
    """The library's verifier at a moment that the caller names."""

    def __init__(self, keys: Callable[[str], bytes | None], at: datetime) -> None:
        super().__init__(signature_algorithm=algorithms.ED25519, key_resolver=_Theirs(keys))
        self.at = at

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        created = sig_input.params.get("created")
        if type(created) is not int:
            raise Forged("no_created", "the signature does not say when it was made")
        age = self.at.timestamp() - created
        if abs(age) > MOST_AGE.total_seconds():
            word = "old" if age > 0 else "far ahead"
            raise Forged("clock", f"the signature is {abs(int(age))} s {word}; 300 s are allowed")
        expires = sig_input.params.get("expires")
        if expires is not None and (
            type(expires) is not int or datetime.fromtimestamp(expires, UTC) < self.at
        ):
            raise Forged("expired", "the signature has expired")


def _verify(
    message: Any,
    required: tuple[str, ...],
    keys: Callable[[str], bytes | None],
    at: datetime,
) -> Signed:
    if not {"signature", "signature-input"} <= {name.lower() for name in message.headers}:
        raise Forged("unsigned", "Signature and Signature-Input are missing")
    try:
        (result,) = _Verifier(keys, at).verify(
            message,
            max_age=None,
            expect_tag=TAG,
            require_components=required,
            body=message.body or None,
        )
    except HTTPMessageSignaturesException as failure:
        raise _why(failure) from failure
    except (ValueError, TypeError, KeyError, OverflowError, OSError) as failure:
        raise Forged("malformed", "the signature headers cannot be read") from failure
    nonce = result.nonce or ""
    if not 8 <= len(nonce) <= 80:
        raise Forged("no_nonce", "the signature needs a nonce of 8 to 80 characters")
    return Signed(str(result.parameters["keyid"]), nonce)


def _why(failure: Exception) -> Forged:
    """The contract's word for what the library found."""
    seen: BaseException | None = failure
    while seen is not None:
        if isinstance(seen, Forged):
            return seen
        inner = seen.args[0] if seen.args else None
        seen = inner if isinstance(inner, BaseException) else seen.__cause__
    text = str(failure)
    if "was not covered" in text or "not found in the message" in text:
        return Forged("too_few_parts", "the signature must cover more parts of the message")
    if "igest" in text:
        return Forged("body_changed", "the body does not fit its Content-Digest")
    if "alformed" in text or "must be a" in text or "labels" in text or "tag or label" in text:
        return Forged(
            "malformed", "the signature headers cannot be read, or lack the contract's tag"
        )
    return Forged("bad_signature", "the signature does not fit the message")


def named_key(message: Message) -> str:
    """The key that a message names, which proves nothing; empty where it names none."""
    stated = {name.lower(): value for name, value in message.headers.items()}
    found = re.search(r';keyid="([A-Za-z0-9._:-]{1,80})"', stated.get("signature-input", ""))
    return found.group(1) if found else ""


def detached(data: bytes, *, key: PrivateKey) -> str:
    """A detached signature over a file's bytes, in Base64."""
    return b64encode(key.key.sign(data)).decode()
