"""Authenticated encryption with one of two ciphers, and the keys derived for each.

AES-256-GCM (NIST SP 800-38D) and SM4-GCM (GB/T 32907-2016, RFC 8998) share one shape: a 12-byte
random nonce, the ciphertext, a 16-byte tag. Keys of 32 bytes come in; each cipher gets a key of
its own length from HKDF (RFC 5869), so one file serves both and no key is used by two algorithms.
"""

import os
from dataclasses import dataclass
from enum import IntEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lianban.vault.failure import Unreadable

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


class Algorithm(IntEnum):
    """The cipher of a token; the number is the token's first byte and never changes."""

    AES_256_GCM = 1
    SM4_GCM = 2


@dataclass(frozen=True)
class Kind:
    """How one algorithm is built: block cipher, key length in bytes, digest for derivation."""

    block: type[AES] | type[SM4]
    key_bytes: int
    digest: type[hashes.SHA256] | type[hashes.SM3]


KINDS = {
    Algorithm.AES_256_GCM: Kind(AES, 32, hashes.SHA256),
    Algorithm.SM4_GCM: Kind(SM4, 16, hashes.SM3),
}


def derive(*, secret: bytes, algorithm: Algorithm, purpose: str) -> bytes:
    """Return the key of `algorithm` for `purpose`, derived from a 32-byte secret."""
    kind = KINDS[algorithm]
    info = f"lianban {purpose} {algorithm.name}".encode()
    return HKDF(algorithm=kind.digest(), length=kind.key_bytes, salt=None, info=info).derive(secret)


def seal(*, algorithm: Algorithm, key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Return nonce, ciphertext and tag. The nonce is random: at most 2**32 seals for one key."""
    nonce = os.urandom(NONCE_BYTES)
    encryptor = Cipher(KINDS[algorithm].block(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    return nonce + encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def unseal(*, algorithm: Algorithm, key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Return the plaintext of what `seal` made.

    Raises Unreadable if a byte of it, the key or the AAD differs.
    """
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise Unreadable("the token is too short")
    nonce, tag = sealed[:NONCE_BYTES], sealed[-TAG_BYTES:]
    decryptor = Cipher(KINDS[algorithm].block(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(aad)
    try:
        return decryptor.update(sealed[NONCE_BYTES:-TAG_BYTES]) + decryptor.finalize()
    except InvalidTag:
        raise Unreadable("the token was changed or belongs to another place") from None
