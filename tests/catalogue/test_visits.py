"""Which visits the plan asks for when a city's police desk is elsewhere, or comes later."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from lianban.catalogue import load, planning, report, visits
from lianban.catalogue.finding import PolicyRefused
from lianban.catalogue.model import Edition
from tests.catalogue.test_checklists import CONSCRIPT, PEOPLE

Changed = Any


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """The city's plan with words replaced in its files."""

    def edition(*changes: tuple[str, str, str]) -> Edition:
        folder = tmp_path / "plan"
        shutil.copytree(load.find("retirement-2022"), folder)
        for file, before, after in changes:
            text = (folder / file).read_text(encoding="utf-8")
            assert before in text
            (folder / file).write_text(text.replace(before, after), encoding="utf-8")
        return load.load(folder)

    return edition


def least(edition: Edition, **answers: str) -> tuple[planning.Plan, visits.Visits]:
    plan = planning.plan(edition, {**CONSCRIPT, **answers})
    return plan, visits.least(plan)


def test_one_visit_to_the_hall_takes_originals_and_fingerprints(either: Edition) -> None:
    plan, found = least(either)
    (only,) = found.visits
    assert only.items == (1, 4)
    assert only.reasons == ("originals", "fingerprints")
    assert (only.after, only.milestones) == ((), ())
    assert len(only.materials) == len({n.what.code for n in only.materials}) > 5
    assert len(found.proof.needs) == 1
    assert visits.why_not_fewer(plan, found)[0].startswith("原件核验要本人到")


def test_a_police_desk_elsewhere_makes_it_two_and_says_why(changed: Changed) -> None:
    edition = changed(("items/4.yaml", "place: counter", "place: public_security"))
    plan, found = least(edition)
    assert [visit.place for visit in found.visits] == ["counter", "public_security"]
    assert found.proof.is_apart and len(found.proof.needs) == 2
    words = visits.why_not_fewer(plan, found)
    assert "退役报到的原件核验和居民身份证的指纹采集不在一个地方，来一次只能到一处。" in words
    assert report.as_json(plan)["visits"]["least"] == 2


def test_fingerprints_after_the_household_are_another_day_at_the_same_desk(
    changed: Changed,
) -> None:
    edition = changed(("items/4.yaml", "same_day: true", "same_day: false"))
    plan, found = least(edition)
    assert [(visit.place, visit.items, visit.after) for visit in found.visits] == [
        ("counter", (1,), ()),
        ("counter", (4,), (3,)),
    ]
    assert any("要等退役报到办好才行" in line for line in visits.why_not_fewer(plan, found))
    assert found.visits[0].materials and not found.visits[1].materials


def test_originals_alone_bring_the_person_unless_they_may_be_mailed(changed: Changed) -> None:
    without = ("items/1.yaml", "presence:\n  - {place: counter, why: originals}\n", "")
    away = ("items/4.yaml", "place: counter", "place: public_security")
    _, found = least(changed(without, away))
    assert [visit.place for visit in found.visits] == ["counter", "public_security"]
    assert found.visits[0].why == "原件核验"


def test_originals_are_seen_where_the_person_comes_anyway(changed: Changed) -> None:
    without = ("items/1.yaml", "presence:\n  - {place: counter, why: originals}\n", "")
    away = ("items/4.yaml", "place: counter", "place: public_security")
    sees = ("plan.yaml", "name: 公安户政窗口}", "name: 公安户政窗口, sees_originals: originals}")
    _, found = least(changed(without, away, sees))
    assert [visit.place for visit in found.visits] == ["public_security"]
    assert found.visits[0].materials


def test_nobody_comes_for_what_may_all_be_mailed(changed: Changed) -> None:
    without = ("items/1.yaml", "presence:\n  - {place: counter, why: originals}\n", "")
    mailed = ("materials.yaml", "  form: original\n", "  form: original\n  may_be_mailed: true\n")
    twice = ("materials.yaml", "  # The person's own letter; the city has yet to confirm it.\n"
             "  may_be_mailed: true\n", "")  # fmt: skip
    plan, found = least(changed(without, twice, mailed), id_card="valid", household="kept")
    assert found.visits == ()
    assert len(found.by_mail) > 3
    assert "一次也不用跑" in visits.why_not_fewer(plan, found)[0]


def test_an_old_card_is_brought_by_who_has_one(either: Edition) -> None:
    assert not any(visit.also for visit in least(either)[1].visits)
    assert least(either, id_card="expired")[1].visits[0].also


def test_a_place_may_not_see_originals_for_a_reason_that_nobody_wrote(changed: Changed) -> None:
    with pytest.raises(PolicyRefused, match="到场原因"):
        changed(("plan.yaml", "sees_originals: originals", "sees_originals: curiosity"))


@pytest.mark.parametrize("name", PEOPLE)
def test_every_example_person_comes_at_most_once(either: Edition, name: str) -> None:
    plan = planning.plan(either, PEOPLE[name])
    found = visits.least(plan)
    assert len(found.visits) <= 1
    assert len(found.proof.needs) == len(found.visits)
