"""The life of a case, measured: register, fifteen grants that conclude, conclude.

    make bench                       at one and four clients, two rounds
    python bench/lifecycle.py --rounds 1 --cases 40

Three peers do the same seventeen human steps on one PostgreSQL, each step durable before it counts:
`lianban` with everything on (permissions, pure decision, rows, hash-chained journal, messages,
outbox), `django` written as anyone would, and `floor`: one prepared statement a step, no history of
who may do what. Figures are ratios within one round, since machines drift.
"""

import argparse
import json
import multiprocessing as mp
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

#: The bench edition's graph: item → what it waits for.
GRAPH = {
    1: (), 2: (1,), 3: (1,), 4: (3,), 5: (12,), 6: (3,), 7: (1,), 8: (1,), 9: (1,), 10: (1,),
    11: (5, 6), 12: (1,), 13: (3,), 14: (1,), 15: (5,),
}  # fmt: skip
STEPS = len(GRAPH) + 2
IN_FLIGHT = 8
WARM_UP = 4


def legal_order(rng: random.Random) -> list[int]:
    """A random order in which people could finish the items."""
    done: list[int] = []
    while len(done) < len(GRAPH):
        open_ = [n for n, before in GRAPH.items() if n not in done and set(before) <= set(done)]
        done.append(rng.choice(open_))
    return done


def drive(peer: Any, cases: int, rng: random.Random) -> list[float]:
    """Carry cases from start to end, eight in flight at once; return each step's seconds."""
    took: list[float] = []

    def step(act: Any, *args: Any) -> Any:
        began = time.perf_counter()
        result = act(*args)
        took.append(time.perf_counter() - began)
        return result

    for start in range(0, cases, IN_FLIGHT):
        count = min(IN_FLIGHT, cases - start)
        flying = [(step(peer.register), legal_order(rng)) for _ in range(count)]
        while flying:
            case, order = chosen = rng.choice(flying)
            if order:
                step(peer.grant, case, order.pop(0))
            else:
                step(peer.conclude, case)
                flying.remove(chosen)
    return took


def client(name: str, number: int, cases: int, barrier: Any, out: Any) -> None:
    """One client process: warm up, wait for the others, run, report."""
    try:
        import peers

        peer = peers.PEERS[name](cases + WARM_UP)
        rng = random.Random(number)
        drive(peer, WARM_UP, rng)
        barrier.wait(timeout=120)
        began = time.time()
        took = drive(peer, cases, rng)
        out.put((began, time.time(), took, ""))
    except BaseException as error:
        barrier.abort()
        out.put((0.0, 0.0, [], repr(error)))


def measure(name: str, clients: int, cases: int) -> dict[str, Any]:
    """One line of the table. Raises `RuntimeError` when a client failed."""
    context = mp.get_context("spawn")
    barrier, out = context.Barrier(clients), context.Queue()
    share = max(cases // clients, 1)
    processes = [
        context.Process(target=client, args=(name, i, share, barrier, out), daemon=True)
        for i in range(clients)
    ]
    for process in processes:
        process.start()
    results = [out.get(timeout=600) for _ in processes]
    for process in processes:
        process.join(60)
    errors = [error for *_, error in results if error]
    if errors:
        raise RuntimeError(f"{name}: {errors[0]}")
    seconds = max(r[1] for r in results) - min(r[0] for r in results)
    took = sorted(second for r in results for second in r[2])
    return {
        "peer": name,
        "clients": clients,
        "cases": share * clients,
        "cases_per_second": share * clients / seconds,
        "p50_ms": statistics.median(took) * 1000,
        "p95_ms": took[int(len(took) * 0.95)] * 1000,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """A Markdown table; `of the floor` is the ratio to the floor of the same round."""
    floors = {
        (r["round"], r["clients"]): r["cases_per_second"] for r in rows if r["peer"] == "floor"
    }
    lines = [
        "| clients | peer | cases/s | p50 ms | p95 ms | of the floor |",
        "|---|---|---|---|---|---|",
    ]
    for clients in sorted({r["clients"] for r in rows}):
        for peer in ("floor", "lianban", "django"):
            mine = [r for r in rows if r["peer"] == peer and r["clients"] == clients]
            ratios = [r["cases_per_second"] / floors[r["round"], clients] for r in mine]
            speed = statistics.median(r["cases_per_second"] for r in mine)
            p50 = statistics.median(r["p50_ms"] for r in mine)
            p95 = statistics.median(r["p95_ms"] for r in mine)
            span = f"{min(ratios):.2f}-{max(ratios):.2f}"
            lines.append(f"| {clients} | {peer} | {speed:.1f} | {p50:.2f} | {p95:.2f} | {span} |")
    return "\n".join(lines)


def main() -> int:
    """Run all peers and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 4])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianban-bench-") as folder:
        rows = run(Path(folder), options)
    print(json.dumps(rows, indent=2) if options.json else table(rows))
    return 0


def run(folder: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Start a server of our own, durable, and measure every peer in every round."""
    os.environ["LIANBAN_DATA_DIR"] = str(folder)
    os.environ["LIANBAN_POLICY_DIR"] = str(ROOT / "tests" / "fixtures" / "policy")
    os.environ["DJANGO_SETTINGS_MODULE"] = "lianban.config.settings"
    from lianban.ops import postgres

    server = postgres.Server(folder=folder / "postgres")
    server.start()
    try:
        os.environ["DATABASE_URL"] = server.url()
        import peers

        peers.prepare()
        rows = []
        factor = {"floor": 4, "lianban": 1, "django": 0.5}
        for round_ in range(options.rounds):
            for name in ("floor", "lianban", "django"):
                for clients in options.clients:
                    cases = int(options.cases * factor[name])
                    print(f"round {round_ + 1}: {name}, {clients} clients …", file=sys.stderr)
                    rows.append(measure(name, clients, cases) | {"round": round_})
        peers.verify()
        return rows
    finally:
        server.stop()


if __name__ == "__main__":
    raise SystemExit(main())
