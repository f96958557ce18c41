"""`policy check` and money: no month and nobody without a rule, none with two, and what is unconfirmed."""

import shutil
from pathlib import Path

import pytest

from lianban.catalogue import check, load, source
from lianban.catalogue.finding import Finding
from tests.catalogue.cli import lianban

FILE = "items/8.yaml"


@pytest.fixture(name="copy")
def copied_plan(tmp_path: Path) -> Path:
    folder = tmp_path / "spoiled"
    shutil.copytree(load.find("retirement-2024"), folder)
    return folder


def found(folder: Path, old: str, new: str) -> list[Finding]:
    text = (folder / FILE).read_text(encoding="utf-8")
    assert old in text, old
    (folder / FILE).write_text(text.replace(old, new, 1), encoding="utf-8")
    read = source.read(folder)
    return check.full(read, load.build(read))


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("from: 7, to: 11", "from: 8, to: 11", "rest_gap", "余 7 个月整"),
        ("from: 0, to: 5", "from: 1, to: 5", "rest_gap", "余 0 个月多几天"),
        ("from: 0, to: 5", "from: 0, to: 6", "rest_overlap", "余 6 个月整"),
        ('to: 11, counts: "1"', 'to: 11, counts: "0.25"', "rest_order", "反而少"),
        ('to: 11, counts: "1"', 'to: 11, counts: "1.5"', "rest_order", "比一年多"),
        (' || retired_as_conscript == "yes"', "", "standard_gap", "没有标准"),
        ('rank == "sergeant" && retired', "retired", "", ""),
        (' && retired_as_conscript == "no"', "", "standard_overlap", "义务兵、军士"),
        ('base_years: "2"', 'base_years: "9"', "negative_amount", "负数"),
        ("account: bank_account", "account: mobile", "unknown_field", "mobile"),
        ("bank: bank_name", "bank: nowhere", "unknown_field", "nowhere"),
        ('left_service == "dismissed"', 'left_service == "gone"', "unknown_value", "gone"),
        ('left_service == "dismissed"', 'nothing == "gone"', "unknown_question", "nothing"),
        ("code: left_service", "code: placement", "double", "placement"),
    ],
)
def test_a_gap_or_an_overlap_in_the_money_is_found(
    copy: Path, old: str, new: str, code: str, words: str
) -> None:
    findings = [f for f in found(copy, old, new) if f.file == FILE]
    assert {code} - {""} <= {f.code for f in findings}
    assert code or not findings
    assert all(f.items == (8,) and f.line and f.line > 20 for f in findings)
    assert any(words in f.message for f in findings) or not code
    if code.startswith("standard"):
        assert all(f.witness and f.witness["rank"] == "sergeant" for f in findings)


def test_unconfirmed_figures_are_listed_and_the_plan_is_good_all_the_same() -> None:
    ran = lianban("policy", "check", "retirement-2024", "--json")
    assert (ran.code, ran.json["ok"]) == (0, True)
    warned = ran.json["warnings"]
    assert {w["code"] for w in warned} == {"unverified_figure"}
    assert len(warned) == 12
    text = Path(load.find("retirement-2024") / FILE).read_text(encoding="utf-8").splitlines()
    standard = next(w for w in warned if "军士" in w["message"])
    assert "code: sergeant" in text[standard["line"] - 1]
    told = lianban("policy", "check", "retirement-2024")
    assert told.out.count("待本市确认（现在依据") == 12


def test_a_confirmed_figure_is_listed_no_more(copy: Path) -> None:
    path = copy / FILE
    path.write_text(path.read_text(encoding="utf-8").replace("verified: false", "verified: true"))
    read = source.read(copy)
    assert check.warnings(read, load.build(read)) == []


def test_money_with_a_wrong_shape_names_its_line(copy: Path) -> None:
    path = copy / FILE
    path.write_text(path.read_text(encoding="utf-8").replace('base: "4500.00"', "base: 4500.005"))
    ran = lianban("policy", "check", str(copy), "--json")
    assert ran.code == 1
    assert "payment.standards.0.base" in ran.json["findings"][0]["message"]
