"""The honest way of a system with the world; its chaos twin has other ways."""

from datetime import UTC, datetime
from typing import Any

from simulators.memory import Row
from simulators.server import Line
from simulators.signing import Request
from simulators.system import System


class Honest:
    """Answers every call at once, says everything once and in order, and the truth."""

    def __init__(self, system: System) -> None:
        self.system, self.code = system, system.code

    def respond(self, request: Request, path: str, line: Line) -> None:
        """Answer a call."""
        at = datetime.now(UTC)
        line.send(self.system.signed(request, self.system.answer(request, path, at), at))

    def hurries(self, row: Row) -> bool:
        """Whether the message behind this one is sent before it."""
        return False

    def repeats(self, row: Row) -> int:
        """How often a message that was taken is sent again."""
        return 0

    def lies(self, row: Row) -> list[tuple[str, str, dict[str, Any]]]:
        """Subject, word and data of what is said besides, against the truth."""
        return []
