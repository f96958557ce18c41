"""Results: given with number, day and file; opened, handed over with a signature, received."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO
from uuid import UUID

from lianban import vault
from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.accounts.models import Role
from lianban.cases import coming, forms, looks, result_rows, store, uploads
from lianban.cases.models import MailRecord, ResultRecord
from lianban.cases.result_rows import Given
from lianban.cases.services import record, signatures, visits
from lianban.cases.services.run import record_result, require_impersonal, subject
from lianban.engine import commands as c
from lianban.engine.decide import decide
from lianban.engine.records import HandedOver, MailReceived
from lianban.engine.refusal import Refused

State = ResultRecord.State


@dataclass(frozen=True)
class Held:
    """A standing result under its case's lock."""

    row: ResultRecord
    loaded: store.Loaded
    item: int


def checked(
    *,
    number: str = "",
    issued_on: date | None = None,
    upload: BinaryIO | Any | None = None,
    name: str = "",
) -> Given:
    """What a department says of its result, its file checked and written anew.

    Raises `Refused('bad_file')`.
    """
    clean = uploads.check(upload, name=name) if upload is not None else None
    return Given(number.strip(), issued_on, clean)


def add_file(
    *, result_id: UUID, upload: BinaryIO | Any, name: str, actor: Actor, at: datetime
) -> None:
    """Put the file to a result that has none yet, by who may decide its item.

    Raises `Refused` (`bad_file`, `has_file`, `unknown_result`, `not_permitted`).
    """
    given = checked(upload=upload, name=name)
    with store.begun() as raw:
        held = locked(raw, result_id)
        record.authorise(held.loaded, "grant", actor, item=held.item)
        if held.row.digest:
            raise Refused("has_file", "这个结果已经有电子文件。要换一份，先重新办理这一项")
        record_result(raw, held.loaded, held.item, given, actor=actor, at=at)


def issue(*, case_id: UUID, item: int, given: Given, actor: Actor, at: datetime) -> str:
    """Put number, day and file to a result that was granted before; where the item stands then.

    What is there already stays. Raises `Refused`: `not_ready`, `other_number`, `has_file`,
    `not_permitted`.
    """
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "grant", actor, item=item)
        row = result_rows.standing(case_id, item)
        if row is None:
            raise Refused("not_ready", "这个事项还没有准予，不能先给结果", item=item)
        if row.number and given.number and row.number != given.number:
            raise Refused("other_number", "这个结果已经有另一个文号。要换，先重新办理这一项")
        if given.file is not None and row.digest:
            raise Refused("has_file", "这个结果已经有电子文件。要换一份，先重新办理这一项")
        record_result(raw, loaded, item, given, actor=actor, at=at)
        return str(loaded.case.sub_cases[item].state)


def open_file(*, result_id: UUID, actor: Actor, at: datetime) -> tuple[ResultRecord, bytes]:
    """A result's file for those who see its item; who opened it is kept.

    Raises `Refused('unknown_result')` for everybody else, and where there is no file.
    """
    with store.begun() as raw:
        held = locked(raw, result_id)
        row = ResultRecord.objects.get(id=result_id)
        about = (subject(held.loaded, None), subject(held.loaded, held.item))
        if row.content is None or not any(
            permissions.may_see(actor=actor, subject=one) for one in about
        ):
            raise Refused("unknown_result", "没有这个文件，或者您不能看")
        place = {"table": result_rows.TABLE, "column": "content", "row": str(row.id)}
        content = vault.decrypt(bytes(row.content), **place)
        looks.keep(case_id=held.loaded.case_id, what=f"result:{row.id}", actor=actor, at=at)
        return row, content


