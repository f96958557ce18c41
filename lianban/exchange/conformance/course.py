"""The course of one sub-case as the kit follows it: what may come next, and what must come again."""

import hashlib
import time
from base64 import b64decode
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lianban.exchange import contract
from lianban.exchange.conformance.rules import Broken

_BEFORE = frozenset({"sent", "received"})
_AT_WORK = frozenset({*_BEFORE, "accepted"})
#: The person may be given a time, and come.
_AWAITING = frozenset({*_AT_WORK, "suspended", "correction_due"})
#: Words that change nothing.
_ASIDE = frozenset({"status", "external_event"})

#: A word, the states in which it may come, and the state after it.
_STEPS: dict[str, tuple[frozenset[str], str]] = {
    "receive": (frozenset({"sent"}), "received"),
    "accept": (_BEFORE, "accepted"),
    "refuse_acceptance": (_BEFORE | {"correction_due"}, "refused"),
    "return": (_AT_WORK, "returned"),
    "transfer": (_AT_WORK, "transferred"),
    "request_correction": (_BEFORE | {"correction_due"}, "correction_due"),
    "suspend": (_AT_WORK, "suspended"),
    "resume": (frozenset({"suspended"}), "what it was"),
    "extend": (_AT_WORK, ""),
    "appoint": (_AWAITING, ""),
    "arrived": (_AWAITING, ""),
    "decide": (_AT_WORK, "decided"),
    "issue": (frozenset({"decided"}), ""),
    "deliver": (frozenset({"decided"}), ""),
}
#: What a service tells of what it was asked for.
_SERVICES = frozenset({"text_delivered", "mail_event", "payment_event", "verified"})
ENDS = frozenset({"refused", "returned", "transferred", "decided", "ended"})
#: The rule that a message is held to which must come again, by what it was answered.
AGAIN = {
    "500": "tries_again",
    "lost": "tries_again_after_a_lost_answer",
    "429": "honours_retry_after",
    "hold": "tries_again",
}


@dataclass
class Pending:
    """A message that was not answered 200 and must come again."""

    envelope: contract.Envelope
    fault: str
    since: float
    #: Seconds that the partner was told to wait.
    wait: float


