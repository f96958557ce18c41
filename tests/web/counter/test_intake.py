"""Taking in a person at the counter: one page, one notice, one receipt."""

from typing import Any

from lianban.accounts.models import RoleGrant
from lianban.cases.models import JointCaseRecord, ProposalRecord
from tests.services.cast import FIELDS, City, identity_number
from tests.web.counter.clerk import Clerk, drafts_left, errors


def test_a_conscript_is_accepted_with_a_receipt_and_its_second_secret(clerk: Clerk) -> None:
    address = clerk.begin()
    answer = clerk.finish(address, "accept")
    assert answer.status_code == 302, errors(answer)
    record = JointCaseRecord.objects.get()
    assert record.state == "accepted" and record.channel == "counter"
    assert answer.url == f"/counter/cases/{record.id}/receipt/"
    page = clerk.text(answer.url)
    assert record.case_number in page and 'id="receipt-secret"' in page
    clerk.post(f"{answer.url}handed-over/")
    assert 'id="receipt-secret"' not in clerk.text(answer.url)


def test_a_double_click_makes_one_case_and_shows_the_first_receipt(clerk: Clerk) -> None:
    address = clerk.begin()
    first = clerk.finish(address, "accept")
    page = clerk.client.post(f"{address}finish/accept/", {})
    assert page.status_code == 302 and page.url == first.url
    assert JointCaseRecord.objects.count() == 1
    assert "这是它的回执" in clerk.text(first.url)


def test_what_is_missing_becomes_the_one_notice_at_once(clerk: Clerk) -> None:
    address = clerk.begin()
    assert clerk.fill(address, not_seen=["settlement_proof", "photo"]).status_code == 302
    page = clerk.text(address)
    assert page.count("<ins>") == 2 and "缺 <strong" in page
    assert "还缺 2 份材料，不能全部受理" in page
    answer = clerk.finish(address, "notice", not_seen=["settlement_proof", "photo"])
    assert answer.status_code == 302, errors(answer)
    record = JointCaseRecord.objects.get()
    assert record.state == "correction_due"
    assert record.detail["notice"][0] == ["settlement_proof", "photo"]


def test_what_may_come_with_the_dossier_is_no_defect(clerk: Clerk) -> None:
    address = clerk.begin()
    late = ["party_letter", "pension_payment_voucher"]
    clerk.fill(address, not_seen=late)
    page = clerk.text(address)
    assert "<ins>" not in page and "随档案来，现在不算缺" in page
    answer = clerk.finish(address, "accept", not_seen=late)
    assert answer.status_code == 302, errors(answer)


def test_acceptance_is_refused_while_a_main_material_is_missing(clerk: Clerk) -> None:
    address = clerk.begin()
    answer = clerk.finish(address, "accept", not_seen=["discharge_certificate"])
    assert answer.status_code == 400
    assert "材料还不齐" in errors(answer)
    assert drafts_left() == 1 and not JointCaseRecord.objects.exists()


def test_a_main_material_may_not_be_deferred(clerk: Clerk) -> None:
    address = clerk.begin()
    changes: dict[str, Any] = {"not_seen": ["discharge_certificate"]}
    typed = clerk.finish(address, "accept", **changes, way_discharge_certificate="deferred")
    assert typed.status_code == 400 and "不能这样交" in errors(typed)[-1]
    assert 'value="陈小川"' in typed.content.decode()
    clerk.fill(address, **changes)
    answer = clerk.finish(address, "defer", **changes)
    assert answer.status_code == 400
    assert "「退出现役证件」不能容缺" in errors(answer)
    assert not JointCaseRecord.objects.exists()


def test_a_secondary_material_is_deferred_with_an_undertaking(clerk: Clerk) -> None:
    record = clerk.take_in("defer", not_seen=["photo"], way_photo="deferred")
    assert record.state == "accepted"
    assert list(record.detail["deferrals"]) == ["photo"]


def test_a_wrong_check_digit_is_said_beside_its_field_and_kept(clerk: Clerk) -> None:
    right = identity_number()
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    address = clerk.begin()
    answer = clerk.finish(address, "accept", fields={"identity_number": wrong})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'value="{wrong}"' in page and 'id="id_identity_number-error"' in page
    assert clerk.draft(address).content.fields["identity_number"] == wrong
    assert not JointCaseRecord.objects.exists()


def test_a_birthday_that_contradicts_the_number_is_said_at_both(clerk: Clerk) -> None:
    address = clerk.begin()
    birthday = {"birth_date_year": "2004", "birth_date_month": "3", "birth_date_day": "1"}
    answer = clerk.finish(address, "accept", **birthday)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="id_birth_date-error"' in page and 'id="id_identity_number-error"' in page


def test_a_date_that_does_not_exist_is_kept_as_typed(clerk: Clerk) -> None:
    address = clerk.begin()
    day = {"enlisted_date_year": "2024", "enlisted_date_month": "2", "enlisted_date_day": "30"}
    answer = clerk.fill(address, fields={"enlisted_date": None}, **day)
    assert answer.status_code == 422
    assert "没有 2024年2月30日 这一天" in errors(answer)
    assert 'value="30"' in answer.content.decode()


def test_an_open_case_of_the_same_person_is_shown_as_soon_as_the_number_is_typed(
    clerk: Clerk,
) -> None:
    record = clerk.take_in()
    address = clerk.begin(FIELDS["identity_number"])
    page = clerk.text(address)
    assert "这个人已经有一件在办" in page and f"/counter/cases/{record.id}/" in page
    answer = clerk.finish(address, "accept")
    assert answer.status_code == 409
    assert JointCaseRecord.objects.count() == 1


