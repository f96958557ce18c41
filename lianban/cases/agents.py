"""Whether somebody may do a thing for the person (代办): the plan decides. Pure.

An act is a code: a presence reason (`fingerprints`), the code of a signature's field, or what the
plan's `agent.yaml` names otherwise (`hand_over`). What the plan does not name, an agent may not do.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from lianban.catalogue.model import Edition


@dataclass(frozen=True)
class Agent:
    """Somebody who acts for the person, as the form and the case keep it. Personal values: sealed."""

    name: str
    identity_number: str = ""
    phone: str = ""
    #: A code of the plan's relations.
    relation: str = ""
    #: `none`, `uploaded` or `seen`.
    authority: str = "none"
    valid_until: date | None = None

    def to_data(self) -> dict[str, str]:
        """The agent as a form's content holds it."""
        until = self.valid_until.isoformat() if self.valid_until else ""
        return {**asdict(self), "valid_until": until}


def of_data(data: Mapping[str, str]) -> Agent | None:
    """The agent of a form's content; None where the person acts alone."""
    if not data.get("name"):
        return None
    until = data.get("valid_until", "")
    return Agent(**{**data, "valid_until": date.fromisoformat(until) if until else None})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Answer:
    """Whether an agent may; if not, why, in words for the page. False where it may not."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        """Whether the agent may."""
        return self.allowed


def may(*, edition: Edition, agent: Agent, act: str, on: date) -> Answer:
    """Say whether this agent may do an act on a day, and if not why not."""
    rule = edition.agent.act(act)
    if rule is None:
        return Answer(False, "这一步要本人来办，代办人不能代替")
    if rule.allowed == "never":
        return Answer(False, f"代办人不能替您{rule.name}，要本人来")
    if rule.allowed == "always":
        return Answer(True)
    if agent.authority == "none":
        return Answer(False, f"没有委托书，代办人不能替您{rule.name}")
    if agent.valid_until is not None and agent.valid_until < on:
        return Answer(False, f"委托书已经过期，代办人不能替您{rule.name}")
    return Answer(True)


def signing(*, edition: Edition, agent: Agent | None, on: date) -> dict[str, tuple[str, str]]:
    """By the code of each signature's field: the agent's name, and why the agent may not sign it.

    The reason is empty where the agent may; the whole is empty where nobody acts for the person.
    """
    if agent is None:
        return {}
    return {
        f.code: (agent.name, may(edition=edition, agent=agent, act=f.code, on=on).reason)
        for f in edition.fields
        if f.type == "signature"
    }


def limits(edition: Edition) -> list[str]:
    """What an agent may never do, and what only with the authority, a sentence each."""
    found = []
    for allowed, start in (("never", "代办人不能替您"), ("with_authority", "有委托书，才能替您")):
        names = [act.name for act in edition.agent.acts if act.allowed == allowed]
        if names:
            found.append(start + "、".join(names))
    return found


def relation(edition: Edition, agent: Agent) -> str:
    """What the agent is to the person, in words."""
    return edition.agent.relations.get(agent.relation, agent.relation)


def words(edition: Edition, agent: Agent | None) -> str:
    """Who acts for the person, as pages and papers say it; empty where nobody does."""
    return f"由代办人 {agent.name}（{relation(edition, agent)}）办" if agent else ""
