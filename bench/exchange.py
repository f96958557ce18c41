"""The relay, measured: signed messages a second, one worker and two, beside bare HTTP posts.

    make bench                       the life of a case, and then this
    python bench/exchange.py --cases 40 --rounds 1

The workers are real `lianban worker` processes that are already awake when the messages come due;
measured is from then to the last receipt. Each message is claimed, composed from its case, signed,
posted, its signed receipt checked, and marked with its try, durably. The bare posts send as many
bodies of the same size with the same client to the same server, from as many processes with a
thread a partner; nothing is signed, read or written. The receiving server is a process of its own:
it checks nothing, and signs its receipts where it was asked by a signed message. Ratios within one
round, since machines drift.
"""

import argparse
import json
import multiprocessing as mp
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

#: The departments that are sent an item of each case at once (edition `chaos` of the fixtures).
PARTNERS = ("first", "second", "third", "fourth", "fifth")
SEED = bytes(range(32))
LIMIT = 300.0
WORKERS = (1, 2)


# The receiving side -----------------------------------------------------------------------------


class Receiver(BaseHTTPRequestHandler):
    """Answers every post with a receipt, signed where the message was."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        """Read, and answer."""
        from datetime import UTC, datetime

        from lianban.exchange import signing

        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {"Content-Type": "application/json"}
        receipt = b'{"id":"bare-post","outcome":"accepted"}'
        if "Signature" in self.headers:
            name = self.headers["Idempotency-Key"]
            receipt = json.dumps({"id": name, "outcome": "accepted"}).encode()
            url = f"http://{self.headers['Host']}{self.path}"
            asked = signing.Message("POST", url, body, dict(self.headers.items()))
            answer = signing.Answer(asked, 200, receipt, headers)
            key = signing.PrivateKey.from_seed(self.path.split("/")[1], SEED)
            signing.sign_answer(answer, key=key, at=datetime.now(UTC))
            headers = answer.headers
        self.send_response(200)
        for header, value in headers.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(receipt)))
        self.end_headers()
        self.wfile.write(receipt)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def receive(ready: Any) -> None:
    """Serve for ever, in a process of its own; the port goes through `ready`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    ready.put(server.server_port)
    server.serve_forever()


# Bare posts -------------------------------------------------------------------------------------


def post(address: str, sizes: dict[str, list[int]], barrier: Any, out: Any) -> None:
    """Post bodies of these sizes, a thread a partner."""
    import httpx

    def send(code: str) -> None:
        with httpx.Client(trust_env=False, verify=False) as client:
            barrier.wait(timeout=120)
            for size in sizes[code]:
                answer = client.post(f"{address}/{code}/messages", content=b"x" * size)
                assert answer.status_code == 200

    threads = [threading.Thread(target=send, args=(code,)) for code in sizes]
    for thread in threads:
        thread.start()
    barrier.wait(timeout=120)
    began = time.time()
    for thread in threads:
        thread.join()
    out.put((began, time.time()))


def bare(address: str, sizes: dict[str, list[int]], processes: int) -> float:
    """Seconds for all of the bare posts."""
    context = mp.get_context("spawn")
    shares = [
        {code: lengths[n::processes] for code, lengths in sizes.items()} for n in range(processes)
    ]
    barrier = context.Barrier(sum(len(share) + 1 for share in shares))
    out = context.Queue()
    started = [
        context.Process(target=post, args=(address, share, barrier, out), daemon=True)
        for share in shares
    ]
    for process in started:
        process.start()
    found = [out.get(timeout=LIMIT) for _ in started]
    for process in started:
        process.join()
    return max(end for _, end in found) - min(began for began, _ in found)


# The relay --------------------------------------------------------------------------------------


def prepare(address: str, cases: int) -> dict[str, list[int]]:
    """A city, partners, and cases whose items wait to be sent; the sizes of their messages."""
    import random

    from lianban.clock import now
    from lianban.exchange import compose, partners, signing
    from lianban.exchange.models import PartnerRecord
    from lianban.outbox.models import OutboxMessage
    from tests.chaos import people

    at = now()
    people.build()
    for code in PARTNERS:
        place = f"{address}/{code}"
        partners.connect(code=code, name=code, adapter="armed_forces", address=place, at=at)
        key = signing.PrivateKey.from_seed(code, SEED)
        partners.add_key(code=code, key_id=code, public_key=key.public, at=at)
    PartnerRecord.objects.update(sends_a_minute=1_000_000, held_at=at)
    people.hand_in_all(cases, random.Random("bench"))
    sizes: dict[str, list[int]] = {}
    for row in OutboxMessage.objects.filter(department__in=PARTNERS):
        partner = partners.get(row.department)
        said = compose.compose(row, partner=partner, at=at)
        assert said is not None
        length = len(said.model_dump_json(exclude_none=True).encode())
        sizes.setdefault(row.department, []).append(length)
    return sizes


