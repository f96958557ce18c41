"""What a decision is taken with: the edition, the case, the moment, the calendar, and what follows."""

from dataclasses import dataclass, field
from datetime import date, datetime

from lianban.catalogue.calendar import Calendar, day_of
from lianban.catalogue.model import Edition, Item
from lianban.engine.case import JointCase, SubCase
from lianban.engine.events import Event
from lianban.engine.evolve import evolve
from lianban.engine.refusal import Refused


@dataclass
class Desk:
    """Collects the events of one decision; `case` is always the case after them."""

    edition: Edition
    case: JointCase
    at: datetime
    calendar: Calendar
    events: list[Event] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day of the decision, as the offices count it."""
        return day_of(self.at)

    def add(self, event: Event) -> None:
        """Let something have happened."""
        self.events.append(event)
        self.case = evolve(self.case, event)

    def sub(self, number: int) -> SubCase:
        """The sub-case of an item. Raises `Refused('unknown_item')` when the case has none."""
        found = self.case.sub_cases.get(number)
        if found is None:
            raise Refused("unknown_item", "这件联办件里没有这个事项", item=number)
        return found

    def item(self, number: int) -> Item:
        """The item in the pinned edition."""
        return self.edition.item(number)

    def is_lead(self, sub: SubCase) -> bool:
        """Whether the bureau itself decides it, so that it is never dispatched."""
        return sub.department == self.edition.lead_department
