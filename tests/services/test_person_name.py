"""Names as they are searched for."""

import pytest

from lianban.accounts.person_name import private_characters, searchable


@pytest.mark.parametrize("dot", "\u00b7\u2022\u30fb\uff65\u2027")
def test_five_middle_dots_are_one_when_searching(dot):
    assert searchable(name=f"买买提{dot}吐尔逊") == "买买提\u00b7吐尔逊"


def test_a_rare_character_stays_and_a_private_one_is_named():
    assert searchable(name="𠮷 野") == "𠮷野"
    assert private_characters(name="李\ue001\U000f0001") == "\ue001\U000f0001"
    assert private_characters(name="李𪛖") == ""
