"""Systems with one weakness each: an honest simulator, and one thing that it does not do."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from simulators import contents, department, hands, memory, server, signing, system
from simulators.department import Department
from simulators.plan import Plan, Unheard
from simulators.signing import Request, Unsigned
from simulators.system import Refusal, Reply, System

Weaken = Callable[[pytest.MonkeyPatch], None]
WEAK: dict[str, Weaken] = {}


def weakness(rule: str) -> Callable[[Weaken], Weaken]:
    """Name the rule that is broken, and how, where there are several ways."""

    def named(weaken: Weaken) -> Weaken:
        WEAK[rule] = weaken
        return weaken

    return named


def _lets_in(mend: pytest.MonkeyPatch, *words: str) -> None:
    """Take what is signed badly in one way (without words: what does not fit); its nonce is made up."""
    check = signing.check

    def weak(message: Any, **said: Any) -> str:
        try:
            return check(message, **said)
        except Unsigned as failure:
            if any(word in str(failure) for word in words) or str(failure) == "".join(words):
                return f"made-up-{id(message)}-{datetime.now(UTC).timestamp()}"
            raise

    mend.setattr(system.signing, "check", weak)


def _answers(mend: pytest.MonkeyPatch, change: Callable[[Request, str, Reply], Reply]) -> None:
    """Change what a system answers."""
    answer = System.answer

    def weak(self: System, request: Request, path: str, at: datetime) -> Reply:
        return change(request, path, answer(self, request, path, at))

    mend.setattr(System, "answer", weak)


def _admits(mend: pytest.MonkeyPatch, when: Callable[[Request], bool]) -> None:
    admit = System._admit

    def weak(self: System, request: Request, at: datetime) -> None:
        if not when(request):
            admit(self, request, at)

    mend.setattr(System, "_admit", weak)


def _is_unsigned(request: Request) -> bool:
    return not any(name.lower() == "signature" for name in request.headers)


@weakness("book_can_be_read")
def _no_book(mend: pytest.MonkeyPatch) -> None:
    def change(request: Request, path: str, reply: Reply) -> Reply:
        return Reply(404, {"code": "none"}) if path == "book" else reply

    _answers(mend, change)


@weakness("accepts_a_message")
def _other_receipt(mend: pytest.MonkeyPatch) -> None:
    def change(request: Request, path: str, reply: Reply) -> Reply:
        is_good = path == "messages" and reply.status == 200
        return Reply(200, {"id": "another", "outcome": "accepted"}) if is_good else reply

    _answers(mend, change)


@weakness("repeat_is_repeated")
def _remembers_no_ids(mend: pytest.MonkeyPatch) -> None:
    mend.setattr(memory.Memory, "heard", lambda self, message_id: None)
    mend.setattr(memory.Memory, "remember", lambda self, *said: None)


@weakness("refuses_an_unsigned_call")
def _unsigned(mend: pytest.MonkeyPatch) -> None:
    _admits(mend, lambda request: request.method == "POST" and _is_unsigned(request))


@weakness("refuses_a_forged_signature")
def _forged(mend: pytest.MonkeyPatch) -> None:
    _lets_in(mend)


@weakness("refuses_an_unknown_key")
def _unknown_key(mend: pytest.MonkeyPatch) -> None:
    check = signing.check

    def weak(message: Any, *, keys: dict[str, bytes], at: datetime) -> str:
        (only,) = keys.values()
        return check(message, keys=defaultdict(lambda: only), at=at)

    mend.setattr(system.signing, "check", weak)


@weakness("refuses_a_changed_body")
def _changed_body(mend: pytest.MonkeyPatch) -> None:
    _lets_in(mend, "igest")


@weakness("refuses_a_partial_signature")
def _partial(mend: pytest.MonkeyPatch) -> None:
    _lets_in(mend, "not covered", "content-digest")


@weakness("refuses_an_old_signature")
def _old(mend: pytest.MonkeyPatch) -> None:
    _lets_in(mend, "300 s off", "too old", "future", "created")


@weakness("refuses_a_malformed_signature")
def _malformed(mend: pytest.MonkeyPatch) -> None:
    def change(request: Request, path: str, reply: Reply) -> Reply:
        is_odd = request.headers.get("Signature-Input", "") == "v1,"
        return Reply(500, {"code": "failure"}) if is_odd else reply

    _answers(mend, change)


@weakness("refuses_a_replay")
def _replay(mend: pytest.MonkeyPatch) -> None:
    mend.setattr(memory.Memory, "is_new_nonce", lambda self, nonce, **said: True)


def _for_bad(code: str, status: int) -> Weaken:
    def weaken(mend: pytest.MonkeyPatch) -> None:
        def change(request: Request, path: str, reply: Reply) -> Reply:
            return replace(reply, status=status) if reply.content.get("code") == code else reply

        _answers(mend, change)

    return weaken


WEAK["refuses_bad_json"] = _for_bad("not_json", 422)
WEAK["refuses_an_unknown_type"] = _for_bad("unknown_word", 400)
WEAK["unknown_sub_case_is_not_found"] = _for_bad("unknown_sub_case", 200)


def knows_no_times(mend: pytest.MonkeyPatch) -> None:
    """As of the contract's first page: an appointment is an unknown word, 422."""

    def check(word: str, data: dict[str, Any]) -> None:
        if word == "appointment":
            raise Unheard("no_times", "this system does not know appointments")
        real(word, data)

    real = contents.check
    mend.setattr(system.contents, "check", check)


