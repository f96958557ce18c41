"""A case at the counter after it was handed in: corrections, acceptance, decisions, results."""

from typing import Any

from lianban.cases import services
from lianban.cases.models import JointCaseRecord, MaterialRecord, ViewRecord
from lianban.cases.services import hand_in
from lianban.engine import commands as c
from tests.services.cast import FIELDS, City, moment
from tests.web.counter.clerk import Clerk, errors


def home(record: JointCaseRecord) -> str:
    return f"/counter/cases/{record.id}/"


def state(record: JointCaseRecord) -> str:
    record.refresh_from_db()
    return record.state


def test_an_original_that_is_ticked_answers_the_notice_for_all_items(clerk: Clerk) -> None:
    record = clerk.take_in("notice", not_seen=["settlement_proof", "discharge_certificate"])
    assert "等本人补：退出现役证件、合法稳定住所证明" in clerk.text(home(record))
    seen = {"seen": ["settlement_proof", "discharge_certificate"]}
    assert clerk.post(f"{home(record)}seen/", seen).status_code == 302
    assert state(record) == "submitted"
    page = clerk.text(home(record))
    assert "材料齐了，可以受理" in page and "等受理" in page
    rows = MaterialRecord.objects.filter(case=record, code__in=seen["seen"])
    assert {row.state for row in rows} == {"seen"}


def test_the_counter_accepts_after_the_correction(clerk: Clerk) -> None:
    record = clerk.take_in("notice", not_seen=["photo"])
    refused = clerk.post(f"{home(record)}act/accept/")
    assert refused.status_code == 400 and errors(refused)
    clerk.post(f"{home(record)}seen/", {"seen": ["photo"]})
    record.refresh_from_db()
    answer = clerk.post(f"{home(record)}act/accept/", {"sequence": record.sequence})
    assert answer.status_code == 302, errors(answer)
    assert state(record) == "accepted"
    again = clerk.post(f"{home(record)}act/accept/", {"sequence": record.sequence})
    assert again.status_code == 302 and state(record) == "accepted"


def test_two_at_once_are_told_that_the_case_has_moved_on(clerk: Clerk) -> None:
    record = clerk.take_in()
    seen_by_both = record.sequence
    clerk.post(f"{home(record)}items/1/grant/", {"sequence": seen_by_both})
    answer = clerk.post(f"{home(record)}withdraw/", {"sequence": seen_by_both})
    assert answer.status_code == 409
    assert "刚被别人改过" in errors(answer)[0] and state(record) == "in_handling"


def test_a_decision_on_an_old_page_is_not_taken(clerk: Clerk) -> None:
    record = clerk.take_in("notice", not_seen=["photo"])
    old = record.sequence
    clerk.post(f"{home(record)}seen/", {"seen": ["photo"]})
    answer = clerk.post(f"{home(record)}act/accept/", {"sequence": old})
    assert answer.status_code == 409 and state(record) == "submitted"


def test_the_counter_decides_what_the_plan_entrusts_to_it_and_nothing_else(clerk: Clerk) -> None:
    record = clerk.take_in()
    page = clerk.text(home(record))
    assert f"{home(record)}items/1/grant/" in page and "items/3/grant" not in page
    assert clerk.post(f"{home(record)}items/3/grant/").status_code == 403
    assert clerk.post(f"{home(record)}items/1/grant/").status_code == 302
    assert state(record) == "in_handling"


def test_a_denial_needs_a_reason_and_keeps_what_was_typed(clerk: Clerk) -> None:
    record = clerk.take_in()
    assert clerk.post(f"{home(record)}items/1/deny/", {"own": " "}).status_code == 400
    typed = {"own": "号码是 430102200503010011"}
    answer = clerk.post(f"{home(record)}items/1/deny/", typed)
    assert answer.status_code == 400 and typed["own"] in answer.content.decode()


def test_a_result_for_pick_up_is_handed_out_at_the_counter(clerk: Clerk, city: City) -> None:
    pick_up = {"delivery_household_book": "pick_up", "delivery_identity_card": "pick_up"}
    record = clerk.take_in(fields={**pick_up, "postal_address": None})
    at = moment("2026-12-01 10:00")
    for actor, command in [
        (city.clerk, c.Grant(1)), (city.bureau, c.ReceiveDossier()),
        (city.bureau, c.RegisterReception()), (city.bureau, c.GatherBatch()),
        (city.officer("department_officer", "public_security"), c.Grant(3)),
    ]:  # fmt: skip
        services.run(command, case_id=record.id, actor=actor, at=at)
    listed = clerk.text("/counter/waiting/hand_out/")
    assert record.case_number in listed and "居民户口簿" in listed
    assert "交给本人：居民户口簿" in clerk.text(home(record))
    assert clerk.post(f"{home(record)}items/3/deliver/").status_code == 302
    assert "居民户口簿" not in clerk.text("/counter/waiting/hand_out/")


