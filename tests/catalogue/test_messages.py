"""Every message that the memory sends has its words in the plan."""

from lianban.cases.tell import TO_PERSON
from lianban.catalogue.model import Edition


def test_every_message_to_the_person_has_its_words(either: Edition) -> None:
    words = either.wording["notices"]
    for kind in TO_PERSON.values():
        assert f"message_{kind}_title" in words, kind
        ways = ("courier", "pick_up", "electronic")
        alternatives = [f"message_{kind}_{way}" for way in ways]
        assert f"message_{kind}" in words or all(key in words for key in alternatives), kind


def test_every_text_is_about_a_message_that_is_sent(either: Edition) -> None:
    known = {
        *TO_PERSON.values(),
        *(f"issued_{way}" for way in ("courier", "pick_up", "electronic")),
    }
    assert set(either.wording["texts"]) <= known
    named = {"accepted", "correction", "granted", "denied", "issued_pick_up"}
    assert named <= set(either.wording["texts"])
