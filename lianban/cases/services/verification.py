"""What a department answers that was asked to verify (核验): papers become grade A, differences are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases import questions, store
from lianban.cases.services import record
from lianban.engine import commands as c
from lianban.engine.decide import decide
from lianban.engine.exchange_records import FoundDifferent, Verified
from lianban.engine.refusal import Refused
from lianban.engine.verification import SOURCE


@dataclass(frozen=True)
class Answer:
    """What the department's own records say of one paper, and until when it stands."""

    matches: bool
    until: date | None = None


def answered(
    *,
    case_id: UUID,
    sequence: int,
    papers: Mapping[str, Answer],
    identity: bool | None,
    actor: Actor,
    at: datetime,
) -> bool:
    """Keep the answer to the question of one event; whether everything was as stated.

    A paper that matches is grade A from now on, if it stands as it was asked about and has not
    ended; no grade ever falls. What differs is graded by nobody: the caller lets a person look. A
    repeat grades nothing new. That the person is as stated counts where it was asked, that it is
    not always does. Raises `Refused`: `unknown_material` (not asked), `unknown_question`,
    `not_permitted`.
    """
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "verify_papers", actor)
        department = actor.department or ""
        asked = questions.asked(case_id=case_id, sequence=sequence, department=department)
        _require_asked(asked, papers)
        different = tuple(code for code, said in papers.items() if not said.matches)
        same = tuple(code for code, said in papers.items() if said.matches)
        open_ = set(questions.still(asked, loaded.case))
        person = identity is True and asked.question.identity
        loaded = _note(raw, loaded, Verified(at, department, same, person), actor, at)
        for code in same:
            if code in open_ and not _has_ended(papers[code], at):
                loaded = _grade(raw, loaded, code, papers[code].until, actor, at)
        wrong = FoundDifferent(at, department, different, identity is False)
        _note(raw, loaded, wrong, actor, at)
        return not different and identity is not False


def _require_asked(asked: questions.Asked, papers: Mapping[str, Answer]) -> None:
    strange = [code for code in papers if code not in asked.stood]
    if strange:
        raise Refused("unknown_material", "没有请对方核验这些", materials=strange)


def _has_ended(answer: Answer, at: datetime) -> bool:
    return answer.until is not None and answer.until < at.date()


def _note(
    raw: Any, loaded: store.Loaded, said: Verified | FoundDifferent, actor: Actor, at: datetime
) -> store.Loaded:
    if not said.codes and not said.identity:
        return loaded
    return record.write(raw, loaded, said, actor=actor, at=at)


def _grade(
    raw: Any, loaded: store.Loaded, code: str, until: date | None, actor: Actor, at: datetime
) -> store.Loaded:
    command = c.GradeMaterials((code,), "A", f"{SOURCE}:{actor.department}", until)
    events = decide(loaded.edition, loaded.case, command, at=at, calendar=loaded.calendar)
    return store.write(raw, loaded, events, actor=actor, at=at) if events else loaded
