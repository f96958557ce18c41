"""The conformance kit against simulators that run in this very process."""

import contextlib
import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from lianban.clock import now
from lianban.exchange import signing
from lianban.exchange.conformance import certificate, invented
from lianban.exchange.conformance.caller import Caller
from lianban.exchange.conformance.stage import Bounds
from simulators import chaos
from simulators.config import Platform, SystemConfig
from simulators.hands import Hands
from simulators.memory import Memory
from simulators.server import Server
from simulators.signing import Key
from simulators.system import System
from simulators.twin import Honest

OURS = signing.PrivateKey.from_seed("kit-1", bytes(range(32)))
SEED = bytes(range(100, 132))
THEIRS = signing.PrivateKey.from_seed("theirs-1", SEED)
#: A second for a day.
SPEED = 86_400.0


def free_port() -> int:
    """A port that nobody uses, below those that the system hands out for calls of its own."""
    while True:
        port = secrets.choice(range(20_000, 32_000))
        with socket.socket() as trial, contextlib.suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port


@contextmanager
def system(
    folder: Path,
    kind: str,
    *,
    port: int,
    behaviours: Sequence[str] = (),
    slow: float = 2.0,
    ours: signing.PrivateKey = OURS,
    works: bool = True,
) -> Iterator[str]:
    """A system, good or chaotic, that calls us on a port, or only listens; its address."""
    key = Key.read(THEIRS.key_id, _key_file(folder))
    platform = Platform(f"http://127.0.0.1:{port}", {ours.key_id: ours.public})
    memory = Memory(folder / "memory.sqlite3", source=kind, speed=SPEED)
    one = System(SystemConfig(kind, kind, key), platform, memory)
    twin = (
        chaos.Chaos(one, rates=chaos.rates(behaviours), seed=1, slow=slow, retry_after=1)
        if behaviours
        else Honest(one)
    )
    server = Server("127.0.0.1", 0, {kind: twin})
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    hands = Hands(twin, speed=SPEED)
    if works:
        hands.start()
    try:
        yield server.address(kind)
    finally:
        server.shutdown()
        server.server_close()
        if works:
            hands.stop()
        memory.close()


def _key_file(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "key"
    file.write_text(SEED.hex())
    file.chmod(0o600)
    return file


def play(
    url: str, *, port: int, post: invented.Post, bounds: Bounds, answer: float = 10.0
) -> certificate.Certificate:
    """Play the contract against a system that calls us on a port."""
    return certificate.play(
        Caller(url, OURS, THEIRS.public, now, answer),
        post,
        host="127.0.0.1",
        port=port,
        address=f"http://127.0.0.1:{port}",
        bounds=bounds,
        tell=lambda rule: None,
    )
