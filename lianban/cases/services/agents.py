"""Agents (代办人): said in the form or of a case, kept with the case, revoked by the person."""

import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from lianban import vault
from lianban.accounts import identity_number
from lianban.accounts.actor import Actor
from lianban.cases import agents, forms, store
from lianban.cases.agents import Agent
from lianban.cases.models import AgentRecord, FileRecord, MaterialRecord, PersonRecord
from lianban.cases.services import drafts, record
from lianban.catalogue.model import Edition
from lianban.engine import records
from lianban.engine.refusal import Refused

_TABLE = "cases_agentrecord"
Authority = AgentRecord.Authority
_STATES = {
    Authority.UPLOADED: MaterialRecord.State.UPLOADED,
    Authority.SEEN: MaterialRecord.State.SEEN,
}


# Reading ----------------------------------------------------------------------------------------


def acting(*, case_id: UUID) -> Agent | None:
    """Who acts for the person of a case now, opened; None where nobody does."""
    row = AgentRecord.objects.filter(case_id=case_id, revoked_at=None).first()
    return opened(row) if row else None


def opened(row: AgentRecord) -> Agent:
    """An agent's row, opened. Raises `vault.Unreadable`."""
    return Agent(
        name=_open(row, "name"),
        identity_number=_open(row, "identity_number"),
        phone=_open(row, "phone"),
        relation=row.relation,
        authority=row.authority,
        valid_until=row.valid_until,
    )


def require_may(*, edition: Edition, case_id: UUID, act: str, at: datetime) -> None:
    """Raise `Refused('agent_may_not')` unless this case's agent may do the act; no agent: too."""
    agent = acting(case_id=case_id)
    if agent is None:
        raise Refused("agent_may_not", "这件联办件没有登记代办人", act=act)
    answer = agents.may(edition=edition, agent=agent, act=act, on=at.date())
    if not answer:
        raise Refused("agent_may_not", answer.reason, act=act)


# What is wrong ----------------------------------------------------------------------------------


def complaints(
    *, edition: Edition, agent: Agent, person_number: str, actor: Actor, today: date
) -> dict[str, str]:
    """What is wrong with an agent, by the name of the value; empty when all is in order."""
    found = {
        "name": _name(agent.name),
        "identity_number": _number(agent.identity_number, person_number, today),
        "phone": _phone(agent.phone),
        "relation": "" if agent.relation in edition.agent.relations else "请选代办人和您的关系",
        "authority": _authority(agent.authority, actor),
        "valid_until": _until(agent, today),
    }
    return {key: words for key, words in found.items() if words}


def _name(name: str) -> str:
    if not name or len(name) > 50:
        return "请填写代办人的姓名，最多 50 个字"
    strange = any(unicodedata.category(sign)[0] in "CNS" and sign != "·" for sign in name)
    return "姓名里有不该出现的符号或数字" if strange else ""


def _number(number: str, person_number: str, today: date) -> str:
    try:
        found = identity_number.parse(number, today=today)
    except identity_number.NotANumber as error:
        return str(error) if number else "请填写代办人的身份证号"
    return "这是申请人自己的身份证号，代办人是另一个人" if found.number == person_number else ""


def _phone(phone: str) -> str:
    digits = phone.replace(" ", "").replace("-", "")
    right = digits.isascii() and digits.isdigit() and len(digits) == 11 and digits[0] == "1"
    return "" if right else "请填写代办人的手机号码，11 位数字"


def _authority(authority: str, actor: Actor) -> str:
    if authority not in Authority.values:
        return "请选有没有委托书"
    if authority == Authority.SEEN and actor.kind != "officer":
        return "委托书原件由窗口核对，您可以上传，或者带到窗口"
    return ""


def _until(agent: Agent, today: date) -> str:
    if agent.authority == Authority.NONE:
        return ""
    if agent.valid_until is None:
        return "请填写委托书写明的最后一天"
    if agent.valid_until < today:
        return f"委托书 {agent.valid_until.isoformat()} 就到期了，请换一份新的"
    return "" if agent.valid_until.year <= today.year + 20 else "委托书的年份不对，请核对"


# Forms ------------------------------------------------------------------------------------------


def keep_in_draft(
    *, draft_id: UUID, agent: Agent | None, actor: Actor, at: datetime
) -> drafts.Draft:
    """Say in a form who acts for the person, or that nobody does.

    Raises `Refused`: `bad_agent` with `complaints`, `missing_file` for an authority that is not
    there, `unknown_draft`.
    """
    if agent is None:
        return drafts.amend(
            draft_id=draft_id, change=lambda content: replace(content, agent={}), actor=actor, at=at
        )
    draft = drafts.get(draft_id=draft_id, actor=actor)
    number = _person_number(draft.edition, draft.content.fields)
    tidy = _checked(draft.edition, agent, number, actor, at)
    _require_file(draft.edition, tidy, draft_id=draft_id)
    return drafts.amend(
        draft_id=draft_id,
        change=lambda content: replace(content, agent=tidy.to_data()),
        actor=actor,
        at=at,
    )


