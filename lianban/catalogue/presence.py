"""Where a person may have to come, and the words that are shown to some and not to others."""

from dataclasses import dataclass

from lianban.catalogue.condition import ALWAYS, Condition


@dataclass(frozen=True)
class Text:
    """Words that are shown where a condition holds: a reason, an advice, a note."""

    text: str
    when: Condition = ALWAYS
    advice: str = ""


@dataclass(frozen=True)
class Presence:
    """The person must come: to which place, and why."""

    place: str
    why: str
    when: Condition = ALWAYS
    #: Whether it counts in the case's visits.
    counted: bool = True
    note: str = ""
    #: False: only once the item's prerequisites are met, so never with a visit that these wait for.
    same_day: bool = True
    #: What to bring besides the materials.
    bring: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a person may have to come; whatever lies in one hall is one place."""

    code: str
    name: str
    #: The reason under which originals may be shown here; empty: they may not.
    sees_originals: str = ""
