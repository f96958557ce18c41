"""What the counter does with a form and its person: each way out of an intake is one transaction.

The person sits beside the clerk, so handing in and what follows it happen together or not at all. A
second click finds the form gone and gets the first one's receipt.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import store
from lianban.cases.content import Content
from lianban.cases.models import FileRecord
from lianban.cases.services import (
    drafts,
    hand_in,
    materials,
    proposals,
    signatures,
    supplies,
    visits,
)
from lianban.cases.services.run import run, subject
from lianban.catalogue import checklist
from lianban.catalogue.model import Material
from lianban.catalogue.planning import Plan
from lianban.engine import commands as c
from lianban.engine.refusal import Refused

#: What is signed for 容缺受理: a code of the plan's `signatures.yaml`.
UNDERTAKING = "deferral_undertaking"


@dataclass(frozen=True)
class Pen:
    """What came from a signature field: the typed name, and the pad's strokes."""

    name: str
    strokes: str = ""


def lacking(plan: Plan, ways: dict[str, str]) -> list[Material]:
    """The materials whose absence forbids acceptance, by how each comes (`Content.materials`).

    What may come with the dossier is no defect before the dossier is here.
    """
    needed = [n.what for n in checklist.materials(plan) if isinstance(n.what, Material)]
    return [m for m in needed if ways.get(m.code) not in hand_in.THERE and not m.may_arrive_with]


def start(*, district: str, content: Content, actor: Actor, at: datetime) -> drafts.Draft:
    """Begin a form for somebody who settles in the clerk's district or below.

    Raises `Refused('unknown_district')`.
    """
    _require_reach(district, actor)
    with transaction.atomic():
        begun = drafts.start(district=district, actor=actor, at=at)
        return drafts.save(draft_id=begun.id, content=content, actor=actor, at=at)


def move(*, draft_id: UUID, district: str, actor: Actor, at: datetime) -> drafts.Draft:
    """Take a form over to another district and the edition that this one runs.

    Answers that the other edition does not know are dropped, nothing else. Raises `Refused`
    (`unknown_draft`, `unknown_district`).
    """
    _require_reach(district, actor)
    with transaction.atomic():
        old = drafts.get(draft_id=draft_id, actor=actor)
        if old.district == district:
            return old
        begun = drafts.start(district=district, actor=actor, at=at)
        answers = drafts.pruned(begun.edition, old.content.answers)
        content = replace(old.content, answers=answers, unticked=(), evidence={})
        FileRecord.objects.filter(draft_id=draft_id).update(draft_id=begun.id)
        drafts.give_up(draft_id=draft_id, actor=actor)
        return drafts.save(draft_id=begun.id, content=content, actor=actor, at=at)


def keep(
    *,
    draft_id: UUID,
    content: Content,
    actor: Actor,
    at: datetime,
    strokes: Mapping[str, str] | None = None,
) -> drafts.Draft:
    """Keep what was typed, ticked and signed, right or wrong; the clerk was present at a signature.

    How a material comes must be offered for it. Raises `Refused` (`unknown_draft`; `unknown_way`,
    `missing_file` with the material's code; what `signatures.sign` raises).
    """
    with transaction.atomic():
        before = drafts.get(draft_id=draft_id, actor=actor)
        held = before.content.materials
        saved = replace(content, materials=held)
        draft = drafts.save(draft_id=draft_id, content=saved, actor=actor, at=at)
        codes = {*held, *content.materials}
        ways = {code: content.materials.get(code, "") for code in codes}
        changed = {code: way for code, way in ways.items() if way != held.get(code, "")}
        if changed:
            draft = materials.promise(draft_id=draft_id, ways=changed, actor=actor, at=at)
    signatures.sign_form(draft_id=draft_id, strokes=strokes or {}, actor=actor, at=at)
    return draft


def notify(*, draft_id: UUID, actor: Actor, at: datetime) -> hand_in.Receipt:
    """Hand in and give the one notice of everything that is missing. Raises `Refused`."""
    return _hand_in_and(c.RequestCorrection(()), draft_id, actor, at)


