"""A roster of three thousand, measured: checked, taken in, taken back; beside the database's floor.

    make bench-roster                3,000 invented lines
    python bench/roster.py --lines 300

The floor writes as many bare rows of the same width by one COPY into a table with the same two
indexes. What the product does more: it reads and guards the file, seals two values a line, looks
every number up, judges it, and commits in chunks so that progress is seen. Ratios within one run.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

FLOOR = """
CREATE TABLE floor_roster (id uuid PRIMARY KEY, line int, name text, number bytea, number_index bytea,
  details bytea, outcome text, conflict text, since timestamptz DEFAULT now());
CREATE INDEX ON floor_roster (number_index);
"""


def timed(act: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def floor(lines: int) -> float:
    """Seconds of the bare COPY."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(FLOOR)

        def copy() -> None:
            sql = "COPY floor_roster (id, line, name, number, number_index, details, outcome, conflict) FROM STDIN"
            with connection.cursor() as cursor, cursor.copy(sql) as out:
                for line in range(lines):
                    out.write_row((uuid.uuid4(), line, "陈小川", os.urandom(51), os.urandom(32),
                                   os.urandom(420), "new", ""))  # fmt: skip

        return timed(copy)


def measure(lines: int) -> dict[str, Any]:
    """Bring an invented roster in and take it back; say how long each step took."""
    from lianban import clock
    from lianban.accounts.actor import Actor
    from lianban.cases import roster_lists
    from lianban.cases.models import DossierRecord, RosterRowRecord
    from lianban.cases.services import roster
    from tests.services import rosters
    from tests.services.cast import City

    city = City().build()
    bureau = city.bureau
    stranger: Actor = city.officer("bureau_officer", "veterans_affairs", "439902")
    rosters.prepare(lines, bureau=bureau, stranger=stranger)
    before = DossierRecord.objects.count()
    content = rosters.workbook(list(rosters.rows(lines)))
    seconds: dict[str, float] = {"floor": floor(lines)}
    made: list[uuid.UUID] = []

    def upload() -> None:
        made.append(
            roster.upload(content=content, name="名册.xlsx", district="439901", actor=bureau, at=clock.now())
        )  # fmt: skip

    def tell() -> None:
        done, total = roster_lists.progress(roster_id=made[0])
        print(f"\r{done:>6} / {total}", end="\n" if done == total else "", file=sys.stderr)

    def work() -> None:
        roster.work(roster_id=made[0], now=clock.now, tell=tell)

    seconds["upload"] = timed(upload)
    seconds["check"] = timed(work)
    conflicts = Counter(roster_lists.figures(roster_id=made[0])["conflicts"])
    wanted = Counter(kind for kind in rosters.kinds(lines) if kind in rosters.CONFLICTS)
    roster.apply(roster_id=made[0], actor=bureau, at=clock.now())
    seconds["apply"] = timed(work)
    took_in = DossierRecord.objects.count() - before
    seconds["undo"] = timed(lambda: roster.undo(roster_id=made[0], actor=bureau, at=clock.now()))
    is_clean = DossierRecord.objects.count() == before and not RosterRowRecord.objects.exists()
    return {
        "lines": lines,
        "kilobytes": len(content) // 1024,
        "dossiers": took_in,
        "conflicts": dict(conflicts),
        "conflicts_as_expected": conflicts == wanted,
        "undone_cleanly": is_clean,
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
    }


def table(found: dict[str, Any]) -> str:
    """A Markdown table and two sentences."""
    base = found["seconds"]["floor"]
    lines = ["| step | s | lines/s | of the floor |", "|---|---|---|---|"]
    for step, seconds in found["seconds"].items():
        speed = found["lines"] / seconds
        lines.append(f"| {step} | {seconds:.2f} | {speed:,.0f} | {seconds / base:.1f} |")
    told = "as expected" if found["conflicts_as_expected"] else "NOT as expected"
    undone = "undone cleanly" if found["undone_cleanly"] else "NOT undone cleanly"
    number = sum(found["conflicts"].values())
    lines.append(
        f"\n{found['lines']} lines, {found['dossiers']} dossiers, {number} conflicts {told}; {undone}."
    )
    return "\n".join(lines)


def main() -> int:
    """Start a server of our own, durable, measure, print; 1 where something is not as expected."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=3000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianban-bench-") as folder:
        os.environ["LIANBAN_DATA_DIR"] = folder
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
            found = measure(options.lines)
        finally:
            server.stop()
    print(json.dumps(found, ensure_ascii=False, indent=2) if options.json else table(found))
    return 0 if found["conflicts_as_expected"] and found["undone_cleanly"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
