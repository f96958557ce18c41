"""Who is on the troop's roster finds the form half filled in; who is not learns nothing."""

from typing import Any

import pytest

from lianban.cases.services import roster
from tests.services import rosters
from tests.services.cast import CONSCRIPT, FIELDS, City, identity_number, moment
from tests.web.applicant.people import Person

AT = moment("2026-09-02 09:00")
WHO = {"name": "陈小川", "number": identity_number()}


@pytest.fixture(autouse=True)
def announced(city: City) -> None:
    """The first county's roster, taken in, with one person on it."""
    headings = ["姓名", "身份证号", "入伍时间", "军衔", "安置方式", "学历", "退役证号"]
    line = ["陈小川", identity_number(), "2024-09-01", "上等兵", "安排工作", "大专", "退字000001"]
    roster_id = roster.upload(
        content=rosters.workbook([line], headings=headings), name="名册.xlsx",
        district="439901", actor=city.bureau, at=AT,
    )  # fmt: skip
    roster.work(roster_id=roster_id, now=lambda: AT)
    roster.apply(roster_id=roster_id, actor=city.bureau, at=AT)
    roster.work(roster_id=roster_id, now=lambda: AT)


def test_who_is_expected_begins_with_what_the_roster_says(person: Person) -> None:
    person.sign_in()
    answer = person.post("/expected/", WHO)
    assert answer.status_code == 302
    page = person.text("/expected/")
    for words in ("我们在等您：陈小川", "东湖县", "2024-09-01", "安排工作", "不对？改了就行"):
        assert words in page
    assert "退字" not in page
    assert "部队名册上写的" in person.text("/guide/placement/")
    assert "我们在等您：陈小川" in person.text("/my/")


@pytest.mark.parametrize("wrong", [{"name": "陈大川"}, {"number": identity_number(sequence="009")}])
def test_half_the_truth_and_none_get_the_same_answer(person: Person, wrong: dict[str, str]) -> None:
    person.sign_in()
    stranger = {"name": "周文", "number": identity_number(sequence="077")}
    answers: list[Any] = [
        person.post("/expected/", {**WHO, **wrong}),
        person.post("/expected/", stranger),
    ]
    bodies = []
    for answer, typed in zip(answers, ({**WHO, **wrong}, stranger), strict=True):
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "没有对上" in text
        assert typed["number"] in text  # what was typed stays
        bodies.append(len(text.replace(typed["name"], "").replace(typed["number"], "")))
    assert bodies[0] == bodies[1]


def test_a_stranger_must_sign_in_first(person: Person) -> None:
    assert person.post("/expected/", WHO).status_code == 302
    assert "我们在等您" not in person.text("/expected/")


def test_guesses_are_counted_and_the_form_goes_on_without(person: Person) -> None:
    person.sign_in()
    for guess in range(10):
        person.post("/expected/", {**WHO, "name": f"陈{'一二三四五六七八九十'[guess]}"})
    answer = person.post("/expected/", WHO)
    assert answer.status_code == 422
    assert "过一个小时再查" in answer.content.decode()
    person.begin()
    assert person.fill("basic").status_code == 302
    assert "部队名册" not in person.text("/form/service/")


def test_the_form_fills_in_what_was_left_empty_and_says_where_it_is_from(person: Person) -> None:
    person.begin()
    assert person.fill("basic", education="").status_code == 302
    page = person.text("/form/service/")
    assert 'value="2024"' in page
    assert "部队名册上写的。不对？改了就行" in page
    assert "部队名册上写的是安排工作" in person.text("/guide/placement/")  # answered otherwise
    assert CONSCRIPT["placement"] == "self_employed"
    person.post("/form/service/", {**FIELDS, "enlisted_date": "2023-09-01", "go": "next"})
    assert "部队名册上写的是 2024-09-01" in person.text("/form/service/")
    assert person.fill("basic", education="").status_code == 422  # asked once, not filled in again
