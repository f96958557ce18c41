"""Whatever reads the bytes of strangers, in a process of its own.

`python -m lianban.cases.decoding picture|pdf|codes`: a file on standard input, the answer on
standard output, and an exit status that says why not. Decoders are large, old and written in C; a
hostile file may cost this process, never the one that answers people. It limits its own memory and
time, may write no file, and is given no environment, hence no secret and no address of a database.
Needs neither Django nor the database.
"""

import importlib
import json
import os
import resource
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DAMAGED, LOCKED, TOO_MANY_PAGES, TOO_MANY_PIXELS, TOO_LARGE, UNFOLDS = range(3, 9)
MOST_BYTES = 10 * 1024 * 1024
MOST_PAGES = 50

_MOST_MEMORY = 1024 * 1024 * 1024
#: The reader of cards maps its models and arenas: 0.95 to 1.05 GB of addresses, 0.5 GB in use.
_MOST_MEMORY_TO_READ = 2 * _MOST_MEMORY
_MOST_CPU_SECONDS = 20
_MOST_SECONDS = 30
#: At once in one process of ours: each may take a gigabyte.
_TURN = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Answer:
    """What the other process said: why not (0: it is well), facts, and a file."""

    status: int
    facts: dict[str, Any]
    content: bytes


def run(how: str, content: bytes) -> Answer:
    """Let the other process work on a file. One that dies or takes too long: `DAMAGED`."""
    command = [sys.executable, "-B", "-m", "lianban.cases.decoding", how]
    environment = {"PATH": os.defpath, "MALLOC_ARENA_MAX": "1", "LANG": "C.UTF-8"}
    root = Path(__file__).parents[2]
    try:
        with _TURN:
            done = subprocess.run(
                command,
                input=content,
                capture_output=True,
                timeout=_MOST_SECONDS,
                env=environment,
                cwd=root,
            )
    except subprocess.TimeoutExpired:
        return Answer(DAMAGED, {}, b"")
    if done.returncode != 0:
        known = done.returncode in range(DAMAGED, UNFOLDS + 1)
        return Answer(done.returncode if known else DAMAGED, {}, b"")
    head, _, file = done.stdout.partition(b"\n")
    return Answer(0, json.loads(head), file)


# In the other process --------------------------------------------------------------------------

_WHY = {
    "Locked": LOCKED,
    "TooManyPages": TOO_MANY_PAGES,
    "Bomb": UNFOLDS,
    "TooManyPixels": TOO_MANY_PIXELS,
    "DecompressionBombError": TOO_MANY_PIXELS,
    "DecompressionBombWarning": TOO_MANY_PIXELS,
}


def main(arguments: list[str]) -> int:
    """Answer for standard input on standard output; the exit status says why not."""
    _limit(_MOST_MEMORY_TO_READ if arguments[0] == "lines" else _MOST_MEMORY)
    try:
        facts, file = _HOW[arguments[0]](sys.stdin.buffer.read())
    except Exception as error:  # a reader fed with hostile bytes may raise anything
        return _WHY.get(type(error).__name__, DAMAGED)
    if len(file) > MOST_BYTES:
        return TOO_LARGE
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + file)
    return 0


def _limit(memory: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, _MOST_CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _picture(content: bytes) -> tuple[dict[str, Any], bytes]:
    # named late: each reader costs start-up time, and only one is needed
    pictures = importlib.import_module("lianban.cases.pictures")
    content_type, file = pictures.redrawn(content)
    return {"content_type": content_type, "pages": 1}, file


def _pdf(content: bytes) -> tuple[dict[str, Any], bytes]:
    pdf_pages = importlib.import_module("lianban.cases.pdf_pages")
    file, pages = pdf_pages.rewritten(content, most_pages=MOST_PAGES)
    return {"content_type": "application/pdf", "pages": pages}, file


def _codes(content: bytes) -> tuple[dict[str, Any], bytes]:
    page_codes = importlib.import_module("lianban.cases.page_codes")
    codes, file = page_codes.read(content)
    return {"codes": codes}, file


def _lines(content: bytes) -> tuple[dict[str, Any], bytes]:
    card_lines = importlib.import_module("lianban.cases.card_lines")
    return {"lines": card_lines.read(content)}, b""


_HOW = {"lines": _lines, "picture": _picture, "pdf": _pdf, "codes": _codes}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
