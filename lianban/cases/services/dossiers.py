"""Troop dossiers (档案): announced, arrived, checked, received; a received one reaches its case.

A dossier and a person are matched by the identity number alone, and only while the names agree: two
names for one number are kept side by side until an officer has decided, nothing merges by itself.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from lianban import vault
from lianban.accounts import identity_number, permissions, person_name
from lianban.accounts.actor import Actor
from lianban.accounts.models import District
from lianban.cases import editions, forms, store
from lianban.cases.models import DossierRecord, JointCaseRecord, MaterialRecord, PersonRecord
from lianban.cases.services.run import require
from lianban.catalogue.model import Edition, Material
from lianban.engine import commands as c
from lianban.engine.decide import decide
from lianban.engine.refusal import Refused
from lianban.engine.states import CASE_OPEN

State = DossierRecord.State
TABLE = "cases_dossierrecord"
#: The most rows that one call takes.
MOST = 500
_NEXT: dict[str, frozenset[str]] = {
    State.EXPECTED: frozenset({State.ARRIVED, State.CHECKING, State.INCOMPLETE, State.RECEIVED}),
    State.ARRIVED: frozenset({State.CHECKING, State.INCOMPLETE, State.RECEIVED}),
    State.CHECKING: frozenset({State.INCOMPLETE, State.RECEIVED}),
    State.INCOMPLETE: frozenset({State.ARRIVED, State.CHECKING, State.RECEIVED}),
    State.RECEIVED: frozenset(),
}


@dataclass(frozen=True)
class RowResult:
    """What became of one row of a list: `label` names it without its number."""

    label: str
    done: bool
    message: str


def record(
    *,
    rows: Sequence[tuple[str, str]],
    state: str,
    district: str,
    actor: Actor,
    at: datetime,
    vouchers: Sequence[str] = (),
) -> list[RowResult]:
    """Note dossiers by (name, identity number): a new one begins, a known one moves to `state`.

    One result for each row, in its order; a wrong row does not stop the others. Raises `Refused`
    when the actor may not do this in the district, or for too many rows.
    """
    require_district(district, actor)
    _require_few(rows)
    return [
        _each(name or "（没写姓名）", lambda n=name, i=number: _record(  # type: ignore[misc]
            n, i, state, district, vouchers, actor, at
        ))
        for name, number in rows
    ]  # fmt: skip


def move(
    *,
    dossier_ids: Iterable[UUID],
    state: str,
    actor: Actor,
    at: datetime,
    vouchers: Sequence[str] = (),
    remark: str = "",
) -> list[RowResult]:
    """Bring dossiers to a state; `received` opens what waits in the person's case, all in one.

    `vouchers` are the codes of materials that came with each of them.
    """
    wanted = sorted(set(dossier_ids))
    _require_few(wanted)
    records = DossierRecord.objects.filter(id__in=wanted, district_id__in=actor.districts)
    return [
        _each(found.name, lambda f=found: moved(  # type: ignore[misc]
            f.id, state, vouchers, remark, actor, at
        ))
        for found in records.order_by("id")
    ]  # fmt: skip


def receive_for_cases(
    *,
    case_ids: Iterable[UUID],
    state: str,
    actor: Actor,
    at: datetime,
    vouchers: Sequence[str] = (),
) -> list[RowResult]:
    """The dossiers of people who are here already: noted under the names of their cases."""
    wanted = sorted(set(case_ids))
    _require_few(wanted)
    cases = JointCaseRecord.objects.select_related("person").filter(
        id__in=wanted, district_id__in=actor.districts
    )
    return [
        _each(case.person.name, lambda k=case: _record_person(  # type: ignore[misc]
            k, state, vouchers, actor, at
        ))
        for case in cases.order_by("id")
    ]  # fmt: skip


@transaction.atomic
def settle_name(*, dossier_id: UUID, name: str, actor: Actor, at: datetime) -> None:
    """Decide which name is right, after a look at the papers.

    Only the names in conflict can be chosen. Raises `Refused`.
    """
    found = locked(dossier_id, actor)
    if name not in names_in_conflict(found):
        raise Refused("unknown_name", "请从列出的姓名里选一个")
    found.name, found.other_name, found.updated_at = name, "", at
    found.save(update_fields=["name", "other_name", "updated_at"])
    if found.state == State.RECEIVED and not names_in_conflict(found):
        _reach_case(found, actor, at)


def names_in_conflict(found: DossierRecord) -> list[str]:
    """The names that came with this number, or nothing when they agree."""
    person = PersonRecord.objects.filter(identity_index=found.identity_index).first()
    names = [found.name, found.other_name, person.name if person else ""]
    named = list(dict.fromkeys(name for name in names if name))
    return named if len({person_name.searchable(name=name) for name in named}) > 1 else []


def vouchers_of(edition: Edition) -> list[Material]:
    """The vouchers and letters that may come with a dossier, by the plan."""
    return [material for material in edition.materials if material.may_arrive_with]


def edition_of(district: str) -> Edition:
    """The edition in force in a district. Raises `Refused('unknown_district')`."""
    place = District.objects.filter(code=district, active=True).first()
    if place is None or not place.policy_edition:
        raise Refused("unknown_district", "请选择档案归哪个区县")
    return editions.in_force(place.policy_edition)


# One row -------------------------------------------------------------------------------------


def _each(label: str, act: Callable[[], str]) -> RowResult:
    try:
        with transaction.atomic():
            return RowResult(label, True, act())
    except Refused as refusal:
        return RowResult(label, False, refusal.message)


def _record(
    name: str,
    number: str,
    state: str,
    district: str,
    vouchers: Sequence[str],
    actor: Actor,
    at: datetime,
) -> str:
    name = name.strip()
    if not name or len(name) > 50 or person_name.private_characters(name=name):
        raise Refused("wrong_name", "姓名没写、太长，或有别的电脑认不出的字")
    try:
        read = identity_number.parse(number, today=at.date())
    except identity_number.NotANumber as error:
        raise Refused("wrong_number", str(error)) from error
    return _noted(name, read.number, state, district, vouchers, actor, at)


def _record_person(
    case: JointCaseRecord, state: str, vouchers: Sequence[str], actor: Actor, at: datetime
) -> str:
    number = forms.open_identity(
        bytes(case.person.identity_number), table="cases_personrecord", row=case.person_id
    )
    require_district(case.district_id, actor)
    if case.state not in CASE_OPEN and not (case.state == "concluded" and case.open_count):
        raise Refused("ended", "这一件已经结束。档案到了，请在“登记档案”里记下")
    return _noted(case.person.name, number, state, case.district_id, vouchers, actor, at)


def _noted(
    name: str,
    number: str,
    state: str,
    district: str,
    vouchers: Sequence[str],
    actor: Actor,
    at: datetime,
) -> str:
    index = vault.blind_index(number, purpose="identity_number")
    rows = DossierRecord.objects.select_for_update().filter(identity_index=index)
    found = rows.first()
    if found is None:
        found = new(name, number, index, district, at) or rows.get()
    if found.district_id not in actor.districts:
        raise Refused("other_district", "这份档案登记在别的区县，请和那边联系")
    if person_name.searchable(name=found.name) != person_name.searchable(name=name):
        found.other_name, found.updated_at = name, at
        found.save(update_fields=["other_name", "updated_at"])
        return f"同一个身份证号登记过另一个姓名「{found.name}」，没有合并，请到“姓名不一致”里核对"
    if state == State.EXPECTED:
        return "已记为待移交" if found.state == State.EXPECTED else "早就登记过了，没有改动"
    return moved(found.id, state, vouchers, "", actor, at)


def new(name: str, number: str, index: bytes, district: str, at: datetime) -> DossierRecord | None:
    """A new dossier; None when somebody else has noted it at the same moment."""
    row = uuid.uuid4()
    try:
        with transaction.atomic():
            return DossierRecord.objects.create(
                id=row,
                district_id=district,
                name=name,
                identity_number=forms.seal_identity(number, table=TABLE, row=row),
                identity_index=index,
                state=State.EXPECTED,
                updated_at=at,
            )
    except IntegrityError:
        return None


def moved(
    dossier_id: UUID,
    state: str,
    vouchers: Sequence[str],
    remark: str,
    actor: Actor,
    at: datetime,
) -> str:
    """Bring one dossier to a state; in words what became of it. Raises `Refused`."""
    found = locked(dossier_id, actor)
    if state not in State.values:
        raise Refused("unknown_state", "请从列出的情况里选一个")
    came = tuple(dict.fromkeys((*found.vouchers, *vouchers)))
    if found.state == state and tuple(found.vouchers) == came:
        return f"早就是“{found.get_state_display()}”了"
    if found.state != state and state not in _NEXT[found.state]:
        raise Refused(
            "not_ready", f"现在是“{found.get_state_display()}”，不能改成“{State(state).label}”"
        )
    if state == State.RECEIVED and names_in_conflict(found):
        raise Refused("name_differs", "姓名对不上，先到“姓名不一致”里核对，再接收")
    found.state, found.vouchers, found.updated_at = state, list(came), at
    found.remark = remark[:200]
    if state != State.EXPECTED:
        found.arrived_on = found.arrived_on or at.date()
    found.save()
    words = f"已改为“{State(state).label}”"
    return words + _reach_case(found, actor, at) if state == State.RECEIVED else words


def running_case(found: DossierRecord) -> JointCaseRecord | None:
    """The person's case that a dossier still matters to, or None."""
    running = Q(state__in=CASE_OPEN) | Q(state="concluded", open_count__gt=0)
    return (
        JointCaseRecord.objects.filter(running, person__identity_index=found.identity_index)
        .order_by("-submitted_at")
        .first()
    )


