"""Who is told how a sub-case goes on: those that have it, and never what they said themselves."""

from typing import Any
from uuid import UUID

import pytest

from lianban.cases import queries, services
from lianban.engine import commands as c
from lianban.exchange.models import PartnerRecord
from lianban.outbox.models import OutboxMessage
from tests.exchange import wire
from tests.exchange.wire import AT
from tests.services.cast import City
from tests.web.department import desk

pytestmark = pytest.mark.django_db
ITEM, MONEY = 3, 5
POLICE = "public_security"
State = OutboxMessage.State


@pytest.fixture
def city() -> City:
    return City(edition="retirement-2024").build()


@pytest.fixture
def police(city: City) -> PartnerRecord:
    return wire.connect(POLICE)


@pytest.fixture
def case_id(city: City, police: PartnerRecord) -> UUID:
    """A case of whose household the police were sent, and took it."""
    found = wire.registered(city)
    services.run(c.Grant(1), case_id=found, actor=city.clerk, at=AT)
    arrived(dispatches(found)[-1])
    return found


def dispatches(case_id: UUID) -> list[OutboxMessage]:
    rows = OutboxMessage.objects.filter(case_id=case_id, item=ITEM, topic="dispatch")
    return list(rows.filter(department=POLICE).order_by("id"))


def arrived(row: OutboxMessage, **columns: Any) -> None:
    said = {"state": State.SENT, "attempts": 1, "digest": "d", "done_at": AT} | columns
    OutboxMessage.objects.filter(id=row.id).update(**said)


def name(city: City, case_id: UUID, item: int = ITEM) -> str:
    number = queries.get(case_id=case_id, actor=city.bureau, at=AT).case_number
    return f"{number}-{item:02d}"


def withdrawn(city: City, case_id: UUID, partner: PartnerRecord) -> list[str]:
    """What the police are told when the person takes the household back."""
    services.run(c.Withdraw(ITEM), case_id=case_id, actor=city.clerk, at=AT)
    rows = OutboxMessage.objects.filter(case_id=case_id, item=ITEM, topic="withdraw")
    composed = [wire.said(row, partner) for row in rows.order_by("id")]
    return [said["data"]["why"] for said in composed if said]


def given_back(city: City, case_id: UUID, police: PartnerRecord) -> None:
    why = {"reason_code": "wrong_data", "reason": "信息不对"}
    assert wire.hear(police, "return", why, name(city, case_id)).status == 200


