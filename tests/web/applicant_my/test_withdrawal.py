"""Taking back: what follows is shown first, and what is decided stays."""

import pytest

from lianban.cases import queries
from lianban.engine import commands as c
from tests.services.cast import City
from tests.web.applicant_my import story

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> City:
    return City().build()


def sure(own: story.Own) -> dict[str, str]:
    return {"sure": "yes", "sequence": str(queries.current(own.case_id).sequence)}


def test_an_item_is_taken_back_after_what_waits_for_it_was_shown(city: City) -> None:
    own = story.own(city).in_handling()
    client = own.client()
    page = client.get(own.address + "12/withdraw/").content.decode()
    assert "5 养老保险转移" in page and "11 社会保障卡" in page
    assert "6 医保关系转移" not in page
    answer = client.post(own.address + "12/withdraw/", sure(own), follow=True)
    assert "「社会保险登记」已经撤回" in answer.content.decode()
    case = queries.current(own.case_id)
    assert case.sub_cases[12].state == "withdrawn"
    assert case.sub_cases[5].state == "blocked"


def test_without_the_tick_nothing_is_taken_back(city: City) -> None:
    own = story.own(city)
    answer = own.client().post(own.address + "withdraw/", {"sequence": "1"})
    assert answer.status_code == 422
    assert "请先勾选" in answer.content.decode()
    assert queries.current(own.case_id).state == "submitted"


def test_a_decided_item_is_not_taken_back(city: City) -> None:
    own = story.own(city).in_handling()
    own.run(c.Deny(9, "不符合办理条件"), city.head, "2026-09-08 10:00")
    client = own.client()
    assert "已经作了决定，撤不了" in client.get(own.address + "9/withdraw/").content.decode()
    answer = client.post(own.address + "9/withdraw/", sure(own))
    assert answer.status_code == 409
    assert "已经作了决定，撤不了" in answer.content.decode()
    assert queries.current(own.case_id).sub_cases[9].state == "concluded"


def test_a_page_that_has_grown_old_takes_nothing_back(city: City) -> None:
    own = story.own(city)
    old = sure(own)
    own.accepted()
    answer = own.client().post(own.address + "withdraw/", old)
    assert answer.status_code == 409
    assert "刚被别人改过" in answer.content.decode()
    for wrong in ("", "x", "9" * 40):
        answer = own.client().post(own.address + "withdraw/", {"sure": "yes", "sequence": wrong})
        assert answer.status_code == 409
    assert queries.current(own.case_id).state == "accepted"


def test_the_whole_case_is_taken_back_and_a_second_click_is_harmless(city: City) -> None:
    own = story.own(city).in_handling()
    client = own.client()
    page = client.get(own.address + "withdraw/").content.decode()
    assert "这些不再办" in page and "结果已经在送，照样给您" in page
    data = sure(own)
    for _ in range(2):
        answer = client.post(own.address + "withdraw/", data, follow=True)
        assert answer.status_code == 200
    assert "已经撤回" in answer.content.decode()
    assert queries.current(own.case_id).state == "withdrawn"
    assert "已经撤回" in client.get(own.address + "withdraw/").content.decode()
    assert client.get(own.address + "12/withdraw/").status_code == 200


def test_a_concluded_or_refused_case_cannot_be_taken_back(city: City) -> None:
    own = story.own(city)
    own.run(c.RefuseAcceptance("安置地不在本市，请到安置地申请"), city.head)
    client = own.client()
    assert "没有受理" in client.get(own.address).content.decode()
    assert "现在撤不了" in client.get(own.address + "withdraw/").content.decode()
    answer = client.post(own.address + "withdraw/", sure(own))
    assert answer.status_code == 409
    assert queries.current(own.case_id).state == "refused"
