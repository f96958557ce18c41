"""Who can exist, who is asked what, and what the two editions make of the known people."""

import pytest

from lianban.catalogue import planning, report, situation
from lianban.catalogue.model import Edition
from tests.engine.story import answers


def test_the_figures_of_the_plan_come_out(either: Edition) -> None:
    assert situation.count(either) == 8_812_800
    assert situation.count(either, either.eligible) == 7_948_800


def test_counting_by_groups_is_counting_one_by_one(either: Edition) -> None:
    keys = ["rank", "placement", "assigned_to", "training", "disability", "household"]
    people = list(situation.applicants(either, keys))
    assert len({tuple(sorted(person.items())) for person in people}) == len(people)
    free = {"political_status", "id_card", "pension_insurance", "military_pension"}
    free |= {"other_pension", "medical_insurance", "driving_licence", "children_schooling"}
    product = len(people)
    for question in either.questions:
        product *= len(question.choices) if question.key in free else 1
    assert product == situation.count(either)
    for person in people[:: max(1, len(people) // 50)]:
        situation.validate(either, person)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"rank": "general"}, "general"),
        ({"rank": "officer", "placement": "self_employed"}, "placement=self_employed"),
        ({"placement": "self_employed", "assigned_to": "pending"}, "assigned_to"),
        ({"training": "vocational", "assigned_to": "pending"}, "assigned_to=pending"),
        ({"placement": "supported", "disability": "none"}, "disability=none"),
        ({"rank": ""}, "rank"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    either: Edition, wrong: dict[str, str], named: str
) -> None:
    with pytest.raises(situation.AnswersRefused) as refusal:
        situation.validate(either, wrong)
    assert any(named in problem for problem in refusal.value.problems)


def test_only_what_contradicts_is_named(either: Edition) -> None:
    mixed = answers({"placement": "transferred", "assigned_to": "enterprise", "training": ""})
    with pytest.raises(situation.AnswersRefused) as refusal:
        situation.validate(either, mixed)
    assert len(refusal.value.problems) == 1


WAVES = {
    "plan": {1: [1], 2: [2, 3, 7, 8, 9, 14], 3: [4, 12, 13], 4: [5, 6], 5: [11]},
    "later": {1: [1], 2: [2, 3, 7, 8, 9, 14], 3: [4, 12, 13], 4: [5, 6, 11]},
}


@pytest.mark.parametrize("name", ["plan", "later"])
def test_the_conscript_has_the_waves_of_the_plan(name: str, request: pytest.FixtureRequest) -> None:
    printed = report.as_json(planning.plan(request.getfixturevalue(name), answers({})))
    waves: dict[int, list[int]] = {}
    for item in printed["items"]:
        waves.setdefault(item["wave"], []).append(item["number"])
    assert waves == WAVES[name]
    assert printed["visits"]["least"] == 1
    assert "undecided" not in printed


def requires(edition: Edition, **changes: str) -> dict[int, list[int]]:
    printed = report.as_json(planning.plan(edition, answers(changes)))
    return {row["number"]: row["requires"] for row in [*printed["items"], *printed["external"]]}


def test_what_is_satisfied_or_not_applicable_passes_its_prerequisites_on(either: Edition) -> None:
    found = requires(either, pension_insurance="already", medical_insurance="already_employee")
    assert found[5] == found[6] == [3]
    kept = requires(either, household="kept", id_card="valid")
    assert kept[12] == kept[13] == []


def test_an_external_item_stays_in_the_graph(either: Edition) -> None:
    found = requires(either, pension_insurance="employer", medical_insurance="employer")
    assert (found[12], found[5], found[6]) == ([3], [12], [13])


def test_who_retires_is_told_whom_to_ask_and_nothing_else(either: Edition) -> None:
    retired = answers({"rank": "sergeant", "placement": "retired", "training": ""})
    printed = report.as_json(planning.plan(either, retired))
    assert printed["eligible"] is False
    assert (printed["items"], printed["materials"], printed["visits"]["least"]) == ([], [], 0)
    assert len(printed["not_applicable"]) == 15
    assert printed["notes"] == [either.not_eligible]


def test_an_item_not_chosen_needs_evidence_if_another_waits_for_it(either: Edition) -> None:
    with pytest.raises(planning.PlanRefused) as refusal:
        planning.plan(either, answers({}), unticked=[12])
    assert refusal.value.code == "needs_evidence"
    assert {5, 11} <= set(refusal.value.items)
    made = planning.plan(either, answers({}), evidence={12: "参保证明"})
    printed = report.as_json(made)
    assert {"number": 12, "code": "social_insurance", "evidence": "参保证明"} in printed[
        "satisfied"
    ]
    together = planning.plan(either, answers({}), unticked=[12, 5, 11])
    gone = {row["number"] for row in report.as_json(together)["not_applicable"]}
    assert {5, 11, 12} <= gone


@pytest.mark.parametrize(("unticked", "code"), [([1], "entry_is_needed"), ([10], "not_open")])
def test_what_cannot_be_left_out_is_refused(
    either: Edition, unticked: list[int], code: str
) -> None:
    with pytest.raises(planning.PlanRefused) as refusal:
        planning.plan(either, answers({}), unticked=unticked)
    assert refusal.value.code == code


def test_every_legal_pair_of_answers_leads_to_a_plan(either: Edition) -> None:
    pairs = list(situation.sample(either))
    for person in pairs[:: max(1, len(pairs) // 60)]:
        made = planning.plan(either, person)
        assert not made.of(planning.Kind.UNDECIDED)
        for code, required in made.requires.items():
            assert all(made.waves[r] <= made.waves[code] for r in required)
