"""What becomes of results when something happens to their items: their rows follow the events.

Called wherever events are written, in the same transaction, so that no way of deciding an item can
leave a result without its row, its code to pick it up or its proof.
"""

import hashlib
import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from lianban import vault
from lianban.accounts.actor import Actor
from lianban.accounts.models import District, Office
from lianban.cases.models import ResultRecord, SubCaseRecord
from lianban.cases.uploads import Clean
from lianban.catalogue.model import Edition
from lianban.engine import events as e
from lianban.engine.case import JointCase

State = ResultRecord.State
TABLE = "cases_resultrecord"
#: Without signs that look alike, on a small screen or read aloud: 0 O 1 I L U V B S Z.
PICK_UP_SIGNS = "23456789ACDEFGHJKMNPQRTWXY"
PICK_UP_LENGTH = 8
#: As on papers: Crockford's base 32, 80 bits.
_PROOF_SIGNS, _PROOF_LENGTH = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 16
_FIRST = {"pick_up": State.TO_HAND_OVER, "courier": State.TO_POST, "electronic": State.ELECTRONIC}


@dataclass(frozen=True)
class Given:
    """What a department says of what it issued. `issued_on` is the decision's day unless given."""

    number: str = ""
    issued_on: date | None = None
    file: Clean | None = None

    def __bool__(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.number or self.issued_on or self.file)


def follow(
    case_id: UUID,
    edition: Edition,
    case: JointCase,
    events: tuple[e.Event, ...],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Let the rows follow the events that led to `case`."""
    for event in events:
        match event:
            case e.Granted():
                _grant(case_id, edition, case, event.item, actor, at)
            case e.DeliveryChanged():
                change_way(standing(case_id, event.item), event.delivery, at)
            case e.Delivered():
                _arrived(standing(case_id, event.item), actor, at)
            case e.Reopened() if event.item is not None:
                _rows(case_id, event.item).update(withdrawn_at=at, code=None, code_index=None)


def standing(case_id: UUID, item: int) -> ResultRecord | None:
    """The result of an item that stands now, without its file."""
    return _rows(case_id, item).defer("content").first()


def _rows(case_id: UUID, item: int) -> QuerySet[ResultRecord]:
    return ResultRecord.objects.filter(
        sub_case__case_id=case_id, sub_case__number=item, withdrawn_at__isnull=True
    )


def _grant(
    case_id: UUID, edition: Edition, case: JointCase, item: int, actor: Actor, at: datetime
) -> None:
    sub = case.sub_cases[item]
    if edition.item(item).result is None:
        return
    rows = SubCaseRecord.objects.select_related("district__parent")
    row = rows.get(case_id=case_id, number=item)
    if row.results.filter(withdrawn_at__isnull=True).exists():
        return
    place = row.district
    office = _office(actor, sub.department, place)
    record = ResultRecord(
        id=uuid.uuid4(),
        sub_case=row,
        department=sub.department,
        district_id=row.district_id,
        office=office,
        office_name=office.name
        if office
        else place.name + edition.department_names[sub.department],
        issued_on=at.date(),
        verification_code=_drawn(_PROOF_SIGNS, _PROOF_LENGTH),
        since=at,
    )
    change_way(record, sub.delivery, at, create=True)


def change_way(
    record: ResultRecord | None, way: str, at: datetime, *, create: bool = False
) -> None:
    """Send a result another way: out of its envelope, with a code where it is fetched."""
    if record is None:
        return
    record.way, record.state, record.since = way, _FIRST.get(way, State.ELECTRONIC), at
    record.mail, record.code, record.code_index = None, None, None
    if way == "pick_up":
        code = _drawn(PICK_UP_SIGNS, PICK_UP_LENGTH)
        record.code = vault.encrypt(code.encode(), table=TABLE, column="code", row=str(record.id))
        record.code_index = index_of(code)
    record.save(force_insert=create)


def index_of(code: str) -> bytes:
    """The index under which a pick-up code is found."""
    return vault.blind_index(code, purpose="pick_up_code")


def code_of(record: ResultRecord) -> str:
    """The pick-up code, or nothing."""
    if record.code is None:
        return ""
    sealed = bytes(record.code)
    return vault.decrypt(sealed, table=TABLE, column="code", row=str(record.id)).decode()


def _arrived(record: ResultRecord | None, actor: Actor, at: datetime) -> None:
    """The item's result has arrived; the code is used up. What is electronic stays to be opened."""
    if record is None or record.state in (State.ELECTRONIC, State.HANDED_OVER):
        return
    record.state, record.since = State.HANDED_OVER, at
    record.handed_over_by_id = actor.user_id if actor.kind == "officer" else None
    record.code = record.code_index = None
    record.save(update_fields=["state", "since", "handed_over_by", "code", "code_index"])


def fill(case_id: UUID, item: int, given: Given) -> str:
    """Keep number, day and file of a standing result; the digest over the three, or nothing."""
    record = standing(case_id, item)
    if record is None:
        return ""
    record.number = given.number or record.number
    record.issued_on = given.issued_on or record.issued_on
    changed = ["number", "issued_on"]
    if given.file is not None:
        changed += _keep_file(record, given.file)
    record.save(update_fields=changed)
    facts = [record.number, record.issued_on.isoformat(), record.digest]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def _keep_file(record: ResultRecord, file: Clean) -> list[str]:
    record.file_name, record.content_type = file.name, file.content_type
    record.size, record.digest = len(file.content), hashlib.sha256(file.content).hexdigest()
    place = {"table": TABLE, "column": "content", "row": str(record.id)}
    record.content = vault.encrypt(file.content, **place)
    return ["file_name", "content_type", "size", "digest", "content"]


def _office(actor: Actor, department: str, place: District) -> Office | None:
    """The office that issues: the actor's own if it is of the department, else the place's."""
    if actor.office_id is not None and actor.department == department:
        return Office.objects.filter(id=actor.office_id).order_by().first()
    codes = [place.code, *([place.parent.code] if place.parent else [])]
    found = Office.objects.filter(district_id__in=codes, department=department)
    ranked = sorted(found, key=lambda o: (codes.index(o.district_id), o.is_counter, o.name))
    return ranked[0] if ranked else None


def _drawn(signs: str, length: int) -> str:
    return "".join(secrets.choice(signs) for _ in range(length))
