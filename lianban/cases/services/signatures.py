"""Signatures: typed or drawn, by the person or by somebody who may sign for the person.

A signature belongs to one form or one case and goes nowhere else: a later case is signed anew.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lianban import vault
from lianban.accounts import permissions, person_name
from lianban.accounts.actor import Actor
from lianban.cases import agents, signature_strokes, store
from lianban.cases.agents import Agent
from lianban.cases.models import DraftRecord, PersonRecord, SignatureRecord
from lianban.cases.services import agents as agent_rows
from lianban.cases.services import drafts
from lianban.cases.services.run import subject
from lianban.catalogue.model import Edition
from lianban.engine import records
from lianban.engine.refusal import Refused

_TABLE = "cases_signaturerecord"
Way, Role = SignatureRecord.Way, SignatureRecord.Role
LONGEST_NAME = 50


@dataclass(frozen=True)
class Signature:
    """A signature, opened. `witness` is the name of who was present; `svg` the strokes, drawn."""

    id: UUID
    purpose: str
    role: str
    way: str
    name: str
    svg: str
    signed_at: datetime
    witness: str
    digest: str


@dataclass(frozen=True)
class _Given:
    purpose: str
    role: str
    name: str
    strokes: str

    @property
    def way(self) -> str:
        return Way.DRAWN if self.strokes else Way.TYPED

    def digest(self, owner: UUID, on: date) -> str:
        """Keyed, since a name could be guessed; a repeat on the same day is the same signature."""
        parts = [str(owner), self.purpose, self.role, self.name, self.strokes, on.isoformat()]
        plain = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        return vault.blind_index(plain, purpose="signature").hex()


def sign(
    *,
    purpose: str,
    name: str,
    strokes: str,
    witness: Actor | None,
    case_id: UUID | None = None,
    draft_id: UUID | None = None,
    actor: Actor,
    at: datetime,
) -> SignatureRecord:
    """Keep one signature of a draft (the newest counts) or of a case (with `Signed` in its journal).

    `purpose` is a signature field's code or a code of the plan's `signatures.yaml`, with what it is
    about after a colon (`hand_over:12`). `name` is what was typed; with strokes it may be empty
    where the person alone can have signed. `strokes` is the pad's JSON or nothing. `witness` is the
    officer who was present, None at home. Another name than the person's or that of an agent who may
    sign this is refused. A repeat is harmless. Raises `Refused` (`not_the_signer`, `bad_strokes`,
    `agent_may_not`, `unknown_draft`, `unknown_case`, `not_permitted`).
    """
    if (draft_id is None) == (case_id is None):
        raise ValueError("a signature belongs to a draft or to a case")
    drawn = signature_strokes.parse(strokes)
    text = drawn.to_json() if drawn else ""
    with store.begun() as raw:
        if draft_id is not None:
            return _in_draft(draft_id, purpose, name.strip(), text, witness, actor, at)
        assert case_id is not None
        return _in_case(raw, case_id, purpose, name.strip(), text, witness, actor, at)


def sign_form(*, draft_id: UUID, strokes: Mapping[str, str], actor: Actor, at: datetime) -> None:
    """Keep the drawn signatures of a form that is being filled in, by field code.

    The names are those that the form holds; an officer who keeps the form was present. A field
    without strokes keeps what was drawn before. Raises what `sign` raises.
    """
    if not strokes:
        return
    names = drafts.get(draft_id=draft_id, actor=actor).content.fields
    with store.begun():
        for code, text in strokes.items():
            sign(
                purpose=code,
                name=names.get(code, ""),
                strokes=text,
                witness=_present(actor),
                draft_id=draft_id,
                actor=actor,
                at=at,
            )


def with_names(
    draft: drafts.Draft, values: Mapping[str, str], strokes: Mapping[str, str]
) -> dict[str, str]:
    """The values with the person's name where somebody drew and typed nothing.

    With an agent the name must be typed: it says which of the two has signed.
    """
    found = dict(values)
    name = _applicant(draft, draft.content.fields)
    if not draft.content.agent:
        found |= {code: name for code in strokes if not found.get(code) and name}
    return found


def of_draft(*, draft_id: UUID) -> dict[str, Signature]:
    """The signatures of a form that is being filled in, by field code."""
    rows = SignatureRecord.objects.select_related("witness").filter(draft_id=draft_id)
    return {row.purpose: opened(row) for row in rows}


def of_case(*, case_id: UUID) -> list[Signature]:
    """The signatures of a case, oldest first."""
    rows = SignatureRecord.objects.select_related("witness").filter(case_id=case_id)
    return [opened(row) for row in rows.order_by("signed_at", "purpose")]


def taken_over(
    *, draft: drafts.Draft, values: Mapping[str, str], case_id: UUID, actor: Actor, at: datetime
) -> tuple[records.Signed, ...]:
    """The form's signatures become the case's: the drawn ones, and a row for each typed name.

    Called while the form becomes a case, under its lock; returns what the journal says.
    """
    drawn = of_draft(draft_id=draft.id)
    agent = agents.of_data(draft.content.agent)
    witness = _present(actor)
    found = []
    for field in draft.edition.fields:
        name = values.get(field.code, "")
        if field.type != "signature" or not name:
            continue
        known = drawn.get(field.code)
        if known is not None and known.name == name:
            SignatureRecord.objects.filter(id=known.id).update(draft=None, case_id=case_id)
            found.append(_signed(known, at))
            continue
        role = (
            Role.AGENT if agent and agent.name == name != _applicant(draft, values) else Role.PERSON
        )
        given = _Given(field.code, role, name, "")
        row = _create(given, given.digest(case_id, at.date()), witness, at, case_id=case_id)
        found.append(_signed(row, at))
    return tuple(found)


def opened(row: SignatureRecord) -> Signature:
    """A signature's row, opened. Raises `vault.Unreadable`."""
    strokes = signature_strokes.parse(_open(row, "strokes"))
    return Signature(
        id=row.id,
        purpose=row.purpose,
        role=row.role,
        way=row.way,
        name=_open(row, "name"),
        svg=signature_strokes.svg(strokes) if strokes else "",
        signed_at=row.signed_at,
        witness=row.witness.name if row.witness else "",
        digest=row.digest,
    )


