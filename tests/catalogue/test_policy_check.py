"""`policy check`: what is wrong with a plan, in which file, on which line, and what would mend it."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from lianban.catalogue import load
from lianban.catalogue.finding import PolicyRefused
from tests.catalogue.cli import lianban

FIXTURES = Path(__file__).parents[1] / "fixtures" / "policy"


@pytest.fixture(name="copy")
def copied_plan(tmp_path: Path) -> Path:
    """The city's plan in a folder where a test may spoil it."""
    folder = tmp_path / "spoiled"
    shutil.copytree(load.find("retirement-2022"), folder)
    return folder


def checked(folder: Path | str, code: int = 1) -> dict[str, Any]:
    ran = lianban("policy", "check", str(folder), "--json")
    assert ran.code == code, ran.err
    return ran.json


def spoil(folder: Path, file: str, old: str, new: str) -> int:
    """Replace a text in one file; return the line on which it stood."""
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text, (file, old)
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("name", ["retirement-2022", "retirement-2024"])
def test_both_editions_are_good(name: str) -> None:
    result = checked(name, code=0)
    assert (result["ok"], result["findings"]) == (True, [])
    assert result["figures"] == {"items": 15, "applicants": 8812800, "eligible": 7948800}
    assert result["edition"]["id"] == name
    assert result["edition"]["hash"].startswith("sha256:")


def test_the_literal_table_is_refused_with_its_three_loops_and_what_they_cut_off() -> None:
    result = checked(FIXTURES / "literal")
    assert result["ok"] is False
    loops = [f for f in result["findings"] if f["code"] == "self_prerequisite"]
    assert [(f["items"], f["file"]) for f in loops] == [
        ([12], "items/12.yaml"), ([13], "items/13.yaml"), ([15], "items/15.yaml"),
    ]  # fmt: skip
    for finding in loops:
        text = (FIXTURES / "literal" / finding["file"]).read_text(encoding="utf-8")
        assert text.splitlines()[finding["line"] - 1].startswith("requires:")
        assert finding["witness"] is None
    (cut_off,) = [f for f in result["findings"] if f["code"] == "unreachable"]
    assert (cut_off["items"], cut_off["because"]) == ([5, 11], [12])


def test_the_literal_table_can_neither_be_planned_nor_played(tmp_path: Path) -> None:
    with pytest.raises(PolicyRefused):
        load.load(FIXTURES / "literal")
    words = ("policy", "plan", "--policy", str(FIXTURES / "literal"), "--answers", "-")
    ran = lianban(*words, stdin="{}")
    assert (ran.code, ran.json["findings"][0]["code"]) == (1, "self_prerequisite")
    script = tmp_path / "script.yaml"
    script.write_text(f"policy: {FIXTURES / 'literal'}\nanswers: {{}}\nsteps: []\n")
    assert lianban("case", "play", str(script), "--json").code == 1


def test_two_items_that_wait_for_each_other_are_a_circle(copy: Path) -> None:
    spoil(copy, "items/3.yaml", "requires: [reception]", "requires: [identity_card]")
    found = checked(copy)["findings"]
    circle = next(f for f in found if f["code"] == "circle")
    assert circle["items"] == [3, 4]
    assert {5, 6, 11, 12, 13} <= set(next(f for f in found if f["code"] == "unreachable")["items"])


SPOILT = [
    ("items/3.yaml", "requires: [reception]", "requires: [moon]", "unknown_item"),
    ("items/3.yaml", "department: public_security", "department: moon", "unknown_department"),
    ("items/3.yaml", 'household in ["cancelled"', 'hausehold in ["cancelled"', "unknown_question"),
    ("items/3.yaml", '"relocating"]', '"moving"]', "unknown_value"),
    ("items/3.yaml", 'household in ["cancelled"', 'household in "cancelled"', "condition_syntax"),
    ("items/3.yaml", "name: ", "naem: ", "schema"),
    ("items/1.yaml", "{place: counter", "{place: moon", "unknown_place"),
    ("items/1.yaml", "since: discharge_date", "since: moon", "unknown_field"),
    ("plan.yaml", "entry: report_in", "entry: moon", "unknown_item"),
    ("plan.yaml", "silence: accepted", "silence: perhaps", "schema"),
]


@pytest.mark.parametrize(("file", "old", "new", "code"), SPOILT)
def test_a_complaint_names_file_line_and_what_would_mend_it(
    copy: Path, file: str, old: str, new: str, code: str
) -> None:
    line = spoil(copy, file, old, new)
    result = checked(copy)
    found = [f for f in result["findings"] if f["code"] == code]
    assert found, result["findings"]
    assert (found[0]["file"], found[0]["message"] != "") == (file, True)
    assert line in {f["line"] for f in found}


def test_a_condition_that_nobody_meets_and_two_that_meet_at_once_are_found(copy: Path) -> None:
    spoil(copy, "items/9.yaml", 'rank in ["conscript", "sergeant"]', 'rank == "officer"')
    spoil(
        copy,
        "items/12.yaml",
        'opens: pension_insurance in ["flexible"',
        'opens: pension_insurance in ["already"',
    )
    found = {f["code"]: f for f in checked(copy)["findings"]}
    assert found["never_opens"]["items"] == [9]
    assert found["overlap"]["items"] == [12]
    assert found["overlap"]["witness"]["pension_insurance"] == "already"


def test_broken_yaml_missing_and_strange_files_are_complaints_too(copy: Path) -> None:
    (copy / "items" / "3.yaml").write_text("number: 3\n  code: [\n", encoding="utf-8")
    (copy / "materials.yaml").unlink()
    (copy / "strange.yaml").write_text("a: 1\n", encoding="utf-8")
    (copy / "items" / "4.yaml").write_bytes(b"\xff\xfe")
    found = {(f["code"], f["file"]) for f in checked(copy)["findings"]}
    assert {
        ("yaml", "items/3.yaml"), ("yaml", "items/4.yaml"), ("missing_file", "materials.yaml"),
        ("unknown_file", "strange.yaml"),
    } <= found  # fmt: skip


def test_a_key_written_twice_is_a_complaint(copy: Path) -> None:
    spoil(copy, "items/3.yaml", "code: ", "code: once\ncode: ")
    assert ("yaml", "items/3.yaml") in {(f["code"], f["file"]) for f in checked(copy)["findings"]}


def test_an_edition_changes_its_hash_with_its_content_only(copy: Path) -> None:
    before = load.load(load.find("retirement-2022")).hash
    assert load.load(copy).hash == before
    spoil(copy, "items/3.yaml", "days: 1", "days: 2")
    assert load.load(copy).hash != before
