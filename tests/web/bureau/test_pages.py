"""Every page of the bureau opens, says what to do when empty, and is closed to others."""

from typing import Any

import pytest
from django.test import Client

from lianban.engine import commands as c
from tests.services.cast import City
from tests.web.bureau import desk

pytestmark = pytest.mark.django_db(transaction=True)

PLAIN = [
    "/bureau/", "/bureau/find/", "/bureau/cases/", "/bureau/items/", "/bureau/returned/",
    "/bureau/dossiers/", "/bureau/dossiers/add/", "/bureau/reception/", "/bureau/batches/",
]  # fmt: skip
SHOWS = [
    "pre_review", "correction", "handling", "due", "stuck", "to_gather", "to_conclude", "open",
    "done", "all", "nonsense",
]  # fmt: skip


@pytest.mark.parametrize("address", PLAIN)
def test_a_page_with_nothing_on_it_says_what_to_do(officer: Client, address: str) -> None:
    answer = officer.get(address)
    assert answer.status_code == 200
    assert desk.text(answer).count("<h1") == 1


@pytest.mark.parametrize("address", PLAIN)
def test_an_officer_of_a_department_is_turned_away(city: City, address: str) -> None:
    client = Client()
    client.force_login(city.people["department_officer@public_security.439901"])
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", PLAIN)
def test_a_stranger_is_asked_to_sign_in(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/officer/")


def test_every_list_opens_and_shows_only_its_cases(city: City, officer: Client) -> None:
    online, counter = desk.handed_in(city), desk.sent(city, sequence="003", name="周文")
    ended = desk.finished(city, sequence="005", name="刘实")
    for show in SHOWS:
        assert officer.get(f"/bureau/cases/?show={show}").status_code == 200
    listed = desk.text(officer.get("/bureau/cases/?show=pre_review"))
    assert desk.number(online) in listed
    assert desk.number(counter) not in listed
    listed = desk.text(officer.get("/bureau/cases/?show=to_conclude"))
    assert desk.number(ended) in listed
    assert desk.number(counter) not in listed


def test_another_countys_officer_finds_no_page_of_the_case(city: City) -> None:
    case_id = desk.sent(city)
    stranger = desk.browser(city, district="439902")
    for rest in ("", "review/", "items/3/"):
        assert stranger.get(desk.page(case_id, rest)).status_code == 404
        assert stranger.post(desk.page(case_id, rest), {"do": "conclude"}).status_code == 404
    assert stranger.post(desk.page(case_id, "reveal/case/mobile/")).status_code == 404
    assert "没有找到" in desk.text(stranger.post("/bureau/find/", {"q": desk.number(case_id)}))


@pytest.mark.parametrize("what", ["number", "identity_number", "name", "receipt"])
def test_the_box_finds_a_case_by_whatever_one_has(city: City, officer: Client, what: str) -> None:
    from lianban.cases.models import JointCaseRecord
    from tests.services.cast import FIELDS

    case_id = desk.reported(city)
    words: dict[str, Any] = {
        "number": desk.number(case_id),
        "identity_number": FIELDS["identity_number"],
        "name": FIELDS["name"],
        "receipt": f"https://example.test/r/{JointCaseRecord.objects.get().receipt_id}/",
    }
    answer = officer.post("/bureau/find/", {"q": words[what]})
    assert answer.status_code == 302
    assert answer["Location"] == desk.page(case_id)


def test_officers_read_masked_numbers_and_a_look_at_one_is_kept(
    city: City, officer: Client
) -> None:
    from lianban.cases.models import ViewRecord
    from tests.services.cast import FIELDS

    case_id = desk.handed_in(city)
    for rest in ("", "review/", "items/3/"):
        source = desk.text(officer.get(desk.page(case_id, rest)))
        assert FIELDS["identity_number"] not in source
        assert FIELDS["mobile"] not in source
        assert FIELDS["bank_account"] not in source
    for place in ("case", "review", "3"):
        answer = officer.post(desk.page(case_id, f"reveal/{place}/identity_number/"))
        assert FIELDS["identity_number"] in desk.text(answer)
    assert ViewRecord.objects.filter(case_id=case_id, what="identity_number").count() == 3


def test_a_departments_item_shows_only_what_the_bureau_may_do(city: City, officer: Client) -> None:
    case_id = desk.sent(city)
    source = desk.text(officer.get(desk.page(case_id, "items/3/")))
    assert 'value="grant"' not in source
    assert officer.post(desk.page(case_id, "items/3/"), {"do": "grant"}).status_code == 403


def test_a_returned_item_is_sent_to_the_right_department(city: City, officer: Client) -> None:
    case_id = desk.sent(city)
    police = city.officer("department_officer", "public_security")
    desk.give(c.Return(3, "不归本部门办理"), case_id, police)
    listed = desk.text(officer.get("/bureau/returned/"))
    assert "不归本部门办理" in listed
    answer = officer.post(
        desk.page(case_id, "items/3/"), {"do": "dispatch", "dispatch-department": "armed_forces"}
    )
    assert answer.status_code == 302
    sub = desk.state(case_id, city.bureau).sub_cases[3]
    assert (sub.state, sub.department) == ("dispatched", "armed_forces")
