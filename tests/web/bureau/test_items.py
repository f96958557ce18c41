"""The bureau decides its own items, and removes what stands in others' way."""

import pytest
from django.test import Client

from lianban import clock
from lianban.cases.models import SubCaseRecord
from lianban.engine import commands as c
from tests.services import money
from tests.services.cast import City
from tests.web.bureau import desk

pytestmark = pytest.mark.django_db(transaction=True)

EMPLOYED = {"pension_insurance": "employer", "medical_insurance": "employer"}


def do(client: Client, case_id: object, number: int, name: str, **fields: object) -> object:
    sequence = fields.pop("sequence", None)
    data = {f"{name}-{key}": value for key, value in fields.items()} | {"do": name}
    if sequence is not None:
        data["sequence"] = sequence
    return client.post(f"/bureau/cases/{case_id}/items/{number}/", data)


def test_an_own_item_is_granted_with_its_number(city: City, officer: Client) -> None:
    case_id = desk.sent(city)
    money.approve_first(c.Grant(8), case_id=case_id, at=clock.now())
    assert "一次性经济补助" in desk.text(officer.get("/bureau/items/"))
    assert do(officer, case_id, 8, "grant", result_number="柳退〔2026〕8 号").status_code == 302
    row = SubCaseRecord.objects.get(case_id=case_id, number=8)
    assert (row.outcome, row.result_number) == ("granted", "柳退〔2026〕8 号")
    assert row.claimed_by_id == city.bureau.user_id
    assert "柳退〔2026〕8 号" in desk.text(officer.get(desk.page(case_id, "items/8/")))


def test_a_denial_needs_a_reason_and_an_officer_only_proposes_it(
    city: City, officer: Client, head: Client
) -> None:
    case_id = desk.sent(city)
    assert do(officer, case_id, 9, "deny").status_code == 422
    assert do(officer, case_id, 9, "deny", standard="deny.already_paid").status_code == 302
    assert desk.state(case_id, city.bureau).sub_cases[9].outcome is None
    assert "等负责人批准" in desk.text(officer.get(desk.page(case_id, "items/9/")))
    officer = head
    found = do(officer, case_id, 8, "deny")
    assert found.status_code == 422
    found = do(officer, case_id, 8, "deny", standard="deny.already_paid")
    assert found.status_code == 302
    assert desk.state(case_id, city.bureau).sub_cases[8].outcome == "denied"


def test_the_clock_is_stopped_goes_on_and_is_lengthened_once(city: City, officer: Client) -> None:
    case_id = desk.sent(city)
    assert do(officer, case_id, 8, "suspend", own="等部队回函").status_code == 302
    assert "等部队回函" in desk.text(officer.get(desk.page(case_id, "items/8/")))
    assert do(officer, case_id, 8, "resume").status_code == 302
    assert do(officer, case_id, 8, "extend", days="99", own="情况复杂").status_code == 422
    assert do(officer, case_id, 8, "extend", days="x", own="情况复杂").status_code == 422
    assert do(officer, case_id, 8, "extend", days="5", own="情况复杂").status_code == 302
    assert desk.state(case_id, city.bureau).sub_cases[8].extended_days == 5
    assert 'value="extend"' not in desk.text(officer.get(desk.page(case_id, "items/8/")))


def test_a_colleagues_claim_is_respected(city: City, officer: Client, head: Client) -> None:
    case_id = desk.sent(city)
    money.approve_first(c.Grant(8), case_id=case_id, at=clock.now())
    assert officer.post(desk.page(case_id, "items/8/claim/")).status_code == 302
    found = do(head, case_id, 8, "grant")
    assert found.status_code in (400, 409)
    assert "已经认领了这一件" in desk.text(found)
    assert officer.post(desk.page(case_id, "items/8/give-back/")).status_code == 302
    assert do(head, case_id, 8, "grant").status_code == 302


def test_the_second_of_two_officers_reads_that_it_was_changed(city: City, head: Client) -> None:
    case_id = desk.sent(city)
    seen = desk.state(case_id, city.bureau).sequence
    desk.give(c.Grant(8), case_id, city.bureau)
    found = do(head, case_id, 8, "deny", own="核查不一致", sequence=seen)
    assert found.status_code == 409
    assert "刚被别人改过" in desk.text(found)
    assert "核查不一致" in desk.text(found)
    # another item is as it was seen: what happened to the first disturbs nobody there
    assert do(head, case_id, 9, "grant", sequence=seen).status_code == 302
    assert desk.state(case_id, city.bureau).sub_cases[9].outcome == "granted"


def test_an_outside_bodys_event_opens_what_waited_for_it(city: City, officer: Client) -> None:
    case_id = desk.sent(city, answers=EMPLOYED)
    desk.give(c.Grant(3), case_id, city.officer("department_officer", "public_security"))
    assert do(officer, case_id, 12, "external_event", kind="nonsense").status_code == 422
    found = do(officer, case_id, 12, "external_event", kind="employer_registers")
    assert found.status_code == 302
    case = desk.state(case_id, city.bureau)
    assert case.sub_cases[12].state == "satisfied"
    assert case.sub_cases[5].state == "dispatched"
    found = do(officer, case_id, 5, "external_event", kind="funds_arrived")
    assert found.status_code == 302
    assert desk.state(case_id, city.bureau).sub_cases[5].clock


def test_only_the_head_waives_and_others_propose_it(
    city: City, officer: Client, head: Client
) -> None:
    case_id = desk.sent(city)
    police = city.officer("department_officer", "public_security")
    desk.give(c.Deny(3, "核查结果和申请内容不一致"), case_id, police)
    assert "提请免一项前置" in desk.text(officer.get(desk.page(case_id, "items/12/")))
    found = do(officer, case_id, 12, "waive", prerequisite="3", own="已在外地落户")
    assert found.status_code == 302
    assert desk.state(case_id, city.bureau).sub_cases[12].state == "blocked"
    assert do(head, case_id, 12, "waive", prerequisite="3").status_code == 422
    found = do(head, case_id, 12, "waive", prerequisite="3", own="已在外地落户")
    assert found.status_code == 302
    assert desk.state(case_id, city.bureau).sub_cases[12].state == "dispatched"


def test_the_head_reopens_a_denied_item(city: City, officer: Client, head: Client) -> None:
    case_id = desk.sent(city)
    police = city.officer("department_officer", "public_security")
    desk.give(c.Deny(3, "核查结果和申请内容不一致"), case_id, police)
    assert do(officer, case_id, 3, "reopen", own="原因消除").status_code == 403
    assert do(head, case_id, 3, "reopen", standard="reopen.cause_removed").status_code == 302
    assert desk.state(case_id, city.bureau).sub_cases[3].state == "dispatched"


def test_an_ended_item_says_so_instead_of_changing(city: City, officer: Client) -> None:
    case_id = desk.finished(city)
    found = do(officer, case_id, 8, "suspend", own="等回函")
    assert found.status_code == 409
    assert "已经结束" in desk.text(found)


def test_an_unknown_item_or_button_is_not_found(city: City, officer: Client) -> None:
    case_id = desk.sent(city)
    assert officer.get(desk.page(case_id, "items/99/")).status_code == 404
    assert do(officer, case_id, 8, "conclude").status_code == 404
