"""The stage: what every scene sends and waits with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from lianban.exchange import contract
from lianban.exchange.conformance.caller import Caller
from lianban.exchange.conformance.course import Course
from lianban.exchange.conformance.invented import Post
from lianban.exchange.conformance.listener import Platform
from lianban.exchange.conformance.rules import RULES, Broken, Rule
from lianban.exchange.signing import Message


@dataclass(frozen=True)
class Bounds:
    """How long the kit waits, in seconds, and how many plain sub-cases it sends."""

    patience: float = 60.0
    quiet: float = 3.0
    retry_after: int = 2
    #: What a 503 asks for while a sub-case is withdrawn: long enough that nothing is decided meanwhile.
    hold: int = 2
    #: So long after a withdrawal nothing is taken, that what is decided later has a later time.
    grace: float = 2.0
    cases: int = 3


@dataclass
class Stage:
    """One run against one partner."""

    caller: Caller
    platform: Platform
    post: Post
    bounds: Bounds
    tell: Callable[[Rule], None] = lambda rule: None
    passed: dict[str, Rule] = field(default_factory=dict)
    #: What must come to an end.
    courses: list[Course] = field(default_factory=list)

    def ok(self, *codes: str) -> None:
        """These rules hold, unless the partner has broken one meanwhile."""
        self.platform.require()
        for code in codes:
            if code not in self.passed:
                self.passed[code] = RULES[code]
                self.tell(RULES[code])

    def course(self, *, must_end: bool = True) -> Course:
        """Something new to send."""
        at = self.caller.now()
        subject = self.post.subject(at)
        course = Course(subject, self.post.data(subject, at))
        if must_end:
            self.courses.append(course)
        return course

    def envelope(self, word: str, course: Course, data: contract.Part) -> contract.Envelope:
        """A message of the platform."""
        return contract.envelope(
            word=word,
            message_id=str(uuid4()),
            source=f"urn:lianban:{self.caller.key.key_id}",
            subject=course.subject,
            at=self.caller.now(),
            data=data,
        )

    def send(self, course: Course) -> contract.Envelope:
        """Send it for the first time; answers are expected from now on."""
        self.platform.follow(course)
        envelope = self.envelope(self.post.word, course, course.sent)
        outcome = self.give(envelope)[1]
        if outcome != "accepted":
            raise Broken("accepts_a_message", "outcome 是 accepted", f"outcome 是 {outcome}")
        return envelope

    def give(self, envelope: contract.Envelope) -> tuple[Message, str]:
        """Send a message that must be taken: the call, and the outcome."""
        self.platform.require()
        message = self.caller.post(envelope)
        heard = self.caller.good(
            message, status=200, rule="accepts_a_message", expected=f"{envelope.type}：200"
        )
        self.ok("answers_in_time", "answers_are_small", "answers_itself", "answers_in_json")
        self.ok("answers_without_failing", "answers_are_signed")
        receipt = self.caller.read(heard, contract.PartnerReceipt, rule="accepts_a_message")
        if receipt.id != envelope.id:
            raise Broken("accepts_a_message", f"id 是 {envelope.id}", f"id 是 {receipt.id}")
        return message, receipt.outcome

    def see_through(self) -> None:
        """Wait until all has a result; supply what the partner asks for meanwhile."""

        def next_step() -> bool:
            return all(c.is_over for c in self.courses) or any(
                c.wants_correction for c in self.courses
            )

        while not all(course.is_over for course in self.courses):
            if not self.platform.wait(next_step, self.bounds.patience):
                raise self._late()
            for course in self.courses:
                if course.wants_correction:
                    self._supply(course)
        self.platform.require()
        if any("request_correction" in course.words for course in self.courses):
            self.ok("asks_for_what_was_sent", "goes_on_after_correction")

    def _supply(self, course: Course) -> None:
        whole = self.post.data(course.subject, self.caller.now())
        assert isinstance(whole, contract.Content)
        with self.platform.held():
            supplied = course.corrected()
        data = contract.CorrectionSupplied(
            supplied=list(supplied), fields=whole.fields, materials=whole.materials
        )
        self.give(self.envelope("correction_supplied", course, data))

    def _late(self) -> Broken:
        seconds = f"{self.bounds.patience:g} 秒"
        pending = self.platform.must_come_again()
        if pending is not None:
            rule, course = pending
            return Broken(rule, f"{course.subject} 的消息再来", f"{seconds}没有再来")
        late = next(course for course in self.courses if not course.is_over)
        if "request_correction" in late.words:
            return Broken(
                "goes_on_after_correction", f"{late.subject} 接着办", f"{seconds}没有结果"
            )
        words = "、".join(late.words) or "什么也没有"
        expected = f"{late.subject} 在{seconds}里有结果"
        return Broken("decides_in_time", expected, f"来了：{words}")