# Drafts and cases ------------------------------------------------------------------------------


def _in_draft(
    draft_id: UUID,
    purpose: str,
    name: str,
    strokes: str,
    witness: Actor | None,
    actor: Actor,
    at: datetime,
) -> SignatureRecord:
    DraftRecord.objects.select_for_update().filter(id=draft_id).only("id").first()
    draft = drafts.get(draft_id=draft_id, actor=actor)
    if purpose not in {f.code for f in draft.edition.fields if f.type == "signature"}:
        raise Refused("unknown_field", "没有这一处签名")
    person = _applicant(draft, draft.content.fields)
    agent = agents.of_data(draft.content.agent)
    given = _given(draft.edition, purpose, name, strokes, person=person, agent=agent, at=at)
    digest = given.digest(draft_id, at.date())
    SignatureRecord.objects.filter(draft_id=draft_id, purpose=purpose).exclude(
        digest=digest
    ).delete()
    known = SignatureRecord.objects.filter(draft_id=draft_id, purpose=purpose).first()
    return known or _create(given, digest, witness, at, draft_id=draft_id)


def _in_case(
    raw: Any,
    case_id: UUID,
    purpose: str,
    name: str,
    strokes: str,
    witness: Actor | None,
    actor: Actor,
    at: datetime,
) -> SignatureRecord:
    loaded = store.load(raw, case_id)
    _authorise(loaded, actor)
    person = PersonRecord.objects.get(id=loaded.person_id).name
    agent = agent_rows.acting(case_id=case_id)
    given = _given(loaded.edition, purpose, name, strokes, person=person, agent=agent, at=at)
    digest = given.digest(case_id, at.date())
    known = SignatureRecord.objects.filter(case_id=case_id, digest=digest).first()
    if known is not None:
        return known
    row = _create(given, digest, witness, at, case_id=case_id)
    store.write(raw, loaded, (_signed(row, at),), actor=actor, at=at)
    return row


def _authorise(loaded: store.Loaded, actor: Actor) -> None:
    """Whoever sees the case, or one of its items, may hold the pen out to the person."""
    about = [subject(loaded, number) for number in (None, *loaded.case.sub_cases)]
    if any(permissions.allows(actor=actor, command="sign", subject=one) for one in about):
        return
    if any(permissions.may_see(actor=actor, subject=one) for one in about):
        raise Refused("not_permitted", "您的岗位不能收签名", command="sign")
    raise Refused("unknown_case", "没有这件联办件")


def _given(
    edition: Edition,
    purpose: str,
    name: str,
    strokes: str,
    *,
    person: str,
    agent: Agent | None,
    at: datetime,
) -> _Given:
    """Who has signed, by the name; refused where it is nobody who may."""
    if not name and strokes and agent is None:
        name = person
    if not name or len(name) > LONGEST_NAME:
        raise Refused("not_the_signer", "请写上签名人的姓名")
    if _same(name, person):
        return _Given(purpose, Role.PERSON, name, strokes)
    if agent is not None and _same(name, agent.name):
        act = purpose.partition(":")[0]
        answer = agents.may(edition=edition, agent=agent, act=act, on=at.date())
        if not answer:
            raise Refused("agent_may_not", answer.reason, act=act)
        return _Given(purpose, Role.AGENT, name, strokes)
    others = f"，或代办人「{agent.name}」" if agent else ""
    raise Refused("not_the_signer", f"请签本人姓名「{person}」{others}")


def _present(actor: Actor) -> Actor | None:
    return actor if actor.kind == "officer" else None


def _same(name: str, other: str) -> bool:
    return person_name.searchable(name=name) == person_name.searchable(name=other)


def _applicant(draft: drafts.Draft, values: Mapping[str, str]) -> str:
    code = next((f.code for f in draft.edition.fields if f.type == "name"), "")
    return values.get(code, "").strip()


def _create(
    given: _Given, digest: str, witness: Actor | None, at: datetime, **owner: UUID
) -> SignatureRecord:
    row_id = uuid.uuid4()
    return SignatureRecord.objects.create(
        id=row_id,
        purpose=given.purpose,
        role=given.role,
        way=given.way,
        name=_seal(given.name, "name", row_id),
        strokes=_seal(given.strokes, "strokes", row_id),
        signed_at=at,
        witness_id=witness.user_id if witness else None,
        digest=digest,
        **owner,
    )


def _signed(row: SignatureRecord | Signature, at: datetime) -> records.Signed:
    return records.Signed(at, row.purpose, row.role, row.way, row.digest)


def _seal(text: str, column: str, row: UUID) -> bytes:
    return vault.encrypt(text.encode(), table=_TABLE, column=column, row=str(row))


def _open(row: SignatureRecord, column: str) -> str:
    sealed = bytes(getattr(row, column))
    return vault.decrypt(sealed, table=_TABLE, column=column, row=str(row.id)).decode()


def newest(signatures: Iterable[Signature], purpose: str) -> Signature | None:
    """The newest signature under one purpose."""
    return next((s for s in reversed(list(signatures)) if s.purpose == purpose), None)
