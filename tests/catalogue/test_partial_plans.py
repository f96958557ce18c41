"""What is printed as sure while answers are missing holds for everyone who may still answer."""

import random
from typing import Any

import pytest

from lianban.catalogue import planning, report, situation
from lianban.catalogue.model import Edition
from lianban.catalogue.planning import Kind


def person(edition: Edition, chance: random.Random) -> dict[str, str]:
    """Somebody, all questions answered."""
    found: dict[str, str] = {}
    for question in edition.questions:
        if question.when.holds(found):
            found[question.key] = chance.choice(situation.allowed(question, found))
    return found


def forget(answers: dict[str, str], chance: random.Random) -> dict[str, str]:
    """The same person with some answers missing."""
    kept = {key: value for key, value in answers.items() if chance.random() < 0.7}
    situation_keys = ("rank", "placement")
    return kept | {k: answers[k] for k in situation_keys if chance.random() < 0.7}


def complete(edition: Edition, partial: dict[str, str], chance: random.Random) -> dict[str, str]:
    """One of the people who have answered so far what `partial` says."""
    while True:
        found: dict[str, str] = {}
        try:
            for question in edition.questions:
                if question.when.holds(found):
                    values = situation.allowed(question, found)
                    given = partial.get(question.key)
                    found[question.key] = given or chance.choice(values)
            situation.validate(edition, found)
        except (situation.AnswersRefused, IndexError):
            continue
        if partial.items() <= found.items():
            return found


def rows(printed: dict[str, Any], key: str) -> dict[Any, dict[str, Any]]:
    return {row.get("number", row["code"]): row for row in printed[key]}


def test_what_is_sure_holds_for_everyone_who_answers_the_rest(either: Edition) -> None:
    chance = random.Random(2022)
    for _ in range(40):
        partial = forget(person(either, chance), chance)
        sure = report.as_json(planning.plan(either, partial))
        for _ in range(4):
            full = report.as_json(planning.plan(either, complete(either, partial, chance)))
            _holds(sure, full)


def _holds(sure: dict[str, Any], full: dict[str, Any]) -> None:
    assert sure["eligible"] in (None, full["eligible"])
    for key in ("items", "external", "satisfied", "not_applicable"):
        printed, later = rows(sure, key), rows(full, key)
        assert printed.keys() <= later.keys(), key
        for number, row in printed.items():
            assert set(row.get("requires", ())) <= set(later[number].get("requires", ()))
            assert set(row.get("milestones", ())) <= set(later[number].get("milestones", ()))
            for name in ("wave", "presence"):
                assert row.get(name) in (None, later[number].get(name)), (number, name)
            assert row.get("department") == later[number].get("department")
    for key in ("materials", "fields"):
        for code, row in rows(sure, key).items():
            assert set(row["items"]) <= set(rows(full, key)[code]["items"])
    assert sure["visits"]["least"] <= full["visits"]["least"]
    assert set(sure["notes"]) <= set(full["notes"])


def test_an_item_is_undecided_exactly_when_people_differ(either: Edition) -> None:
    chance = random.Random(2024)
    for _ in range(12):
        partial = forget(person(either, chance), chance)
        plan = planning.plan(either, partial)
        for disposition in plan.dispositions:
            item = disposition.item
            wanted = set(planning.questions(item.opens) | planning.questions(either.eligible))
            for rule in (item.external, item.satisfied):
                wanted |= planning.questions(rule.when) if rule else set()
            kinds = {
                _kind(either, planning.plan(either, answers), item.number)
                for answers in situation.completions(either, partial, wanted)
            }
            expected = kinds.pop() if len(kinds) == 1 else Kind.UNDECIDED
            assert disposition.kind == expected, (item.number, partial)


def _kind(edition: Edition, plan: planning.Plan, number: int) -> Kind:
    return next(d.kind for d in plan.dispositions if d.item.number == number)


def test_with_no_answer_nothing_is_sure(either: Edition) -> None:
    printed = report.as_json(planning.plan(either, {}))
    assert printed["undecided"] == list(range(1, 16))
    assert (printed["eligible"], printed["items"], printed["materials"]) == (None, [], [])


def test_numbers_that_the_plan_does_not_have_are_refused(either: Edition) -> None:
    for choice in ({"unticked": [99]}, {"evidence": {16: "证明"}}):
        with pytest.raises(planning.PlanRefused) as refusal:
            planning.plan(either, {}, **choice)
        assert refusal.value.code == "unknown_item"
