"""Play a script of commands and expectations on the pure engine (`lianban case play`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from lianban.catalogue.calendar import CHINA, Calendar, day_of
from lianban.catalogue.model import Edition
from lianban.engine import commands as c
from lianban.engine import deadlines, prerequisite, turn
from lianban.engine.case import JointCase, SubCase
from lianban.engine.decide import decide
from lianban.engine.evolve import fold
from lianban.engine.refusal import Refused


class ScriptError(ValueError):
    """The script itself is wrong: `str()` says where and how to mend it."""


@dataclass
class Failure:
    """One expectation that was not met, or a refusal that nobody expected."""

    step: int
    key: str
    expected: Any
    found: Any


@dataclass
class Player:
    """Plays a script's steps; `failures` collects what came out otherwise."""

    edition: Edition
    calendar: Calendar
    answers: Mapping[str, str]
    facts: Mapping[str, str] = field(default_factory=dict)
    unticked: tuple[int, ...] = ()
    evidence: Mapping[int, str] = field(default_factory=dict)
    case: JointCase = field(default_factory=JointCase)
    at: datetime = datetime(2000, 1, 1, tzinfo=CHINA)
    failures: list[Failure] = field(default_factory=list)
    events: int = 0

    def play(self, steps: list[dict[str, Any]]) -> None:
        """Play all steps. Raises `ScriptError` for a step that cannot be understood."""
        for position, step in enumerate(steps, start=1):
            if not isinstance(step, dict) or not {"do", "expect"} & step.keys():
                raise ScriptError(f"第 {position} 步应写 do 或 expect")
            if "at" in step:
                self.at = _moment(step["at"], position)
            if "do" in step:
                self._do(step, position)
            if "expect" in step:
                self._expect(step["expect"], position)

    def _do(self, step: dict[str, Any], position: int) -> None:
        command = self._command(step, position)
        expected = step.get("refused")
        try:
            events = decide(self.edition, self.case, command, at=self.at, calendar=self.calendar)
        except Refused as refusal:
            if refusal.code != expected:
                self.failures.append(Failure(position, "refused", expected, refusal.code))
            return
        if expected:
            self.failures.append(Failure(position, "refused", expected, None))
        self.case = fold(events, start=self.case)
        self.events += len(events)

    def _command(self, step: dict[str, Any], position: int) -> Any:
        kind: Any = c.NAMES.get(str(step["do"]))
        if kind is None:
            raise ScriptError(f"第 {position} 步：没有命令「{step['do']}」")
        words = {k: v for k, v in step.items() if k not in ("at", "do", "expect", "refused")}
        try:
            values = {key: _read(key, value) for key, value in words.items()}
            if kind in (c.Submit, c.Register):
                chosen = {
                    "answers": self.answers,
                    "unticked": self.unticked,
                    "evidence": self.evidence,
                }
                values = {**chosen, **values}
            return kind(**values)
        except (TypeError, ValueError, AttributeError) as error:
            raise ScriptError(f"第 {position} 步「{step['do']}」的参数不对：{error}") from error

    def _expect(self, expected: Any, position: int) -> None:
        if not isinstance(expected, dict):
            raise ScriptError(f"第 {position} 步：expect 应写成 {{键: 值}}")
        found = self._view(expected, position)
        for key, wanted in expected.items():
            if key == "item":
                continue
            if key not in found:
                raise ScriptError(f"第 {position} 步：不认识的期望「{key}」")
            if not _same(wanted, found[key]()):
                self.failures.append(Failure(position, key, wanted, found[key]()))

    def _view(self, expected: dict[str, Any], position: int) -> dict[str, Callable[[], Any]]:
        if "item" not in expected:
            return self._case_view()
        try:
            number = int(expected["item"])
        except (TypeError, ValueError) as error:
            raise ScriptError(f"第 {position} 步：item 应是事项序号") from error
        sub = self.case.sub_cases.get(number)
        return self._item_view(sub) if sub else dict.fromkeys(_ITEM_KEYS, lambda: None)

    def _item_view(self, sub: SubCase) -> dict[str, Callable[[], Any]]:
        edition, calendar, today = self.edition, self.calendar, day_of(self.at)
        due = turn.due(edition, calendar, sub)
        return {
            "state": lambda: str(sub.state),
            "due": lambda: due.on.isoformat() if due else None,
            "provisional": lambda: due.provisional if due else False,
            "waiting_for": lambda: prerequisite.waiting_for(self.case, sub),
            "paused_days": lambda: deadlines.paused_days(calendar, sub.clock, sub.pauses, on=today),
            "overdue": lambda: turn.is_overdue(edition, calendar, sub, on=today),
            "outcome": lambda: str(sub.outcome) if sub.outcome else None,
            "department": lambda: sub.department,
            "review": lambda: _iso(turn.review_on(edition, calendar, sub)),
        }

    def _case_view(self) -> dict[str, Callable[[], Any]]:
        edition, calendar, case = self.edition, self.calendar, self.case
        due = turn.case_due(edition, calendar, case)
        return {
            "case": lambda: str(case.state),
            "due": lambda: due.on.isoformat() if due else None,
            "provisional": lambda: due.provisional if due else False,
            "open_items": lambda: case.open_items,
            "next_actors": lambda: turn.next_actors(edition, calendar, case),
            "notices": lambda: case.notices,
            "warnings": lambda: turn.warnings(edition, calendar, case, at=self.at),
            "personal_limits": self._personal_limits,
        }

    def _personal_limits(self) -> dict[str, str]:
        limits = turn.personal_limits(
            self.edition,
            self.calendar,
            answers=self.answers,
            facts=self.facts,
            numbers=frozenset(self.case.sub_cases),
        )
        return {str(limit.item): limit.on.isoformat() for limit in limits}

    def report(self) -> dict[str, Any]:
        """What `lianban case play --json` prints."""
        items = {
            str(n): {key: read() for key, read in self._item_view(sub).items()}
            for n, sub in sorted(self.case.sub_cases.items())
        }
        return {
            "ok": not self.failures,
            "edition": self.edition.reference(),
            "failures": [vars(failure) for failure in self.failures],
            "case": {key: read() for key, read in self._case_view().items()},
            "items": items,
            "events": self.events,
        }


