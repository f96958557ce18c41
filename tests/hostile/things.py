"""One of everything that an address can name, in one county; each belongs to its own people."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from lianban import clock
from lianban.accounts import actors
from lianban.accounts.actor import Actor
from lianban.accounts.models import District, RoleGrant, User
from lianban.cases import paying, services
from lianban.cases.models import (
    MoveRecord,
    PersonConflictRecord,
    ProposalRecord,
    RatingRecord,
    ResultRecord,
    RosterRowRecord,
    SlotRecord,
)
from lianban.cases.services import (
    absences,
    dossier_scans,
    moves,
    payment_orders,
    person_corrections,
    postings,
    proposals,
    ratings,
    roster,
    slots,
    visits,
)
from lianban.engine import commands as c
from lianban.exchange.models import TaskRecord
from tests.exchange import file_desk
from tests.services import money
from tests.web.exchange import ground as watched

#: A county that nobody of the tests works in, for a case that is to go there.
ELSEWHERE = "439903"
_POLICE = "public_security"
_HOUSEHOLD, _LICENCE = 3, 14


@dataclass(frozen=True)
class Things:
    """What was made: ids by the names that addresses give them, and what must not be seen."""

    ids: dict[str, UUID | int]
    marks: tuple[str, ...]


def appointment(city: Any, case_id: UUID, actor: Actor, district: str) -> UUID:
    """A time at the police that the person has booked."""
    at = clock.now()
    police = city.officer("department_officer", _POLICE, district)
    pattern = slots.Pattern(
        place="counter", purpose="fingerprints", first=at.date(),
        last=at.date() + timedelta(days=14), weekdays=frozenset(range(5)), starts=time(9),
        ends=time(10), minutes=30, capacity=1,
    )  # fmt: skip
    slots.open_slots(pattern=pattern, actor=police, at=at)
    own = SlotRecord.objects.filter(office_id=police.office_id, starts_at__gt=at)
    first = own.order_by("starts_at")[0]
    return visits.book_all(case_id=case_id, slots=[first.id], actor=actor, at=at)[0].id


def tracking_number(district: str) -> str:
    """Of a county's one envelope."""
    return f"KD{district}0001"


def decided(city: Any, case_id: UUID, actor: Actor, district: str) -> Things:
    """What decisions bring: a result in an envelope, a bad rating, a payment on a list."""
    at = clock.now()
    police = city.officer("department_officer", _POLICE, district)
    bureau = city.officer("bureau_officer", "veterans_affairs", district)
    for command in (c.Grant(_HOUSEHOLD), c.Grant(_LICENCE), c.Deliver(_LICENCE)):
        services.run(command, case_id=case_id, actor=police, at=at)
    ratings.rate(
        case_id=case_id,
        level=1,
        item=_LICENCE,
        comment=f"{district} 没人接电话",
        actor=actor,
        at=at,
    )
    money.approve_first(c.Grant(money.ITEM), case_id=case_id, at=at)
    services.run(c.Grant(money.ITEM), case_id=case_id, actor=bureau, at=at)
    payment = paying.current(case_id, money.ITEM)
    assert payment is not None
    order = payment_orders.order(payment_ids=[payment.id], actor=bureau, at=at)
    assert order.batch_id is not None
    result = ResultRecord.objects.get(sub_case__case_id=case_id, sub_case__number=_HOUSEHOLD)
    posting = postings.make(result_ids=[result.id], actor=police, at=at).posting
    mail = posting.mails.get()
    postings.post(
        posting_id=posting.id, carrier="快递", numbers={mail.id: tracking_number(district)},
        actor=police, at=at,
    )  # fmt: skip
    ids = {
        "result_id": result.id,
        "posting_id": posting.id,
        "mail_id": mail.id,
        "order_id": order.batch_id,
        "rating_id": RatingRecord.objects.get(case_id=case_id).id,
    }
    return Things(
        ids, (f"{district} 没人接电话", posting.number, order.number, tracking_number(district))
    )


def astray(city: Any, case_id: UUID, number: str, district: str) -> Things:
    """What goes astray: a proposal, a move, somebody else's number, an officer on leave."""
    at, reason = clock.now(), f"{district} 的理由"
    bureau = city.officer("bureau_officer", "veterans_affairs", district)
    away = _colleague(bureau, f"柳休假{district}")
    _elsewhere(city)
    proposals.propose(c.Terminate(reason), case_id=case_id, actor=bureau, at=at)
    moves.propose(case_id=case_id, district=ELSEWHERE, reason=reason, actor=bureau, at=at)
    found = person_corrections.correct(
        case_id=case_id, values={"identity_number": number}, original_seen=True,
        actor=bureau, at=at,
    )  # fmt: skip
    assert found.is_conflict and bureau.user_id
    leave = absences.declare(
        officer_id=away.id, deputy_id=bureau.user_id, from_on=at.date(), to_on=at.date(),
        actor=actors.from_user(away), at=at,
    )  # fmt: skip
    ids = {
        "proposal_id": ProposalRecord.objects.get(case_id=case_id).id,
        "move_id": MoveRecord.objects.get(case_id=case_id).id,
        "conflict_id": PersonConflictRecord.objects.get(case_id=case_id).id,
        "absence_id": leave.id,
    }
    return Things(ids, (reason, away.name))


def arriving(city: Any, name: str, number: str, district: str) -> Things:
    """What comes from the troop: a roster with a line, and the scan of a dossier."""
    at = clock.now()
    bureau = city.officer("bureau_officer", "veterans_affairs", district)
    file = f"名册{district}.csv"
    roster_id = roster.upload(
        content=f"姓名,身份证号\n{name},{number}".encode(), name=file, district=district,
        actor=bureau, at=at,
    )  # fmt: skip
    roster.work(roster_id=roster_id, now=lambda: at)
    scan = dossier_scans.scan(text=f"{number} {name}", district=district, actor=bureau, at=at)
    row = RosterRowRecord.objects.get(roster_id=roster_id)
    ids = {"roster_id": roster_id, "row_id": row.id, "scan_id": scan}
    return Things(ids, (file, name, number))


def exchanged(case_id: UUID, district: str) -> Things:
    """What the police's own system has to do with it: a message that did not arrive, one that came."""
    watched.police(at=clock.now())
    row = watched.dead(case_id, _LICENCE)
    name = f"ga-{district}-0001"
    came = watched.parked(case_id, _LICENCE, name)
    task = TaskRecord.objects.get(about=str(row.message_id))
    ids = {"message_id": row.message_id, "inbox_id": came.id, "task_id": task.id}
    return Things(ids, (name,))


def in_a_file(city: Any, district: str) -> Things:
    """A file of the time before the police had a system, and what came back for it."""
    police = city.officer("department_officer", _POLICE, district)
    made = file_desk.one_file(police, at=clock.now())
    return Things({"exchange_file_id": made.id}, (made.number, made.digest))


def _colleague(officer: Actor, name: str) -> User:
    user = User.objects.create(
        kind="officer", username=f"away.{officer.district}", name=name, office_id=officer.office_id
    )
    RoleGrant.objects.create(user=user, role="bureau_officer")
    return user


def _elsewhere(city: Any) -> None:
    District.objects.get_or_create(
        code=ELSEWHERE,
        defaults={
            "name": "北山县", "level": "county", "parent_id": "439900",
            "policy_edition": city.edition,
        },
    )  # fmt: skip