def taken_over(
    *, draft: drafts.Draft, values: Mapping[str, str], case_id: UUID, actor: Actor, at: datetime
) -> tuple[records.Record, ...]:
    """The form's agent becomes the case's; returns what the journal says.

    Called while the form becomes a case. Raises `Refused('bad_agent')` where the person's number
    was changed to the agent's since.
    """
    agent = agents.of_data(draft.content.agent)
    if agent is None:
        return ()
    number = _person_number(draft.edition, values)
    tidy = _checked(draft.edition, agent, number, Actor(kind="officer"), at)
    return (_create(draft.edition, tidy, case_id, actor, at),)


# Cases ------------------------------------------------------------------------------------------


def appoint(*, case_id: UUID, agent: Agent, actor: Actor, at: datetime) -> Agent:
    """From now this agent acts for the person of a case; an earlier one no longer does.

    The same agent again changes nothing. Raises `Refused` as `keep_in_draft`, and `unknown_case`,
    `not_permitted`, `ended`.
    """
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "appoint_agent", actor)
        if loaded.case.ended:
            raise Refused("ended", "联办件已经结束，不用再委托")
        person = PersonRecord.objects.get(id=loaded.person_id)
        number = forms.open_identity(
            bytes(person.identity_number), table="cases_personrecord", row=person.id
        )
        tidy = _checked(loaded.edition, agent, number, actor, at)
        if acting(case_id=case_id) == tidy:
            return tidy
        _require_file(loaded.edition, tidy, case_id=case_id)
        said = (
            *_ended(case_id, at),
            _create(loaded.edition, tidy, case_id, actor, at),
        )
        record.write(raw, loaded, *said, actor=actor, at=at)
        return tidy


def revoke(*, case_id: UUID, actor: Actor, at: datetime) -> None:
    """The agent acts no longer; a repeat is harmless. Raises `Refused`."""
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "revoke_agent", actor)
        said = _ended(case_id, at)
        if said:
            record.write(raw, loaded, *said, actor=actor, at=at)


def _ended(case_id: UUID, at: datetime) -> tuple[records.AgentRevoked, ...]:
    row = AgentRecord.objects.filter(case_id=case_id, revoked_at=None).first()
    if row is None:
        return ()
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    return (records.AgentRevoked(at, str(row.id)),)


def _checked(
    edition: Edition, agent: Agent, person_number: str, actor: Actor, at: datetime
) -> Agent:
    if not edition.agent.authority:
        raise Refused("bad_agent", "这个方案没有代办，请本人来办", complaints={})
    today = at.date()
    found = complaints(
        edition=edition, agent=agent, person_number=person_number, actor=actor, today=today
    )
    if found:
        raise Refused("bad_agent", "代办人还有没填好的地方", complaints=found)
    number = identity_number.parse(agent.identity_number, today=today).number
    until = None if agent.authority == Authority.NONE else agent.valid_until
    return replace(agent, identity_number=number, valid_until=until)


def _require_file(edition: Edition, agent: Agent, **owner: UUID) -> None:
    if agent.authority != Authority.UPLOADED:
        return
    if not FileRecord.objects.filter(material=edition.agent.authority, **owner).exists():
        words = {"authority": "请拍照上传委托书"}
        raise Refused("missing_file", "请先上传委托书", complaints=words)


def _person_number(edition: Edition, values: Mapping[str, str]) -> str:
    code = next((f.code for f in edition.fields if f.type == "identity_number"), "")
    return values.get(code, "")


def _create(
    edition: Edition, agent: Agent, case_id: UUID, actor: Actor, at: datetime
) -> records.AgentAppointed:
    row_id, seen = uuid.uuid4(), agent.authority == Authority.SEEN and actor.kind == "officer"
    sealed = {name: _seal(getattr(agent, name), name, row_id) for name in _SEALED}
    AgentRecord.objects.create(
        id=row_id,
        case_id=case_id,
        identity_index=vault.blind_index(agent.identity_number, purpose="identity_number"),
        relation=agent.relation,
        authority=agent.authority,
        valid_until=agent.valid_until,
        seen_by_id=actor.user_id if seen else None,
        appointed_at=at,
        appointed_by_id=actor.user_id,
        **sealed,
    )
    if agent.authority in _STATES:
        MaterialRecord.objects.update_or_create(
            case_id=case_id,
            code=edition.agent.authority,
            defaults={
                "state": _STATES[Authority(agent.authority)],
                "seen_by_id": actor.user_id if seen else None,
                "seen_at": at if seen else None,
                "updated_at": at,
            },
        )
    return records.AgentAppointed(at, str(row_id), agent.relation, agent.authority)


_SEALED = ("name", "identity_number", "phone")


def _seal(text: str, column: str, row: UUID) -> bytes:
    return vault.encrypt(text.encode(), table=_TABLE, column=column, row=str(row))


def _open(row: AgentRecord, column: str) -> str:
    sealed = bytes(getattr(row, column))
    return vault.decrypt(sealed, table=_TABLE, column=column, row=str(row.id)).decode()
