"""The whole state machine on one page. `docs/states.md` and its diagram are generated from here.

`decide` consults these rows; a command on a state that no row names is refused. A row with several
targets says so: which one follows is the rule written beside it.
"""

from dataclasses import dataclass

from lianban.engine.states import CaseState as C
from lianban.engine.states import State as S  # noqa: N817


@dataclass(frozen=True, slots=True)
class Transition:
    """One command on some states, and where it leads."""

    command: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    #: States on which the command is a harmless repeat: it yields no event.
    repeats: tuple[str, ...] = ()
    note: str = ""


_CASE_OPEN = (C.SUBMITTED, C.CORRECTION_DUE, C.ACCEPTED, C.IN_HANDLING)
_LATER = (S.DECIDED, S.DELIVERING, S.CONCLUDED)
_UNDECIDED = (
    S.WAITING, S.READY, S.DISPATCHED, S.RECEIVED, S.CORRECTION_DUE, S.ACCEPTED, S.SUSPENDED,
    S.BLOCKED, S.EXTERNAL,
)  # fmt: skip

CASE = (
    Transition("submit", (C.DRAFT,), (C.SUBMITTED,), _CASE_OPEN),
    Transition("register", (C.DRAFT,), (C.ACCEPTED,), (C.ACCEPTED, C.IN_HANDLING)),
    Transition("register", (C.SUBMITTED,), (C.ACCEPTED,), note="handed in at the counter, accepted there later"),
    Transition("pass_pre_review", (C.SUBMITTED,), (C.ACCEPTED,), (C.ACCEPTED, C.IN_HANDLING)),
    Transition("refuse_acceptance", (C.SUBMITTED, C.CORRECTION_DUE), (C.REFUSED,), (C.REFUSED,)),
    Transition("request_correction", (C.SUBMITTED, C.CORRECTION_DUE), (C.CORRECTION_DUE,)),
    Transition("correct", _CASE_OPEN, (C.SUBMITTED, "="), note="submitted when nothing is left"),
    Transition("accept_with_deferral", _CASE_OPEN, (C.ACCEPTED, "=")),
    Transition("receive_dossier", (*_CASE_OPEN, C.CONCLUDED), ("=",), note="milestone; concluded: for a tail"),
    Transition(
        "register_reception", (C.ACCEPTED, C.IN_HANDLING, C.CONCLUDED), ("=",),
        note="milestone; concluded: for a tail",
    ),
    Transition("(by itself)", (C.ACCEPTED,), (C.IN_HANDLING,), note="the item that opens the case is decided"),
    Transition("gather_batch", (C.ACCEPTED, C.IN_HANDLING), ("=",), note="once a case"),
    Transition("withdraw", _CASE_OPEN, (C.WITHDRAWN,), (C.WITHDRAWN,)),
    Transition("terminate", _CASE_OPEN, (C.TERMINATED,), (C.TERMINATED,)),
    Transition("conclude", (C.IN_HANDLING,), (C.CONCLUDED,), (C.CONCLUDED,), "nothing is open"),
    Transition(
        "reopen", (C.CONCLUDED, C.TERMINATED), (C.SUBMITTED, C.ACCEPTED), _CASE_OPEN,
        "accepted, and in handling at once, if it had been accepted",
    ),
    Transition(
        "pass_time", (*_CASE_OPEN, C.CONCLUDED, C.WITHDRAWN, C.TERMINATED), ("=", C.ACCEPTED),
        note="deemed acceptance, lapses, reviews; ended: for a tail",
    ),
)  # fmt: skip

