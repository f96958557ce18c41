"""Whether a file carries something known to be harmful, as a scanner beside us says.

The scanner is ClamAV's daemon, spoken to by its INSTREAM command (clamd(8)). Where none is
configured, writing every file anew is the check. One that is configured and silent is another
matter: what it has not seen is not released.
"""

import socket
import struct
from enum import Enum, auto

from django.conf import settings

_CONNECT_SECONDS = 3
_ANSWER_SECONDS = 20
_PIECE = 64 * 1024
_MOST_ANSWER = 4096


class Verdict(Enum):
    """What is known about a file."""

    CLEAN = auto()
    HARMFUL = auto()
    UNKNOWN = auto()
    """The scanner is away, busy, or says what we do not understand: ask again later."""


def verdict(content: bytes) -> Verdict:
    """Ask the configured scanner; never raises, for a scanner that fails has said nothing."""
    address: str = settings.CLAMD
    if not address:
        return Verdict.CLEAN
    try:
        answer = _asked(address, content)
    except (OSError, ValueError):
        return Verdict.UNKNOWN
    if answer == "stream: OK":
        return Verdict.CLEAN
    return Verdict.HARMFUL if answer.endswith(" FOUND") else Verdict.UNKNOWN


def _asked(address: str, content: bytes) -> str:
    with _connected(address) as line:
        line.settimeout(_ANSWER_SECONDS)
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            line.sendall(struct.pack(">I", len(piece)) + piece)
        line.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < _MOST_ANSWER:
            piece = line.recv(_MOST_ANSWER)
            if not piece:
                break
            answer += piece
    return answer.rstrip(b"\0").decode(errors="replace").strip()


def _connected(address: str) -> socket.socket:
    """`unix:/path/of/a.socket`, or `host:port`. Raises OSError, ValueError."""
    if address.startswith("unix:"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(_CONNECT_SECONDS)
            line.connect(address.removeprefix("unix:"))
        except OSError:
            line.close()
            raise
        return line
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_SECONDS)
