"""A filled-in form becomes a joint case: person, number, receipt, form version, materials."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from lianban import vault
from lianban.accounts import identity_number, permissions, person_name
from lianban.accounts.actor import Actor
from lianban.cases import agents as agent_rules
from lianban.cases import case_number, editions, form_rules, forms, grades, receipts, reuse, store
from lianban.cases.content import Content
from lianban.cases.models import (
    DossierRecord,
    DraftRecord,
    EnquiryRecord,
    FileRecord,
    JointCaseRecord,
    MaterialRecord,
    PersonRecord,
)
from lianban.cases.services import (
    agents,
    dossiers,
    drafts,
    expected,
    reapply,
    signatures,
    takeover,
    visits,
)
from lianban.catalogue import checklist
from lianban.catalogue.planning import Plan
from lianban.engine import commands as c
from lianban.engine import deadlines
from lianban.engine.decide import decide
from lianban.engine.event import Event
from lianban.engine.refusal import Refused
from lianban.engine.states import CASE_OPEN

#: How a material may come so that it is not missing.
THERE = frozenset({"uploaded", "promised", "seen", "with_dossier", reuse.REUSED})
_CHANNELS: dict[type, str] = {c.Submit: "online", c.Register: "counter"}


@dataclass(frozen=True)
class Receipt:
    """What the person keeps: the number, the public id behind the QR, the second secret.

    The secret is known only now; afterwards only its digest is kept.
    """

    case_id: UUID
    case_number: str
    receipt_id: str
    secret: str
    is_new: bool = True


def submit(*, draft_id: UUID, actor: Actor, at: datetime) -> Receipt:
    """Hand in a draft online. A second click gets the first one's receipt.

    Raises `Refused`; `form_incomplete` carries the complaints by field.
    """
    return _hand_in(c.Submit, "submit", draft_id, actor, at)


def register(*, draft_id: UUID, actor: Actor, at: datetime) -> Receipt:
    """Hand in and accept a draft at the counter. Raises `Refused`."""
    return _hand_in(c.Register, "register", draft_id, actor, at)


def hand_in_at_counter(*, draft_id: UUID, actor: Actor, at: datetime) -> Receipt:
    """Hand in at the counter without acceptance: what is missing becomes the one notice."""
    return _hand_in(c.Submit, "register", draft_id, actor, at, channel="counter")


def _hand_in(
    kind: type[c.Submit] | type[c.Register],
    permission: str,
    draft_id: UUID,
    actor: Actor,
    at: datetime,
    *,
    channel: str = "",
) -> Receipt:
    with store.begun() as raw:
        record = DraftRecord.objects.select_for_update().filter(id=draft_id).first()
        if record is None:
            return _again(draft_id, actor)
        draft = drafts.get(draft_id=draft_id, actor=actor)
        plan = _checked(draft, at)
        _require(permission, draft, actor)
        again = _reused(draft, actor, at)
        values = form_rules.complete(plan, draft.content.fields, today=at.date())
        content = replace(draft.content, fields=values, materials=_believed(draft, actor, again))
        person = person_for(plan, values)
        receipt = _row(raw, draft, person, actor, at, channel or _CHANNELS[kind])
        loaded = store.load(raw, receipt.case_id)
        form_hash = forms.add_version(case_id=receipt.case_id, content=content, at=at)
        command = _command(kind, plan, content, values, form_hash, channel)
        events = decide(loaded.edition, loaded.case, command, at=at, calendar=loaded.calendar)
        signed = _signed(draft, values, receipt.case_id, actor, at)
        loaded = store.write(raw, loaded, (*events, *signed), actor=actor, at=at)
        loaded = reapply.note(raw, loaded, person, actor=actor, at=at)
        _materials(plan, content, receipt.case_id, actor, at)
        loaded = _dated(raw, loaded, content, actor, at)
        _enquiries(plan, draft.district, receipt.case_id, at, loaded)
        FileRecord.objects.filter(draft_id=draft_id).update(draft=None, case_id=receipt.case_id)
        record.delete()
        loaded = takeover.take_over(raw, loaded, again.values(), actor=actor, at=at)
        meet_dossier(raw, loaded, person, at)
        if permission == "register":  # the person stands at the counter
            visits.note_at_counter(raw, receipt.case_id, plan, actor=actor, at=at)
        expected.handed_in(person=person, content=content, edition=draft.edition, at=at)
        return receipt


def _signed(
    draft: drafts.Draft, values: dict[str, str], case_id: UUID, actor: Actor, at: datetime
) -> tuple[Event, ...]:
    """Who acts for the person, and what was signed with the form."""
    acting = agents.taken_over(draft=draft, values=values, case_id=case_id, actor=actor, at=at)
    signed = signatures.taken_over(draft=draft, values=values, case_id=case_id, actor=actor, at=at)
    return (*acting, *signed)


def _reused(draft: drafts.Draft, actor: Actor, at: datetime) -> dict[str, reuse.Offer]:
    """What is taken over from an earlier case and still may be, by code."""
    wanted = {code for code, way in draft.content.materials.items() if way == reuse.REUSED}
    if not wanted:
        return {}
    found = reuse.offers(edition=draft.edition, content=draft.content, actor=actor, today=at.date())
    return {code: offer for code, offer in found.items() if code in wanted}


def _believed(
    draft: drafts.Draft, actor: Actor, again: Mapping[str, reuse.Offer]
) -> dict[str, str]:
    """How the materials come; only an officer can have seen one or let one be owed."""
    said = {} if actor.kind == "officer" else {"seen": "promised", "deferred": ""}
    ways = {code: said.get(way, way) for code, way in draft.content.materials.items()}
    return {c: "" if way == reuse.REUSED and c not in again else way for c, way in ways.items()}


def _command(
    kind: type[c.Submit] | type[c.Register],
    plan: Plan,
    content: Content,
    values: dict[str, str],
    form_hash: str,
    channel: str,
) -> c.Submit | c.Register:
    codes = needed_codes(plan)
    return kind(
        answers=content.answers,
        unticked=content.unticked,
        evidence={int(number): text for number, text in content.evidence.items()},
        delivery=form_rules.delivery(plan, values),
        missing=tuple(code for code in codes if content.materials.get(code) not in THERE),
        form_hash=form_hash,
        grades=grades.by_way({code: content.materials.get(code, "") for code in codes}),
        **({"channel": channel} if channel else {}),
    )


def _checked(draft: drafts.Draft, at: datetime) -> Plan:
    try:
        plan = draft.content.plan(draft.edition)
    except ValueError as error:
        raise Refused("impossible_answers", str(error)) from error
    if plan.eligible is False:
        raise Refused("not_eligible", draft.edition.not_eligible)
    agent = agent_rules.of_data(draft.content.agent)
    complaints = form_rules.complaints(
        plan,
        draft.content.fields,
        today=at.date(),
        signing=agent_rules.signing(edition=draft.edition, agent=agent, on=at.date()),
    )
    if complaints:
        raise Refused("form_incomplete", "表单还有没填好的地方", complaints=complaints)
    return plan


def _require(permission: str, draft: drafts.Draft, actor: Actor) -> None:
    subject = permissions.Subject(
        district=draft.district,
        lead_department=draft.edition.lead_department,
        applicant_user_id=actor.user_id if actor.kind == "applicant" else None,
    )
    permissions.require(actor=actor, command=permission, subject=subject)


def _again(draft_id: UUID, actor: Actor) -> Receipt:
    """The receipt of the case that this form has become, without its secret."""
    found = JointCaseRecord.objects.filter(id=draft_id).first()
    if found is None or not permissions.may_see(actor=actor, subject=_about(found)):
        raise Refused("unknown_draft", "没有这份草稿，可能已经提交或放弃")
    return Receipt(found.id, found.case_number, found.receipt_id, "", is_new=False)


def _about(record: JointCaseRecord) -> permissions.Subject:
    edition = editions.pinned(record.edition_id, record.edition_hash)
    return permissions.Subject(
        district=record.district_id,
        lead_department=edition.lead_department,
        applicant_user_id=record.applicant_id,
        case_id=record.id,
    )


def person_for(plan: Plan, values: dict[str, str]) -> PersonRecord:
    """The person of the form, found by the identity number; another name is never merged."""
    codes = {field.type: field.code for field in reversed(plan.edition.fields)}
    name, number = values[codes["name"]], values[codes["identity_number"]]
    index = vault.blind_index(number, purpose="identity_number")
    found = PersonRecord.objects.filter(identity_index=index).first() or _new_person(
        name, number, index
    )
    if person_name.folded(found.name) != person_name.folded(name):
        masked = identity_number.mask(number)
        raise Refused(
            "name_differs", f"身份证号 {masked} 已经登记过另一个姓名，请带证件到综合窗口核对"
        )
    return found


def _new_person(name: str, number: str, index: bytes) -> PersonRecord:
    """A new person, or the one that somebody else has written at the same moment."""
    person_id = uuid.uuid4()
    try:
        with transaction.atomic():
            return PersonRecord.objects.create(
                id=person_id,
                name=name,
                name_folded=person_name.folded(name),
                identity_number=forms.seal_identity(
                    number, table="cases_personrecord", row=person_id
                ),
                identity_index=index,
            )
    except IntegrityError:
        return PersonRecord.objects.get(identity_index=index)


def _row(
    raw: Any, draft: drafts.Draft, person: PersonRecord, actor: Actor, at: datetime, channel: str
) -> Receipt:
    running = JointCaseRecord.objects.filter(person=person, state__in=CASE_OPEN).first()
    if running is not None:
        raise Refused(
            "already_running", "您已经有一件正在办理的联办件", case_number=running.case_number
        )
    editions.record(draft.edition)
    secret = "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(8))
    # The case keeps the form's id: a second click finds what the first one has made.
    receipt = Receipt(draft.id, case_number.new(at), secrets.token_urlsafe(16), secret)
    values = {
        "case_id": receipt.case_id,
        "case_number": receipt.case_number,
        "person_id": person.id,
        "applicant_id": actor.user_id if actor.kind == "applicant" else None,
        "district": draft.district,
        "channel": channel,
        "edition_id": draft.edition.id,
        "edition_hash": draft.edition.hash,
        "at": at,
        "receipt_id": receipt.receipt_id,
        "receipt_secret": receipts.secret_digest(receipt.receipt_id, secret),
    }
    try:
        store.create(raw, values)
    except IntegrityError as error:
        raise Refused("already_running", "您已经有一件正在办理的联办件") from error
    return receipt


def needed_codes(plan: Plan) -> list[str]:
    """The codes of the materials that this person needs."""
    return [needed.what.code for needed in checklist.materials(plan)]


def _materials(plan: Plan, content: Content, case_id: UUID, actor: Actor, at: datetime) -> None:
    records = []
    for code in needed_codes(plan):
        state = content.materials.get(code, "missing")
        seen = state == MaterialRecord.State.SEEN
        records.append(
            MaterialRecord(
                case_id=case_id,
                code=code,
                state=state,
                updated_at=at,
                seen_by_id=actor.user_id if seen else None,
                seen_at=at if seen else None,
            )
        )
    MaterialRecord.objects.bulk_create(records)


def _enquiries(
    plan: Plan, district: str, case_id: UUID, at: datetime, loaded: store.Loaded
) -> None:
    for enquiry in checklist.enquiries(plan):
        due = deadlines.add_working_days(loaded.calendar, at.date(), enquiry.days)
        EnquiryRecord.objects.create(
            case_id=case_id,
            code=enquiry.code,
            department=enquiry.department,
            district_id=district,
            due_on=due.on,
        )


def _dated(
    raw: Any, loaded: store.Loaded, content: Content, actor: Actor, at: datetime
) -> store.Loaded:
    """Papers that an officer saw and that end: they stand until the plan's days after their own."""
    for code, day in content.dated.items():
        until = dossiers.ends_on(loaded.edition, code, day)
        if until is None or actor.kind != "officer" or content.materials.get(code) != "seen":
            continue
        command = c.GradeMaterials((code,), "B", "counter", until)
        events = decide(loaded.edition, loaded.case, command, at=at, calendar=loaded.calendar)
        loaded = store.write(raw, loaded, events, actor=actor, at=at) if events else loaded
    return loaded


def meet_dossier(raw: Any, loaded: store.Loaded, person: PersonRecord, at: datetime) -> None:
    """A dossier that came before its person counts from now."""
    here = DossierRecord.objects.filter(
        identity_index=person.identity_index, state=DossierRecord.State.RECEIVED
    ).first()
    if here is None or dossiers.names_in_conflict(here):
        return
    for command in dossiers.arrival(loaded.edition, here):
        events = decide(loaded.edition, loaded.case, command, at=at, calendar=loaded.calendar)
        if events:
            loaded = store.write(raw, loaded, events, actor=Actor.system(), at=at)
    dossiers.mark_materials(case_id=loaded.case_id, codes=here.vouchers, at=at)