def test_a_department_that_has_the_sub_case_is_told_that_it_ended(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    assert withdrawn(city, case_id, police) == ["withdrawn"]


@pytest.mark.parametrize("lost", [{"state": State.DEAD, "last_status": None},
                                  {"state": State.DEAD, "last_status": 503},
                                  {"state": State.DEAD, "last_status": 409}])  # fmt: skip
def test_what_may_have_arrived_unknown_to_us_is_told_to_have_ended(
    city: City, police: PartnerRecord, case_id: UUID, lost: dict[str, Any]
) -> None:
    arrived(dispatches(case_id)[-1], **lost)
    assert withdrawn(city, case_id, police) == ["withdrawn"]


def test_a_department_that_refused_to_take_the_sub_case_is_not_told_that_it_ended(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    arrived(dispatches(case_id)[-1], state=State.DEAD, last_status=422)
    assert withdrawn(city, case_id, police) == []


def test_a_department_that_gave_the_sub_case_back_is_told_only_if_it_was_sent_again(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    given_back(city, case_id, police)
    services.run(c.Dispatch(ITEM), case_id=case_id, actor=city.bureau, at=AT)
    again = dispatches(case_id)[-1]
    assert len(dispatches(case_id)) == 2
    services.run(c.Withdraw(ITEM), case_id=case_id, actor=city.clerk, at=AT)
    assert wire.said(again, police) is None  # it ended before the first try
    arrived(again, state=State.DESK, digest="")
    ended = OutboxMessage.objects.get(case_id=case_id, item=ITEM, topic="withdraw")
    assert wire.said(ended, police) is None
    arrived(again)
    assert wire.said(ended, police)["data"] == {"why": "withdrawn"}


def test_a_department_that_gave_it_back_or_decided_is_told_nothing_of_the_end_of_the_case(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    given_back(city, case_id, police)
    assert withdrawn(city, case_id, police) == []
    licence = OutboxMessage.objects.get(case_id=case_id, item=14, topic="dispatch")
    arrived(licence)
    for word, data in [("receive", {}), ("accept", {}),
                       ("decide", {"outcome": "denied", "reason": "不符合条件"})]:  # fmt: skip
        wire.hear(police, word, data, name(city, case_id, 14))
    services.run(c.Terminate("已死亡"), case_id=case_id, actor=city.head, at=AT)
    told = OutboxMessage.objects.filter(case_id=case_id, topic="withdraw", department=POLICE)
    assert not told.filter(item__in=[ITEM, 14]).exists()


def test_who_says_that_something_came_to_pass_is_not_told_the_same(city: City) -> None:
    partner = wire.connect("human_resources")
    case_id = wire.registered(city)
    services.run(c.Grant(1), case_id=case_id, actor=city.clerk, at=AT)
    for number in (3, 12):
        actor = desk.officer(city, desk.row(case_id, number).department)
        services.run(c.Grant(number), case_id=case_id, actor=actor, at=AT)
    subject = name(city, case_id, MONEY)
    for word in ("receive", "accept"):
        assert wire.hear(partner, word, {}, subject).status == 200
    told = OutboxMessage.objects.filter(case_id=case_id, topic="external_event")
    assert wire.hear(partner, "external_event", {"kind": "funds_arrived"}, subject).status == 200
    assert queries.current(case_id).sub_cases[MONEY].clock is not None and not told.exists()


def test_a_desk_that_says_so_lets_its_system_know(city: City) -> None:
    wire.connect("human_resources")
    case_id = wire.registered(city)
    services.run(c.Grant(1), case_id=case_id, actor=city.clerk, at=AT)
    for number in (3, 12):
        actor = desk.officer(city, desk.row(case_id, number).department)
        services.run(c.Grant(number), case_id=case_id, actor=actor, at=AT)
    officer = desk.officer(city, "human_resources")
    for step in (c.Receive(MONEY), c.Accept(MONEY), c.ExternalEvent(MONEY, "funds_arrived")):
        services.run(step, case_id=case_id, actor=officer, at=AT)
    told = OutboxMessage.objects.get(case_id=case_id, topic="external_event")
    assert (told.item, told.department) == (MONEY, "human_resources")


def test_what_a_decision_opens_for_the_same_department_is_sent_to_it(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    before = set(OutboxMessage.objects.filter(case_id=case_id).values_list("id", flat=True))
    for word, data in [("receive", {}), ("accept", {}), ("decide", {"outcome": "granted"})]:
        assert wire.hear(police, word, data, name(city, case_id)).status == 200, word
    later = OutboxMessage.objects.filter(case_id=case_id, topic="dispatch", department=POLICE)
    assert later.exclude(id__in=before).exists()


def test_a_dispatch_that_was_overtaken_before_its_first_try_is_not_told(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    (first,) = dispatches(case_id)
    OutboxMessage.objects.filter(id=first.id).update(state=State.PENDING, attempts=0, digest="")
    officer = city.officer("department_officer", POLICE)
    services.run(c.Return(ITEM, "材料不全"), case_id=case_id, actor=officer, at=AT)
    services.run(c.Dispatch(ITEM), case_id=case_id, actor=city.bureau, at=AT)
    first, second = dispatches(case_id)
    assert not wire.said(first, police)
    arrived(first, state=State.DESK)
    assert wire.said(second, police)["data"]["round"] == 1
