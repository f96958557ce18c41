"""What went astray, in the browser: proposals, moves, number conflicts, overdue enquiries, leave."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lianban import clock
from lianban.accounts.models import User
from lianban.cases import proposal_lists
from lianban.cases.models import AbsenceRecord, EnquiryRecord, MoveRecord, PersonConflictRecord
from lianban.engine import commands as c
from tests.services.cast import City, identity_number
from tests.web.bureau import desk

pytestmark = pytest.mark.django_db
WHY = "核查结果和申请内容不一致"


def propose(officer: Client, case_id: UUID) -> str:
    """An officer proposes to deny an item; the address of the proposal."""
    form = {"do": "deny", "deny-own": WHY}
    assert officer.post(desk.page(case_id, "items/9/"), form).status_code == 302
    return f"/bureau/proposals/{proposal_lists.open_of(case_id)[0]}/"


def outcome(case_id: UUID, city: City) -> Any:
    return desk.state(case_id, city.bureau).sub_cases[9].outcome


def test_a_proposal_waits_in_the_heads_list_with_its_effect_and_is_approved(
    city: City, officer: Client, head: Client
) -> None:
    case_id = desk.sent(city)
    address = propose(officer, case_id)
    start = desk.text(head.get("/bureau/"))
    assert "提请，等批准</a><span><b>1</b>" in start
    listed = desk.text(head.get("/bureau/proposals/"))
    assert WHY in listed and "去批" in listed and "今天提的" in listed
    shown = desk.text(head.get(address))
    assert "结束 1 件" in shown and "别的事项照常办" in shown
    own = desk.text(officer.get(address))
    assert "收回" in own and 'value="approve"' not in own
    assert officer.post(address, {"do": "approve"}).status_code == 403
    assert outcome(case_id, city) is None
    assert head.post(address, {"do": "approve"}).status_code == 302
    assert outcome(case_id, city) == "denied"
    assert head.post(address, {"do": "approve"}).status_code == 302
    assert "已批准" in desk.text(head.get("/bureau/proposals/?tab=decided"))


def test_a_proposal_sent_back_keeps_what_was_typed_and_is_read_by_the_officer(
    city: City, officer: Client, head: Client
) -> None:
    case_id = desk.sent(city)
    address = propose(officer, case_id)
    assert head.post(address, {"do": "send_back", "words": " "}).status_code == 422
    typed = "打 13800000001 问"
    found = head.post(address, {"do": "send_back", "words": typed})
    assert found.status_code == 400 and typed in desk.text(found)
    assert head.post(address, {"do": "send_back", "words": "先问学校"}).status_code == 302
    assert "先问学校" in desk.text(officer.get(desk.page(case_id, "items/9/")))
    assert head.post(address, {"do": "approve"}).status_code == 409
    assert head.post(address, {"do": "nonsense"}).status_code == 404


def test_another_countys_head_finds_no_proposal(city: City, officer: Client) -> None:
    address = propose(officer, desk.sent(city))
    stranger = Client()
    stranger.force_login(city.people["bureau_head@veterans_affairs.439902"])
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"do": "approve"}).status_code == 404


def test_a_case_is_offered_taken_and_leaves_a_note(city: City, officer: Client) -> None:
    case_id = desk.sent(city)
    desk.give(c.Deliver(1), case_id, city.clerk)
    offer = desk.page(case_id, "move/")
    assert officer.post(offer, {"district": "439902", "reason": ""}).status_code == 422
    form = {"district": "439902", "reason": "配偶在西山县"}
    assert officer.post(offer, form).status_code == 302
    there = Client()
    there.force_login(city.people["bureau_officer@veterans_affairs.439902"])
    address = f"/bureau/moves/{MoveRecord.objects.get().id}/"
    assert "配偶在西山县" in desk.text(there.get("/bureau/moves/"))
    assert there.get(desk.page(case_id)).status_code == 404
    assert officer.post(address, {"do": "accept"}).status_code == 403
    assert there.post(address, {"do": "decline", "words": ""}).status_code == 422
    assert there.post(address, {"do": "accept"}).status_code == 302
    assert there.get(desk.page(case_id)).status_code == 200
    gone = officer.get(desk.page(case_id))
    assert "这一件已转往西山县" in desk.text(gone)
    assert "陈小川" in desk.text(officer.get("/bureau/moves/?tab=gone"))
    assert officer.get(desk.page(case_id, "items/3/")).status_code == 404


def test_nothing_is_offered_while_a_result_is_on_its_way(city: City, officer: Client) -> None:
    case_id = desk.sent(city)
    form = {"district": "439902", "reason": "配偶在西山县"}
    found = officer.post(desk.page(case_id, "move/"), form)
    assert found.status_code == 409
    assert "送到以后再转" in desk.text(found) and "配偶在西山县" in desk.text(found)


def test_a_number_of_somebody_else_is_compared_beside_each_other(
    city: City, officer: Client
) -> None:
    case_id, taken = desk.sent(city), identity_number(sequence="003")
    desk.handed_in(city, name="李强", sequence="003")
    form = {"identity_number": taken, "original_seen": "on"}
    person = f"/person/{case_id}/"
    assert officer.post(person, {}).status_code == 422
    assert officer.post(person, {"identity_number": taken}).status_code == 422
    assert officer.post(person, form).status_code == 302
    address = f"/bureau/conflicts/{PersonConflictRecord.objects.get().id}/"
    shown = desk.text(officer.get(address))
    assert "李强" in shown and "姓名不一样" in shown and taken not in shown
    assert officer.post(address, {"do": "same"}).status_code == 400
    assert officer.post(address, {"do": "other"}).status_code == 302
    assert "没有要核对的" in desk.text(officer.get("/bureau/conflicts/"))


def test_the_department_reads_that_what_it_has_was_mended(city: City, officer: Client) -> None:
    case_id = desk.sent(city)
    form = {"name": "陈小穿", "original_seen": "on"}
    assert officer.post(f"/person/{case_id}/", form).status_code == 302
    police = Client()
    police.force_login(city.people["department_officer@public_security.439901"])
    assert "已更正：姓名" in desk.text(police.get(f"/department/{case_id}/3/"))
    assert police.get(f"/person/{case_id}/").status_code == 403


def test_an_overdue_enquiry_is_on_the_heads_list(city: City, head: Client) -> None:
    desk.sent(city, answers={"children_schooling": "needed"})
    assert "都按时答复了" in desk.text(head.get("/bureau/enquiries/"))
    EnquiryRecord.objects.update(due_on=clock.now().date() - timedelta(days=1))
    assert "教育部门" in desk.text(head.get("/bureau/enquiries/"))
    assert "没答复</a><span><b>1</b>" in desk.text(head.get("/bureau/"))


def test_leave_is_noted_and_ended_and_an_item_given_to_a_colleague(
    city: City, head: Client
) -> None:
    case_id = desk.sent(city)
    office = city.people["department_officer@public_security.439901"].office
    colleague = User.objects.create(kind="officer", username="zhao", name="赵甲", office=office)
    colleague.role_grants.create(role="department_officer")
    away = city.people["department_officer@public_security.439901"]
    form = {
        "officer": str(away.id), "deputy": str(colleague.id),
        "from_on": "2026-10-20", "to_on": "2026-10-19",
    }  # fmt: skip
    found = head.post("/absences/", form)
    assert found.status_code == 400 and "最后一天不能早于第一天" in desk.text(found)
    assert head.post("/absences/", form | {"to_on": "2026-10-21"}).status_code == 302
    assert "赵甲" in desk.text(head.get("/absences/"))
    assert head.post(f"/absences/{AbsenceRecord.objects.get().id}/end/").status_code == 302
    assert not AbsenceRecord.objects.exists()
    address = f"/reassign/{case_id}/3/"
    assert head.post(address, {"officer": str(colleague.id)}).status_code == 422
    given = {"officer": str(colleague.id), "note": "去培训"}
    assert head.post(address, given).status_code == 302
    assert "转给赵甲办：去培训" in desk.text(head.get(desk.page(case_id, "items/3/")))
