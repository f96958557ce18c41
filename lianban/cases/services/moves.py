"""Another district takes a case over (易地安置): one bureau offers it, the other one's accepts.

The case moves with everything. What is undecided goes to the new district's offices, at the step
where it is; what was decided stays with who decided it. The edition stays the one it was handed in
under. While a result is on its way nothing moves: whoever sent it out has to see it arrive.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.accounts.models import District
from lianban.cases import impersonal, store
from lianban.cases.models import (
    DossierRecord,
    EnquiryRecord,
    JointCaseRecord,
    MoveRecord,
    PersonRecord,
    ProposalRecord,
    SubCaseRecord,
)
from lianban.cases.services import record
from lianban.engine.case import JointCase, SubCase
from lianban.engine.records import Moved, MoveEnded, MoveProposed
from lianban.engine.refusal import Refused
from lianban.engine.states import State

S = MoveRecord.State
LONGEST = 500


def propose(*, case_id: UUID, district: str, reason: str, actor: Actor, at: datetime) -> None:
    """Offer a case to another district's bureau. The same again changes nothing.

    Raises `Refused`: `unknown_district`, `needs_grounds`, `ended`, `being_delivered`,
    `already_moving`, `not_permitted`, `unknown_case`.
    """
    words = _checked(reason, at)
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "propose_move", actor)
        target = targets(loaded.district).get(district)
        if target is None:
            raise Refused("unknown_district", "请选择要转去的区县")
        _require_movable(loaded.case)
        found = MoveRecord.objects.filter(case_id=case_id, state=S.OPEN).first()
        if found is not None and found.to_district_id == district:
            return
        if found is not None:
            raise Refused("already_moving", "这一件正等另一个区县接收，要改先收回")
        assert actor.user_id is not None
        MoveRecord.objects.create(
            case_id=case_id,
            from_district_id=loaded.district,
            to_district_id=district,
            reason=words,
            proposed_by_id=actor.user_id,
            proposed_at=at,
        )
        record.write(raw, loaded, MoveProposed(at, target, words), actor=actor, at=at)


def targets(district: str) -> dict[str, str]:
    """The districts that a case may go to: code and name."""
    rows = District.objects.filter(active=True, level=District.Level.COUNTY)
    return dict(rows.exclude(code=district).exclude(policy_edition="").values_list("code", "name"))


def accept(*, move_id: UUID, actor: Actor, at: datetime) -> None:
    """Take a case over, as the receiving bureau. A repeat is harmless.

    Raises `Refused`: `ended` for an offer that is no more, `being_delivered`, `not_permitted`,
    `unknown_move`.
    """
    with store.begun() as raw:
        row, loaded = _locked(raw, move_id)
        _require_receiver(row, loaded, actor)
        if row.state == S.ACCEPTED:
            return
        _require_open(row)
        _require_movable(loaded.case)
        numbers = tuple(sorted(s.number for s in loaded.case.sub_cases.values() if _goes(s)))
        _close(row, S.ACCEPTED, actor, at)
        moved = Moved(at, row.from_district.name, row.to_district.name, numbers)
        record.write(raw, loaded, moved, actor=actor, at=at)
        _carry(row, loaded, numbers)


def decline(*, move_id: UUID, words: str, actor: Actor, at: datetime) -> None:
    """Do not take the case, and say why. Raises `Refused`."""
    said = _checked(words, at)
    with store.begun() as raw:
        row, loaded = _locked(raw, move_id)
        _require_receiver(row, loaded, actor)
        if row.state == S.DECLINED:
            return
        _require_open(row)
        _close(row, S.DECLINED, actor, at, words=said)
        ended = MoveEnded(at, row.to_district.name, said)
        record.write(raw, loaded, ended, actor=actor, at=at)


def take_back(*, case_id: UUID, actor: Actor, at: datetime) -> None:
    """Let the case stay after all, before the other bureau took it. Raises `Refused`."""
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "propose_move", actor)
        row = MoveRecord.objects.select_related("to_district").filter(case_id=case_id, state=S.OPEN)
        for found in row:
            _close(found, S.TAKEN_BACK, actor, at)
            ended = MoveEnded(at, found.to_district.name, "本局收回了")
            record.write(raw, loaded, ended, actor=actor, at=at)


def _checked(text: str, at: datetime) -> str:
    words = text.strip()
    if not words:
        raise Refused("needs_grounds", "请写明理由")
    if len(words) > LONGEST:
        raise Refused("too_long", f"理由最多 {LONGEST} 个字，现在是 {len(words)} 个")
    impersonal.require(words, today=at.date())
    return words


def _require_movable(case: JointCase) -> None:
    if not case.is_open:
        raise Refused("ended", "联办件已经结束，不用转")
    sent = [s.number for s in case.sub_cases.values() if s.state is State.DELIVERING]
    if sent:
        raise Refused("being_delivered", "有结果正在送给本人，送到以后再转", items=sent)


def _goes(sub: SubCase) -> bool:
    """Whether an item goes along: nothing is decided about it yet."""
    return not sub.ended and sub.outcome is None


def _locked(raw: Any, move_id: UUID) -> tuple[MoveRecord, store.Loaded]:
    rows = MoveRecord.objects.select_related("from_district", "to_district")
    found = rows.filter(id=move_id).first()
    if found is None:
        raise Refused("unknown_move", "没有这件转办")
    loaded = store.load(raw, found.case_id)
    return rows.get(id=move_id), loaded


def _require_receiver(row: MoveRecord, loaded: store.Loaded, actor: Actor) -> None:
    about = permissions.Subject(
        district=row.to_district_id, lead_department=loaded.edition.lead_department
    )
    if permissions.allows(actor=actor, command="decide_move", subject=about):
        return
    own = permissions.Subject(
        district=row.from_district_id, lead_department=loaded.edition.lead_department
    )
    if permissions.allows(actor=actor, command="propose_move", subject=own):
        raise Refused("not_permitted", "要由接收的区县来办")
    raise Refused("unknown_move", "没有这件转办")


def _require_open(row: MoveRecord) -> None:
    if row.state != S.OPEN:
        raise Refused("ended", "这件转办已经处理过了")


def _close(row: MoveRecord, state: str, actor: Actor, at: datetime, *, words: str = "") -> None:
    row.state, row.decided_by_id, row.decided_at, row.words = state, actor.user_id, at, words
    row.save(update_fields=["state", "decided_by", "decided_at", "words"])


def _carry(row: MoveRecord, loaded: store.Loaded, numbers: tuple[int, ...]) -> None:
    """Put the rows into the new district; nobody there has claimed anything yet."""
    to, case_id = row.to_district_id, row.case_id
    JointCaseRecord.objects.filter(id=case_id).update(district_id=to, claimed_by=None)
    subs = SubCaseRecord.objects.filter(case_id=case_id)
    # What the lead department decided is read with the case, so it goes with the case.
    subs.filter(department=loaded.edition.lead_department).update(district_id=to)
    subs.filter(number__in=numbers).update(district_id=to, claimed_by=None, claimed_at=None)
    EnquiryRecord.objects.filter(case_id=case_id, answered_at=None).update(district_id=to)
    # A proposal was made to the other district's head.
    ProposalRecord.objects.filter(case_id=case_id, state=ProposalRecord.State.OPEN).update(
        state=ProposalRecord.State.TAKEN_BACK, decided_at=row.decided_at
    )
    person = PersonRecord.objects.get(id=loaded.person_id)
    dossiers = DossierRecord.objects.filter(identity_index=person.identity_index)
    dossiers.filter(district_id=row.from_district_id).update(district_id=to)
