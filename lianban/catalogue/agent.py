"""What somebody who acts for another (代办人) may do: data of the plan, denied where it is silent."""

from dataclasses import dataclass, field
from typing import Literal

from lianban.catalogue.source import Document

Allowed = Literal["always", "with_authority", "never"]


@dataclass(frozen=True)
class Act:
    """One thing that people come or sign for, and whether an agent may do it for them."""

    #: The code of a presence reason, of a signature's field, or of an act such as `hand_over`.
    code: str
    #: The words after “代办人不能替您…”.
    name: str
    allowed: Allowed


@dataclass(frozen=True)
class AgentRules:
    """The plan's rules for agents (`agent.yaml`)."""

    #: The code of the material that proves the authority; empty where the plan has no agents.
    authority: str = ""
    acts: tuple[Act, ...] = ()
    #: What the agent is to the person: code to words.
    relations: dict[str, str] = field(default_factory=dict)
    #: What the agent brings.
    bring: tuple[str, ...] = ()

    def act(self, code: str) -> Act | None:
        """The rule of one act, or None where the plan does not name it."""
        return next((act for act in self.acts if act.code == code), None)


def rules(document: Document | None) -> AgentRules:
    """The rules as the plan's file says them; none without a file."""
    if document is None:
        return AgentRules()
    data = document.data
    return AgentRules(
        authority=data["authority"],
        acts=tuple(Act(**act) for act in data["acts"]),
        relations=data["relations"],
        bring=tuple(data["bring"]),
    )
