"""The same decision for like rows, with a result for each."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lianban import clock
from lianban.cases import services
from lianban.cases.services import claims
from lianban.engine import commands as c
from tests.services.cast import City, identity_number
from tests.web.department import desk
from tests.web.department.desk import text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cases(city: City) -> list[UUID]:
    people = (("001", "陈甲"), ("002", "林乙"), ("003", "王丙"))
    return [desk.with_departments(city, sequence=s, name=n) for s, n in people]


def chosen(client: Client, keys: list[str]) -> dict[str, Any]:
    """The form that the confirmation page sends."""
    words = text(client.post("/department/grant/", {"row": keys}))
    seen = dict(re.findall(r'name="(seen\.[^"]+)" value="([^"]*)"', words))
    return seen | {"row": keys, "step": "give"}


def test_like_rows_are_granted_together_each_with_its_number(city: City, cases: list[UUID]) -> None:
    client = desk.browser(city)
    keys = [f"{case_id}.3" for case_id in cases]
    data = chosen(client, keys) | {f"number.{key}": f"柳 {n}" for n, key in enumerate(keys)}
    answer = client.post("/department/grant/", data)
    assert answer.status_code == 200 and "准予了 3 件" in text(answer)
    rows = [desk.row(case_id, 3) for case_id in cases]
    assert [(row.outcome, row.result_number) for row in rows] == [
        ("granted", f"柳 {n}") for n in range(3)
    ]
    assert "准予了 3 件" in text(client.post("/department/grant/", data))


def test_a_row_that_cannot_be_granted_says_why_and_holds_up_no_other(
    city: City, cases: list[UUID]
) -> None:
    other = desk.acting(desk.colleague("赵甲"))
    claims.claim(case_id=cases[0], item=3, actor=other, at=clock.now())
    client = desk.browser(city)
    keys = [f"{case_id}.3" for case_id in cases]
    page = text(client.post("/department/grant/", {"row": keys}))
    assert "能准予 2 件" in page and "不能：赵甲在办" in page
    data = chosen(client, keys)
    services.run(c.Suspend(3, "等听证"), case_id=cases[1], actor=desk.officer(city), at=clock.now())
    done = text(client.post("/department/grant/", data))
    assert "准予了 1 件，2 件没有办成" in done and "赵甲在办" in done
    assert [desk.row(case_id, 3).outcome for case_id in cases] == ["", "", "granted"]


def test_different_items_are_not_decided_together(city: City, cases: list[UUID]) -> None:
    client = desk.browser(city)
    keys = [f"{cases[0]}.3", f"{cases[0]}.14"]
    answer = client.post("/department/grant/", {"row": keys}, follow=True)
    assert "一次只能对同一个事项" in text(answer)


def test_a_wrong_number_stops_all_and_what_was_typed_stays(city: City, cases: list[UUID]) -> None:
    client = desk.browser(city)
    keys = [f"{case_id}.3" for case_id in cases[:2]]
    numbers = {f"number.{keys[0]}": "柳 7", f"number.{keys[1]}": identity_number()}
    answer = client.post("/department/grant/", chosen(client, keys) | numbers)
    assert answer.status_code == 422 and "不要写身份证号" in text(answer)
    assert 'value="柳 7"' in text(answer)
    assert desk.row(cases[0], 3).outcome == ""


def test_rows_of_others_are_left_out(city: City, cases: list[UUID]) -> None:
    client = desk.browser(city, desk.MEDICAL)
    answer = client.post(
        "/department/grant/", {"row": f"{cases[0]}.3", "step": "give"}, follow=True
    )
    assert "还没选" in text(answer) and desk.row(cases[0], 3).outcome == ""
