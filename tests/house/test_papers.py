"""What the repository carries: locks with hashes only, and nothing of a machine."""

import re
import subprocess
from pathlib import Path

import pytest

from lianban.ops.environment import ROOT

LOCKS = [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "frontend" / "package-lock.json"]
ADDRESS = re.compile(r'"resolved":|https?://|file://|--(extra-)?index-url|--find-links')
MACHINE = re.compile(r"(?<![A-Za-z0-9_.$}~/-])/(?:home|root|Users|mnt|opt)/")


def tracked() -> list[Path]:
    """Return the files that git knows and that are there."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_carries_no_address(lock: Path) -> None:
    lines = lock.read_text().splitlines()
    allowed = '"url":'  # where a package asks for money, not where it comes from
    assert [line for line in lines if ADDRESS.search(line) and allowed not in line] == []


@pytest.mark.parametrize("lock", LOCKS[:-1], ids=lambda path: path.name)
def test_every_locked_package_has_its_hashes(lock: Path) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", lock.read_text())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_no_file_carries_a_path_of_a_machine() -> None:
    assert [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".yml", ".html", ".js", ".scss"}
        and path != Path(__file__)
        and MACHINE.search(path.read_text())
    ] == []


def test_no_file_is_heavy() -> None:
    assert [str(path) for path in tracked() if path.stat().st_size > 300_000] == []
