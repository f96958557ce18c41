"""Signing at the window, and somebody who comes for the person."""

import pytest

from lianban.cases import agents as rules
from lianban.cases.services import agents, signatures
from lianban.journal.models import JournalEntry
from tests.services.cast import FIELDS, identity_number
from tests.services.test_signatures import drawn
from tests.web.counter.clerk import Clerk, errors

pytestmark = pytest.mark.django_db
COMMITMENT = "commitment_signature"
ME = FIELDS["name"]
NUMBER = identity_number(born="19980412", sequence="022")
WIFE = {
    "name": "王芳",
    "identity_number": NUMBER,
    "phone": "138 0000 0009",
    "relation": "spouse",
    "authority": "seen",
    "valid_until_year": "2027",
    "valid_until_month": "12",
    "valid_until_day": "31",
}


def test_a_drawn_signature_needs_no_letters_and_says_who_was_present(clerk: Clerk) -> None:
    record = clerk.take_in("accept", fields={COMMITMENT: ""}, **{f"{COMMITMENT}_strokes": drawn()})
    kept = {one.purpose: one for one in signatures.of_case(case_id=record.id)}
    assert (kept[COMMITMENT].way, kept[COMMITMENT].name) == ("drawn", ME)
    assert kept[COMMITMENT].witness == clerk.actor.name


def test_bad_strokes_keep_everything_that_was_typed(clerk: Clerk) -> None:
    address = clerk.begin()
    answer = clerk.finish(address, "accept", **{f"{COMMITMENT}_strokes": "<svg>"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "再签一次" in page and FIELDS["home_address"] in page and "&lt;svg&gt;" in page


def test_an_undertaking_signed_at_the_window_is_on_its_paper(clerk: Clerk) -> None:
    record = clerk.take_in(
        "defer",
        not_seen=["photo"],
        way_photo="deferred",
        deferral_undertaking_strokes=drawn(),
    )
    signed = signatures.newest(signatures.of_case(case_id=record.id), "deferral_undertaking")
    assert signed is not None and signed.witness == clerk.actor.name
    events = list(
        JournalEntry.objects.filter(case_id=record.id)
        .order_by("sequence")
        .values_list("event", flat=True)
    )
    assert events.index("Signed", events.index("DeferralGranted")) > 0
    paper = clerk.get(f"/papers/{record.id}/deferral_undertaking/0/")
    assert paper.status_code == 200 and paper.content.startswith(b"%PDF")


def test_somebody_elses_name_signs_no_undertaking_and_nothing_is_handed_in(clerk: Clerk) -> None:
    address = clerk.begin()
    answer = clerk.finish(
        address, "defer", not_seen=["photo"], way_photo="deferred", deferral_undertaking="李四"
    )
    assert answer.status_code == 400 and ME in "".join(errors(answer))
    assert clerk.draft(address).content.fields["name"] == ME


def test_the_clerk_writes_down_who_comes_for_the_person(clerk: Clerk) -> None:
    address = clerk.begin()
    clerk.fill(address)
    assert clerk.post(f"{address}agent/", WIFE).status_code == 302
    agent = rules.of_data(clerk.draft(address).content.agent)
    assert agent is not None and (agent.name, agent.authority) == ("王芳", "seen")
    page = clerk.text(f"{address}agent/")
    assert NUMBER not in page.partition("登记代办人")[0].partition("换人")[0]
    assert "代办人不能替您按指纹" in page and "委托书原件" in page
    assert "由代办人 王芳（配偶）办" in clerk.text(address)
    record = clerk.finish(address, "accept", fields={COMMITMENT: "王芳"})
    assert record.status_code == 302, errors(record)


def test_a_wrong_number_of_an_agent_is_said_and_the_rest_stays_typed(clerk: Clerk) -> None:
    address = clerk.begin()
    clerk.fill(address)
    answer = clerk.post(f"{address}agent/", {**WIFE, "identity_number": NUMBER[:-1] + "5"})
    assert answer.status_code == 422 and "最后一位对不上" in "".join(errors(answer))
    assert "王芳" in answer.content.decode() and "138 0000 0009" in answer.content.decode()
    assert clerk.draft(address).content.agent == {}


def test_an_agent_of_a_case_is_appointed_and_revoked_at_the_window(clerk: Clerk) -> None:
    record = clerk.take_in()
    address = f"/counter/cases/{record.id}/agent/"
    assert clerk.post(address, WIFE).status_code == 302
    assert "由代办人 王芳（配偶）办" in clerk.text(f"/counter/cases/{record.id}/")
    assert clerk.post(address, {"go": "none"}).status_code == 302
    assert agents.acting(case_id=record.id) is None
