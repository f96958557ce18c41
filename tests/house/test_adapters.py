"""Adapters: each folder is one, by its name, and speaks only words of the contract and the outbox."""

import re
from pathlib import Path

import pytest

from lianban.cases import tell
from lianban.catalogue import partner
from lianban.exchange import adapters, contract, registry

FOLDERS = sorted(
    one.name for one in Path(adapters.__file__).parent.iterdir() if (one / "__init__.py").is_file()
)
#: Everything that the outbox may tell somebody.
TOPICS = {
    *tell.TO_DEPARTMENT.values(),
    *tell.TO_EVERY_DEPARTMENT.values(),
    *tell.TO_SERVICE.values(),
    *partner.SERVICES,
    tell.APPOINTMENT,
    "verify",
}
#: Each system of the plan that may be connected, and the two that are for trying things out.
EXPECTED = {
    "armed_forces", "bank", "courier", "demo", "failing", "human_resources", "medical_insurance",
    "party_organisation", "public_security", "sms", "youth_league",
}  # fmt: skip


def test_every_folder_is_an_adapter() -> None:
    assert set(FOLDERS) == set(registry.codes()) == EXPECTED


@pytest.mark.parametrize("name", FOLDERS)
def test_an_adapter_bears_its_folders_name_and_knows_only_known_words(name: str) -> None:
    found = registry.adapter(name)
    assert found.code == name and re.search(r"[\u4e00-\u9fff]", found.title)
    assert found.tells and set(found.tells) <= TOPICS
    assert found.hears and set(found.hears) <= set(contract.IN)


def test_every_topic_and_every_word_has_an_adapter() -> None:
    known = [registry.adapter(name) for name in FOLDERS]
    assert {topic for one in known for topic in one.tells} == TOPICS
    assert {word for one in known for word in one.hears} == set(contract.IN)
