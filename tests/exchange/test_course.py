"""What may follow what in one sub-case, as the conformance kit holds a partner to it."""

from collections.abc import Sequence

import pytest

from lianban.exchange import contract
from lianban.exchange.conformance.course import Course
from lianban.exchange.conformance.rules import Broken
from tests.services.cast import moment

AT = moment("2026-09-03 10:00")
SUBJECT = "LB202609030000012-03"
WHY = {"reason_code": "other", "reason": "理由"}
DATA = {
    "refuse_acceptance": WHY,
    "return": WHY,
    "transfer": {"reason": "不归我们"},
    "request_correction": {"defects": ["photo"]},
    "suspend": {"reason": "等鉴定"},
    "extend": {"days": 5, "grounds": "案情复杂"},
    "decide": {"outcome": "granted"},
    "deny": {"outcome": "denied", "reason": "不符合"},
    "issue": {"number": "A1", "issued_on": "2026-09-04"},
    "appoint": {"starts_at": AT.isoformat(), "ends_at": AT.isoformat()},
    "status": {"state": "printing"},
}
SENT = contract.Dispatch(
    item="x", item_name="某事项", district="439901", edition="e",
    materials={"photo": contract.MaterialValue(name="照片", grade=None)},
)  # fmt: skip


def course(words: Sequence[str]) -> Course:
    """The course after these words; `deny` decides against, `supplied` is ours."""
    found = Course(SUBJECT, SENT)
    for number, word in enumerate(words, start=1):
        if word == "supplied":
            assert found.corrected() == ("photo",)
            continue
        name = "decide" if word == "deny" else word
        data = contract.IN[name].model_validate(DATA.get(word, {}))
        said = contract.envelope(
            word=name, message_id=f"message-{number}", source="x", subject=SUBJECT, at=AT, data=data
        )
        found.take(said, data, waits={})
    return found


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("receive accept decide issue deliver", "decided"),
        ("decide", "decided"),
        ("receive deny", "decided"),
        ("receive suspend resume accept extend decide", "decided"),
        ("receive accept suspend resume decide", "decided"),
        ("request_correction supplied accept decide", "decided"),
        ("request_correction refuse_acceptance", "refused"),
        ("receive status return", "returned"),
        ("accept transfer status", "transferred"),
        ("receive appoint arrived accept decide", "decided"),
        ("accept suspend appoint arrived resume decide", "decided"),
    ],
)
def test_what_the_contract_lets_follow_is_taken(words: str, state: str) -> None:
    found = course(words.split())
    assert found.state == state and found.is_over


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("accept receive", "calls_come_in_order"),
        ("issue", "calls_come_in_order"),
        ("decide arrived", "never_contradicts"),
        ("suspend decide", "calls_come_in_order"),
        ("request_correction decide", "calls_come_in_order"),
        ("resume", "calls_come_in_order"),
        ("decide deny", "never_contradicts"),
        ("deny issue", "never_contradicts"),
        ("return accept", "never_contradicts"),
        ("decide accept", "never_contradicts"),
    ],
)
def test_what_may_not_follow_is_named_by_its_rule(words: str, rule: str) -> None:
    with pytest.raises(Broken) as broken:
        course(words.split())
    assert broken.value.rule.code == rule