def hand_over(
    *, result_id: UUID, is_checked: bool, name: str, strokes: str, actor: Actor, at: datetime
) -> None:
    """Put a result into the hands of the person, or of an agent where the plan lets one.

    The officer has checked the identity document; the receiver signs, typed or drawn, and the name
    says which of the two it is. The item is delivered with it. A repeat is harmless. Raises
    `Refused`: `identity_not_checked`, `not_to_fetch` (it goes another way), `not_the_signer`,
    `agent_may_not`, `unknown_result`, `not_permitted`.
    """
    with store.begun() as raw:
        held = locked(raw, result_id)
        record.authorise(held.loaded, "deliver", actor, item=held.item)
        if held.row.state == State.HANDED_OVER:
            return
        if held.row.state != State.TO_HAND_OVER:
            raise Refused("not_to_fetch", "这个结果不是来领的。要当面给，先把它改成自行领取")
        if not is_checked:
            raise Refused("identity_not_checked", "请先核对身份证件，再在“证件核对了”前打勾")
        signed = signatures.sign(
            purpose=f"hand_over:{held.item}",
            name=name,
            strokes=strokes,
            witness=actor,
            case_id=held.loaded.case_id,
            actor=actor,
            at=at,
        )
        to = "agent" if signed.role == signatures.Role.AGENT else "self"
        _deliver(raw, held, HandedOver(at, held.item, to), actor=actor, at=at)
        row = ResultRecord.objects.filter(id=result_id)
        row.update(handed_to=to, signature=signed, handed_over_by_id=actor.user_id)
        if to == "self":
            _note_visit(raw, held, actor=actor, at=at)


def _note_visit(raw: Any, held: Held, *, actor: Actor, at: datetime) -> None:
    """Whoever fetches a result at the counter has come there, once a day."""
    content = forms.latest(held.loaded.case_id)
    if Role.COUNTER_CLERK not in permissions.roles_of(actor) or content is None:
        return
    place, _ = coming.counter_items(content.plan(held.loaded.edition))
    if place:
        now = store.load(raw, held.loaded.case_id)
        visits.note(raw, now, place=place, items=[held.item], actor=actor, at=at)


def received(
    *, mail_id: UUID, actor: Actor, at: datetime, command: str = "confirm_receipt"
) -> None:
    """What was in a posted envelope has arrived: the person says so, or the courier's list.

    A repeat is harmless. Raises `Refused` (`not_posted`, `unknown_result`, `not_permitted`).
    """
    mail = MailRecord.objects.filter(id=mail_id).first()
    if mail is None:
        raise Refused("unknown_result", "没有这个邮件")
    by = "applicant" if actor.kind == "applicant" else "courier"
    with store.begun() as raw:
        store.load(raw, mail.case_id)
        for row in list(_standing(mail)):
            held = locked(raw, row.id)
            record.authorise(held.loaded, command, actor, item=held.item)
            if held.row.state == State.HANDED_OVER:
                continue
            if held.row.state != State.POSTED:
                raise Refused("not_posted", "这个邮件还没寄出，或者已经退回")
            _deliver(raw, held, MailReceived(at, held.item, by), actor=actor, at=at)
            ResultRecord.objects.filter(id=row.id).update(handed_to="courier")
        MailRecord.objects.filter(id=mail_id, received_at=None).update(received_at=at)


def received_many(mail_ids: Iterable[UUID], *, actor: Actor, at: datetime) -> tuple[int, list[str]]:
    """Several envelopes of a courier's list: how many arrived, and why others are refused."""
    done, problems = 0, []
    for mail_id in dict.fromkeys(mail_ids):
        try:
            received(mail_id=mail_id, actor=actor, at=at)
            done += 1
        except Refused as refusal:
            problems.append(refusal.message)
    return done, problems


# Held ------------------------------------------------------------------------------------------


def locked(raw: Any, result_id: UUID) -> Held:
    """Lock a result's case and read the result then. Raises `Refused('unknown_result')`."""
    rows = ResultRecord.objects.filter(id=result_id, withdrawn_at__isnull=True).defer("content")
    first = rows.select_related("sub_case").first()
    if first is None:
        raise Refused("unknown_result", "没有这个结果")
    loaded = store.load(raw, first.sub_case.case_id)
    row = rows.first()
    if row is None:
        raise Refused("unknown_result", "没有这个结果")
    return Held(row, loaded, first.sub_case.number)


def _standing(mail: MailRecord) -> Any:
    return mail.results.filter(withdrawn_at__isnull=True).defer("content")


def _deliver(
    raw: Any, held: Held, happened: HandedOver | MailReceived, *, actor: Actor, at: datetime
) -> None:
    """Journal how it came to the person, and that the item is delivered."""
    now = store.load(raw, held.loaded.case_id)
    command = c.Deliver(held.item)
    require_impersonal(command, at=at)
    events = decide(now.edition, now.case, command, at=at, calendar=now.calendar)
    store.write(raw, now, (happened, *events), actor=actor, at=at)
