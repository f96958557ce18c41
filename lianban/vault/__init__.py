"""Encryption at rest and keyed blind indexes for personal values.

A sealed value names its place (table, column, row) as additional authenticated data, so a token
copied to another row fails with `Unreadable` instead of telling the wrong person's data. Tokens
are binary, `algorithm(1) key-id(4) nonce(12) ciphertext tag(16)`; the head is authenticated too.
Equal values give different tokens; what must be found again gets a blind index beside it.

The vault reads no settings and no environment: the city's wiring calls `configure`.
"""

import os
import unicodedata
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes, hmac

from lianban.vault import cipher
from lianban.vault.cipher import KEY_BYTES, Algorithm
from lianban.vault.failure import BadKeyFile, NotConfigured, Unreadable, VaultFailure
from lianban.vault.keyring import KEY_ID_BYTES, Keyring, MasterKey, new_key_file

__all__ = [
    "BadKeyFile",
    "Keyring",
    "NotConfigured",
    "Unreadable",
    "VaultFailure",
    "blind_index",
    "configure",
    "decrypt",
    "encrypt",
    "is_current",
    "new_data_key",
    "new_key_file",
    "open",
    "seal",
    "unwrap_key",
    "wrap_key",
]

_DIGESTS: dict[str, type[hashes.SHA256] | type[hashes.SM3]] = {
    "sha256": hashes.SHA256,
    "sm3": hashes.SM3,
}
_HEAD_BYTES = 1 + KEY_ID_BYTES
_FIELD = "field"
_WRAP = "wrap"


class _Door:
    """Where `configure` leaves the key ring, read at first use."""

    load: Callable[[], Keyring] | None = None
    ring: Keyring | None = None


def configure(load: Callable[[], Keyring]) -> None:
    """Name the function that reads the key ring; it is called once, when a key is first needed.

    Calling it again forgets the earlier ring (after a key was added, and in tests).
    """
    _Door.load, _Door.ring = load, None


def _ring() -> Keyring:
    if _Door.ring is None:
        if _Door.load is None:
            raise NotConfigured("vault.configure was not called")
        _Door.ring = _Door.load()
    return _Door.ring


def _joined(*parts: str) -> bytes:
    """Return the parts as bytes that no other list of parts gives (each after its length)."""
    encoded = [part.encode(errors="surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _seal_with_master(plaintext: bytes, *, purpose: str, aad: bytes) -> bytes:
    ring = _ring()
    head = bytes([ring.algorithm]) + ring.current.key_id
    key = ring.current.key_for(ring.algorithm, purpose)
    return head + cipher.seal(
        algorithm=ring.algorithm, key=key, plaintext=plaintext, aad=head + aad
    )


def _open_with_master(token: bytes, *, purpose: str, aad: bytes) -> bytes:
    head, sealed = token[:_HEAD_BYTES], token[_HEAD_BYTES:]
    algorithm, master = _read_head(head)
    key = master.key_for(algorithm, purpose)
    return cipher.unseal(algorithm=algorithm, key=key, sealed=sealed, aad=head + aad)


def _algorithm(code: bytes) -> Algorithm:
    try:
        return Algorithm(code[0])
    except (ValueError, IndexError):
        raise Unreadable("the token names no cipher that we know") from None


def _read_head(head: bytes) -> tuple[Algorithm, MasterKey]:
    return _algorithm(head[:1]), _ring().master(head[1:])


def encrypt(plaintext: bytes, *, table: str, column: str, row: str) -> bytes:
    """Seal a value for one place in the database with the current master key.

    `row` is the row's own id, known before the row is written (our ids are UUIDs).
    """
    return _seal_with_master(plaintext, purpose=_FIELD, aad=_joined(table, column, row))


def decrypt(token: bytes, *, table: str, column: str, row: str) -> bytes:
    """Open a value at the place it was sealed for, with the current or an older master key.

    Raises Unreadable for another place, a changed token, or a key that is not in the ring.
    """
    return _open_with_master(token, purpose=_FIELD, aad=_joined(table, column, row))


def is_current(token: bytes) -> bool:
    """Say whether a token (or wrapped key) uses today's master key and cipher; else re-seal it."""
    ring = _ring()
    return token[:_HEAD_BYTES] == bytes([ring.algorithm]) + ring.current.key_id


def normalise(value: str) -> str:
    """Return the one spelling under which a value is indexed.

    Full-width characters become plain ones, blanks and hyphens go, letters become capitals.
    """
    plain = unicodedata.normalize("NFKC", value).upper()
    return "".join(sign for sign in plain if not sign.isspace() and sign not in "-‐‑–—")


def blind_index(value: str, *, purpose: str) -> bytes:
    """Return 32 bytes that are equal for equal values of one purpose, and tell nothing else.

    HMAC (RFC 2104) with SHA-256 or SM3 and the index key, over the purpose and the normalised
    value. The key never rotates silently: a new one means computing every index again.
    """
    ring = _ring()
    mac = hmac.HMAC(ring.index_key, _DIGESTS[ring.digest]())
    mac.update(_joined(purpose, normalise(value)))
    return mac.finalize()


def new_data_key() -> tuple[bytes, bytes]:
    """Return a new 32-byte data key and its wrapped form, which alone is stored.

    A form version has a data key of its own: destroying the wrapped key erases the version.
    """
    key = os.urandom(KEY_BYTES)
    return key, wrap_key(key)


def wrap_key(key: bytes) -> bytes:
    """Seal a data key with the current master key. Raises ValueError if it is not 32 bytes."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a data key has {KEY_BYTES} bytes")
    return _seal_with_master(key, purpose=_WRAP, aad=b"")


def unwrap_key(wrapped: bytes) -> bytes:
    """Return the data key. Raises Unreadable for a changed one or a master key not in the ring."""
    return _open_with_master(wrapped, purpose=_WRAP, aad=b"")


def seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Seal a value with a data key; `aad` names its place and must be the same when opening."""
    algorithm = _ring().algorithm
    head = bytes([algorithm])
    data_key = cipher.derive(secret=key, algorithm=algorithm, purpose="data")
    return head + cipher.seal(
        algorithm=algorithm, key=data_key, plaintext=plaintext, aad=head + aad
    )


def open(key: bytes, token: bytes, aad: bytes) -> bytes:
    """Open what `seal` made with the same key and `aad`. Raises Unreadable otherwise."""
    head = token[:1]
    algorithm = _algorithm(head)
    data_key = cipher.derive(secret=key, algorithm=algorithm, purpose="data")
    return cipher.unseal(algorithm=algorithm, key=data_key, sealed=token[1:], aad=head + aad)