_ITEM_KEYS = (
    "state", "due", "provisional", "waiting_for", "paused_days", "overdue", "outcome", "department",
    "review",
)  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _moment(text: Any, position: int) -> datetime:
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=CHINA)
    except ValueError as error:
        raise ScriptError(f"第 {position} 步：时间「{text}」应写成 2026-09-03 09:00") from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"「{value}」应是一个词")
    return value


def _codes(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (_text(value),)


def _numbered(value: Any) -> dict[int, str]:
    return {int(key): str(word) for key, word in value.items()}


_READ: dict[str, Callable[[Any], Any]] = {
    "item": int,
    "days": int,
    "defects": _codes,
    "supplied": _codes,
    "materials": _codes,
    "missing": _codes,
    "unticked": lambda value: tuple(int(number) for number in value),
    "evidence": lambda value: _numbered(value) if isinstance(value, dict) else str(value),
    "delivery": _numbered,
    "answers": dict,
    "codes": _codes,
    "grades": dict,
    "until": lambda value: date.fromisoformat(str(value)),
}


def _read(key: str, value: Any) -> Any:
    reader: Callable[[Any], Any] = _READ.get(key, _text)
    return reader(value)


def _same(wanted: Any, found: Any) -> bool:
    """Compare a script's strings with the engine's values; a number may stand for a list's length."""
    if isinstance(found, list):
        if isinstance(wanted, list):
            return [str(value) for value in wanted] == [str(value) for value in found]
        return bool(str(wanted) == str(len(found)))
    if isinstance(found, dict):
        return isinstance(wanted, dict) and {str(k): str(v) for k, v in wanted.items()} == found
    if isinstance(found, bool):
        return str(wanted).lower() == str(found).lower()
    if isinstance(found, int) and isinstance(wanted, list):
        return len(wanted) == found
    if found is None:
        return wanted is None or str(wanted).lower() in ("null", "none", "~", "")
    return str(wanted) == str(found)