def test_an_open_case_elsewhere_is_told_without_a_way_in(clerk: Clerk, city: City) -> None:
    record = Clerk(city, district="439902").take_in()
    page = clerk.text(clerk.begin(FIELDS["identity_number"]))
    assert "这个人已经有一件在办" in page and "西山县" in page
    assert record.case_number not in page and str(record.id) not in page


def test_an_ended_case_does_not_keep_the_person_from_a_new_one(clerk: Clerk) -> None:
    record = clerk.take_in()
    clerk.post(f"/counter/cases/{record.id}/withdraw/")
    page = clerk.text(clerk.begin(FIELDS["identity_number"]))
    assert "没有在办的同类件" in page and "以前办过" in page
    assert clerk.take_in().state == "accepted"


def test_the_same_number_under_another_name_is_never_merged(clerk: Clerk) -> None:
    record = clerk.take_in()
    clerk.post(f"/counter/cases/{record.id}/withdraw/")
    signed = {
        "name": "陈大川",
        "self_employment_signature": "陈大川",
        "commitment_signature": "陈大川",
    }
    answer = clerk.finish(clerk.begin(), "accept", fields=signed)
    assert answer.status_code == 400
    assert any("已经登记过另一个姓名" in text for text in errors(answer))


def test_an_answer_changes_the_cards_at_once_and_is_kept(clerk: Clerk) -> None:
    address = clerk.begin()
    answer = clerk.post(f"{address}live/", {"q_rank": "conscript"}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 200 and 'id="plan"' in page and 'id="guide"' in page
    assert clerk.draft(address).content.answers == {"rank": "conscript"}


def test_an_item_is_left_out_and_what_waits_for_it_needs_evidence(clerk: Clerk) -> None:
    address = clerk.begin()
    clerk.fill(address)
    shown = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "11", "12", "13", "14"]
    without = clerk.fill(address, item_shown=shown, item=[n for n in shown if n != "14"])
    assert without.status_code == 302
    assert clerk.draft(address).content.unticked == (14,)
    answer = clerk.fill(address, item_shown=shown, item=[n for n in shown if n != "12"])
    assert answer.status_code == 422
    assert any("补充在别处已经办结的证明" in text for text in errors(answer))
    proved = [n for n in shown if n != "12"]
    kept = clerk.fill(address, item_shown=shown, item=proved, evidence_12="外地社保局证明")
    assert kept.status_code == 302
    assert clerk.draft(address).content.evidence == {"12": "外地社保局证明"}


def test_a_refusal_names_the_right_authority_and_waits_for_the_head(clerk: Clerk) -> None:
    address = clerk.begin()
    clerk.fill(address)
    assert clerk.post(f"{address}refuse/", {}).status_code == 422
    answer = clerk.post(f"{address}refuse/", {"standard": "refuse_acceptance.other_place"})
    assert answer.status_code == 302, errors(answer)
    assert JointCaseRecord.objects.get().state == "submitted"
    assert ProposalRecord.objects.get().command == "refuse_acceptance"


def test_a_person_who_is_not_eligible_is_told_whom_to_ask(clerk: Clerk) -> None:
    address = clerk.begin()
    clerk.fill(address, answers={"rank": "sergeant", "placement": "retired"})
    assert "军休" in clerk.text(address) and "军休" in clerk.text(f"{address}refuse/")


def test_a_form_is_given_up_only_after_asking(clerk: Clerk) -> None:
    address = clerk.begin()
    assert "删掉" in clerk.text(f"{address}give-up/") and drafts_left() == 1
    clerk.post(f"{address}give-up/")
    assert drafts_left() == 0


def test_a_colleagues_form_does_not_exist_for_others(clerk: Clerk, city: City) -> None:
    address = clerk.begin()
    other = Clerk(city, district="439902")
    assert other.get(address).status_code == 404
    assert other.post(f"{address}finish/accept/", {}).status_code == 404


def test_a_city_counter_moves_a_form_to_the_right_county(clerk: Clerk, city: City) -> None:
    city._office("city_counter", "439900", ("counter_clerk",))
    user = city.people["counter_clerk@city_counter.439900"]
    assert RoleGrant.objects.filter(user=user).exists()
    clerk.client.force_login(user)
    refused = clerk.post("/counter/start/", {"text": "陈小川"})
    assert refused.status_code == 400 and 'value="陈小川"' in refused.content.decode()
    address = clerk.post("/counter/start/", {"text": "陈小川", "district": "439901"}).url
    moved = clerk.post(f"{address}move/", {"district": "439902", "q_rank": "conscript"})
    assert moved.status_code == 302 and moved.url != address
    page = clerk.text(moved.url)
    assert "西山县" in page and 'value="陈小川"' in page and clerk.get(address).status_code == 404


def test_the_half_filled_form_and_the_requirements_are_printed_before_anything_is_handed_in(
    clerk: Clerk,
) -> None:
    address = clerk.begin("陈小川")
    clerk.fill(address, fields={"bank_account": "", "commitment_signature": ""})
    page = clerk.text(address)
    for paper in ("form", "requirements"):
        place = address.replace("/counter/forms/", "/papers/draft/") + f"{paper}/"
        assert place in page
        answer = clerk.get(place)
        assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