@contextmanager
def workers(count: int) -> Iterator[None]:
    """Real workers, awake."""
    from procrastinate.contrib.django.models import ProcrastinateWorker

    before = set(ProcrastinateWorker.objects.values_list("id", flat=True))
    command = [sys.executable, "-m", "lianban.ops.main", "worker"]
    started = [subprocess.Popen(command) for _ in range(count)]
    try:
        _until(lambda: ProcrastinateWorker.objects.exclude(id__in=before).count() >= count)
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def relayed(count: int) -> float:
    """Seconds in which so many workers send everything."""
    from django.db.models import Max

    from lianban.clock import now
    from lianban.exchange import waker
    from lianban.exchange.models import PartnerRecord, TryRecord
    from lianban.outbox.models import OutboxMessage

    rows = OutboxMessage.objects.filter(department__in=PARTNERS)
    with workers(count):
        PartnerRecord.objects.update(held_at=now())
        TryRecord.objects.all().delete()
        at = now()
        rows.update(state="pending", attempts=0, abandoned=0, next_at=at, done_at=None)
        PartnerRecord.objects.update(held_at=None)
        began = now()
        waker.wake(PARTNERS)
        _until(lambda: not rows.exclude(state="sent").exists())
        last = rows.aggregate(last=Max("done_at"))["last"]
    tries = TryRecord.objects.count()
    if tries != rows.count():
        raise RuntimeError(f"{tries} tries for {rows.count()} messages")
    return float((last - began).total_seconds())


def _until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + LIMIT
    while not true():
        if time.monotonic() > limit:
            raise RuntimeError("waited too long")
        time.sleep(0.02)


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """All rounds."""
    context = mp.get_context("spawn")
    ready = context.Queue()
    server = context.Process(target=receive, args=(ready,), daemon=True)
    server.start()
    address = f"http://127.0.0.1:{ready.get(timeout=60)}"
    sizes = prepare(address, options.cases)
    messages = sum(len(lengths) for lengths in sizes.values())
    rows = []
    for round_ in range(options.rounds):
        for count in WORKERS:
            print(f"round {round_ + 1}: {count} of each …", file=sys.stderr)
            plain, signed = bare(address, sizes, count), relayed(count)
            rows.append(
                {
                    "round": round_,
                    "workers": count,
                    "messages": messages,
                    "bytes": statistics.mean(n for one in sizes.values() for n in one),
                    "bare_per_second": messages / plain,
                    "relayed_per_second": messages / signed,
                    "ratio": plain / signed,
                }
            )
    server.terminate()
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """A Markdown table: medians, and the span of the ratios."""
    one = rows[0]
    lines = [
        f"{one['messages']} messages of {one['bytes']:.0f} bytes to {len(PARTNERS)} partners\n",
        "| workers | bare posts/s | relayed messages/s | of the bare posts |",
        "|---|---|---|---|",
    ]
    for count in WORKERS:
        mine = [row for row in rows if row["workers"] == count]
        plain = statistics.median(row["bare_per_second"] for row in mine)
        signed = statistics.median(row["relayed_per_second"] for row in mine)
        span = f"{min(r['ratio'] for r in mine):.2f}-{max(r['ratio'] for r in mine):.2f}"
        lines.append(f"| {count} | {plain:.0f} | {signed:.0f} | {span} |")
    return "\n".join(lines)


def main() -> int:
    """Start a server of our own, durable, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianban-bench-") as folder:
        os.environ["LIANBAN_DATA_DIR"] = folder
        os.environ["LIANBAN_POLICY_DIR"] = str(ROOT / "tests" / "fixtures" / "policy")
        os.environ["DJANGO_SETTINGS_MODULE"] = "lianban.config.settings"
        from lianban.ops import postgres

        server = postgres.Server(folder=Path(folder) / "postgres")
        server.start()
        try:
            os.environ["DATABASE_URL"] = server.url()
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            rows = measure(options)
        finally:
            server.stop()
    print(json.dumps(rows, indent=2) if options.json else table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