def defer(
    *, draft_id: UUID, actor: Actor, at: datetime, signed: Pen | None = None
) -> hand_in.Receipt:
    """Hand in and accept, although secondary materials are owed (容缺受理).

    `signed` is what the person signed on the undertaking here; without it, it is signed on paper.
    Raises `Refused`: `deferral_not_allowed` when a main material is among what is missing, and what
    `signatures.sign` raises.
    """
    owed = tuple(material.code for material in _owed(draft_id, actor))
    with transaction.atomic():
        receipt = _hand_in_and(c.AcceptWithDeferral(owed), draft_id, actor, at)
        if signed is not None and receipt.is_new:
            sign_undertaking(case_id=receipt.case_id, signed=signed, actor=actor, at=at)
        return receipt


def defer_case(
    command: c.AcceptWithDeferral,
    *,
    case_id: UUID,
    actor: Actor,
    at: datetime,
    expected_sequence: int | None = None,
    signed: Pen | None = None,
) -> None:
    """Accept with deferral a case that was handed in before, and keep the undertaking's signature.

    Raises `Refused` as `defer`.
    """
    with transaction.atomic():
        run(command, case_id=case_id, actor=actor, at=at, expected_sequence=expected_sequence)
        if signed is not None:
            sign_undertaking(case_id=case_id, signed=signed, actor=actor, at=at)


def sign_undertaking(*, case_id: UUID, signed: Pen, actor: Actor, at: datetime) -> None:
    """The person's undertaking to bring what is owed (容缺受理承诺书), before this officer."""
    signatures.sign(
        purpose=UNDERTAKING,
        name=signed.name,
        strokes=signed.strokes,
        witness=actor,
        case_id=case_id,
        actor=actor,
        at=at,
    )


def refuse(*, draft_id: UUID, reason: str, actor: Actor, at: datetime) -> hand_in.Receipt:
    """Hand in and refuse to accept, so that the person gets a dated notice.

    Where the plan keeps refusals for the bureau's head, it is proposed and waits. Raises `Refused`.
    """
    command = c.RefuseAcceptance(reason)
    with transaction.atomic():
        receipt = hand_in.hand_in_at_counter(draft_id=draft_id, actor=actor, at=at)
        if receipt.is_new:
            give = proposals.propose if must_propose(receipt.case_id, actor) else run
            give(command, case_id=receipt.case_id, actor=actor, at=at)
        return receipt


def must_propose(case_id: UUID, actor: Actor) -> bool:
    """Whether a refusal of this case by this actor waits for the bureau's head."""
    with store.begun() as raw:
        about = subject(store.load(raw, case_id), None)
    return not permissions.allows(actor=actor, command="refuse_acceptance", subject=about)


def _owed(draft_id: UUID, actor: Actor) -> list[Material]:
    try:
        draft = drafts.get(draft_id=draft_id, actor=actor)
    except Refused:  # handed in a moment ago; the receipt says so
        return []
    return lacking(draft.content.plan(draft.edition), draft.content.materials)


def _hand_in_and(command: c.Command, draft_id: UUID, actor: Actor, at: datetime) -> hand_in.Receipt:
    with transaction.atomic():
        receipt = hand_in.hand_in_at_counter(draft_id=draft_id, actor=actor, at=at)
        if receipt.is_new:
            run(command, case_id=receipt.case_id, actor=actor, at=at)
        return receipt


def _require_reach(district: str, actor: Actor) -> None:
    about = permissions.Subject(district=district, lead_department="")
    if not permissions.allows(actor=actor, command="register", subject=about):
        raise Refused("unknown_district", "请选择本窗口管的区县")


def seen_beside(
    *,
    case_id: UUID,
    codes: Collection[str],
    place: str,
    items: Collection[int],
    actor: Actor,
    at: datetime,
    dated: Mapping[str, date] | None = None,
) -> None:
    """Tick originals that the person brought, and note the visit. Raises `Refused`."""
    with transaction.atomic():
        supplies.tick_seen(case_id=case_id, codes=codes, actor=actor, at=at, dated=dated)
        if place:
            visits.came(case_id=case_id, place=place, items=items, actor=actor, at=at)
