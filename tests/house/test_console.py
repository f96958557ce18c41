"""The console script: honest exit codes, help everywhere, and no Django where none is needed."""

import subprocess
import sys

import pytest

from lianban.ops import main

WITHOUT_DJANGO = """
import sys
from lianban.ops.main import main
code = main({words!r})
assert "django" not in sys.modules, "Django was loaded"
sys.exit(code)
"""


def exit_code(words: list[str]) -> int:
    try:
        return main.main(words)
    except SystemExit as ended:  # argparse ends by itself
        assert isinstance(ended.code, int)
        return ended.code


@pytest.mark.parametrize("command", [*main.WITHOUT_DJANGO, "worker", "migrate", "journal"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([command, "--help"]) == main.GOOD
    assert f"lianban {command}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["nonsense"], ["serve", "nonsense"]])
def test_a_wrong_call_is_neither_good_nor_bad(words: list[str]) -> None:
    assert exit_code(words) == main.WRONG_CALL


@pytest.mark.parametrize(
    "words",
    [
        ["policy", "check", "retirement-2022", "--json"],
        ["case", "play", "tests/scenarios/00-the-example.yaml", "--json"],
    ],
    ids=lambda words: words[0],
)
def test_plans_and_scripts_do_without_django(words: list[str]) -> None:
    program = WITHOUT_DJANGO.format(words=words)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