def arrival(edition: Edition, found: DossierRecord) -> list[c.Command]:
    """What a received dossier means for its case: the milestone, and the papers that came along.

    A paper that ends stands until the plan's days after the day on it.
    """
    ends = {
        code: ends_on(edition, code, found.paper_dates.get(code, ""))
        for code in found.vouchers
        if code in edition.material_by_code
    }
    grades = [
        c.GradeMaterials(tuple(code for code in ends if ends[code] == until), "B", "dossier", until)
        for until in dict.fromkeys(ends.values())
    ]
    return [c.ReceiveDossier(), *grades]


def ends_on(edition: Edition, material: str, day: str) -> date | None:
    """The last day of a paper by the day that stands on it (ISO); None where it does not end."""
    known = edition.material_by_code.get(material)
    if known is None or not known.valid_days or not day:
        return None
    return date.fromisoformat(day) + timedelta(days=known.valid_days)


def _reach_case(found: DossierRecord, actor: Actor, at: datetime) -> str:
    """Let the person's case know that the dossier is here, and what came along."""
    case = running_case(found)
    if case is None:
        return "，本人还没来，来了自动对上"
    with store.begun() as raw:
        loaded = store.load(raw, case.id)
        require(loaded, c.ReceiveDossier(), actor)
        commands = arrival(loaded.edition, found)
        for command in commands if case.state in CASE_OPEN else commands[:1]:
            events = decide(loaded.edition, loaded.case, command, at=at, calendar=loaded.calendar)
            if events:
                loaded = store.write(raw, loaded, events, actor=actor, at=at)
        mark_materials(case_id=case.id, codes=found.vouchers, at=at)
    return f"，办件 {case.case_number} 已接上"


