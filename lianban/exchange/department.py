"""What every department is told and heard of, whatever its system is: one contract for all.

What is heard runs through the same service calls as the department's desk.
"""

import hashlib
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from dataclasses import asdict
from io import BytesIO
from typing import Any

from lianban.cases import handed_out, told_times
from lianban.cases.result_rows import Given
from lianban.cases.services import results, run, sealed_files, told_visits
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.exchange import contract, links, rounds
from lianban.exchange.adapter import Hear, Heard, Tell, Telling, Told
from lianban.exchange.answers import NEVER
from lianban.exchange.models import PartnerRecord, TryRecord
from lianban.outbox.models import OutboxMessage

State = OutboxMessage.State
#: Statuses by which a partner says that it has not taken a message.
_NOT_TAKEN = NEVER - {409}
#: Characters of a reason that a case keeps, and that the contract lets a partner give.
_LONGEST = 500

# Told ------------------------------------------------------------------------------------------


def tell_dispatch(telling: Telling) -> Told | None:
    """A sub-case with the fields and materials that the plan gives its item.

    Nothing where it ended, went elsewhere, or was dispatched once more before the first try. What may have arrived is said
    again whenever a person asks for it, or the partner would never hear how it ended.
    """
    out = _out(telling)
    if not _was_tried(telling.row) and (
        not is_with(out, telling.partner) or _is_sent_again(telling.row)
    ):
        return None
    data = contract.Dispatch(
        item=out.item.code,
        item_name=out.item.name,
        round=rounds.of(telling.row),
        district=out.district,
        edition=out.edition.id,
        due_on=out.due.on if out.due else None,
        due_is_provisional=bool(out.due and out.due.provisional),
        results=[
            contract.EarlierResult(
                item=r.item.code, name=r.name, number=r.number, issued_on=r.issued_on
            )
            for r in out.results
        ],
        **content(out, telling),
    )
    return Told("dispatch", subject(out), data)


def tell_correction(telling: Telling) -> Told | None:
    """What the person supplied, to a department that has the sub-case."""
    out = _out(telling)
    if not _may_have(telling.row) or not is_with(out, telling.partner):
        return None
    supplied = handed_out.supplied(case_id=telling.row.case_id, sequence=telling.row.sequence)
    known = {field.code for field, _ in out.fields} | set(out.sub.materials)
    data = contract.CorrectionSupplied(
        supplied=sorted(known.intersection(supplied)), **content(out, telling)
    )
    return Told("correction_supplied", subject(out), data)


def tell_external_event(telling: Telling) -> Told | None:
    """That an outside body acted, to a department that has the sub-case and did not tell us so."""
    out = _out(telling)
    kind = handed_out.kind_of(case_id=telling.row.case_id, sequence=telling.row.sequence)
    if not _may_have(telling.row) or not kind:
        return None
    return Told("external_event", subject(out), contract.ExternalEvent(kind=kind))


def tell_appointment(telling: Telling) -> Told | None:
    """A time for which the person is expected, to a department that was told of the sub-case."""
    row, out = telling.row, _out(telling)
    if not _may_have(row) or out.sub.department != telling.partner.code:
        return None
    time = told_times.of(case_id=row.case_id, item=out.item.number, sequence=row.sequence)
    if time is None:
        return None
    return Told("appointment", subject(out), contract.Appointment.model_validate(asdict(time)))


def tell_withdraw(telling: Telling) -> Told | None:
    """That the sub-case ended here, to a department that has it."""
    if not _may_have(telling.row):
        return None
    out = _out(telling)
    why = handed_out.event_of(case_id=telling.row.case_id, sequence=telling.row.sequence)
    ended = contract.Withdraw(why="terminated" if why == "Terminated" else "withdrawn")
    return Told("withdraw", subject(out), ended)


TELLS: Mapping[str, Tell] = {
    "dispatch": tell_dispatch,
    "correction_supplied": tell_correction,
    "external_event": tell_external_event,
    "appointment": tell_appointment,
    "withdraw": tell_withdraw,
}


def _out(telling: Telling) -> handed_out.HandedOut:
    item = telling.row.item
    if item is None:
        raise Refused("unknown_case", "没有这个事项")
    return handed_out.read(case_id=telling.row.case_id, item=item)


