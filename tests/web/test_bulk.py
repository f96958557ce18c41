"""The same decision for many like rows, at a department and at the bureau."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lianban.cases import queries
from lianban.cases.models import ProposalRecord, SubCaseRecord
from lianban.cases.services import bulk, claims
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.web.components import bulk as page
from tests.services.cast import City
from tests.web.bureau import desk
from tests.web.bureau.conftest import TODAY, city, today

__all__ = ["city", "today"]
pytestmark = pytest.mark.django_db
PEOPLE = (("001", "陈甲"), ("003", "林乙"), ("005", "王丙"))


@pytest.fixture
def cases(city: City) -> list[UUID]:
    return [desk.sent(city, sequence=s, name=n) for s, n in PEOPLE]


@pytest.fixture
def police(city: City) -> Iterator[Client]:
    client = Client()
    client.force_login(city.people["department_officer@public_security.439901"])
    yield client


def states(number: int) -> list[str]:
    rows = SubCaseRecord.objects.filter(number=number).order_by("case__person__identity_index")
    return sorted(row.outcome or row.state for row in rows)


def keys(answer: Any) -> str:
    """What the confirmation sends."""
    return re.findall(r'name="rows" value="([^"]*)"', desk.text(answer))[0]


def test_many_are_received_accepted_and_denied_together(police: Client, cases: list[UUID]) -> None:
    rows = [f"{case_id}.3" for case_id in cases]
    for act, state in (("receive", "received"), ("accept", "accepted")):
        look = police.post("/bulk/", {"act": act, "row": rows})
        assert "能办 3 件" in desk.text(look)
        done = police.post("/bulk/", {"act": act, "step": "give", "rows": keys(look)})
        assert done.status_code == 200 and states(3) == [state] * 3
    look = police.post("/bulk/", {"act": "deny", "row": rows})
    form = {"act": "deny", "step": "give", "rows": keys(look)}
    assert police.post("/bulk/", form).status_code == 422
    done = police.post("/bulk/", form | {"standard": "deny.not_qualified"})
    assert "不予办理了 3 件" in desk.text(done) and states(3) == ["denied"] * 3


def test_a_row_that_fails_says_why_and_keeps_no_other_back(
    city: City, police: Client, cases: list[UUID]
) -> None:
    rows = [f"{case_id}.3" for case_id in cases]
    officer = city.officer("department_officer", "public_security")
    claims.act(c.Suspend(3, "等听证"), case_id=cases[0], item=3, actor=officer, at=TODAY)
    look = desk.text(police.post("/bulk/", {"act": "grant", "row": rows}))
    assert "能办 2 件" in look and "不能：现在的状态不能这样办" in look
    done = police.post("/bulk/", {"act": "grant", "step": "give", "rows": " ".join(rows)})
    assert "准予了 2 件，1 件没有办成" in desk.text(done)
    assert states(3) == ["granted", "granted", "suspended"]


def test_all_of_a_filter_is_done_in_slices_and_the_page_goes_on(
    monkeypatch: pytest.MonkeyPatch, police: Client, cases: list[UUID]
) -> None:
    monkeypatch.setattr(page, "SLICE", 2)
    look = police.post("/bulk/", {"act": "receive", "all": "1", "tab": "open", "item": "3"})
    assert "能办 3 件" in desk.text(look)
    first = police.post("/bulk/", {"act": "receive", "step": "give", "rows": keys(look)})
    assert "data-goes-on" in desk.text(first) and "收件了 2 件" in desk.text(first)
    form = {"act": "receive", "step": "give", "rows": keys(first), "good": "2", "bad": "0"}
    last = desk.text(police.post("/bulk/", form))
    assert "收件了 3 件" in last and "一共 3 件" in last and "data-goes-on" not in last
    assert states(3) == ["received"] * 3


def test_the_bureaus_own_items_are_granted_together_and_denials_are_proposed(
    city: City, cases: list[UUID]
) -> None:
    officer = desk.browser(city)
    rows = " ".join(f"{case_id}.9" for case_id in cases[:2])
    form = {"step": "give", "rows": rows, "own": "核查结果不一致"}
    assert officer.post("/bulk/", form | {"act": "deny"}).status_code == 200
    assert ProposalRecord.objects.filter(command="deny", state="open").count() == 2
    assert states(9) == ["ready"] * 3
    other = {"act": "grant", "step": "give", "rows": f"{cases[2]}.9"}
    assert "准予了 1 件" in desk.text(officer.post("/bulk/", other))


def test_what_is_too_much_unlike_or_not_ones_own_is_refused(
    city: City, police: Client, cases: list[UUID]
) -> None:
    mixed = {"act": "grant", "row": [f"{cases[0]}.3", f"{cases[0]}.14"]}
    assert "一次只能对同一个事项" in desk.text(police.post("/bulk/", mixed, follow=True))
    assert "还没选" in desk.text(police.post("/bulk/", {"act": "grant"}, follow=True))
    foreign = {"act": "grant", "row": f"{cases[0]}.9", "step": "give"}
    assert "还没选" in desk.text(police.post("/bulk/", foreign, follow=True))
    assert police.post("/bulk/", {"act": "explode"}).status_code == 404
    officer = city.officer("department_officer", "public_security")
    many = [(UUID(int=n), 3) for n in range(bulk.MOST + 1)]
    with pytest.raises(Refused) as caught:
        bulk.decide(many, act="grant", actor=officer, at=TODAY)
    assert caught.value.code == "too_many"
    assert queries.current(cases[0]).sub_cases[9].outcome is None
