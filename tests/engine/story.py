"""A case that a test carries on, with the real editions and the real calendar."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from lianban.catalogue import calendar, load
from lianban.catalogue.calendar import Calendar
from lianban.catalogue.model import Edition
from lianban.engine import commands as c
from lianban.engine import prerequisite, turn
from lianban.engine.case import JointCase, SubCase
from lianban.engine.decide import decide
from lianban.engine.events import Event
from lianban.engine.evolve import fold
from lianban.engine.refusal import Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONSCRIPT = {
    "rank": "conscript", "placement": "self_employed", "political_status": "party_member",
    "household": "cancelled", "id_card": "none", "pension_insurance": "flexible",
    "military_pension": "has", "other_pension": "none", "medical_insurance": "flexible",
    "driving_licence": "car", "disability": "none", "training": "vocational",
    "children_schooling": "not_needed",
}  # fmt: skip


@cache
def edition(name: str) -> Edition:
    """An edition of this repository, read once."""
    return load.load(load.find(name))


@cache
def china() -> Calendar:
    """The confirmed working calendar."""
    return calendar.load(load.POLICY_FOLDER / "calendar" / "china.yaml")


def moment(text: str) -> datetime:
    """`2026-09-03` or `2026-09-03 09:00` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class Story:
    """One case; `do` plays a command, `refused` expects a refusal and says its code."""

    def __init__(self, name: str = "2024", at: str = "2026-09-03 09:00") -> None:
        self.edition = edition(f"retirement-{name}")
        self.calendar = china()
        self.case = JointCase()
        self.at = moment(at)
        self.journal: list[Event] = []

    def on(self, at: str) -> "Story":
        """Let it be another day."""
        self.at = moment(at)
        return self

    def do(self, command: c.Command, at: str = "") -> tuple[Event, ...]:
        """Play a command and keep what follows."""
        if at:
            self.on(at)
        events = decide(self.edition, self.case, command, at=self.at, calendar=self.calendar)
        self.case = fold(events, start=self.case)
        self.journal += events
        return events

    def refused(self, command: c.Command, at: str = "") -> str:
        """Play a command that must be refused, and return the reason code."""
        try:
            events = self.do(command, at)
        except Refused as refusal:
            return refusal.code
        raise AssertionError(f"{command} was not refused: {events}")

    def register(self, at: str = "", **changes: Any) -> "Story":
        """Hand in at the counter as the conscript of scenario 1, with some answers changed."""
        self.do(c.Register(answers(changes.pop("answers", {})), **changes), at)
        return self

    def submit(self, at: str = "", **changes: Any) -> "Story":
        """Hand in online as the same person."""
        self.do(c.Submit(answers(changes.pop("answers", {})), **changes), at)
        return self

    def grant(self, *numbers: int, at: str = "") -> "Story":
        """Grant items one after the other."""
        for number in numbers:
            self.do(c.Grant(number), at)
        return self

    def sub(self, number: int) -> SubCase:
        """The sub-case of an item."""
        return self.case.sub_cases[number]

    def states(self, *numbers: int) -> list[str]:
        """The states of these items."""
        return [str(self.sub(number).state) for number in numbers]

    def due(self, number: int) -> date | None:
        """The pledged date of an item."""
        found = turn.due(self.edition, self.calendar, self.sub(number))
        return found.on if found else None

    def is_provisional(self, number: int) -> bool:
        """Whether that date lies past the confirmed calendar."""
        found = turn.due(self.edition, self.calendar, self.sub(number))
        assert found
        return found.provisional

    def waits_for(self, number: int) -> list[int | str]:
        """What an item waits for directly."""
        return prerequisite.waiting_for(self.case, self.sub(number))

    def actors(self) -> list[str]:
        """Who must act."""
        return turn.next_actors(self.edition, self.calendar, self.case)

    def warnings(self) -> list[str]:
        """What somebody should look at."""
        return turn.warnings(self.edition, self.calendar, self.case, at=self.at)

    def events(self, kind: type[Event]) -> list[Any]:
        """The journal's events of one kind."""
        return [event for event in self.journal if type(event) is kind]


def answers(changes: Mapping[str, str]) -> dict[str, str]:
    """The conscript's answers with changes; an empty value takes the answer out."""
    return {key: value for key, value in {**CONSCRIPT, **changes}.items() if value}


def at_departments(name: str = "2024") -> Story:
    """The conscript's case with everything of the second wave at its desks (2026-09-03)."""
    story = Story(name).register()
    story.grant(1, at="2026-09-03 10:00")
    if name == "2022":
        story.do(c.ReceiveDossier())
        story.do(c.RegisterReception())
        story.do(c.GatherBatch())
    return story


def finish(story: Story, stop: Callable[[int], bool] = lambda number: False) -> None:
    """Grant and deliver everything that can be, wave by wave."""
    moved = True
    while moved:
        moved = False
        for number in list(story.case.open_items):
            state = story.sub(number).state
            if not stop(number) and state in ("ready", "dispatched", "received", "accepted"):
                story.grant(number)
                moved = True
            elif not stop(number) and state == "delivering":
                story.do(c.Deliver(number))
                moved = True
