"""What a plan says of partners: who verifies, who does what for everybody, and texts that name nobody."""

import shutil
from pathlib import Path

import pytest

from lianban.catalogue import check, load, source
from lianban.catalogue.finding import Finding, PolicyRefused
from lianban.catalogue.model import Edition


@pytest.fixture(name="copy")
def copied_plan(tmp_path: Path) -> Path:
    folder = tmp_path / "spoiled"
    shutil.copytree(load.find("retirement-2024"), folder)
    return folder


def found(folder: Path, file: str, old: str, new: str) -> list[Finding]:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text, old
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    read = source.read(folder)
    return check.structural(read, load.build(read))


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "words"),
    [
        ("materials.yaml", "verified_by: public_security", "verified_by: sheriff",
         "unknown_department", "sheriff"),
        ("items/1.yaml", "verified_by: public_security", "verified_by: sheriff",
         "unknown_department", "sheriff"),
        ("plan.yaml", "{verified_by: public_security", "{verified_by: sheriff",
         "unknown_department", "sheriff"),
        ("plan.yaml", "waybill: courier", "waybill: pigeon", "unknown_department", "pigeon"),
        ("plan.yaml", "fields: [name,", "fields: [nickname,", "unknown_field", "nickname"),
        ("wording/texts.yaml", "您申请的“一件事”已受理", "您的{item}已受理",
         "text_names_somebody", "accepted"),
        ("wording/texts.yaml", "已受理。", "已受理。" + "好" * 140, "text_too_long", "最多 140"),
    ],
)  # fmt: skip
def test_a_partner_that_is_nobody_and_a_text_that_says_too_much_are_found(
    copy: Path, file: str, old: str, new: str, code: str, words: str
) -> None:
    (finding,) = found(copy, file, old, new)
    assert (finding.code, finding.file) == (code, file)
    assert words in finding.message and finding.line > 0


def test_a_service_that_nobody_knows_is_refused_with_its_line(copy: Path) -> None:
    plan = copy / "plan.yaml"
    text = plan.read_text(encoding="utf-8").replace("{text: sms,", "{fax: sms,")
    plan.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyRefused, match="fax"):
        load.load(copy)


def test_both_editions_say_who_verifies_and_who_serves(either: Edition) -> None:
    assert either.partners.identity_by == "public_security"
    assert set(either.partners.services) == {"text", "waybill", "payment"}
    by = {material.code: material.verified_by for material in either.materials}
    assert by["resident_identity_card"] == by["settlement_proof"] == "public_security"
    results = {item.result.code: item.result.verified_by for item in either.items if item.result}
    assert results["settlement_notice"] == "public_security"


def test_a_plan_without_partners_asks_and_tells_nobody(copy: Path) -> None:
    plan = copy / "plan.yaml"
    lines = plan.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("identity:", "services:"))]
    plan.write_text("\n".join(kept) + "\n", encoding="utf-8")
    edition = load.load(copy)
    assert edition.partners.identity_by == "" and edition.partners.services == {}
