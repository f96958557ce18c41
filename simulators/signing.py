"""Signatures of the exchange contract, as a stranger reads them: RFC 9421, Ed25519, RFC 9530."""

import hashlib
import secrets
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

TAG = "lianban-exchange-v1"
MOST_AGE = 300
_BODY = ("content-digest", "content-type")


class Unsigned(Exception):
    """A message without a good signature."""


@dataclass
class Request:
    """A request, with the address as the caller wrote it."""

    method: str
    url: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def covers(self) -> tuple[str, ...]:
        """What its signature has to cover."""
        return ("@method", "@target-uri", *(_BODY if self.body else ()))


@dataclass
class Answer:
    """An answer, with the request that it answers."""

    request: Request
    status_code: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def covers(self) -> tuple[str, ...]:
        """What its signature has to cover: also the request's digest, or its signature."""
        has_digest = any(name.lower() == "content-digest" for name in self.request.headers)
        of_request = ('"@method";req', '"@target-uri";req', '"signature";req')
        digest = ('"content-digest";req',) if has_digest else ()
        return ("@status", *_BODY, *of_request, *digest)


@dataclass(frozen=True)
class Key:
    """A system's own key."""

    key_id: str
    private: Ed25519PrivateKey

    @classmethod
    def read(cls, key_id: str, path: Path) -> "Key":
        """The key in a file of 64 hexadecimal digits. Raises `ValueError` and `OSError`."""
        seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
        return cls(key_id, Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def fresh(cls, key_id: str) -> "Key":
        """A new key that nobody knows."""
        return cls(key_id, Ed25519PrivateKey.generate())


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, public: dict[str, bytes]) -> None:
        self.public = public

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public[key_id])


class _Verifier(HTTPMessageVerifier):
    max_clock_skew = timedelta(seconds=MOST_AGE)


def sign(message: Request | Answer, *, key: Key, at: datetime) -> None:
    """Add digest and signature, in place. Written by hand after RFC 9421, section 2.5."""
    if message.body:
        digest = b64encode(hashlib.sha256(message.body).digest()).decode()
        message.headers["Content-Digest"] = f"sha-256=:{digest}:"
    covers = [_quoted(name) for name in message.covers()]
    said = f'({" ".join(covers)});created={int(at.timestamp())};keyid="{key.key_id}"'
    said += f';alg="ed25519";nonce="{secrets.token_urlsafe(18)}";tag="{TAG}"'
    lines = [f"{name}: {_value(message, name)}" for name in covers]
    base = "\n".join([*lines, f'"@signature-params": {said}'])
    signature = b64encode(key.private.sign(base.encode())).decode()
    message.headers["Signature-Input"] = f"system={said}"
    message.headers["Signature"] = f"system=:{signature}:"


def _quoted(name: str) -> str:
    return name if name.startswith('"') else f'"{name}"'


def _value(message: Request | Answer, name: str) -> str:
    """What a component of a message is; `;req` means the request that it answers."""
    word, _, of_request = name.partition(";")
    word = word.strip('"')
    about = message.request if of_request and isinstance(message, Answer) else message
    if word == "@status" and isinstance(about, Answer):
        return str(about.status_code)
    if word == "@method" and isinstance(about, Request):
        return about.method
    if word == "@target-uri":
        return about.url
    return next(value for key, value in about.headers.items() if key.lower() == word).strip()


def check(message: Request | Answer, *, keys: dict[str, bytes], at: datetime) -> str:
    """Return the nonce of a message that is signed with one of the keys. Raises `Unsigned`."""
    verifier = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(keys))
    try:
        (result,) = verifier.verify(
            message,
            max_age=None,
            expect_tag=TAG,
            require_components=message.covers(),
            body=message.body or None,
        )
    except HTTPMessageSignaturesException as failure:
        raise Unsigned(str(failure)[:200]) from failure
    except (ValueError, TypeError, KeyError, OverflowError) as failure:
        raise Unsigned("the signature headers cannot be read") from failure
    made = datetime.fromtimestamp(int(str(result.parameters["created"])), UTC)
    if abs((at - made).total_seconds()) > MOST_AGE:
        raise Unsigned("the signature is more than 300 s off")
    nonce = result.nonce or ""
    if not 8 <= len(nonce) <= 80:
        raise Unsigned("the signature needs a nonce of 8 to 80 characters")
    return nonce
