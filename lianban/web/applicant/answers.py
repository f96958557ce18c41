"""The guide's answers: sealed in the session before there is a form, in the draft afterwards.

Situation answers are personal (a disability's grade is a medical fact): they stand in no address and
lie in the session row only sealed.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lianban import clock, vault
from lianban.cases.content import Content
from lianban.cases.services import drafts
from lianban.cases.services.drafts import Draft
from lianban.catalogue import situation
from lianban.catalogue.model import Edition, Question
from lianban.catalogue.planning import Plan
from lianban.engine.refusal import Refused
from lianban.web.applicant import place
from lianban.web.components import access
from lianban.web.components.access import AnyRequest

SESSION = access.GUIDE
_PLACE = {"table": "django_session", "column": SESSION, "row": ""}


@dataclass(frozen=True)
class Answers:
    """What the person has answered so far, under one edition."""

    edition: Edition
    content: Content
    district: str = ""
    #: The question that was answered last, to show what it changed.
    last: str = ""
    draft: Draft | None = None

    @property
    def plan(self) -> Plan:
        """The plan for these answers; questions may still be open."""
        return self.content.plan(self.edition)

    @property
    def before(self) -> Plan | None:
        """The plan without the last answer, or None when nothing was answered."""
        given = self.content.answers
        if self.last not in given:
            return None
        rest = drafts.pruned(self.edition, {k: v for k, v in given.items() if k != self.last})
        return Content(answers=rest).plan(self.edition)

    @property
    def unanswered(self) -> list[str]:
        """Keys of the questions that are asked and still open."""
        return situation.unanswered(self.edition, self.content.answers)

    @property
    def asked(self) -> list[Question]:
        """The questions that this person is asked, in order."""
        return situation.asked(self.edition, self.content.answers)

    def with_answer(self, key: str, value: str) -> "Answers":
        """These answers and one more; later ones that no longer fit are dropped.

        Raises `Refused('impossible_answers')` when the value cannot be chosen.
        """
        given = drafts.pruned(self.edition, {**self.content.answers, key: value})
        if given.get(key) != value:
            raise Refused("impossible_answers", "请从列出的里面选一个")
        content = standing(self.edition, replace(self.content, answers=given))
        return replace(self, content=content, last=key)


def load(request: AnyRequest) -> Answers | None:
    """The answers of this person, or None while the city has no plan in force."""
    draft = open_draft(request)
    if draft is not None:
        content = standing(draft.edition, draft.content)
        last = request.session.get(f"{SESSION}_last", "")
        return Answers(draft.edition, content, draft.district, last, draft)
    return in_session(request)


def in_session(request: AnyRequest) -> Answers | None:
    """What was answered before there was a form, whether or not there is one now."""
    kept = _unsealed(request.session.get(SESSION, ""))
    edition = place.edition_of(kept.get("district", ""))
    if edition is None:
        return None
    content = Content(
        answers=kept.get("answers", {}),
        unticked=tuple(kept.get("unticked", ())),
        evidence=kept.get("evidence", {}),
    )
    content = standing(edition, content)
    return Answers(edition, content, kept.get("district", ""), kept.get("last", ""))


def open_draft(request: AnyRequest) -> Draft | None:
    """The form that this applicant has begun, or None."""
    actor = request.actor
    if actor is None or actor.kind != "applicant" or actor.user_id is None:
        return None
    return drafts.open_for(actor)


def keep(request: AnyRequest, answers: Answers) -> None:
    """Remember the answers: in the draft if there is one, else in the session."""
    if answers.draft is not None:
        assert request.actor is not None
        drafts.save(
            draft_id=answers.draft.id,
            content=answers.content,
            actor=request.actor,
            at=clock.now(),
        )
        request.session[f"{SESSION}_last"] = answers.last
        return
    content = answers.content
    data = {
        "answers": content.answers,
        "unticked": content.unticked,
        "evidence": content.evidence,
        "district": answers.district,
        "last": answers.last,
    }
    sealed = vault.encrypt(json.dumps(data, ensure_ascii=False).encode(), **_PLACE)
    request.session[SESSION] = base64.b64encode(sealed).decode()


def forget(request: AnyRequest) -> None:
    """Drop what the session holds; the draft stays."""
    request.session.pop(SESSION, None)


def _unsealed(kept: str) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(vault.decrypt(base64.b64decode(kept), **_PLACE))
    except (vault.Unreadable, ValueError):
        return {}
    return found


def standing(edition: Edition, content: Content) -> Content:
    """The content as far as it can stand under the edition: answers first, then the choices."""
    content = replace(content, answers=drafts.pruned(edition, content.answers))
    try:
        content.plan(edition)
    except ValueError:
        return replace(content, unticked=(), evidence={})
    return content
