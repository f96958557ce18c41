"""Fold engine states into the few statuses people see: a class of the theme and its word.

Nine statuses exist (`WORDS`). Overdue is a flag beside a status, never a status. The same state has
the same word on every page; `docs/glossary.md` is where the words come from.
"""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Status:
    """A theme class (``lb-status--<code>``) and the word that stands beside its glyph."""

    code: str
    word: str


WORDS = MappingProxyType(
    {
        "needs-you": "待补正",
        "progress": "办理中",
        "ready": "可办",
        "suspended": "暂停",
        "external": "外部办理",
        "denied": "不予办理",
        "blocked": "受阻",
        "waiting": "待前置",
        "done": "已办结",
    }
)
"""Status code -> word, in the order in which a list of items shows them."""

PROGRESS_ORDER = (
    "done", "progress", "ready", "needs-you", "suspended",
    "external", "waiting", "blocked", "denied",
)  # fmt: skip
"""The order of the progress bar's segments: what is behind us first."""

SUB_CASE = MappingProxyType(
    {
        "waiting": Status("waiting", "待前置"),
        "ready": Status("ready", "可办"),
        "dispatched": Status("ready", "可办"),
        "received": Status("ready", "可办"),
        "correction_due": Status("needs-you", "待补正"),
        "accepted": Status("progress", "办理中"),
        "suspended": Status("suspended", "暂停"),
        "decided": Status("progress", "办理中"),
        "delivering": Status("progress", "办理中"),
        "blocked": Status("blocked", "受阻"),
        "external": Status("external", "外部办理"),
        "concluded": Status("done", "已办结"),
        "satisfied": Status("done", "已办结"),
        "refused": Status("denied", "不予受理"),
        "withdrawn": Status("waiting", "已撤回"),
        "terminated": Status("denied", "已终止"),
    }
)

JOINT_CASE = MappingProxyType(
    {
        "draft": Status("waiting", "还没提交"),
        "submitted": Status("progress", "预审中"),
        "correction_due": Status("needs-you", "待补正"),
        "accepted": Status("progress", "已受理"),
        "in_handling": Status("progress", "办理中"),
        "concluded": Status("done", "已办结"),
        "refused": Status("denied", "不予受理"),
        "withdrawn": Status("waiting", "已撤回"),
        "terminated": Status("denied", "已终止"),
    }
)

DENIED = Status("denied", "不予办理")


def of_sub_case(state: str, *, outcome: str = "") -> Status:
    """Return the status of a sub-case.

    `state` is an engine state code (any `StrEnum` member or its value), `outcome` ``"granted"``,
    ``"denied"`` or empty. A denial shows as denied in whatever state it is carried out. Raises
    `KeyError` for a state the glossary does not know: a missing word is a fault of ours.
    """
    if str(outcome) == "denied":
        return DENIED
    return SUB_CASE[str(state)]


def of_joint_case(state: str) -> Status:
    """Return the status of a joint case; `KeyError` for an unknown state."""
    return JOINT_CASE[str(state)]
