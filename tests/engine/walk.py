"""Random people and random commands: some sensible for the state, some blind, some garbage."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from lianban.catalogue import situation
from lianban.catalogue.model import Edition
from lianban.engine import commands as c
from lianban.engine import prerequisite
from lianban.engine.events import Event
from lianban.engine.refusal import Refused
from tests.engine.story import Story

TEXTS = ["", "  ", "理由", "x" * 5000, "3", "12", "reception", "dossier_received", "²", "9" * 5000]
MATERIALS = ["photo", "enlistment_notice", "discharge_certificate", "party_letter", "nothing"]
KINDS = ["employer_registers", "funds_arrived", "", "moon"]
ITEMS = [*range(1, 16), 0, -1, 99]


class Walk(Story):
    """One person's case; `step` plays a random command and returns what happened, or the refusal."""

    def __init__(self, name: str, seed: int) -> None:
        super().__init__(name)
        self.chance = random.Random(seed)
        self.answers = self._person(self.edition)

    def _person(self, plan: Edition) -> dict[str, str]:
        found: dict[str, str] = {}
        for question in plan.questions:
            if question.when.holds(found):
                found[question.key] = self.chance.choice(situation.allowed(question, found))
        if not plan.eligible.holds(found) and self.chance.random() < 0.9:
            return self._person(plan)
        return found

    def step(self) -> tuple[c.Command, tuple[Event, ...] | Refused]:
        """Let time pass a little and play one command."""
        self.at += timedelta(hours=self.chance.choice([0, 0, 1, 5, 30, 100, 300]))
        command = self.pick()
        try:
            return command, self.do(command)
        except Refused as refusal:
            return command, refusal

    def pick(self) -> c.Command:
        """A command: half of them carry the case forward."""
        sensible = list(self.sensible())
        if sensible and self.chance.random() < 0.5:
            return self.chance.choice(sensible)
        return self.blind()

    def sensible(self) -> Iterator[c.Command]:
        """What would carry this case forward."""
        if self.case.state == "draft":
            yield self.hand_in()
        if self.case.state == "submitted":
            yield c.PassPreReview()
            yield c.GradeMaterials(("photo", "enlistment_notice"), "B", "counter")
        if self.case.state == "correction_due":
            yield c.Correct(self.case.notice.outstanding)
        if self.case.is_open:
            yield from (c.ReceiveDossier(), c.RegisterReception(), c.GatherBatch(), c.Conclude())
        for number in self.case.open_items:
            yield from self._forward(number)

    def _forward(self, number: int) -> Iterator[c.Command]:
        match self.sub(number).state:
            case "ready" | "dispatched" | "received" | "accepted":
                yield from (c.Grant(number), c.Grant(number), c.Accept(number), c.Receive(number))
                yield from (c.Suspend(number, "鉴定"), c.RequestCorrection(("photo",), number))
            case "delivering":
                yield c.Deliver(number)
            case "external":
                yield c.ExternalEvent(number, "employer_registers")
            case "correction_due":
                yield c.Correct(self.sub(number).notice.outstanding, number)
            case "suspended":
                yield c.Resume(number)
            case "blocked":
                failed = prerequisite.failed_before(self.case, self.sub(number))
                yield from (c.SplitOff(number), c.Reopen("理由", failed))

    def hand_in(self) -> c.Command:
        """Online or at the counter, with a choice of what is missing or not wanted."""
        kind = self.chance.choice([c.Submit, c.Register])
        missing = self.some(MATERIALS) if self.chance.random() < 0.3 else ()
        unticked = tuple(self.some(ITEMS)) if self.chance.random() < 0.2 else ()
        return kind(self.answers, unticked=unticked, missing=missing)

    def some(self, of: list[Any]) -> tuple[Any, ...]:
        """A few of these."""
        return tuple(self.chance.sample(of, self.chance.randint(0, 2)))

    def blind(self) -> c.Command:
        """Any command with any arguments."""
        pick = self.chance.choice
        text, number = pick(TEXTS), pick(ITEMS)
        either = pick([None, number, number])
        kinds: list[Any] = [
            self.hand_in, c.PassPreReview, c.ReceiveDossier, c.RegisterReception, c.GatherBatch,
            c.Conclude, c.PassTime, lambda: c.RefuseAcceptance(text, either),
            lambda: c.RequestCorrection(self.some(MATERIALS), either),
            lambda: c.Correct(self.some(MATERIALS), either),
            lambda: c.GradeMaterials(self.some(MATERIALS), pick("ABCDE"), "counter"),
            lambda: c.AcceptWithDeferral(self.some(MATERIALS), either),
            lambda: c.Withdraw(either), lambda: c.Terminate(text, either),
            lambda: c.Reopen(text, either), lambda: c.Dispatch(number, pick(["", text, "taxation"])),
            lambda: c.Receive(number), lambda: c.Accept(number), lambda: c.Return(number, text),
            lambda: c.Suspend(number, text), lambda: c.Resume(number),
            lambda: c.Extend(number, pick([-3, 0, 1, 5, 11, 10**9]), text),
            lambda: c.Grant(number), lambda: c.Deny(number, text), lambda: c.Deliver(number),
            lambda: c.ExternalEvent(number, pick(KINDS)), lambda: c.Waive(number, pick(TEXTS), text),
            lambda: c.SplitOff(number), lambda: c.Untick(number, text),
            lambda: c.ChangeDelivery(number, pick(["courier", "pick_up", "electronic", text])),
        ]  # fmt: skip
        # What ends a whole case is rarer, or no case would get far.
        command: c.Command = pick(kinds)()
        ends = isinstance(command, c.Withdraw | c.Terminate | c.RefuseAcceptance)
        return self.blind() if ends and command.item is None and pick([1, 1, 1, 0]) else command
