"""Pages for a partner that can only ask: every message arrives, in order, and is confirmed once."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from lianban.cases import services
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.exchange import contract, partners, polling, registry, resend
from lianban.exchange.adapter import Adapter, Telling, Told
from lianban.exchange.models import PartnerRecord, TaskRecord, TryRecord
from lianban.outbox.models import OutboxMessage
from tests.services.cast import City, moment
from tests.web.department import desk

pytestmark = pytest.mark.django_db
POLICE = desk.POLICE
AT = moment("2026-10-19 10:00")


def connect(adapter: str = "demo") -> PartnerRecord:
    return partners.connect(
        code=POLICE, name="公安局", adapter=adapter, mode="poll", at=moment("2026-09-01 08:00")
    )


def ask(after: int, *, limit: int = 50, minutes: int = 0) -> contract.Page:
    partner = PartnerRecord(code=POLICE)
    return polling.page(
        partner=partner, after=after, limit=limit, at=AT + timedelta(minutes=minutes)
    )


def write(case: UUID, sequence: int, **columns: object) -> OutboxMessage:
    """A message that only counts: what it is about is not read."""
    values = {"topic": "external_event", "department": POLICE, "created_at": AT, "next_at": AT}
    return OutboxMessage.objects.create(case_id=case, sequence=sequence, **(values | columns))


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """An adapter that tells every message in few words, and cannot tell some."""

    def tell(telling: Telling) -> Told | None:
        if telling.row.topic == "withdraw":
            raise ValueError("cannot be told")
        if telling.row.topic == "dispatch":
            return None
        return Told("external_event", "LB202610190000011-03", contract.ExternalEvent(kind="event"))

    topics = ("external_event", "withdraw", "dispatch")
    adapter = Adapter("plain", "", dict.fromkeys(topics, tell), {})
    monkeypatch.setattr(registry, "adapter", lambda _: adapter)


def states() -> list[str]:
    return list(OutboxMessage.objects.order_by("id").values_list("state", flat=True))


def test_a_page_is_given_again_until_it_is_confirmed() -> None:
    city = City().build()
    partner = connect()
    case_id = desk.with_departments(city, at=AT)
    first = ask(0)
    told = [m for m in first.messages if contract.word_of(m.type) == "dispatch"]
    assert (first.cursor, first.more) == (1, False)
    assert {m.subject for m in told} == {
        contract.sub_case(desk.case_number(case_id), number) for number in (3, 14)
    }
    again = ask(0, minutes=30)
    assert [m.id for m in again.messages] == [m.id for m in first.messages] and again.cursor == 1
    rows = OutboxMessage.objects.filter(department=POLICE, item__isnull=False)
    assert set(rows.values_list("state", "attempts")) == {("pending", 2)}
    services.run(c.Withdraw(14), case_id=case_id, actor=city.clerk, at=AT)
    second = ask(1, minutes=31)
    assert set(rows.filter(topic="dispatch").values_list("state", "done_at")) == {
        ("sent", AT + timedelta(minutes=31))
    }
    assert [contract.word_of(m.type) for m in second.messages] == ["withdraw"]
    assert second.cursor == 2 and ask(1).messages[0].id == second.messages[0].id
    assert TryRecord.objects.filter(partner_code=POLICE, ended="ok").count() == len(first.messages)
    partner.refresh_from_db()
    assert partner.last_ok_at is not None


def test_where_nothing_waits_the_page_stays_and_the_same_question_finds_what_comes(
    plain: None,
) -> None:
    connect()
    assert (ask(0).cursor, ask(0).messages) == (0, [])
    write(uuid4(), 1)
    assert len(ask(0).messages) == 1
    empty = ask(1)
    assert (empty.cursor, empty.messages, empty.more) == (1, [], False)
    write(uuid4(), 1)
    assert (ask(1).cursor, len(ask(1).messages)) == (2, 1)


def test_a_wrong_cursor_is_told_the_right_ones(plain: None) -> None:
    connect()
    for number in range(3):
        write(uuid4(), 1)
        ask(number)
    for after in (1, 4, -1, 10**12):
        with pytest.raises(Refused) as caught:
            ask(after)
        assert caught.value.code == "wrong_cursor"
        assert caught.value.details["cursor"] == 2 and "2" in caught.value.message
    assert ask(0).cursor == ask(2).cursor == 3
    assert states() == ["sent", "sent", "pending"]


def test_a_page_is_as_long_as_asked_and_says_that_there_is_more(plain: None) -> None:
    connect()
    case = uuid4()
    ids = [str(write(case, number).message_id) for number in range(5)]
    pages, after = [], 0
    while not pages or pages[-1].more:
        pages.append(ask(after, limit=2))
        after = pages[-1].cursor
    assert [[m.id for m in page.messages] for page in pages] == [ids[:2], ids[2:4], ids[4:]]
    write(case, 9)
    assert len(ask(after, limit=0).messages) == 1


def test_a_message_that_cannot_be_composed_stops_no_other(plain: None) -> None:
    connect()
    case = uuid4()
    for number, topic in enumerate(("external_event", "withdraw", "dispatch", "external_event")):
        write(case, number, topic=topic)
    assert [m.sequence for m in ask(0).messages] == ["0", "3"]
    assert states() == ["pending", "dead", "desk", "pending"]
    task = TaskRecord.objects.get()
    assert (task.kind, task.code, task.case_id) == ("dead", "not_composed", case)
    ask(1)
    assert states() == ["sent", "dead", "desk", "sent"]


def test_what_is_sent_again_comes_on_a_later_page(plain: None) -> None:
    """Confirming the page on which it was first must not confirm it once more, unseen."""
    city = City().build()
    connect()
    row = write(uuid4(), 1)
    ask(0)
    ask(1)
    resend.resend(message_id=row.message_id, actor=city.bureau, at=AT)
    assert [m.id for m in ask(1).messages] == [str(row.message_id)]
    ask(2)
    assert states() == ["sent"]


def test_a_message_that_must_wait_holds_up_its_case_alone(plain: None) -> None:
    connect()
    held, free = uuid4(), uuid4()
    write(held, 1, next_at=AT + timedelta(minutes=5))
    write(held, 2)
    write(free, 1, leased_until=AT + timedelta(minutes=9))
    last = write(uuid4(), 1)
    assert [m.id for m in ask(0).messages] == [str(last.message_id)]
    assert [m.sequence for m in ask(1, minutes=6).messages] == ["1", "2"]


def test_a_partner_that_is_held_or_pushed_to_gets_no_page(plain: None) -> None:
    partner = connect()
    write(uuid4(), 1)
    PartnerRecord.objects.update(held_at=AT)
    assert ask(0).messages == [] and not ask(0).more
    PartnerRecord.objects.update(held_at=None, mode="push")
    with pytest.raises(Refused) as caught:
        ask(0)
    assert caught.value.code == "not_polling"
    assert partner.code == POLICE


# Whatever happens in between -----------------------------------------------------------------------

STEP = st.one_of(
    st.tuples(st.just("write"), st.integers(0, 2)),
    st.tuples(st.just("ask"), st.integers(1, 3)),
    st.tuples(st.just("lose"), st.integers(1, 3)),
    st.tuples(st.just("forget"), st.just(0)),
)


class Reader:
    """A partner's system: it keeps the last cursor that it has read, and what it was told."""

    def __init__(self) -> None:
        self.cursor = 0
        self.heard: list[contract.Envelope] = []

    def ask(self, limit: int, *, is_lost: bool = False) -> bool:
        page = ask(self.cursor, limit=limit)
        if not is_lost:
            self.cursor = page.cursor
            self.heard += page.messages
        return bool(page.messages)


