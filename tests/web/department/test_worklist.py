"""The worklist of an office, in a browser's eyes."""

import re

import pytest
from django.test import Client

from lianban import clock
from lianban.cases import worklists
from lianban.cases.services import claims
from tests.services.cast import City, identity_number, moment
from tests.web.department import desk

PEOPLE = (("001", "陈甲"), ("002", "林乙"), ("003", "王丙"))
pytestmark = pytest.mark.django_db(transaction=True)


def test_the_list_shows_what_was_sent_to_the_office(city: City) -> None:
    case_id = desk.with_departments(city)
    page = desk.browser(city).get("/department/")
    words = page.content.decode()
    assert page.status_code == 200
    assert desk.case_number(case_id) in words and "陈小川" in words
    assert "户口登记" in words and "驾驶证换领" in words
    assert "没人认领" in words and "还没收件" in words


def test_an_item_that_has_not_come_stands_only_under_coming(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    link = desk.address(case_id, 4)
    assert link not in client.get("/department/").content.decode()
    assert link in client.get("/department/?tab=coming").content.decode()


def test_what_the_bureau_has_not_sent_yet_is_still_coming(city: City) -> None:
    case_id = desk.with_departments(city, gathered=False)
    client = desk.browser(city)
    assert desk.address(case_id, 3) not in client.get("/department/").content.decode()
    words = client.get("/department/?tab=coming").content.decode()
    assert desk.address(case_id, 3) in words and "等牵头部门汇总推送" in words


def test_an_office_of_another_county_or_department_sees_nothing_of_it(city: City) -> None:
    case_id = desk.with_departments(city)
    others = (desk.browser(city, district="439902"), desk.browser(city, desk.MEDICAL))
    for client in others:
        for tab in ("open", "coming", "done", "mine"):
            words = client.get(f"/department/?tab={tab}").content.decode()
            assert f"/{case_id}/3/" not in words
        found = client.post("/department/", {"q": desk.case_number(case_id)}).content.decode()
        assert f"/{case_id}/3/" not in found


def test_only_officers_of_departments_may_enter(city: City) -> None:
    clerk = Client()
    clerk.force_login(city.people["counter_clerk@veterans_affairs.439901"])
    assert clerk.get("/department/").status_code == 403
    assert Client().get("/department/").status_code == 302


@pytest.mark.parametrize("how", ["number", "name", "identity"])
def test_a_person_is_found_by_number_name_or_identity_number(city: City, how: str) -> None:
    case_id = desk.with_departments(city)
    desk.with_departments(city, sequence="002", name="林远")
    texts = {
        "number": desk.case_number(case_id).lower(),
        "name": "陈小",
        "identity": identity_number(),
    }
    words = desk.browser(city).post("/department/", {"q": texts[how]}).content.decode()
    assert "陈小川" in words and "林远" not in words


def test_a_search_without_a_find_says_what_to_do(city: City) -> None:
    words = desk.browser(city).post("/department/", {"q": "无此人"}).content.decode()
    assert "没有找到" in words and "回到列表" in words


@pytest.mark.parametrize(
    "tab", ["open", "mine", "unclaimed", "due", "overdue", "correction", "coming", "done"]
)
def test_an_empty_tab_says_what_to_do_next(city: City, tab: str) -> None:
    words = desk.browser(city).get("/department/", {"tab": tab}).content.decode()
    assert 'class="lb-empty"' in words and "govuk-button--secondary" in words


@pytest.mark.parametrize(
    "query",
    [{"tab": "x"}, {"item": "99"}, {"item": "x"}, {"district": "1"}, {"after": "x~y"}, {"before": "~"},
     {"q": "%' OR 1=1--"}, {"q": "１２３"}, {"after": "2026-99-99~00000000-0000-0000-0000-000000000000"}],
)  # fmt: skip
def test_a_strange_address_shows_a_page(city: City, query: dict[str, str]) -> None:
    assert desk.browser(city).get("/department/", query).status_code == 200


def test_the_list_is_filtered_by_item(city: City) -> None:
    case_id = desk.with_departments(city)
    words = desk.browser(city).get("/department/?item=14").content.decode()
    assert desk.address(case_id, 14) in words and desk.address(case_id, 3) not in words
    assert "事项：驾驶证换领" in words


def test_rows_come_by_due_date_and_overdue_ones_are_marked(city: City) -> None:
    late = desk.with_departments(city, at=moment("2026-09-03 09:00"))
    fresh = desk.with_departments(city, sequence="002", name="林远")
    words = desk.browser(city).get("/department/?item=3").content.decode()
    assert words.index(desk.address(late, 3)) < words.index(desk.address(fresh, 3))
    assert len(re.findall('<tr class="govuk-table__row is-late">', words)) == 1
    assert "超期" in words


def test_pages_follow_each_other_by_key(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklists, "PAGE", 1)
    cases = [desk.with_departments(city, sequence=s, name=n) for s, n in PEOPLE]
    client, seen, address = desk.browser(city), [], "/department/?item=3"
    for _ in cases:
        words = client.get(address).content.decode()
        seen += [case for case in cases if desk.address(case, 3) in words]
        onward = re.search(r'href="(\?[^"]*after=[^"]*)" rel="next"', words)
        address = "/department/" + onward[1].replace("&amp;", "&") if onward else ""
    assert sorted(seen) == sorted(cases) and address == ""
    back = re.search(r'href="(\?[^"]*before=[^"]*)" rel="prev"', words)
    assert back
    words = client.get("/department/" + back[1].replace("&amp;", "&")).content.decode()
    assert desk.address(seen[1], 3) in words


def test_one_row_is_claimed_by_its_own_button(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    answer = client.post("/department/claim/", {"one": f"{case_id}.3", "row": f"{case_id}.14"})
    assert answer.status_code == 302
    assert desk.row(case_id, 3).claimed_by_id == desk.officer(city).user_id
    assert desk.row(case_id, 14).claimed_by_id is None
    words = client.get("/department/?tab=mine").content.decode()
    assert "认领了 1 件" in words and "is-mine" in words


def test_several_rows_are_claimed_and_given_back_together(city: City) -> None:
    case_id = desk.with_departments(city)
    client, ticked = desk.browser(city), {"row": [f"{case_id}.3", f"{case_id}.14"]}
    client.post("/department/claim/", ticked | {"back": "/department/?tab=unclaimed"})
    assert {desk.row(case_id, n).claimed_by_id for n in (3, 14)} == {desk.officer(city).user_id}
    client.post("/department/give-back/", ticked)
    assert {desk.row(case_id, n).claimed_by_id for n in (3, 14)} == {None}


def test_what_a_colleague_has_is_named_and_the_rest_is_claimed(city: City) -> None:
    case_id = desk.with_departments(city)
    other = desk.acting(desk.colleague("赵甲"))
    claims.claim(case_id=case_id, item=3, actor=other, at=clock.now())
    client = desk.browser(city)
    answer = client.post(
        "/department/claim/", {"row": [f"{case_id}.3", f"{case_id}.14"]}, follow=True
    )
    words = answer.content.decode()
    assert "认领了 1 件" in words and "赵甲已经认领了这一件" in words


@pytest.mark.parametrize(
    "data", [{}, {"row": "x"}, {"row": "x.y"}, {"row": "1.2", "back": "//evil.example"}]
)
def test_a_claim_of_nothing_says_so_and_stays_on_the_site(city: City, data: dict[str, str]) -> None:
    answer = desk.browser(city).post("/department/claim/", data)
    assert answer.status_code == 302 and answer["Location"] == "/department/"


def test_rows_of_others_cannot_be_claimed(city: City) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city, desk.MEDICAL)
    words = client.post("/department/claim/", {"row": f"{case_id}.3"}, follow=True).content.decode()
    assert "没有这件联办件" in words
    assert desk.row(case_id, 3).claimed_by_id is None
