"""The scenarios a city would try, as `lianban case play` scripts: each must play as it says."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lianban.catalogue import situation, source
from lianban.engine.play import Player
from tests.engine.story import china, edition

FOLDER = Path(__file__).parents[1] / "scenarios"
SCRIPTS = sorted(FOLDER.glob("*.yaml"))


def player(script: dict[str, Any]) -> Player:
    """The player of a script, on the confirmed calendar unless it brings changes."""
    answers = dict(script["answers"])
    unticked = tuple(int(number) for number in answers.pop("unticked", ()))
    evidence = {int(k): str(v) for k, v in answers.pop("evidence", {}).items()}
    return Player(
        edition(script["policy"]), china(), answers, script.get("facts", {}), unticked, evidence
    )


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_the_scenario_comes_out_as_it_says(path: Path) -> None:
    script = source.read_text(path.read_text(encoding="utf-8"), name=path.name).data
    playing = player(script)
    playing.play(script["steps"])
    assert [vars(failure) for failure in playing.failures] == []
    assert any("expect" in step for step in script["steps"])


def test_every_scenario_is_for_people_who_can_exist() -> None:
    for path in SCRIPTS:
        script = source.read_text(path.read_text(encoding="utf-8"), name=path.name).data
        answers = {k: v for k, v in script["answers"].items() if isinstance(v, str)}
        situation.validate(edition(script["policy"]), answers)


def test_a_failed_expectation_says_expected_and_found_and_the_step() -> None:
    script = source.read_text((FOLDER / "00-the-example.yaml").read_text("utf-8"), name="").data
    wrong = player(script)
    wrong.play([*script["steps"][:1], {"expect": {"item": "1", "state": "waiting"}}])
    (failure,) = wrong.failures
    assert vars(failure) == {"step": 2, "key": "state", "expected": "waiting", "found": "ready"}


def test_a_city_may_change_single_days_of_the_calendar() -> None:
    friday, saturday = date(2026, 9, 4), date(2026, 9, 5)
    changed = china().changed([(friday, False), (saturday, True)], date(2027, 12, 31))
    assert (changed.is_working(friday), changed.is_working(saturday)) == (False, True)
    assert changed.is_confirmed(date(2027, 6, 1))
    assert not china().is_confirmed(date(2027, 6, 1))
