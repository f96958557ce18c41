"""An item at the wrong office: sent back with a reason, and sent to the right one."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianban.accounts.actor import Actor
from lianban.accounts.models import District, Office
from lianban.cases import store
from lianban.cases.models import SubCaseRecord
from lianban.cases.services import claims, record
from lianban.cases.services.run import run
from lianban.engine import commands as c
from lianban.engine.records import ReturnPointed, SentElsewhere
from lianban.engine.refusal import Refused


def send_back(
    *,
    case_id: UUID,
    item: int,
    code: str,
    reason: str,
    department: str = "",
    district: str = "",
    actor: Actor,
    at: datetime,
    expected_sequence: int | None = None,
) -> None:
    """Send an item back to the bureau ("not ours") with the plan's reason code, "" for own words.

    `department` and `district` say whose it is, as far as the office knows; the bureau finds them
    chosen already. Raises `Refused` as `claims.act` does, and `unknown_department`,
    `unknown_district`.
    """
    with transaction.atomic(), store.begun() as raw:
        before = store.load(raw, case_id)
        if department and department not in before.edition.department_names:
            raise Refused("unknown_department", "没有这个部门", item=item)
        place = _place(district)
        after = claims.act(
            c.Return(item, reason),
            case_id=case_id,
            item=item,
            actor=actor,
            at=at,
            expected_sequence=expected_sequence,
        )
        if after.sequence == before.case.sequence:
            return
        known = code if code in before.edition.wording.get("reasons", {}) else ""
        pointed = ReturnPointed(at, item, known, department, place)
        record.write(raw, store.load(raw, case_id), pointed, actor=actor, at=at)


def send_again(
    *,
    case_id: UUID,
    item: int,
    department: str,
    district: str = "",
    actor: Actor,
    at: datetime,
    expected_sequence: int | None = None,
) -> None:
    """Send a returned item to another department, or to its office in another district.

    `district` is that of the office; the case stays where it is. Raises `Refused`:
    `unknown_district`, `no_office` where the department has none there, and as `run` does.
    """
    with transaction.atomic(), store.begun() as raw:
        before = store.load(raw, case_id)
        to = district or before.district
        place = _place(to)
        after = run(
            c.Dispatch(item, department),
            case_id=case_id,
            actor=actor,
            at=at,
            expected_sequence=expected_sequence,
        )
        if after.sequence == before.case.sequence:
            return
        owner = after.sub_cases[item].department
        if to != before.district and not offices(owner).get(to):
            raise Refused("no_office", f"{place}没有这个部门的办事机构", item=item)
        SubCaseRecord.objects.filter(case_id=case_id, number=item).update(
            district_id=to, claimed_by=None, claimed_at=None
        )
        if to != before.places.get(item, before.district):
            moved = SentElsewhere(at, item, owner, place)
            record.write(raw, store.load(raw, case_id), moved, actor=actor, at=at)


def offices(department: str) -> dict[str, str]:
    """The districts in which a department has an office: code and name."""
    rows = Office.objects.filter(department=department, district__active=True)
    return dict(rows.values_list("district__code", "district__name").distinct())


def _place(district: str) -> str:
    """The name of a district, nothing for none. Raises `Refused('unknown_district')`."""
    if not district:
        return ""
    found = District.objects.filter(code=district, active=True).first()
    if found is None:
        raise Refused("unknown_district", "没有这个区县")
    return found.name