@weakness("takes_or_refuses_a_time")
def _stumbles_over_times(mend: pytest.MonkeyPatch) -> None:
    knows_no_times(mend)
    _for_bad("no_times", 400)(mend)


@weakness("refuses_bad_content")
def _bad_content(mend: pytest.MonkeyPatch) -> None:
    def change(request: Request, path: str, reply: Reply) -> Reply:
        known = ("unknown_word", "not_json")
        is_content = reply.status == 422 and reply.content["code"] not in known
        if not is_content:
            return reply
        return Reply(200, {"id": _id(request), "outcome": "accepted"})

    _answers(mend, change)


def _id(request: Request) -> str:
    return str(json.loads(request.body)["id"])


@weakness("refuses_what_is_too_large")
def _too_large(mend: pytest.MonkeyPatch) -> None:
    mend.setattr(server, "MOST_BYTES", 1 << 30)

    def change(request: Request, path: str, reply: Reply) -> Reply:
        is_large = len(request.body) > system.MOST_BYTES
        return Reply(200, {"id": "12345678", "outcome": "accepted"}) if is_large else reply

    _answers(mend, change)


@weakness("refused_has_no_effect")
def _takes_what_it_refuses(mend: pytest.MonkeyPatch) -> None:
    admit = System._admit

    def weak(self: System, request: Request, at: datetime) -> None:
        try:
            admit(self, request, at)
        except Refusal:
            if request.method == "POST" and request.body.startswith(b'{"specversion"'):
                self._hear(request, at)
            raise

    mend.setattr(System, "_admit", weak)


@weakness("calls_are_signed")
def _signs_with_another_key(mend: pytest.MonkeyPatch) -> None:
    sign, other = signing.sign, signing.Key.fresh("theirs-1")

    def weak(message: Any, *, key: Any, at: datetime) -> None:
        is_call = isinstance(message, Request) and message.method == "POST"
        sign(message, key=other if is_call else key, at=at)

    mend.setattr(hands.signing, "sign", weak)


@weakness("fetches_files_signed")
def _fetches_with_another_key(mend: pytest.MonkeyPatch) -> None:
    sign, other = signing.sign, signing.Key.fresh("theirs-1")

    def weak(message: Any, *, key: Any, at: datetime) -> None:
        is_fetch = isinstance(message, Request) and message.method == "GET"
        sign(message, key=other if is_fetch else key, at=at)

    mend.setattr(hands.signing, "sign", weak)


@weakness("calls_are_messages")
def _other_words(mend: pytest.MonkeyPatch) -> None:
    _rewrites(mend, lambda said: said | {"data": said["data"] | {"colour": "red"}})


@weakness("calls_are_messages: other media type")
def _other_type(mend: pytest.MonkeyPatch) -> None:
    sign = signing.sign

    def weak(message: Any, **said: Any) -> None:
        if isinstance(message, Request) and message.body:
            message.headers["Content-Type"] = "application/json"
        sign(message, **said)

    mend.setattr(hands.signing, "sign", weak)


@weakness("calls_are_messages: other digest")
def _other_digest(mend: pytest.MonkeyPatch) -> None:
    def change(said: dict[str, Any]) -> dict[str, Any]:
        file = said["data"].get("file")
        if file is None:
            return said
        return said | {"data": said["data"] | {"file": file | {"digest": "0" * 64}}}

    _rewrites(mend, change)