def subject(out: handed_out.HandedOut) -> str:
    """The sub-case's name on the wire."""
    return contract.sub_case(out.case_number, out.item.number)


def is_with(out: handed_out.HandedOut, partner: PartnerRecord) -> bool:
    """Whether the sub-case is at work with this partner's department."""
    return out.sub.department == partner.code and not out.sub.ended and out.sub.outcome is None


def content(out: handed_out.HandedOut, telling: Telling) -> dict[str, Any]:
    """Fields and materials, with links that this partner may fetch. Raises `Refused('erased')`."""
    if out.is_erased:  # with nothing in it, it would be about nobody
        raise Refused("erased", "这件联办件的表单已经按规定删除")
    return {
        "fields": {
            field.code: contract.FieldValue(label=field.label, value=value)
            for field, value in out.fields
        },
        "materials": {given.material.code: material(given, telling) for given in out.materials},
    }


def material(given: handed_out.GivenMaterial, telling: Telling) -> contract.MaterialValue:
    """A material with links to its files that this partner may fetch."""
    files = []
    for row in given.files:
        link, until = links.link(row.id, partner=telling.partner, at=telling.at)
        files.append(
            contract.FileLink(
                name=row.name,
                content_type=row.content_type,
                size=row.size,
                digest=sealed_files.plain_digest(row.id),
                link=link,
                link_until=until,
            )
        )
    grade = given.graded.grade if given.graded else None
    return contract.MaterialValue.model_validate(
        {"name": given.material.name, "grade": grade, "files": files}
    )


def _dispatches(row: OutboxMessage) -> Any:
    return rounds.dispatches(case_id=row.case_id, item=row.item, department=row.department)


def _is_sent_again(row: OutboxMessage) -> bool:
    return bool(_dispatches(row).filter(id__gt=row.id).exists())


def _was_tried(row: OutboxMessage) -> bool:
    """Whether this was tried before; whoever sends it once more begins to count anew."""
    if row.attempts > 1 or row.digest:
        return True
    tries = TryRecord.objects.filter(message=row)
    return tries.exclude(ended__in=("not_composed", "never_ended")).exists()


def _may_have(row: OutboxMessage) -> bool:
    """Whether the department may have the sub-case: a try may have arrived unknown to us.

    What it gave back is not with it until it is sent once more, and arrives; what it refused to take
    never was. A conflict (409) may mean that it has it already.
    """
    same = OutboxMessage.objects.filter(case_id=row.case_id, item=row.item, topic="dispatch")
    newest = same.filter(department=row.department, id__lt=row.id).order_by("-id").first()
    if newest is None or newest.state == State.DESK:
        return False
    is_refused = newest.state == State.DEAD and newest.last_status in _NOT_TAKEN
    return newest.attempts > 0 and not is_refused


# Heard -----------------------------------------------------------------------------------------


def _hear(command: Callable[[int, Any], c.Command]) -> Hear:
    """Let a message give one command on its sub-case."""

    def hear(heard: Heard) -> str:
        assert heard.case_id is not None and heard.item is not None
        given = command(heard.item, heard.data)
        case = run(given, case_id=heard.case_id, actor=heard.actor, at=heard.at)
        return str(case.sub_cases[heard.item].state)

    return hear


def _coded(data: Any) -> str:
    """A reason with the words of its code."""
    return _fitting(f"{contract.REASONS[data.reason_code]}：{data.reason}", data.reason)


def _transferred(data: contract.Transfer) -> str:
    where = f"（应由 {data.department} 办理）" if data.department else ""
    long = f"{contract.REASONS['not_ours']}：{data.reason}{where}"
    return _fitting(long, f"{data.reason}{where}", data.reason)


def _fitting(*said: str) -> str:
    """The first that is short enough to be kept; the sender's own words, as they are, always are."""
    return next(one for one in said if len(one) <= _LONGEST or one is said[-1])


def hear_transfer(heard: Heard) -> str:
    """Not ours; whose it is must be a department of the plan, where it is said."""
    data = heard.data
    assert isinstance(data, contract.Transfer) and heard.case_id is not None
    known = handed_out.departments_of(case_id=heard.case_id)
    if data.department and data.department not in known:
        raise Refused("unknown_department", "方案里没有这个部门，请写部门编码，或者不写")
    return _hear(lambda item, said: c.Return(item, _transferred(said)))(heard)


