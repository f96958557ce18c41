"""`policy plan` and `case play` from the shell: codes, streams and words are a contract."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.catalogue.cli import Ran, lianban
from tests.engine.story import CONSCRIPT, answers

SCENARIOS = Path(__file__).parents[1] / "scenarios"
ROOT = Path(__file__).parents[2]


def plan(given: dict[str, Any], *options: str, policy: str = "retirement-2022") -> Ran:
    words = ("policy", "plan", "--policy", policy, "--answers", "-", "--json", *options)
    return lianban(*words, stdin=json.dumps(given, ensure_ascii=False))


def test_a_plan_has_the_published_keys() -> None:
    ran = plan(answers({"medical_insurance": "employer", "pension_insurance": "already"}))
    assert (ran.code, ran.err) == (0, "")
    printed = ran.json
    assert printed["edition"]["id"] == "retirement-2022"
    four = next(item for item in printed["items"] if item["number"] == 4)
    assert four | {
        "code": "identity_card", "department": "public_security", "wave": 3, "requires": [3],
        "milestones": [], "pledged_days": 10,
        "presence": {"place": "counter", "why": "fingerprints"},
    } == four  # fmt: skip
    (outside,) = printed["external"]
    assert outside == {
        "number": 13, "code": "medical_insurance", "wave": 3, "requires": [3], "milestones": [],
        "waits_for": "employer_registers",
    }  # fmt: skip
    assert printed["satisfied"] == [
        {"number": 12, "code": "social_insurance", "evidence": "参保证明"}
    ]
    assert {"number": 10, "code": "disability_transfer"}.items() <= printed["not_applicable"][
        0
    ].items()
    assert printed["visits"]["least"] == 1
    assert printed["visits"]["reasons"][0]["items"] == [1, 4]
    kinds = {"code", "name", "form", "copies", "items", "deferrable", "any_of"}
    assert all(kinds <= material.keys() for material in printed["materials"])
    assert any(material["any_of"] for material in printed["materials"])
    assert all({"code", "label", "items"} <= field.keys() for field in printed["fields"])


def test_answers_may_be_yaml_in_a_file_and_all_scalars_are_text(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    lines = [f"{key}: {value}" for key, value in CONSCRIPT.items()]
    file.write_text("\n".join([*lines, "unticked: [9]"]), encoding="utf-8")
    ran = lianban("policy", "plan", "--policy", "retirement-2024", "--answers", str(file), "--json")
    assert ran.code == 0
    assert 9 not in {item["number"] for item in ran.json["items"]}


def test_a_missing_answer_is_named() -> None:
    ran = plan(answers({"rank": ""}))
    assert (ran.code, ran.json) == (1, {"unanswered": ["rank"]})
    assert "rank" in ran.err


def test_a_partial_plan_says_what_is_undecided() -> None:
    given = answers({"id_card": "", "military_pension": ""})
    ran = plan(given, "--partial")
    assert (ran.code, ran.json["undecided"]) == (0, [4, 5])
    assert plan(CONSCRIPT, "--partial").json["undecided"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"}, {"rank": "general"}, {"placement": "transferred"},
        {"assigned_to": "pending"}, {"unticked": [1]}, {"unticked": [12]}, {"unticked": [99]},
        {"unticked": "12"}, {"unticked": ["x"]}, {"evidence": ["12"]}, {"rank": ["conscript"]},
    ],
)  # fmt: skip
def test_answers_that_lead_nowhere_are_refused_by_name(change: dict[str, Any]) -> None:
    ran = plan({**CONSCRIPT, **change})
    assert ran.code == 1
    assert isinstance(ran.json, dict)
    assert ran.json["error"]
    assert ran.err.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        ["policy"], ["policy", "plan"], ["policy", "check"], ["policy", "check", "no-such-edition"],
        ["policy", "plan", "--policy", "retirement-2022", "--answers", "no-such-file"],
        ["policy", "plan", "--policy", "no-such-edition", "--answers", "-"],
        ["case", "play", "no-such-file"], ["no-such-command"], ["case", "play", "-"],
    ],
)  # fmt: skip
def test_a_wrong_call_is_two_and_says_why_on_standard_error(arguments: list[str]) -> None:
    ran = lianban(*arguments, stdin="- 1")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.strip()


def test_a_script_is_good_when_all_came_out_as_it_says() -> None:
    ran = lianban("case", "play", str(SCENARIOS / "00-the-example.yaml"), "--json")
    assert (ran.code, ran.err) == (0, "")
    assert (ran.json["ok"], ran.json["edition"]["id"]) == (True, "retirement-2024")


def test_a_failed_expectation_is_one_and_says_expected_found_and_step() -> None:
    text = (SCENARIOS / "00-the-example.yaml").read_text(encoding="utf-8")
    ran = lianban("case", "play", "-", "--json", stdin=text.replace("2026-09-04", "2026-09-05"))
    assert ran.code == 1
    (failure,) = ran.json["failures"]
    assert failure == {"step": 3, "key": "due", "expected": "2026-09-05", "found": "2026-09-04"}
    assert "2026-09-05" in ran.err
    assert "2026-09-04" in ran.err


HEAD = "policy: retirement-2024\nanswers: {rank: conscript}\n"
SCRIPTS = [
    "answers: {}\nsteps: []", "policy: [a]", HEAD + "steps: {a: b}", HEAD + "steps: [word]",
    HEAD + "steps: [{do: dance}]", HEAD + "steps: [{do: [register]}]", HEAD + "facts: [a]",
    HEAD + "steps: [{do: grant}]", HEAD + "steps: [{do: grant, item: x}]",
    HEAD + "steps: [{do: grant, item: 1, colour: red}]", HEAD + "steps: [{at: noon, do: register}]",
    HEAD + "steps: [{expect: word}]", HEAD + "steps: [{expect: {colour: red}}]",
    HEAD + "steps: [{expect: {item: x}}]", HEAD + "calendar: {changes: [a]}",
    HEAD + "facts: {discharge_date: soon}", "policy: retirement-2024\nanswers: [a]",
]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_that_cannot_be_understood_is_bad_and_says_where(script: str) -> None:
    ran = lianban("case", "play", "-", "--json", stdin=script)
    assert (ran.code, ran.json["ok"]) == (1, False)
    assert ran.err.strip()


def test_a_script_may_bring_its_own_calendar() -> None:
    text = (SCENARIOS / "00-the-example.yaml").read_text(encoding="utf-8")
    own = "calendar: {confirmed_until: 2026-09-03, changes: [{date: 2026-09-04, working: false}]}"
    text = text.replace("calendar: default", own).replace(
        'due: "2026-09-04"', 'due: "2026-09-07", provisional: true'
    )
    ran = lianban("case", "play", "-", "--json", stdin=text)
    assert (ran.code, ran.err) == (0, "")


def test_an_unexpected_refusal_and_one_that_did_not_come_are_failures() -> None:
    text = (SCENARIOS / "00-the-example.yaml").read_text(encoding="utf-8")
    came = lianban("case", "play", "-", "--json", stdin=text.replace(", refused: still_open", ""))
    assert (
        came.json["failures"][0] | {"expected": None, "found": "still_open"}
        == came.json["failures"][0]
    )
    missing = text.replace("do: receive_dossier}", "do: receive_dossier, refused: ended}")
    found = lianban("case", "play", "-", "--json", stdin=missing).json["failures"][0]
    assert (found["expected"], found["found"]) == ("ended", None)


WITHOUT = """
import sys
from lianban.ops.main import main
code = main(sys.argv[1:])
heavy = {"django", "psycopg", "httpx", "procrastinate"} & {name.split(".")[0] for name in sys.modules}
print(sorted(heavy), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["policy", "check", "retirement-2024", "--json"],
        ["policy", "plan", "--policy", "retirement-2022", "--answers", "-", "--json"],
        ["case", "play", str(SCENARIOS / "00-the-example.yaml"), "--json"],
    ],
)
def test_no_django_and_no_database_are_needed(arguments: list[str], tmp_path: Path) -> None:
    clean = {"PATH", "HOME", "LANG", "LC_ALL"}
    environment = {key: value for key, value in os.environ.items() if key in clean}
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT, *arguments],
        input=json.dumps(CONSCRIPT), env=environment | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["edition"]["hash"].startswith("sha256:")
    assert ran.stderr.strip() == "[]"


def test_policies_may_lie_in_a_folder_of_the_citys_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "our-plan").symlink_to(ROOT / "policy" / "retirement-2022")
    monkeypatch.setenv("LIANBAN_POLICY_DIR", str(tmp_path))
    assert lianban("policy", "check", "our-plan", "--json").code == 0
    assert lianban("policy", "check", "retirement-2022", "--json").code == 2
