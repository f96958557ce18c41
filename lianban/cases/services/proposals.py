"""Two people for what weighs heavily: an officer proposes, the bureau's head decides.

Which commands wait for the head is the plan's word (`approvals`). Until the head has decided, nothing
has happened: the clock goes on, and the person reads nothing of it.
"""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import impersonal, store
from lianban.cases.models import ProposalRecord
from lianban.cases.services import record
from lianban.cases.services.run import require, require_impersonal, subject
from lianban.engine import commands as c
from lianban.engine.decide import decide
from lianban.engine.events import Event
from lianban.engine.records import ProposalApproved, ProposalSentBack, ProposalTakenBack, Proposed
from lianban.engine.refusal import Refused

State = ProposalRecord.State
LONGEST = 500


def propose(
    command: c.Command,
    *,
    case_id: UUID,
    actor: Actor,
    at: datetime,
    expected_sequence: int | None = None,
) -> None:
    """Propose a command that the plan keeps for the head; the same again changes nothing.

    Raises `Refused`: whatever the rules would say to the command itself, `already_proposed` (`by`)
    while another proposal about the same thing is open, `may_decide` for one who needs no approval.
    """
    require_impersonal(command, at=at)
    name, item = c.NAME_OF[type(command)], getattr(command, "item", None)
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, f"propose_{name}", actor, item=item)
        if permissions.allows(actor=actor, command=name, subject=subject(loaded, item)):
            raise Refused("may_decide", "您可以直接决定，不用提请", command=name)
        if not _events(loaded, command, at):
            return
        values = {key: value for key, value in asdict(command).items() if key != "item"}
        if _is_open(case_id, item, name, values):
            return
        if expected_sequence is not None and expected_sequence != loaded.case.sequence:
            raise Refused("stale", "这件联办件刚被别人改过，请看过最新情况再试")
        assert actor.user_id is not None
        ProposalRecord.objects.create(
            case_id=case_id,
            item=item,
            command=name,
            values=values,
            proposed_by_id=actor.user_id,
            proposed_at=at,
        )
        record.write(raw, loaded, Proposed(at, item, name), actor=actor, at=at)


def _events(loaded: store.Loaded, command: c.Command, at: datetime) -> tuple[Event, ...]:
    return decide(loaded.edition, loaded.case, command, at=at, calendar=loaded.calendar)


def _is_open(case_id: UUID, item: int | None, name: str, values: dict[str, Any]) -> bool:
    """Whether this very proposal waits already. Raises `Refused` for another one."""
    rows = ProposalRecord.objects.select_related("proposed_by")
    found = rows.filter(case_id=case_id, item=item, state=State.OPEN).first()
    if found is None:
        return False
    if (found.command, found.values) == (name, values):
        return True
    by = found.proposed_by.name
    raise Refused("already_proposed", f"{by}已经提请过，先等负责人决定，或请{by}收回", by=by)


def approve(*, proposal_id: UUID, actor: Actor, at: datetime) -> None:
    """Decide what was proposed, as the head; both names stand in the journal. A repeat is harmless.

    Raises `Refused`: `own_proposal` for the officer who proposed it, `ended` for what was sent or
    taken back, and whatever the rules now say to the command.
    """
    with store.begun() as raw:
        row, loaded = _locked(raw, proposal_id, actor)
        command = command_of(row)
        require(loaded, command, actor)
        if row.state == State.APPROVED:
            return
        _require_open(row)
        if row.proposed_by_id == actor.user_id:
            raise Refused("own_proposal", "自己提请的，要请另一位负责人批准")
        approved = ProposalApproved(at, row.item, row.command, row.proposed_by.name)
        events = (approved, *_events(loaded, command, at))
        _close(row, State.APPROVED, actor, at)
        store.write(raw, loaded, events, actor=actor, at=at)


def send_back(*, proposal_id: UUID, words: str, actor: Actor, at: datetime) -> None:
    """Send a proposal back to its officer, with what is to be done instead. Raises `Refused`."""
    said = words.strip()
    if not said:
        raise Refused("needs_grounds", "请写一句为什么退回")
    if len(said) > LONGEST:
        raise Refused("too_long", f"最多写 {LONGEST} 个字，现在是 {len(said)} 个")
    impersonal.require(said, today=at.date())
    with store.begun() as raw:
        row, loaded = _locked(raw, proposal_id, actor)
        record.authorise(loaded, "send_back_proposal", actor, item=row.item)
        if row.state == State.SENT_BACK:
            return
        _require_open(row)
        _close(row, State.SENT_BACK, actor, at, words=said)
        sent = ProposalSentBack(at, row.item, row.command, said)
        record.write(raw, loaded, sent, actor=actor, at=at)


def take_back(*, proposal_id: UUID, actor: Actor, at: datetime) -> None:
    """Let one's own proposal go. Raises `Refused`."""
    with store.begun() as raw:
        row, loaded = _locked(raw, proposal_id, actor)
        record.authorise(loaded, f"propose_{row.command}", actor, item=row.item)
        if row.proposed_by_id != actor.user_id:
            raise Refused("not_permitted", "只有提请的人自己能收回")
        if row.state == State.TAKEN_BACK:
            return
        _require_open(row)
        _close(row, State.TAKEN_BACK, actor, at)
        taken = ProposalTakenBack(at, row.item, row.command)
        record.write(raw, loaded, taken, actor=actor, at=at)


def command_of(row: ProposalRecord) -> c.Command:
    """The command that a row proposes."""
    kind = c.NAMES[row.command]
    values = dict(row.values)
    if "item" in {one.name for one in fields(kind)}:
        values["item"] = row.item
    command: c.Command = kind(**values)
    return command


def _locked(raw: Any, proposal_id: UUID, actor: Actor) -> tuple[ProposalRecord, store.Loaded]:
    """The proposal with its case locked; what the actor may not see does not exist."""
    row = ProposalRecord.objects.filter(id=proposal_id).first()
    if row is None:
        raise Refused("unknown_proposal", "没有这件提请")
    loaded = store.load(raw, row.case_id)
    if not permissions.may_see(actor=actor, subject=subject(loaded, None)):
        raise Refused("unknown_proposal", "没有这件提请")
    fresh = ProposalRecord.objects.select_related("proposed_by").get(id=proposal_id)
    return fresh, loaded


def _require_open(row: ProposalRecord) -> None:
    if row.state != State.OPEN:
        raise Refused("ended", "这件提请已经处理过了")


def _close(row: ProposalRecord, state: str, actor: Actor, at: datetime, *, words: str = "") -> None:
    row.state, row.decided_by_id, row.decided_at, row.words = state, actor.user_id, at, words
    row.save(update_fields=["state", "decided_by", "decided_at", "words"])
