"""`make lint`: every check that needs no running house, side by side, with one honest end."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BIN = Path(sys.executable).parent
CHECKS = {
    "style": ["ruff", "check", "--quiet", "."],
    "form": ["ruff", "format", "--check", "--quiet", "."],
    "imports": ["lint-imports"],
    "types": ["mypy", "--no-error-summary"],
    "dead code": ["vulture"],
    "dependencies": ["deptry", "."],
    "migrations": ["lianban", "django", "makemigrations", "--check", "--dry-run"],
    "settings": ["lianban", "django", "check", "--fail-level", "WARNING"],
}


def main() -> int:
    """Run every check, print what complains, return 1 where one did."""
    started = time.monotonic()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = dict(zip(CHECKS, pool.map(complaint, CHECKS.values()), strict=True))
    bad = {name: text for name, text in results.items() if text is not None}
    for name, text in bad.items():
        print(f"--- {name}\n{text.strip()}\n")
    seconds = time.monotonic() - started
    print(f"{len(CHECKS) - len(bad)} of {len(CHECKS)} checks good, {seconds:.1f} s")
    return 1 if bad else 0


def complaint(command: list[str]) -> str | None:
    """Return what a check says where it is not content."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], capture_output=True, text=True, check=False
    )
    return None if done.returncode == 0 else done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
