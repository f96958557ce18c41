"""The cockpit: what stands before conclusion, each with its button, and conclusion by hand."""

import pytest
from django.test import Client

from lianban.engine import commands as c
from tests.services.cast import City
from tests.web.bureau import desk

pytestmark = pytest.mark.django_db(transaction=True)

VOUCHERS = ("pension_payment_voucher", "medical_transfer_voucher")


def do(client: Client, case_id: object, name: str, **fields: object) -> object:
    sequence = fields.pop("sequence", None)
    data = {f"{name}-{key}": value for key, value in fields.items()} | {"do": name}
    if sequence is not None:
        data["sequence"] = sequence
    return client.post(f"/bureau/cases/{case_id}/", data)


def test_conclusion_is_grey_with_the_reason_until_nothing_is_open(
    city: City, officer: Client
) -> None:
    case_id = desk.sent(city)
    source = desk.text(officer.get(desk.page(case_id)))
    assert "还差 13 件" in source
    found = do(officer, case_id, "conclude")
    assert found.status_code == 400
    assert "还有事项没有办完" in desk.text(found)
    ended = desk.finished(city, sequence="003", name="周文")
    assert "没有什么拦着办结" in desk.text(officer.get(desk.page(ended)))
    assert do(officer, ended, "conclude").status_code == 302
    assert desk.state(ended, city.bureau).state == "concluded"
    assert "已办结" in desk.text(officer.get(desk.page(ended)))


def test_every_obstacle_says_whose_turn_it_is_and_how_to_remove_it(
    city: City, officer: Client, head: Client
) -> None:
    employed = {"pension_insurance": "employer"}
    case_id = desk.sent(city, answers=employed)
    police = city.officer("department_officer", "public_security")
    desk.give(c.Deny(3, "核查结果和申请内容不一致"), case_id, police)
    desk.give(c.Return(14, "不归本部门办理"), case_id, police)
    desk.give(c.Suspend(8, "等部队回函"), case_id, city.bureau)
    source = desk.text(head.get(desk.page(case_id)))
    for words in (
        "公安部门10月19日不予办理：核查结果和申请内容不一致",
        "等用人单位去办",
        "公安部门退回来了：不归本部门办理",
        "10月19日起不计时：等部队回函",
        "前面的「户口登记」没有办成",
        "下一步在：本局",
    ):
        assert words in source
    for name in ("waive", "external_event", "dispatch", "reopen"):
        assert f"#do-{name}" in source
    assert 'value="resume"' in source
    source = desk.text(officer.get(desk.page(case_id)))
    assert "提请免一项前置" in source


def test_a_button_on_an_obstacle_leads_back_to_the_case(city: City, officer: Client) -> None:
    case_id = desk.sent(city)
    desk.give(c.Suspend(8, "等部队回函"), case_id, city.bureau)
    seen = desk.state(case_id, city.bureau).sequence
    form = {"do": "resume", "back": "case", "sequence": seen}
    found = officer.post(desk.page(case_id, "items/8/"), form)
    assert found["Location"] == desk.page(case_id)
    assert desk.state(case_id, city.bureau).sub_cases[8].state == "ready"


def test_the_dossier_is_received_with_what_came_along(city: City, officer: Client) -> None:
    case_id = desk.reported(city, missing=VOUCHERS)
    assert "档案已收到" in desk.text(officer.get(desk.page(case_id)))
    assert do(officer, case_id, "receive_dossier", vouchers=VOUCHERS).status_code == 302
    case = desk.state(case_id, city.bureau)
    assert case.missing == ()
    assert case.milestones["dossier_received"].reached_at
    assert do(officer, case_id, "receive_dossier", vouchers=VOUCHERS).status_code == 302
    assert desk.state(case_id, city.bureau).sequence == case.sequence
    assert do(officer, case_id, "register_reception").status_code == 302
    assert do(officer, case_id, "gather_batch").status_code == 302
    assert desk.state(case_id, city.bureau).sub_cases[3].state == "dispatched"


def test_reception_before_its_time_is_refused_in_words(city: City, officer: Client) -> None:
    case_id = desk.reported(city)
    found = do(officer, case_id, "register_reception")
    assert found.status_code == 400
    assert "还不能登记「退役接收」" in desk.text(found)


def test_only_the_head_ends_or_reopens_a_case(city: City, officer: Client, head: Client) -> None:
    case_id = desk.sent(city)
    assert do(officer, case_id, "terminate", own="本人去世").status_code == 302
    assert "提请终止整件</strong>，等负责人批准" in desk.text(officer.get(desk.page(case_id)))
    assert desk.state(case_id, city.bureau).state == "in_handling"
    assert do(officer, case_id, "reopen", own="办错了").status_code in (403, 409)
    assert do(head, case_id, "terminate").status_code == 422
    assert do(head, case_id, "terminate", standard="terminate.deceased").status_code == 302
    assert desk.state(case_id, city.bureau).state == "terminated"
    assert do(officer, case_id, "conclude").status_code == 409
    assert do(head, case_id, "reopen", standard="reopen.our_mistake").status_code == 302
    assert desk.state(case_id, city.bureau).state == "in_handling"


def test_the_second_of_two_officers_reads_that_it_was_changed(city: City, officer: Client) -> None:
    case_id = desk.finished(city)
    seen = desk.state(case_id, city.bureau).sequence
    desk.give(c.Reopen("我们办错了", 8), case_id, city.head)
    found = do(officer, case_id, "conclude", sequence=seen)
    assert found.status_code == 409
    assert "刚被别人改过" in desk.text(found)


def test_messages_show_whether_they_were_seen(city: City, officer: Client) -> None:
    from lianban import clock
    from lianban.cases import messages

    case_id = desk.handed_in(city)
    assert "还没看" in desk.text(officer.get(desk.page(case_id)))
    messages.mark_seen(case_id=case_id, at=clock.now())
    source = desk.text(officer.get(desk.page(case_id)))
    assert "还没看" not in source
    assert "10月19日 10:00</span> 看过" in source