@dataclass
class Course:
    """One sub-case, envelope or payment, and everything that the partner said of it."""

    subject: str
    sent: contract.Part
    #: How the next tries are answered: `500`, `lost`, `429`; empty: all 200.
    faults: deque[str] = field(default_factory=deque)
    #: Every message is answered 503 as long as this holds.
    held: bool = False
    state: str = "sent"
    #: What it was before the last step: where it goes back to after a suspension.
    resumes_to: str = "sent"
    outcome: str = ""
    number: str = ""
    sequence: int = 0
    #: Seen at all, and answered 200, by their ids.
    known: dict[str, contract.Envelope] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    pending: Pending | None = None
    words: list[str] = field(default_factory=list)
    #: By the partner's own clock, a second more.
    withdrawn_at: datetime | None = None
    #: Codes that the partner asked for.
    defects: tuple[str, ...] = ()

    def take(
        self, envelope: contract.Envelope, data: contract.Part, *, waits: Mapping[str, float]
    ) -> str:
        """Take a try of a message and say how it is answered; empty: 200. Raises `Broken`.

        `waits`: the seconds that the partner is told to wait, by the fault.
        """
        if envelope.id in self.answered:
            expected = f"{self.subject}：答了 200 的 {envelope.id} 不再来"
            raise Broken("sends_nothing_twice", expected, "又来了一次")
        if self.withdrawn_at is None:
            self._require_the_pending_one(envelope)
        if envelope.id not in self.known:
            self._step(contract.word_of(envelope.type), envelope, data)
            self.known[envelope.id] = envelope
        fault = self.faults.popleft() if self.faults else "hold" if self.held else ""
        wait = waits.get(fault, 0.0)
        must_come_again = fault and self.withdrawn_at is None
        self.pending = Pending(envelope, fault, time.monotonic(), wait) if must_come_again else None
        if not fault:
            self.answered.add(envelope.id)
        return fault

    def _require_the_pending_one(self, envelope: contract.Envelope) -> None:
        pending = self.pending
        if pending is None:
            return
        rule = AGAIN[pending.fault]
        expected = f"{self.subject}：同一条消息再来，编号 {pending.envelope.id}"
        if envelope.id != pending.envelope.id:
            raise Broken(rule, expected, f"来了另一条 {envelope.id}（{envelope.type}）")
        before = pending.envelope
        if (envelope.type, envelope.subject, envelope.data) != (
            before.type, before.subject, before.data,
        ):  # fmt: skip
            raise Broken(rule, expected, "编号相同，内容不同")
        waited = time.monotonic() - pending.since
        if waited < pending.wait - 0.1:
            asked = f"答了 Retry-After: {pending.wait:g}，{pending.wait:g} 秒以后再来"
            raise Broken("honours_retry_after", asked, f"{waited:.1f} 秒就来了")

    def _step(self, word: str, envelope: contract.Envelope, data: contract.Part) -> None:
        self._require_sequence(envelope)
        self._require_round(envelope)
        self._require_not_withdrawn(word, envelope)
        self.words.append(word)
        if word in _ASIDE:
            return
        if word in _SERVICES:
            self._service(word, data)
            return
        sources, target = _STEPS[word]
        if self.state not in sources:
            rule = "never_contradicts" if self.state in ENDS else "calls_come_in_order"
            expected = f"{self.subject} 现在是 {self.state}，可以来 {self._possible()}"
            raise Broken(rule, expected, f"来了 {word}（先后：{'、'.join(self.words)}）")
        self._note(data)
        before = self.state
        self.state = self.resumes_to if word == "resume" else target or before
        if target:
            self.resumes_to = before

    def _service(self, word: str, data: contract.Part) -> None:
        if self.state in ENDS:
            expected = f"{self.subject} 已经有结果，不再来消息"
            raise Broken("never_contradicts", expected, f"来了 {word}")
        is_under_way = isinstance(data, contract.MailEvent) and data.kind == "collected"
        self.state = "received" if is_under_way else "ended"

    def _note(self, data: contract.Part) -> None:
        match data:
            case contract.Decide():
                self.outcome = data.outcome
                if data.outcome == "denied" and not data.reason:
                    raise Broken("calls_are_messages", "不予要写理由 reason", "没有 reason")
            case contract.Issue():
                if self.outcome != "granted" or (self.number and self.number != data.number):
                    expected = f"{self.subject} 准予以后，结果编号只有一个"
                    found = f"outcome {self.outcome}，编号 {self.number or '没有'}、{data.number}"
                    raise Broken("never_contradicts", expected, found)
                self.number = data.number
                _require_whole(data.file)
            case contract.RequestCorrection():
                self._require_known_defects(data)
                self.defects = tuple(data.defects)

    def _require_known_defects(self, data: contract.RequestCorrection) -> None:
        sent = self.sent
        known = {*sent.fields, *sent.materials} if isinstance(sent, contract.Content) else set()
        unknown = [code for code in data.defects if code not in known]
        if unknown:
            expected = f"defects 都在分发里：{'、'.join(sorted(known))}"
            raise Broken("asks_for_what_was_sent", expected, f"没有发过 {'、'.join(unknown)}")

    def _require_sequence(self, envelope: contract.Envelope) -> None:
        if envelope.sequence is None:
            return
        number = int(envelope.sequence)
        if number != self.sequence + 1:
            expected = f"{self.subject} 的 sequence 从 1 起一个接一个，这一条是 {self.sequence + 1}"
            raise Broken("calls_come_in_order", expected, f"{envelope.type} 是 {number}")
        self.sequence = number

    def _require_round(self, envelope: contract.Envelope) -> None:
        sent = self.sent.round if isinstance(self.sent, contract.Dispatch) else None
        if envelope.round is not None and envelope.round != sent:
            told = f"写 {sent}" if sent else "不写 round"
            expected = f"{self.subject} 的 round 照收到的 dispatch {told}，或者不写"
            raise Broken("calls_come_in_order", expected, f"{envelope.type} 写 {envelope.round}")

    def _require_not_withdrawn(self, word: str, envelope: contract.Envelope) -> None:
        if self.withdrawn_at is None or word in _ASIDE:
            return
        if envelope.time > self.withdrawn_at:
            expected = f"{self.subject} 在 {self.withdrawn_at:%H:%M:%S} 撤回以后没有新消息"
            raise Broken("withdraw_stops", expected, f"{envelope.time:%H:%M:%S} 的 {word}")

    def _possible(self) -> str:
        return "、".join(w for w, (sources, _) in _STEPS.items() if self.state in sources) or "无"

    @property
    def wants_correction(self) -> bool:
        """Whether the partner waits for the person's answer."""
        return self.state == "correction_due" and self.pending is None

    def corrected(self) -> tuple[str, ...]:
        """Say what was asked for; the answer is on its way, so work may go on."""
        self.state = "received"
        return self.defects

    def withdrawn(self, at: datetime) -> None:
        """The partner has taken the withdrawal; nothing need come again, and nothing is taken yet."""
        self.withdrawn_at, self.pending = at, None

    @property
    def is_over(self) -> bool:
        """Whether a result is there and nothing must come again."""
        return self.state in ENDS and self.pending is None and not self.faults


def _require_whole(file: contract.ResultFile | None) -> None:
    """The file of a result is what its digest says."""
    if file is None:
        return
    try:
        digest = hashlib.sha256(b64decode(file.content, validate=True)).hexdigest()
    except ValueError:
        digest = "不是 Base64"
    if digest != file.digest:
        raise Broken("calls_are_messages", f"文件的 SHA-256 是 digest：{file.digest}", digest)
