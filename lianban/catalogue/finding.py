"""What is wrong with a policy: where, what, and what would mend it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One complaint, in Chinese, for the bureau that wrote the plan."""

    #: Stable English code, such as `self_prerequisite`.
    code: str
    #: What is wrong and what would mend it.
    message: str
    file: str | None = None
    line: int | None = None
    #: Item numbers that the complaint is about.
    items: tuple[int, ...] = ()
    #: Item numbers that cause it.
    because: tuple[int, ...] = ()
    #: The smallest applicant that shows it, as answers.
    witness: dict[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `policy check --json` prints."""
        result: dict[str, Any] = {"code": self.code, "file": self.file, "line": self.line}
        result |= {"items": list(self.items), "message": self.message, "witness": self.witness}
        if self.because:
            result["because"] = list(self.because)
        return result


class PolicyRefused(Exception):
    """The policy cannot be used; `findings` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("; ".join(f"{f.file}:{f.line} {f.message}" for f in findings))
        self.findings = findings
