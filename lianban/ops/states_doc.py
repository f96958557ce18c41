"""`docs/states.md`, written from the transition table: `lianban case states > docs/states.md`."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from lianban.engine import states
from lianban.engine.states import CASE_ENDS, ENDS
from lianban.engine.transitions import CASE, ITEM, Transition

_MEANING = re.compile(r"^    #: (?P<text>.+)\n    [A-Z_]+ = \"(?P<value>\w+)\"$", re.MULTILINE)
_CLASS = re.compile(r"^class (\w+)\(StrEnum\):", re.MULTILINE)


def text() -> str:
    """The whole page."""
    means = _meanings()
    parts = [
        "# States, commands and what follows",
        "Generated from `lianban/engine/transitions.py` by `lianban case states > docs/states.md`;"
        " a test keeps it current. Words in Chinese: [glossary.md](glossary.md).",
        "A command on a state that stands under *repeat* is already done: it yields nothing. On any"
        " other state that is not named it is refused. `=` leaves the state as it is.",
        "## The joint case (联办件)",
        *_section(CASE, means["CaseState"], frozenset(map(str, CASE_ENDS))),
        "## The sub-case (子办件)",
        *_section(ITEM, means["State"], frozenset(map(str, ENDS))),
    ]
    return "\n\n".join(parts) + "\n"


def _meanings() -> dict[str, dict[str, str]]:
    """What each state means: the words above it in the source."""
    source = Path(states.__file__).read_text(encoding="utf-8")
    _, *pieces = _CLASS.split(source)
    return {
        name: {found["value"]: found["text"] for found in _MEANING.finditer(body)}
        for name, body in zip(pieces[::2], pieces[1::2], strict=True)
    }


def _section(
    rows: tuple[Transition, ...], means: dict[str, str], ends: frozenset[str]
) -> Iterator[str]:
    yield _table(
        ["state", "meaning", ""],
        ([f"`{s}`", t, "end" if s in ends else ""] for s, t in means.items()),
    )
    cells = ([_word(r), _list(r.sources), _list(r.targets), _list(r.repeats), r.note] for r in rows)
    yield _table(["command", "on", "leads to", "repeat", "note"], cells)
    yield "\n".join(["```mermaid", "stateDiagram-v2", *_edges(rows, ends), "```"])


def _word(row: Transition) -> str:
    return row.command if row.command.startswith("(") else f"`{row.command}`"


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(map(str, names)))


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _edges(rows: tuple[Transition, ...], ends: frozenset[str]) -> Iterator[str]:
    """One arrow for each pair of states that differ, with its commands."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for source in map(str, row.sources):
            for target in map(str, row.targets):
                if target not in ("=", source):
                    arrows.setdefault((source, target), []).append(row.command)
    for (source, target), commands in arrows.items():
        yield f"    {source} --> {target}: {', '.join(dict.fromkeys(commands))}"
    for end in sorted(ends):
        yield f"    {end} --> [*]"