def test_a_material_that_is_owed_is_listed_with_its_day_and_comes_in_by_a_tick(
    clerk: Clerk,
) -> None:
    record = clerk.take_in("defer", not_seen=["photo"], way_photo="deferred")
    page = clerk.text("/counter/waiting/owed/")
    assert record.case_number in page and "二寸彩色免冠照片" in page
    clerk.post(f"{home(record)}seen/", {"seen": ["photo"]})
    record.refresh_from_db()
    assert "deferrals" not in record.detail
    assert record.case_number not in clerk.text("/counter/waiting/owed/")


def test_nothing_ticked_is_said_and_changes_nothing(clerk: Clerk) -> None:
    record = clerk.take_in("notice", not_seen=["photo"])
    answer = clerk.client.post(f"{home(record)}seen/", follow=True)
    assert "还没有勾任何一份原件" in answer.content.decode()
    assert state(record) == "correction_due"


def test_a_refusal_at_the_counter_needs_a_reason_and_waits_for_the_head(clerk: Clerk) -> None:
    record = clerk.take_in("notice", not_seen=["photo"])
    answer = clerk.post(f"{home(record)}act/refuse/", {"refuse": "1"})
    assert answer.status_code == 400 and state(record) == "correction_due"
    reason = {"standard": "refuse_acceptance.other_place", "own": "请到岳山市"}
    assert clerk.post(f"{home(record)}act/refuse/", reason).status_code == 302
    assert state(record) == "correction_due"
    page = clerk.text(home(record))
    assert "提请不予受理整件，等负责人批准" in page and "请到岳山市" not in page


def test_an_ended_case_takes_nothing_more(clerk: Clerk) -> None:
    record = clerk.take_in()
    assert "替本人撤回" in clerk.text(home(record))
    clerk.post(f"{home(record)}withdraw/")
    assert state(record) == "withdrawn"
    answer = clerk.post(f"{home(record)}items/1/grant/")
    assert 400 <= answer.status_code < 500 and errors(answer)
    assert clerk.post(f"{home(record)}act/notice/").status_code in (400, 409)
    assert f"{home(record)}withdraw/" not in clerk.text(home(record))


def test_the_number_is_masked_until_somebody_asks_who_is_then_kept(clerk: Clerk) -> None:
    record = clerk.take_in()
    assert FIELDS["identity_number"] not in clerk.text(home(record))
    answer = clerk.post(f"{home(record)}reveal/identity_number/")
    assert FIELDS["identity_number"] in answer.content.decode()
    assert ViewRecord.objects.get(case_id=record.id).what == "identity_number"


def test_a_case_of_another_district_does_not_exist(clerk: Clerk, city: City) -> None:
    record = Clerk(city, district="439902").take_in()
    for address in ("", "receipt/", "withdraw/"):
        assert clerk.get(home(record) + address).status_code == 404
    for address in ("seen/", "act/accept/", "items/1/grant/", "reveal/name/", "correct/"):
        assert clerk.post(home(record) + address, {"seen": "photo"}).status_code == 404


def test_what_came_online_is_accepted_by_the_bureau_and_not_here(clerk: Clerk, city: City) -> None:
    record = _online(city)
    page = clerk.text(home(record))
    assert "等退役军人事务局预审" in page and "act/accept" not in page
    answer = clerk.post(f"{home(record)}act/accept/")
    assert answer.status_code == 400 and state(record) == "submitted"


def _online(city: City) -> JointCaseRecord:
    from dataclasses import replace

    from lianban.cases.content import Content
    from lianban.cases.services import drafts
    from tests.services.cast import CONSCRIPT

    actor, at = city.applicant(), moment("2026-10-19 09:00")
    draft = drafts.start(district="439901", actor=actor, at=at)
    content: Any = Content(answers=CONSCRIPT, fields=FIELDS)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    content = replace(content, materials=dict.fromkeys(codes, "promised"))
    drafts.save(draft_id=draft.id, content=content, actor=actor, at=at)
    receipt = hand_in.submit(draft_id=draft.id, actor=actor, at=at)
    return JointCaseRecord.objects.get(id=receipt.case_id)