@weakness("calls_name_what_was_sent")
def _other_subject(mend: pytest.MonkeyPatch) -> None:
    _rewrites(mend, lambda said: said | {"subject": "LB202609030000012-01"})


@weakness("calls_come_in_order")
def _decides_first(mend: pytest.MonkeyPatch) -> None:
    def change(said: dict[str, Any]) -> dict[str, Any]:
        if not said["type"].endswith(".receive.v1"):
            return said
        return said | {"type": "cn.lianban.resume.v1"}

    _rewrites(mend, change)


@weakness("calls_come_in_order: counts by ten")
def _leaves_gaps(mend: pytest.MonkeyPatch) -> None:
    _rewrites(mend, lambda said: said | {"sequence": said["sequence"] + "0"})


@weakness("calls_come_in_order: answers another round")
def _answers_another_round(mend: pytest.MonkeyPatch) -> None:
    _rewrites(mend, lambda said: said | {"round": 7})


@weakness("asks_for_what_was_sent")
def _asks_for_anything(mend: pytest.MonkeyPatch) -> None:
    mend.setattr(department, "_defects", lambda data: ["something_else"])


def _rewrites(mend: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    envelope = memory.Memory._envelope

    def weak(self: Any, *said: Any) -> bytes:
        return json.dumps(change(json.loads(envelope(self, *said)))).encode()

    mend.setattr(memory.Memory, "_envelope", weak)


@weakness("tries_again")
def _gives_up_on_500(mend: pytest.MonkeyPatch) -> None:
    _gives_up(mend, lambda outcome: outcome.why.startswith("500"))


@weakness("tries_again_after_a_lost_answer")
def _gives_up_on_silence(mend: pytest.MonkeyPatch) -> None:
    _gives_up(mend, lambda outcome: not outcome.why[:3].isdigit())


def _gives_up(mend: pytest.MonkeyPatch, when: Callable[[hands.Outcome], bool]) -> None:
    end = hands.Hands._end

    def weak(self: Any, row: Any, outcome: hands.Outcome) -> None:
        gives_up = outcome.kind == "later" and when(outcome)
        end(self, row, replace(outcome, kind="never") if gives_up else outcome)

    mend.setattr(hands.Hands, "_end", weak)


@weakness("honours_retry_after")
def _is_in_a_hurry(mend: pytest.MonkeyPatch) -> None:
    end = hands.Hands._end

    def weak(self: Any, row: Any, outcome: hands.Outcome) -> None:
        end(self, row, replace(outcome, wait=None, is_for_all=False))

    mend.setattr(hands.Hands, "_end", weak)


@weakness("decides_in_time")
def _never_decides(mend: pytest.MonkeyPatch) -> None:
    mend.setattr(Department, "_decide", lambda self, *said: [])


@weakness("goes_on_after_correction")
def _forgets_the_answer(mend: pytest.MonkeyPatch) -> None:
    _does_nothing_about(mend, "correction_supplied")


@weakness("withdraw_stops")
def _goes_on(mend: pytest.MonkeyPatch) -> None:
    _does_nothing_about(mend, "withdraw")


def _does_nothing_about(mend: pytest.MonkeyPatch, word: str) -> None:
    find = system.kinds.find
    mend.setattr(system.kinds, "find", lambda name: {**find(name), word: lambda heard: Plan()})


@weakness("book_tells_a_sub_case")
def _lies_in_its_book(mend: pytest.MonkeyPatch) -> None:
    line = system.line

    def weak(known: Any) -> dict[str, Any]:
        said = line(known)
        return said | {"outcome": "denied"} if said["outcome"] else said

    mend.setattr(system, "line", weak)


@weakness("book_is_complete")
def _forgets_a_line(mend: pytest.MonkeyPatch) -> None:
    book = memory.Memory.book

    def weak(self: Any, *, after: str, limit: int) -> Any:
        return book(self, after=after, limit=limit)[: limit - 1][1:]

    mend.setattr(memory.Memory, "book", weak)


@weakness("book_comes_in_pages")
def _one_page(mend: pytest.MonkeyPatch) -> None:
    book = memory.Memory.book

    def weak(self: Any, *, after: str, limit: int) -> Any:
        return book(self, after="", limit=limit)

    mend.setattr(memory.Memory, "book", weak)


@weakness("book_is_guarded")
def _open_book(mend: pytest.MonkeyPatch) -> None:
    _admits(mend, lambda request: request.method == "GET" and _is_unsigned(request))
