"""Pre-review: everything that is missing in one notice, and one answer within the limit."""

import pytest
from django.test import Client

from lianban.engine import commands as c
from tests.services.cast import City
from tests.web.bureau import desk

pytestmark = pytest.mark.django_db(transaction=True)

#: A primary and a secondary material of the plan.
PRIMARY, SECONDARY = "administrative_letter", "enlistment_notice"


def answer(client: Client, case_id: object, do: str, **fields: object) -> object:
    prefixed = {f"{do}-{name}": value for name, value in fields.items()}
    return client.post(f"/bureau/cases/{case_id}/review/", {"do": do, **prefixed})


def test_the_page_tells_the_last_day_and_what_is_missing(city: City, officer: Client) -> None:
    case_id = desk.handed_in(city, missing=(PRIMARY,))
    source = desk.text(officer.get(desk.page(case_id, "review/")))
    assert "10月26日" in source
    assert f'id="defect-{PRIMARY}" checked disabled' in source
    assert "材料还不齐：退出现役行政介绍信" in source


def test_a_complete_application_is_accepted(city: City, officer: Client) -> None:
    case_id = desk.handed_in(city)
    assert answer(officer, case_id, "pass_pre_review").status_code == 302
    case = desk.state(case_id, city.bureau)
    assert case.state == "accepted"
    assert case.sub_cases[1].state == "ready"
    assert officer.get(desk.page(case_id, "review/")).status_code == 302


def test_an_incomplete_application_is_not_accepted(city: City, officer: Client) -> None:
    case_id = desk.handed_in(city, missing=(PRIMARY,))
    found = answer(officer, case_id, "pass_pre_review")
    assert found.status_code == 400
    assert "材料还不齐" in desk.text(found)
    assert desk.state(case_id, city.bureau).state == "submitted"


def test_the_notice_always_holds_what_is_missing(city: City, officer: Client) -> None:
    case_id = desk.handed_in(city, missing=(PRIMARY,))
    found = answer(officer, case_id, "request_correction", defects=["mobile"])
    assert found.status_code == 302
    case = desk.state(case_id, city.bureau)
    assert case.state == "correction_due"
    assert set(case.notice.outstanding) == {"mobile", PRIMARY}


def test_what_is_missing_is_notice_enough(city: City, officer: Client) -> None:
    case_id = desk.handed_in(city, missing=(PRIMARY,))
    assert answer(officer, case_id, "request_correction").status_code == 302
    assert desk.state(case_id, city.bureau).notice.outstanding == (PRIMARY,)


def test_a_notice_of_nothing_is_asked_for_again(city: City, officer: Client) -> None:
    case_id = desk.handed_in(city)
    found = answer(officer, case_id, "request_correction")
    assert found.status_code == 422
    assert "请至少勾一处" in desk.text(found)


def test_only_secondary_materials_may_come_later(city: City, officer: Client) -> None:
    case_id = desk.handed_in(city, missing=(SECONDARY,))
    found = answer(officer, case_id, "accept_with_deferral", materials=[PRIMARY])
    assert found.status_code == 422
    found = answer(officer, case_id, "accept_with_deferral", materials=[SECONDARY])
    assert found.status_code == 302
    case = desk.state(case_id, city.bureau)
    assert case.state == "accepted"
    assert SECONDARY in case.deferrals


def test_a_refusal_needs_a_reason_and_keeps_what_was_typed(city: City, head: Client) -> None:
    case_id, officer = desk.handed_in(city), head
    found = answer(officer, case_id, "refuse_acceptance", own=" ")
    assert found.status_code == 422
    assert "请选一条理由，或者自己写" in desk.text(found)
    typed = "他的安置地在 440305199001010033 那里"
    found = answer(officer, case_id, "refuse_acceptance", own=typed)
    assert found.status_code == 400
    assert typed in desk.text(found)
    assert "不要写身份证号" in desk.text(found)
    standard = "refuse_acceptance.other_place"
    found = answer(officer, case_id, "refuse_acceptance", standard=standard, own="请联系南河市")
    assert found.status_code == 302
    assert desk.state(case_id, city.bureau).state == "refused"
    assert "安置地不在本市，请到安置地申请；请联系南河市" in desk.text(
        officer.get(desk.page(case_id))
    )


def test_the_second_of_two_officers_reads_that_it_was_changed(city: City, head: Client) -> None:
    case_id = desk.handed_in(city)
    seen = desk.state(case_id, city.bureau).sequence
    desk.give(c.RequestCorrection(("mobile",)), case_id, city.bureau)
    found = head.post(
        desk.page(case_id, "review/"),
        {
            "do": "refuse_acceptance",
            "sequence": seen,
            "refuse_acceptance-own": "不归本市",
        },
    )
    assert found.status_code == 409
    assert "刚被别人改过" in desk.text(found)
    assert "不归本市" in desk.text(found)
    assert desk.state(case_id, city.bureau).state == "correction_due"


def test_a_double_click_accepts_once(city: City, officer: Client) -> None:
    case_id = desk.handed_in(city)
    seen = desk.state(case_id, city.bureau).sequence
    form = {"do": "pass_pre_review", "sequence": seen}
    assert officer.post(desk.page(case_id, "review/"), form).status_code == 302
    after = desk.state(case_id, city.bureau).sequence
    assert officer.post(desk.page(case_id, "review/"), form).status_code == 302
    assert desk.state(case_id, city.bureau).sequence == after


@pytest.mark.parametrize("do", ["", "conclude", "nonsense"])
def test_an_unknown_button_is_not_found(city: City, officer: Client, do: str) -> None:
    case_id = desk.handed_in(city)
    assert officer.post(desk.page(case_id, "review/"), {"do": do}).status_code == 404
