"""The pages that describe the engine are generated from it, or complete for it."""

import re
from pathlib import Path

import pytest

from lianban.engine import commands as c
from lianban.engine import event_data
from lianban.engine.states import CaseState, Outcome, State
from lianban.ops import states_doc

DOCS = Path(__file__).parents[2] / "docs"
ROW = re.compile(
    r"^\| (?P<chinese>[^|]+) \| (?P<english>[^|]+) \| (?P<names>[^|]+) \|", re.MULTILINE
)


def test_states_md_is_current() -> None:
    written = (DOCS / "states.md").read_text(encoding="utf-8")
    assert written == states_doc.text(), "run: lianban case states > docs/states.md"


def test_every_state_has_a_meaning_on_the_page() -> None:
    page = states_doc.text()
    for state in (*CaseState, *State):
        assert re.search(rf"^\| `{state}` \| \S", page, re.MULTILINE), state


def glossary() -> dict[str, str]:
    """Identifier to its Chinese, as docs/glossary.md has them."""
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    return {
        name: row["chinese"].strip()
        for row in ROW.finditer(text)
        for name in re.findall(r"`([^`]+)`", row["names"])
    }


@pytest.mark.parametrize("kind", ["states", "commands", "events"])
def test_every_command_and_event_is_in_the_glossary(kind: str) -> None:
    needed = {
        "states": {str(state) for state in (*CaseState, *State, *Outcome)},
        "commands": {*c.NAMES, *(command.__name__ for command in c.NAMES.values())},
        "events": set(event_data.TYPES),
    }[kind]
    words = glossary()
    assert needed - words.keys() == set()
    assert all(re.search(r"[\u4e00-\u9fff]", words[name]) for name in needed)


def test_every_reason_code_is_in_the_glossary() -> None:
    rooms = Path(c.__file__).parents[1]
    files = [*(rooms / "engine").glob("*.py"), rooms / "catalogue" / "planning.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    codes = set(re.findall(r'Refused\(\s*"(\w+)"', text))
    assert len(codes) > 15
    assert codes - glossary().keys() == set()
