"""The whole state machine on one page. `docs/states.md` and its diagram are generated from here.

`decide` consults these rows; a command on a state that no row names is refused. From each source of
a row each of its targets can follow: which one does is the rule written beside it. Rows in brackets
are no command: they follow in the same moment.
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

_NOT_CORRECTED = tuple(state for state in _UNDECIDED if state is not S.CORRECTION_DUE)
_INSIDE = tuple(state for state in _UNDECIDED if state is not S.EXTERNAL)

CASE = (
    Transition("submit", (C.DRAFT,), (C.SUBMITTED,), _CASE_OPEN),
    Transition("register", (C.DRAFT,), (C.ACCEPTED,), (C.ACCEPTED, C.IN_HANDLING)),
    Transition("register", (C.SUBMITTED,), (C.ACCEPTED,), note="handed in at the counter, accepted there later"),
    Transition("pass_pre_review", (C.SUBMITTED,), (C.ACCEPTED,), (C.ACCEPTED, C.IN_HANDLING)),
    Transition("refuse_acceptance", (C.SUBMITTED, C.CORRECTION_DUE), (C.REFUSED,), (C.REFUSED,)),
    Transition("request_correction", (C.SUBMITTED, C.CORRECTION_DUE), (C.CORRECTION_DUE,)),
    Transition("correct", (C.CORRECTION_DUE,), (C.SUBMITTED, "="), note="submitted when nothing is left"),
    Transition("correct", (C.SUBMITTED, C.ACCEPTED, C.IN_HANDLING), ("=",), note="what was owed or missing"),
    Transition("accept_with_deferral", (C.SUBMITTED, C.CORRECTION_DUE), (C.ACCEPTED,)),
    Transition("accept_with_deferral", (C.ACCEPTED, C.IN_HANDLING), ("=",)),
    Transition("grade_materials", (C.CORRECTION_DUE,), (C.SUBMITTED, "="), note="submitted when nothing is left"),
    Transition(
        "grade_materials", (C.SUBMITTED, C.ACCEPTED, C.IN_HANDLING, C.CONCLUDED), ("=",),
        note="a material is there, with its grade; what waited for it waits no more",
    ),
    Transition("receive_dossier", (*_CASE_OPEN, C.CONCLUDED), ("=",), note="milestone; concluded: for a tail"),
    Transition(
        "register_reception", (C.ACCEPTED, C.IN_HANDLING, C.CONCLUDED), ("=",),
        note="milestone; concluded: for a tail",
    ),
    Transition("(by itself)", (C.ACCEPTED,), (C.IN_HANDLING,), note="the item that opens the case is decided"),
    Transition("gather_batch", (C.IN_HANDLING,), ("=",), note="once a case"),
    Transition("withdraw", _CASE_OPEN, (C.WITHDRAWN,), (C.WITHDRAWN,)),
    Transition("terminate", _CASE_OPEN, (C.TERMINATED,), (C.TERMINATED,)),
    Transition("conclude", (C.IN_HANDLING,), (C.CONCLUDED,), (C.CONCLUDED,), "nothing is open"),
    Transition("reopen", (C.CONCLUDED,), (C.ACCEPTED,), _CASE_OPEN, "and in handling in the same moment"),
    Transition("reopen", (C.TERMINATED,), (C.SUBMITTED, C.ACCEPTED), note="what it had been"),
    Transition("pass_time", (C.SUBMITTED,), (C.ACCEPTED, "="), note="silence past the notice limit"),
    Transition(
        "pass_time", (C.CORRECTION_DUE, C.ACCEPTED, C.IN_HANDLING, C.CONCLUDED, C.WITHDRAWN, C.TERMINATED),
        ("=",), note="lapses, reviews; ended: for a tail",
    ),
)  # fmt: skip

ITEM = (
    Transition("(by itself)", (S.WAITING,), (S.READY, S.BLOCKED), note="ancestors met, or failed"),
    Transition("(by itself)", (S.READY,), (S.DISPATCHED,), note="not the lead's own items"),
    Transition("(by itself)", (S.READY,), (S.WAITING,), note="something before it was reopened"),
    Transition("(by itself)", (S.BLOCKED,), (S.WAITING,), note="reopened or waived"),
    Transition("(by itself)", (S.DISPATCHED, S.RECEIVED), (S.ACCEPTED,), note="silence past the notice limit"),
    Transition(
        "(with the case)", _UNDECIDED, (S.WITHDRAWN, S.TERMINATED), note="a result on its way goes on alone",
    ),
    Transition("(with the case)", (S.WAITING, S.EXTERNAL), (S.REFUSED,), note="not accepted"),
    Transition("(with the case)", (S.TERMINATED,), (S.WAITING, S.EXTERNAL), note="reopened"),
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
    Transition("correct", (S.CORRECTION_DUE,), (S.RECEIVED, "="), note="received when nothing is left"),
    Transition("correct", (*_NOT_CORRECTED, S.DELIVERING), ("=",), note="what was owed or missing"),
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
    Transition("change_delivery", _UNDECIDED, ("=",), note="one of the plan's ways"),
    Transition("change_delivery", (S.DELIVERING,), (S.CONCLUDED, "="), note="concluded: electronic now"),
    Transition("external_event", (S.EXTERNAL,), (S.SATISFIED,), (S.SATISFIED,)),
    Transition("external_event", _INSIDE, ("=",), note="what starts the clock"),
    Transition("waive", (S.WAITING, S.BLOCKED), ("=",), note="bureau's head; goes on by itself"),
    Transition("split_off", (*_UNDECIDED, S.DELIVERING), ("=",), note="external, blocked, long tails"),
    Transition(
        "untick", (S.WAITING, S.EXTERNAL), (S.WITHDRAWN, S.SATISFIED), (S.WITHDRAWN, S.SATISFIED),
        "before acceptance",
    ),
    Transition("withdraw", _UNDECIDED, (S.WITHDRAWN,), (S.WITHDRAWN,)),
    Transition("terminate", _UNDECIDED, (S.TERMINATED,), (S.TERMINATED,)),
    Transition("reopen", (S.DELIVERING, S.CONCLUDED, S.REFUSED), (S.WAITING,), _UNDECIDED),
    Transition("reopen", (S.WITHDRAWN, S.TERMINATED), (S.WAITING, S.EXTERNAL), note="what it had been"),
)  # fmt: skip


def _by_command(rows: tuple[Transition, ...]) -> dict[str, Transition]:
    """One row for each command, with all its states together."""
    found: dict[str, Transition] = {}
    for row in rows:
        before = found.get(row.command, Transition(row.command, (), ()))
        found[row.command] = Transition(
            row.command,
            before.sources + row.sources,
            before.targets + row.targets,
            before.repeats + row.repeats,
        )
    return {command: row for command, row in found.items() if not command.startswith("(")}


CASE_ROWS = _by_command(CASE)
ITEM_ROWS = _by_command(ITEM)
