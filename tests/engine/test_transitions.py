"""The table of transitions is the whole truth: all of it can happen, and nothing else does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

from lianban.engine import commands as c
from lianban.engine import event_data, records
from lianban.engine import events as e
from lianban.engine.case import JointCase
from lianban.engine.evolve import evolve
from lianban.engine.states import CaseState
from lianban.engine.transitions import CASE, CASE_ROWS, ITEM, ITEM_ROWS, Transition
from tests.engine.story import CONSCRIPT, Story, finish
from tests.engine.walk import Walk

Seen = set[tuple[str, str, str]]
MOST_WALKS = 300
OUTSIDE = {**CONSCRIPT, "pension_insurance": "employer", "medical_insurance": "employer"}
#: How a walk begins, so that what is rare by chance is seen soon.
BEGINNINGS: list[list[c.Command]] = [
    [],
    [c.Submit(CONSCRIPT), c.RequestCorrection(("photo",))],
    [c.Submit(CONSCRIPT, channel="counter"), c.PassTime()],
    [c.Submit(OUTSIDE), c.RefuseAcceptance("理由")],
    [c.Submit(OUTSIDE), c.Untick(11), c.Untick(5)],
    [c.Register(OUTSIDE), c.Withdraw(12), c.Terminate("理由", 13)],
    [c.Register(OUTSIDE), c.Terminate("理由")],
    [c.Register(CONSCRIPT), c.Grant(1), c.ReceiveDossier(), c.RegisterReception()],
    [c.Register(CONSCRIPT), c.Grant(1), c.Terminate("理由")],
    [c.Register(CONSCRIPT), c.Grant(1), c.Withdraw()],
    [
        c.Register(CONSCRIPT),
        c.Grant(1),
        c.ReceiveDossier(),
        c.RegisterReception(),
        c.ChangeDelivery(9, "pick_up"),
        c.Grant(9),
    ],
]
TAIL_ANSWERS = {"disability": "grade_7_8"}

FOR_CASE: dict[str, Any] = {
    "register": c.Register(CONSCRIPT), "submit": c.Submit(CONSCRIPT),
    "pass_pre_review": c.PassPreReview(), "refuse_acceptance": c.RefuseAcceptance("理由"),
    "request_correction": c.RequestCorrection(("photo", "party_letter")),
    "correct": c.Correct(("photo", "enlistment_notice")),
    "grade_materials": c.GradeMaterials(("photo", "enlistment_notice", "party_letter"), "B", "counter"),
    "accept_with_deferral": c.AcceptWithDeferral(("photo", "enlistment_notice")),
    "receive_dossier": c.ReceiveDossier(), "register_reception": c.RegisterReception(),
    "gather_batch": c.GatherBatch(), "withdraw": c.Withdraw(), "terminate": c.Terminate("理由"),
    "conclude": c.Conclude(), "reopen": c.Reopen("理由"), "pass_time": c.PassTime(),
}  # fmt: skip
FOR_ITEM: dict[str, Any] = {
    "dispatch": c.Dispatch, "receive": c.Receive, "accept": c.Accept, "resume": c.Resume,
    "grant": c.Grant, "deliver": c.Deliver, "split_off": c.SplitOff, "withdraw": c.Withdraw,
    "return": lambda n: c.Return(n, "理由"), "suspend": lambda n: c.Suspend(n, "理由"),
    "extend": lambda n: c.Extend(n, 2, "理由"), "deny": lambda n: c.Deny(n, "理由"),
    "terminate": lambda n: c.Terminate("理由", n), "reopen": lambda n: c.Reopen("理由", n),
    "refuse_acceptance": lambda n: c.RefuseAcceptance("理由", n),
    "correct": lambda n: c.Correct(("photo",), n), "waive": lambda n: c.Waive(n, "1", "理由"),
    "accept_with_deferral": lambda n: c.AcceptWithDeferral(("photo",), n),
}  # fmt: skip


class Explorer(Walk):
    """A walk that prefers what has not been seen yet, and notes what it sees."""

    def __init__(self, name: str, seed: int, found: "Explored") -> None:
        super().__init__(name, seed)
        self.found = found
        self.new = _new(found)
        if seed % 4 == 0:
            self._conclude_with_a_tail()
        else:
            for command in self.chance.choice(BEGINNINGS):
                self.do(command)

    def _conclude_with_a_tail(self) -> None:
        """Bring the case to its end first, so that ended cases are explored too."""
        self.register(answers=TAIL_ANSWERS)
        self.grant(1)
        if self.chance.random() < 0.5:
            self.do(c.ReceiveDossier())
            self.do(c.RegisterReception())
            self.do(c.GatherBatch() if self.case.dispatch == "batch" else c.PassTime())
        finish(self, stop=lambda number: number == 14)
        for number in self.case.holding_up:
            outside = number == 14 or self.sub(number).state == "blocked"
            self.do(c.SplitOff(number) if outside else c.Withdraw(number))
        for number in self.case.holding_up:
            self.do(c.SplitOff(number))
        self.do(c.Conclude())

    def pick(self) -> c.Command:
        fresh = list(self._fresh()) if self.chance.random() < 0.6 else []
        return self.chance.choice(fresh) if fresh else super().pick()

    def _fresh(self) -> Iterator[c.Command]:
        outstanding = self.case.notice.outstanding or ("photo", "party_letter")
        repeat = {"request_correction": c.RequestCorrection(outstanding)}
        for name in sorted(self.new.get(("case", str(self.case.state)), ())):
            if name in FOR_CASE:
                yield (FOR_CASE | repeat)[name]
        for number, sub in self.case.sub_cases.items():
            long = self.edition.item(number).may_split_off or sub.state in ("external", "blocked")
            for name in sorted(self.new.get(("item", str(sub.state)), ())):
                if name == "split_off" and not long:
                    continue
                yield (FOR_ITEM | self._more(number))[name](number)

    def _more(self, number: int) -> dict[str, Any]:
        item = self.edition.item(number)
        outside = item.external.event if self.sub(number).external and item.external else ""
        kind = outside or (item.pledged.starts if item.pledged else "")
        evidence = self.chance.choice(["", "证明"])
        ways = item.result.delivery if item.result else ("courier",)
        notice = self.sub(number).notice
        defects = notice.outstanding or notice.fresh or ("photo", "party_letter")
        return {
            "request_correction": lambda n: c.RequestCorrection(defects, n),
            "external_event": lambda n: c.ExternalEvent(n, kind),
            "untick": lambda n: c.Untick(n, evidence),
            "change_delivery": lambda n: c.ChangeDelivery(n, self.chance.choice(ways)),
        }

    def do(self, command: c.Command, at: str = "") -> tuple[e.Event, ...]:
        before, number = self.case, getattr(command, "item", None)
        events = super().do(command, at)
        paths = _paths(before, events)
        self._note("item" if number else "case", c.NAME_OF[type(command)], paths[number])
        for key, path in paths.items():
            scope = "case" if key is None else "item"
            self.found.pairs |= {(scope, a, b) for a, b in pairwise(path) if a != b}
        path = paths[number]
        self.found.led |= {("item" if number else "case", path[0], state) for state in path}
        self.found.kinds |= {type(event) for event in events}
        return events

    def _note(self, scope: str, name: str, path: list[str]) -> None:
        """The command was taken on this state; `name->target` for each state it led through."""
        rows = CASE_ROWS if scope == "case" else ITEM_ROWS
        if path[0] in rows[name].sources:
            self.found.seen.add((scope, name, path[0]))
            self.found.seen |= {
                (scope, f"{name}->", state) for state in path[1:] if state != path[0]
            }
            if len(set(path)) == 1:
                self.found.seen.add((scope, f"{name}->", "="))


def _new(known: "Explored") -> dict[tuple[str, str], set[str]]:
    """Commands that may show something new, by the state on which they do."""
    found: dict[tuple[str, str], set[str]] = {}
    gone = known.seen | known.led | known.pairs
    for scope, rows in (("case", CASE), ("item", ITEM)):
        for row in (row for row in rows if not row.command.startswith("(")):
            for state in map(str, row.sources):
                ways = {(scope, f"{row.command}->", str(target)) for target in row.targets}
                ways |= {(scope, state, str(t)) for t in row.targets if t not in ("=", state)}
                if not {(scope, row.command, state), *ways} <= gone:
                    found.setdefault((scope, state), set()).add(row.command)
    return found


def _paths(case: JointCase, events: tuple[e.Event, ...]) -> dict[int | None, list[str]]:
    """The states of the case (None) and of each item before, and after each event that changed it."""
    paths: dict[int | None, list[str]] = {None: [str(case.state)]}
    paths |= {number: [str(sub.state)] for number, sub in case.sub_cases.items()}
    for event in events:
        before, case = case, evolve(case, event)
        paths[None].append(str(case.state))
        for number, sub in case.sub_cases.items():
            if sub is not before.sub_cases.get(number):
                paths.setdefault(number, []).append(str(sub.state))
    return paths


def wanted() -> Seen:
    """Every source and every target of every command in the table."""
    found: Seen = set()
    for scope, rows in (("case", CASE), ("item", ITEM)):
        for row in rows:
            if not row.command.startswith("("):
                found |= {(scope, row.command, str(state)) for state in row.sources}
                found |= {(scope, f"{row.command}->", str(state)) for state in row.targets}
    return found


def arrows(rows: tuple[Transition, ...]) -> set[tuple[str, str]]:
    """Every change of state that the table names."""
    return {(str(a), str(b)) for row in rows for a in row.sources for b in row.targets if b != "="}


@dataclass
class Explored:
    """What happened on the walks."""

    #: Commands taken on a state, and the states they led through.
    seen: Seen = field(default_factory=set)
    #: Single changes of state.
    pairs: Seen = field(default_factory=set)
    #: From the state of a command to all the states it led through.
    led: Seen = field(default_factory=set)
    kinds: set[type] = field(default_factory=set)
    walks: int = 0

    def unseen(self) -> Seen:
        """Arrows of the table that nobody went."""
        named = {("case", *pair) for pair in arrows(CASE)}
        named |= {("item", *pair) for pair in arrows(ITEM)}
        return {found for found in named - self.pairs - self.led if found[1] != found[2]}


def ruling() -> set[type]:
    """The events that the state of a case depends on."""
    return {kind for kind in event_data.TYPES.values() if not issubclass(kind, records.Record)}


@cache
def explored() -> Explored:
    """Walk in both editions until everything was seen."""
    found = Explored()
    for seed in range(MOST_WALKS):
        walk = Explorer(["2022", "2024"][seed // 4 % 2], seed, found)
        for _ in range(60):
            walk.step()
        if wanted() <= found.seen and ruling() <= found.kinds and not found.unseen():
            break
    found.walks = seed + 1
    return found


def test_every_transition_is_reachable() -> None:
    assert wanted() - explored().seen == set()
    assert explored().unseen() == set()


def test_nothing_happens_that_the_table_does_not_say() -> None:
    pairs = explored().pairs
    assert {(a, b) for scope, a, b in pairs if scope == "case"} <= arrows(CASE)
    assert {(a, b) for scope, a, b in pairs if scope == "item"} <= arrows(ITEM)


def test_every_event_happens_and_every_command_stands_in_the_table() -> None:
    kinds = explored().kinds
    assert {kind.__name__ for kind in ruling() - kinds} == set()
    assert set(CASE_ROWS) | set(ITEM_ROWS) == set(c.NAMES)


def test_a_command_on_a_state_that_no_row_names_is_refused() -> None:
    story = Story()
    for name, command in FOR_CASE.items():
        row = CASE_ROWS[name]
        for state in set(CaseState) - set(row.sources) - set(row.repeats):
            story.case = JointCase(state=state)
            assert story.refused(command) in ("ended", "not_ready")