ITEM = (
    Transition("(by itself)", (S.WAITING,), (S.READY, S.BLOCKED), note="ancestors met, or failed"),
    Transition("(by itself)", (S.READY,), (S.DISPATCHED,), note="not the lead's own items"),
    Transition("(by itself)", (S.READY,), (S.WAITING,), note="something before it was reopened"),
    Transition("(by itself)", (S.BLOCKED,), (S.WAITING,), note="reopened or waived"),
    Transition("(by itself)", (S.DECIDED,), (S.DELIVERING, S.CONCLUDED), note="a result to hand over"),
    Transition(
        "dispatch", (S.READY,), (S.DISPATCHED,), (S.DISPATCHED, S.RECEIVED, S.ACCEPTED),
        "after a return",
    ),
    Transition(
        "receive", (S.DISPATCHED,), (S.RECEIVED,),
        (S.RECEIVED, S.ACCEPTED, S.CORRECTION_DUE, S.SUSPENDED, *_LATER),
    ),
    Transition(
        "accept", (S.READY, S.DISPATCHED, S.RECEIVED), (S.ACCEPTED,), (S.ACCEPTED, S.SUSPENDED, *_LATER),
        "ready: the lead's own items",
    ),
    Transition("return", (S.DISPATCHED, S.RECEIVED, S.ACCEPTED), (S.READY,), note="back to the bureau"),
    Transition(
        "request_correction", (S.READY, S.DISPATCHED, S.RECEIVED, S.ACCEPTED, S.CORRECTION_DUE),
        (S.CORRECTION_DUE,), note="all defects in one notice",
    ),
    Transition("correct", (*_UNDECIDED, S.DELIVERING), (S.RECEIVED, "="), note="received when nothing is left"),
    Transition(
        "accept_with_deferral", (S.READY, S.DISPATCHED, S.RECEIVED, S.CORRECTION_DUE, S.ACCEPTED),
        (S.ACCEPTED,),
    ),
    Transition(
        "refuse_acceptance", (S.READY, S.DISPATCHED, S.RECEIVED, S.CORRECTION_DUE), (S.REFUSED,), (S.REFUSED,)
    ),
    Transition(
        "suspend", (S.READY, S.DISPATCHED, S.RECEIVED, S.ACCEPTED), (S.SUSPENDED,), (S.SUSPENDED,)
    ),
    Transition(
        "resume", (S.SUSPENDED,), (S.READY, S.DISPATCHED, S.RECEIVED, S.ACCEPTED),
        (S.READY, S.DISPATCHED, S.RECEIVED, S.ACCEPTED),
    ),
    Transition("extend", (S.READY, S.DISPATCHED, S.RECEIVED, S.ACCEPTED), ("=",), note="once"),
    Transition("grant", (S.READY, S.DISPATCHED, S.RECEIVED, S.ACCEPTED), (S.DECIDED,)),
    Transition("deny", (S.READY, S.DISPATCHED, S.RECEIVED, S.ACCEPTED), (S.DECIDED,)),
    Transition("deliver", (S.DELIVERING,), (S.CONCLUDED,), (S.CONCLUDED,)),
    Transition("external_event", (S.EXTERNAL, *_UNDECIDED), (S.SATISFIED, "="), (S.SATISFIED,)),
    Transition("waive", (S.WAITING, S.BLOCKED), (S.WAITING,), note="bureau's head"),
    Transition("split_off", (*_UNDECIDED, S.DELIVERING), ("=",), note="external, blocked, long tails"),
    Transition(
        "untick", (S.WAITING, S.EXTERNAL), (S.WITHDRAWN, S.SATISFIED), (S.WITHDRAWN, S.SATISFIED),
        "before acceptance",
    ),
    Transition("withdraw", _UNDECIDED, (S.WITHDRAWN,), (S.WITHDRAWN,)),
    Transition("terminate", _UNDECIDED, (S.TERMINATED,), (S.TERMINATED,)),
    Transition(
        "reopen", (S.DELIVERING, S.CONCLUDED, S.REFUSED, S.WITHDRAWN, S.TERMINATED), (S.WAITING, S.EXTERNAL),
        _UNDECIDED,
    ),
)  # fmt: skip

CASE_ROWS = {row.command: row for row in CASE if not row.command.startswith("(")}
ITEM_ROWS = {row.command: row for row in ITEM if not row.command.startswith("(")}