@pytest.fixture
def cases() -> Iterator[tuple[UUID, ...]]:
    connect()
    yield (uuid4(), uuid4(), uuid4())


@settings(max_examples=25)
@given(steps=st.lists(STEP, max_size=14))
def _whatever(cases: tuple[UUID, ...], steps: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        reader, count = Reader(), 0
        for step, number in steps:
            if step == "write":
                count += 1
                write(cases[number], count)
            elif step == "forget":
                reader.cursor = 0
            else:
                reader.ask(number, is_lost=step == "lose")
        while reader.ask(2):
            pass
        _check(reader, count)
        transaction.set_rollback(True)


def _check(reader: Reader, count: int) -> None:
    rows = list(OutboxMessage.objects.order_by("id"))
    assert len(rows) == count and {row.state for row in rows} <= {"sent"}
    tries = Counter(TryRecord.objects.values_list("message_id", flat=True))
    assert tries == {row.id: 1 for row in rows}
    first = list(dict.fromkeys(m.id for m in reader.heard))
    assert set(first) == {str(row.message_id) for row in rows}
    for case in {row.case_id for row in rows}:
        own = [str(row.message_id) for row in rows if row.case_id == case]
        assert [name for name in first if name in own] == own


def test_whatever_is_lost_repeated_or_new_each_message_arrives_in_order_and_is_confirmed_once(
    plain: None, cases: tuple[UUID, ...]
) -> None:
    _whatever(cases)
