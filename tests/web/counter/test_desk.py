"""The desk: finding by whatever the person brings, open forms, lists, and the clerk's day."""

import pytest

from lianban.cases import services
from lianban.engine import commands as c
from tests.services.cast import FIELDS, City
from tests.web.counter.clerk import Clerk, errors


@pytest.mark.parametrize("way", ["number", "identity", "name", "receipt"])
def test_a_case_is_found_by_number_identity_name_and_receipt(clerk: Clerk, way: str) -> None:
    record = clerk.take_in()
    texts = {
        "number": record.case_number.lower(),
        "identity": FIELDS["identity_number"],
        "name": "陈小川",
        "receipt": f"https://lianban.example/r/{record.receipt_id}/",
    }
    answer = clerk.post("/counter/find/", {"text": texts[way]})
    place = f"/counter/cases/{record.id}/"
    assert answer.url == place if answer.status_code == 302 else place in answer.content.decode()


def test_a_wrong_number_is_said_and_kept_and_stands_in_no_address(clerk: Clerk) -> None:
    answer = clerk.post("/counter/find/", {"text": "430102200503010012"})
    assert answer.status_code == 422 and errors(answer)
    assert 'value="430102200503010012"' in answer.content.decode()
    assert clerk.get("/counter/find/?text=430102200503010011").status_code == 405


def test_nobody_found_leads_to_a_new_form_with_what_was_typed(clerk: Clerk) -> None:
    page = clerk.post("/counter/find/", {"text": FIELDS["identity_number"]}).content.decode()
    assert "没有找到" in page and "给这个人开始办" in page
    address = clerk.begin(FIELDS["identity_number"])
    assert FIELDS["identity_number"] not in address
    assert clerk.draft(address).content.fields["identity_number"] == FIELDS["identity_number"]


@pytest.mark.parametrize("text", ["", "x" * 600, "a\x00b", "' OR 1=1 --", "%", "陈\u202e川"])
def test_odd_searches_get_a_clear_answer(clerk: Clerk, text: str) -> None:
    assert clerk.post("/counter/find/", {"text": text}).status_code in (200, 400, 422)


def test_an_open_form_is_listed_and_found_by_its_number(clerk: Clerk) -> None:
    address = clerk.begin(FIELDS["identity_number"])
    assert address in clerk.text("/counter/")
    answer = clerk.post("/counter/find/", {"text": FIELDS["identity_number"]})
    assert address in answer.content.decode()


def test_a_clerk_starts_forms_only_for_the_own_districts(clerk: Clerk) -> None:
    answer = clerk.post("/counter/start/", {"text": "", "district": "439902"})
    assert answer.status_code == 400 and "请选择本窗口管的区县" in errors(answer)


def test_only_clerks_work_at_the_counter(clerk: Clerk, city: City) -> None:
    clerk.client.force_login(city.people["bureau_officer@veterans_affairs.439901"])
    for address in ("/counter/", "/counter/day/", "/counter/waiting/to_accept/"):
        assert clerk.get(address).status_code == 403
    clerk.client.logout()
    assert clerk.get("/counter/").status_code == 302


def test_the_lists_say_what_waits_for_whom(clerk: Clerk) -> None:
    record = clerk.take_in("notice", not_seen=["photo"])
    page = clerk.text("/counter/")
    assert record.case_number in page
    assert "二寸彩色免冠照片" in clerk.text("/counter/waiting/correction/")
    clerk.post(f"/counter/cases/{record.id}/seen/", {"seen": ["photo"]})
    assert record.case_number in clerk.text("/counter/waiting/to_accept/")
    assert clerk.get("/counter/waiting/nonsense/?after=rubbish").status_code == 200


def test_my_day_counts_what_i_did_and_shows_what_came_back(clerk: Clerk, city: City) -> None:
    record = clerk.take_in("notice", not_seen=["photo"])
    home = f"/counter/cases/{record.id}/"
    clerk.post(f"{home}seen/", {"seen": ["photo"]})
    clerk.post(f"{home}act/accept/")
    clerk.post(f"{home}items/1/grant/")
    page = clerk.text("/counter/day/")
    for word in ("收件", "告知补正", "收补正", "受理", "当场办"):
        assert f"<dt>{word}</dt><dd>1</dd>" in page, word
    assert "<dt>部门退回</dt><dd>0</dd>" in page
    _send_back(city, record.id)
    page = clerk.text("/counter/day/")
    assert "<dt>部门退回</dt><dd>1</dd>" in page and "推送的信息和本部门系统里的不一致" in page
    other = Clerk(city, district="439902").text("/counter/day/")
    assert record.case_number not in other


def _send_back(city: City, case_id: object) -> None:
    from lianban import clock

    at = clock.now()
    police = city.officer("department_officer", "public_security")
    for actor, command in [
        (city.bureau, c.ReceiveDossier()), (city.bureau, c.RegisterReception()),
        (city.bureau, c.GatherBatch()),
        (police, c.Return(3, "推送的信息和本部门系统里的不一致")),
    ]:  # fmt: skip
        services.run(command, case_id=case_id, actor=actor, at=at)  # type: ignore[arg-type]