def mark_materials(*, case_id: UUID, codes: Sequence[str], at: datetime) -> None:
    """Note on the case's materials that they came with the dossier; a seen original stays seen."""
    MaterialRecord.objects.filter(case_id=case_id, code__in=codes).exclude(
        state=MaterialRecord.State.SEEN
    ).update(state=MaterialRecord.State.WITH_DOSSIER, updated_at=at)


# Who may, and how many ------------------------------------------------------------------------


def locked(dossier_id: UUID, actor: Actor) -> DossierRecord:
    """Lock a dossier. Raises `Refused` for what the actor may not see or change."""
    found = (
        DossierRecord.objects.select_for_update()
        .filter(id=dossier_id, district_id__in=actor.districts)
        .first()
    )
    if found is None:
        raise Refused("unknown_case", "没有这份档案")
    require_district(found.district_id, actor)
    return found


def require_district(district: str, actor: Actor) -> None:
    """Raise `Refused('not_permitted')` unless the actor receives dossiers in the district."""
    subject = permissions.Subject(
        district=district, lead_department=edition_of(district).lead_department
    )
    if not permissions.allows(actor=actor, command="receive_dossier", subject=subject):
        raise Refused("not_permitted", "您的岗位不能登记这个区县的档案")


def _require_few(rows: Sequence[object]) -> None:
    if len(rows) > MOST:
        raise Refused("too_many", f"一次最多 {MOST} 份，现在是 {len(rows)} 份，请分几次")
