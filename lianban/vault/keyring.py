"""The keys a city holds: master keys (one current, older ones for reading) and the index key.

Each key is one file of 32 random bytes, raw or as 64 hexadecimal digits, readable by its owner
only. A key's id is the start of a digest of the key itself, so a renamed or reordered file still
opens what it once sealed, and nobody has to keep a list of ids.
"""

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lianban.vault.cipher import KEY_BYTES, Algorithm, derive
from lianban.vault.failure import BadKeyFile, Unreadable

KEY_ID_BYTES = 4
CipherName = Literal["aes-256-gcm", "sm4-gcm"]
DigestName = Literal["sha256", "sm3"]

ALGORITHMS: dict[str, Algorithm] = {
    "aes-256-gcm": Algorithm.AES_256_GCM,
    "sm4-gcm": Algorithm.SM4_GCM,
}


@dataclass(frozen=True)
class MasterKey:
    """One master key with its derived keys; the secret stays out of `repr`."""

    key_id: bytes
    secret: bytes = field(repr=False)
    derived: dict[tuple[Algorithm, str], bytes] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, secret: bytes) -> "MasterKey":
        """Return the master key of 32 secret bytes."""
        digest = hashlib.sha256(b"lianban key id" + secret).digest()
        return cls(key_id=digest[:KEY_ID_BYTES], secret=secret)

    def key_for(self, algorithm: Algorithm, purpose: str) -> bytes:
        """Return the key derived for one algorithm and purpose, computed once."""
        found = self.derived.get((algorithm, purpose))
        if found is None:
            found = derive(secret=self.secret, algorithm=algorithm, purpose=purpose)
            self.derived[(algorithm, purpose)] = found
        return found


@dataclass(frozen=True)
class Keyring:
    """All keys, and which cipher and digest new values use."""

    masters: tuple[MasterKey, ...]
    index_key: bytes = field(repr=False)
    algorithm: Algorithm = Algorithm.AES_256_GCM
    digest: DigestName = "sha256"

    @classmethod
    def of(
        cls,
        *,
        masters: Sequence[bytes],
        index_key: bytes,
        cipher: str = "aes-256-gcm",
        digest: str = "sha256",
    ) -> "Keyring":
        """Return a key ring; the first master key seals, the others only open.

        Raises ValueError for no master key, a wrong length, the same key twice, or a cipher or
        digest that is not `aes-256-gcm`/`sm4-gcm`, `sha256`/`sm3`.
        """
        if not masters or any(len(key) != KEY_BYTES for key in (*masters, index_key)):
            raise ValueError(f"a key ring needs keys of {KEY_BYTES} bytes")
        if len({*masters, index_key}) != len(masters) + 1:
            raise ValueError("a key ring holds each key once, and the index key is its own")
        if cipher not in ALGORITHMS:
            raise ValueError(f"unknown cipher {cipher!r}: use aes-256-gcm or sm4-gcm")
        if digest != "sha256" and digest != "sm3":
            raise ValueError(f"unknown digest {digest!r}: use sha256 or sm3")
        ring = tuple(MasterKey.of(key) for key in masters)
        return cls(ring, index_key, ALGORITHMS[cipher], "sm3" if digest == "sm3" else "sha256")

    @classmethod
    def from_files(
        cls,
        *,
        master_files: Sequence[Path],
        index_file: Path,
        cipher: str = "aes-256-gcm",
        digest: str = "sha256",
    ) -> "Keyring":
        """Read the keys from files, the current master key first. Raises BadKeyFile, ValueError."""
        return cls.of(
            masters=[read_key_file(path=path) for path in master_files],
            index_key=read_key_file(path=index_file),
            cipher=cipher,
            digest=digest,
        )

    @property
    def current(self) -> MasterKey:
        """Return the master key that seals new values."""
        return self.masters[0]

    def master(self, key_id: bytes) -> MasterKey:
        """Return the master key with this id. Raises Unreadable if the ring lacks it."""
        for key in self.masters:
            if key.key_id == key_id:
                return key
        raise Unreadable("the token was sealed with a key that this key ring does not hold")


def read_key_file(*, path: Path) -> bytes:
    """Return the 32 bytes of a key file.

    Raises BadKeyFile if it is missing, readable by others than its owner, or of another length.
    """
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as problem:
        raise BadKeyFile(f"cannot read key file {path}: {problem.strerror}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise BadKeyFile(f"key file {path} is open to other users: chmod 600 {path}")
    if len(content) == KEY_BYTES:
        return content
    try:
        key = bytes.fromhex(content.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadKeyFile(f"key file {path} holds neither {KEY_BYTES} bytes nor their hex digits")
    return key


def new_key_file(*, path: Path) -> None:
    """Write a new random key, mode 0600. Raises FileExistsError rather than replace a key."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.urandom(KEY_BYTES).hex().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