def hear_request_correction(heard: Heard) -> str:
    """All defects at once. The person can mend only what this item reads."""
    data = heard.data
    assert isinstance(data, contract.RequestCorrection) and heard.case_id
    assert heard.item is not None
    known = handed_out.codes_of(case_id=heard.case_id, item=heard.item)
    if not known.issuperset(data.defects):
        raise Refused("unknown_defect", "有一处不是这个事项的字段或材料，请用推送时给的编码")
    return _hear(lambda item, said: c.RequestCorrection(tuple(said.defects), item=item))(heard)


def hear_arrived(heard: Heard) -> str:
    """The person came for this item: what an officer's one press says at a desk."""
    data = heard.data
    assert isinstance(data, contract.Arrived) and heard.case_id and heard.item is not None
    return told_visits.arrived(
        case_id=heard.case_id,
        item=heard.item,
        came_at=data.came_at or heard.envelope.time,
        actor=heard.actor,
        at=heard.at,
    )


def hear_appoint(heard: Heard) -> str:
    """The department gives the person a time."""
    data = heard.data
    assert isinstance(data, contract.Appoint) and heard.case_id and heard.item is not None
    return told_visits.give_time(
        case_id=heard.case_id,
        item=heard.item,
        starts_at=data.starts_at,
        ends_at=data.ends_at,
        actor=heard.actor,
        at=heard.at,
    )


def hear_decide(heard: Heard) -> str:
    """The decision; with the result beside it, what builds on it is sent with its number."""
    data = heard.data
    assert isinstance(data, contract.Decide) and heard.case_id and heard.item is not None
    granted = data.outcome == "granted"
    command = c.Grant(heard.item) if granted else c.Deny(heard.item, data.reason or "")
    result = _given(data.result) if granted and data.result else None
    case = run(command, case_id=heard.case_id, actor=heard.actor, at=heard.at, result=result)
    return str(case.sub_cases[heard.item].state)


def hear_issue(heard: Heard) -> str:
    """Number, day and file of a granted sub-case's result."""
    data = heard.data
    assert isinstance(data, contract.Issue) and heard.case_id and heard.item is not None
    return results.issue(
        case_id=heard.case_id,
        item=heard.item,
        given=_given(data),
        actor=heard.actor,
        at=heard.at,
    )


def _given(data: contract.Issue) -> Given:
    return results.checked(
        number=data.number,
        issued_on=data.issued_on,
        upload=_file(data.file) if data.file else None,
        name=data.file.name if data.file else "",
    )


def _file(file: contract.ResultFile) -> BytesIO:
    try:
        content_ = b64decode(file.content, validate=True)
    except (NotBase64, ValueError) as error:
        raise Refused("bad_file", "文件内容不是 Base64") from error
    if hashlib.sha256(content_).hexdigest() != file.digest:
        raise Refused("bad_file", "文件和它的摘要对不上")
    return BytesIO(content_)


def hear_status(heard: Heard) -> str:
    """Where the partner stands: it is kept in the inbox, and changes nothing."""
    assert heard.case_id is not None and heard.item is not None
    return str(handed_out.state_of(case_id=heard.case_id, item=heard.item))


HEARS: Mapping[str, Hear] = {
    "receive": _hear(lambda item, _: c.Receive(item)),
    "accept": _hear(lambda item, _: c.Accept(item)),
    "refuse_acceptance": _hear(lambda item, data: c.RefuseAcceptance(_coded(data), item)),
    "return": _hear(lambda item, data: c.Return(item, _coded(data))),
    "transfer": hear_transfer,
    "request_correction": hear_request_correction,
    "suspend": _hear(lambda item, data: c.Suspend(item, data.reason)),
    "resume": _hear(lambda item, _: c.Resume(item)),
    "extend": _hear(lambda item, data: c.Extend(item, data.days, data.grounds)),
    "appoint": hear_appoint,
    "arrived": hear_arrived,
    "decide": hear_decide,
    "issue": hear_issue,
    "deliver": _hear(lambda item, _: c.Deliver(item)),
    "external_event": _hear(lambda item, data: c.ExternalEvent(item, data.kind)),
    "status": hear_status,
}
