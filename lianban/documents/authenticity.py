"""Short codes that show whether a paper is ours.

A code is an HMAC-SHA-256 (RFC 2104) over the document's number and the hash of what it says, cut
to 80 bits and written in Crockford's base 32: sixteen signs without I, L, O and U, so that it can
be read aloud and typed.
"""

from __future__ import annotations

import hashlib
import hmac

from lianban import vault

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def verification_key() -> bytes:
    """Return the key of the verification codes, derived from the vault's index key."""
    return vault.blind_index("verification code", purpose="documents.authenticity")


def verification_code(*, document_number: str, body_hash: str, key: bytes) -> str:
    """Return the sixteen signs that belong to one number and one content."""
    message = f"{document_number}\n{body_hash}".encode()
    digest = hmac.new(key, message, hashlib.sha256).digest()
    bits = int.from_bytes(digest[:10], "big")
    return "".join(ALPHABET[(bits >> shift) & 31] for shift in range(75, -1, -5))


def tidy(code: str) -> str | None:
    """Return a typed code in its one spelling, or ``None`` if it can be no code at all."""
    spelled = code.strip().upper().translate(_READ_AS)
    is_code = len(spelled) == LENGTH and set(spelled) <= set(ALPHABET)
    return spelled if is_code else None
