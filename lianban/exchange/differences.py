"""How one sub-case can differ between two books. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lianban.cases.books import Line
from lianban.exchange import answers
from lianban.exchange.contract import BookLine

#: Every difference: its kind, and what it says to people.
KINDS = {
    "missing": ("missing", "我们发过，对方说收到了，对方的账里没有"),
    "missing_round": ("missing", "重新分发过，对方的账里还是上一次的"),
    "missing_decision": ("missing", "对方已经决定，决定没有发来"),
    "missing_result": ("missing", "对方有结果编号，没有发来"),
    "other_outcome": ("contradicting", "两边的决定不一样"),
    "other_number": ("contradicting", "两边的结果编号不一样"),
    "decided_only_here": ("contradicting", "我们这边已有决定，对方的账里没有"),
    "decided_after_end": ("contradicting", "我们这边已经结束，对方又作了决定"),
    "unknown": ("unknown", "对方有，我们没有发过"),
}
#: What a comparison says of the whole book.
_WHOLE = {
    "many": "两边差得太多，先查对方系统是不是换过数据",
    "not_a_book": "对方的账目不合约定",
    "no_order": "对方的账目不按次序",
    "no_end": "对方的账目翻不完",
    "no_book": "对方还没有交过账",
    "old_book": "对方交的账太旧了，要交新的",
    "gone": "对账时对方正好交来新账，下次再对",
}
#: With the department, so that a decision can still come.
_AT_WORK = frozenset({"dispatched", "received", "correction_due", "accepted", "suspended"})

Came = Callable[[], frozenset[str]]


def words(code: str) -> str:
    """What a difference, or a book that cannot be read, says to people."""
    if code in KINDS:
        return KINDS[code][1]
    whole = f"对方的账目读不到：{answers.words(code)}" if code else ""
    return _WHOLE.get(code, whole)


@dataclass(frozen=True)
class Difference:
    """One difference about one sub-case. `case_id` is None where we do not know the case."""

    code: str
    name: str
    case_id: UUID | None = None
    item: int | None = None

    @property
    def kind(self) -> str:
        """`missing`, `contradicting` or `unknown`."""
        return KINDS[self.code][0]


def between(our: Line | None, their: BookLine | None, *, came: Came, before: datetime) -> str:
    """The code of the difference, or nothing.

    `came` gives the words that came about the sub-case; what happened after `before` may still be
    under way, and is no difference yet.
    """
    if our is None:
        return "unknown"
    if their is None:
        return "missing" if our.sent_at < before else ""
    if their.round < our.round:
        return "missing_round" if our.sent_at < before else ""
    if their.outcome != our.outcome:
        return _outcomes(our, their, came, before)
    return _numbers(our, their, came, before) if our.outcome else ""


def _outcomes(our: Line, their: BookLine, came: Came, before: datetime) -> str:
    if our.outcome and their.outcome:
        return "other_outcome"
    if our.outcome:
        is_old = our.decided_at is None or our.decided_at < before
        return "decided_only_here" if is_old else ""
    is_old = their.decided_at is None or their.decided_at < before
    if not is_old or "decide" in came():
        return ""
    return "missing_decision" if our.state in _AT_WORK else "decided_after_end"


def _numbers(our: Line, their: BookLine, came: Came, before: datetime) -> str:
    if not their.result_number or our.result_number == their.result_number:
        return ""
    if our.result_number:
        return "other_number"
    is_old = their.decided_at is None or their.decided_at < before
    return "missing_result" if is_old and "issue" not in came() else ""
