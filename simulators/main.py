"""The command line."""

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread

from simulators import chaos
from simulators.config import BadConfig, Config, SystemConfig, read
from simulators.hands import Hands
from simulators.memory import Memory
from simulators.server import Server
from simulators.system import System
from simulators.twin import Honest


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the systems of a file until SIGTERM."""
    options = _options(arguments)
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.WARNING)
    try:
        config = read(options.config, only=options.only)
        twins = [_twin(one, config, options) for one in config.systems]
        port = config.port if options.port is None else options.port
        server = Server(config.host, port, {twin.code: twin for twin in twins})
    except (BadConfig, ValueError, OSError) as failure:
        sys.stderr.write(f"simulators: {failure}\n")
        return 2
    _run(server, twins, options.speed)
    return 0


def _run(server: Server, twins: list[Honest], speed: float) -> None:
    ends = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ends.set())
    hands = {twin.code: Hands(twin, speed=speed) for twin in twins}
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    for one in hands.values():
        one.start()
    sys.stdout.write(f"ready {' '.join(server.address(twin.code) for twin in twins)}\n")
    sys.stdout.flush()
    ends.wait()
    server.shutdown()
    server.server_close()
    for one in hands.values():
        one.stop()
    for twin in twins:
        twin.system.memory.close()


def _twin(one: SystemConfig, config: Config, options: argparse.Namespace) -> Honest:
    memory = Memory(config.memory / f"{one.code}.sqlite3", source=one.code, speed=options.speed)
    system = System(one, config.platform, memory)
    behaviours = [*one.chaos, *options.chaos]
    if not behaviours:
        return Honest(system)
    slow = options.slow_seconds if options.slow_seconds is not None else 12.0 / options.speed
    return chaos.Chaos(
        system,
        rates=chaos.rates(behaviours),
        seed=options.seed,
        slow=slow,
        retry_after=round(10 / options.speed),
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulators",
        description="Departments' systems, simulated. The file's form: simulators/__init__.py",
    )
    parser.add_argument("config", type=Path, metavar="CONFIG.json")
    parser.add_argument("--only", nargs="+", action="extend", default=[], metavar="CODE")
    parser.add_argument(
        "--chaos",
        nargs="+",
        action="extend",
        default=[],
        metavar="BEHAVIOUR[=RATE]",
        help=f"behave badly: {', '.join(chaos.names())}",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--speed", type=_positive, default=1.0, metavar="FACTOR")
    parser.add_argument(
        "--slow-seconds", type=float, metavar="N", help="how late slow answers come (12 / speed)"
    )
    parser.add_argument(
        "--port", type=int, metavar="N", help="instead of the file's; 0: a free one"
    )
    return parser.parse_args(arguments)


def _positive(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return value
