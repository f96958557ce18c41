"""Signing at home, and asking somebody to act."""

import pytest

from lianban.cases.models import JointCaseRecord
from lianban.cases.services import agents, signatures
from tests.services.cast import FIELDS, identity_number
from tests.services.test_signatures import drawn
from tests.web.applicant.people import Person
from tests.web.applicant.test_hand_in import SIGNED, picture

COMMITMENT = "commitment_signature"
WIFE = {
    "name": "王芳",
    "identity_number": identity_number(born="19980412", sequence="022"),
    "phone": "13800000009",
    "relation": "spouse",
    "authority": "none",
}


@pytest.fixture
def ready(person: Person) -> Person:
    person.fill_everything()
    return person


def test_strokes_sign_at_home_with_nobody_present(ready: Person) -> None:
    sent = {**SIGNED, COMMITMENT: "", f"{COMMITMENT}_strokes": drawn()}
    assert ready.post("/form/submit/", sent).status_code == 302
    record = JointCaseRecord.objects.get()
    kept = {one.purpose: one for one in signatures.of_case(case_id=record.id)}
    assert kept[COMMITMENT].way == "drawn" and kept[COMMITMENT].witness == ""
    assert kept[COMMITMENT].name == FIELDS["name"]


def test_a_refused_page_keeps_the_strokes(ready: Person) -> None:
    answer = ready.post(
        "/form/submit/",
        {**SIGNED, "self_employment_signature": "李四", f"{COMMITMENT}_strokes": drawn()},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'name="commitment_signature_strokes" value="{&quot;w&quot;: 1200' in page


def test_a_page_without_javascript_signs_by_name_alone(ready: Person) -> None:
    page = ready.text("/form/check/")
    assert "data-signature-pad" in page and "hidden data-signature-pad" in page
    assert "<script>" not in page.replace(" ", "")
    assert ready.post("/form/submit/", SIGNED).status_code == 302


def test_a_letter_that_was_uploaded_lets_the_agent_sign(ready: Person) -> None:
    letter = {
        **WIFE,
        "authority": "uploaded",
        "valid_until_year": "2027",
        "valid_until_month": "6",
        "valid_until_day": "30",
    }
    assert ready.post("/form/agent/", letter).status_code == 422  # nothing was uploaded
    assert ready.post("/form/agent/", {**letter, "file": picture("委托书.jpg")}).status_code == 302
    assert "由代办人 王芳（配偶）办" in ready.text("/form/check/")
    assert ready.post("/form/submit/", {**SIGNED, COMMITMENT: "王芳"}).status_code == 302
    record = JointCaseRecord.objects.get()
    signed = signatures.newest(signatures.of_case(case_id=record.id), COMMITMENT)
    assert signed is not None and signed.role == "agent"
    page = ready.text(f"/my/{record.id}/")
    assert "由代办人 王芳（配偶）办" in page
    assert ready.post(f"/my/{record.id}/agent/", {"go": "none"}).status_code == 302
    assert agents.acting(case_id=record.id) is None


def test_without_a_letter_the_agents_name_is_no_signature(ready: Person) -> None:
    assert ready.post("/form/agent/", WIFE).status_code == 302
    answer = ready.post("/form/submit/", {**SIGNED, COMMITMENT: "王芳"})
    assert answer.status_code == 422
    assert "没有委托书，代办人不能替您签承诺" in answer.content.decode()
    assert ready.post("/form/agent/", {"go": "none"}).status_code == 302
    assert ready.post("/form/submit/", SIGNED).status_code == 302
