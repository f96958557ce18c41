"""What a form holds while it is filled in and after: one JSON object, always sealed at rest."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from lianban.catalogue import planning
from lianban.catalogue.model import Edition
from lianban.catalogue.planning import Plan


@dataclass(frozen=True)
class Content:
    """Answers, fields and choices of one person. Item numbers are text here, as in JSON."""

    answers: dict[str, str] = field(default_factory=dict)
    #: Values by field code.
    fields: dict[str, str] = field(default_factory=dict)
    unticked: tuple[int, ...] = ()
    evidence: dict[str, str] = field(default_factory=dict)
    #: Material code to how it comes: `uploaded`, `promised`, `seen`, `with_dossier`, `deferred`.
    materials: dict[str, str] = field(default_factory=dict)
    #: Material code to the day on the paper (ISO), for papers that end and that a clerk has seen.
    dated: dict[str, str] = field(default_factory=dict)
    #: The pages that were saved without complaint.
    done: tuple[str, ...] = ()
    #: Who acts for the person, as `agents.Agent.to_data` gives it; empty where nobody does.
    agent: dict[str, str] = field(default_factory=dict)
    #: What the troop's roster says of the person, as `services.expected` puts it; no declaration.
    roster: dict[str, str] = field(default_factory=dict)

    def plan(self, edition: Edition) -> Plan:
        """The plan for these answers. Raises what `planning.plan` raises."""
        evidence = {int(number): text for number, text in self.evidence.items()}
        return planning.plan(edition, self.answers, unticked=self.unticked, evidence=evidence)

    def to_bytes(self) -> bytes:
        """The content as UTF-8 JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Content":
        """Read what `to_bytes` wrote."""
        values: dict[str, Any] = json.loads(data)
        lists = {key: tuple(values.get(key, ())) for key in ("unticked", "done")}
        return replace(cls(**{**values, **lists}))
