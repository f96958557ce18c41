"""Again after a refusal: a new form with what was given before, and the new case names the old one.

A denied item of a case that runs is taken up again there, by the bureau's head (`Reopen`); after
the case has ended, the new form asks for what was not done and keeps the rest as already done.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import forms, store
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord, PersonRecord, SubCaseRecord
from lianban.cases.services import drafts, record
from lianban.cases.services.run import subject
from lianban.catalogue.model import Edition
from lianban.catalogue.planning import Kind
from lianban.engine.case import JointCase
from lianban.engine.records import ReappliedAfter
from lianban.engine.refusal import Refused
from lianban.engine.states import CASE_ENDS, CaseState, State


def may_reapply(case: JointCase) -> bool:
    """Whether the case ended without all that was asked for."""
    return case.ended and not case.open_items and any(not s.met for s in case.sub_cases.values())


def start(*, case_id: UUID, actor: Actor, at: datetime) -> drafts.Draft:
    """Begin a new form with the answers and fields of an ended case; a begun one is kept.

    What was signed is signed anew. Raises `Refused`: `not_ended`, `draft_exists` for somebody who
    has begun another form, `erased`, `unknown_case`, `unknown_district`.
    """
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        if not permissions.may_see(actor=actor, subject=subject(loaded, None)):
            raise Refused("unknown_case", "没有这件联办件")
        if not may_reapply(loaded.case):
            raise Refused("not_ended", "这一件不用重新申请")
        before = forms.latest(case_id)
        if before is None:
            raise Refused("erased", "上次填的内容已经按规定删除，请从头申请")
        if actor.kind == "applicant" and drafts.open_for(actor) is not None:
            raise Refused("draft_exists", "您有一份没填完的申请，先交上去或放弃它")
        draft = drafts.start(district=loaded.district, actor=actor, at=at)
        content = carried(draft.edition, before, loaded.case, loaded.case_number)
        return drafts.save(draft_id=draft.id, content=content, actor=actor, at=at)


def carried(edition: Edition, before: Content, case: JointCase, case_number: str) -> Content:
    """What of the earlier form goes into the new one, under the edition that is in force now."""
    answers = drafts.pruned(edition, before.answers)
    signed = {f.code for f in edition.fields if f.type == "signature"}
    left_out = signed | {f.code for f in edition.fields if f.derived_from in signed}
    known = {f.code for f in edition.fields} - left_out
    fields = {code: value for code, value in before.fields.items() if code in known}
    fresh = Content(answers=answers, fields=fields)
    if case.state is not CaseState.CONCLUDED:
        return fresh
    return _without_done(edition, fresh, case, case_number)


def _without_done(edition: Edition, fresh: Content, case: JointCase, case_number: str) -> Content:
    """Leave out what the earlier case has done, with its number as evidence."""
    open_ = {d.item.number for d in fresh.plan(edition).of(Kind.OPEN, Kind.EXTERNAL)}
    open_.discard(edition.entry_number)
    done = tuple(n for n, sub in case.sub_cases.items() if sub.met and n in open_)
    evidence = {str(number): f"办件 {case_number} 已经办好" for number in done}
    wanted = replace(fresh, unticked=done, evidence=evidence)
    try:
        wanted.plan(edition)
    except ValueError:
        return fresh
    return wanted


def note(
    raw: Any, loaded: store.Loaded, person: PersonRecord, *, actor: Actor, at: datetime
) -> store.Loaded:
    """Let a new case name the person's last one, if that ended without what was asked for."""
    rows = JointCaseRecord.objects.filter(person=person, state__in=CASE_ENDS)
    last = rows.exclude(id=loaded.case_id).order_by("-since").first()
    if last is None:
        return loaded
    failed = SubCaseRecord.objects.filter(case=last).exclude(outcome="granted")
    if not failed.exclude(state=State.SATISFIED).exists():
        return loaded
    return record.write(raw, loaded, ReappliedAfter(at, last.case_number), actor=actor, at=at)
