"""Two books compared: what a success hid comes out, becomes a task, and goes when it is mended."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from lianban.accounts.actor import Actor
from lianban.cases import books, services
from lianban.clock import now
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.exchange import book, contract, differences, partners, reconcile, relay, resend
from lianban.exchange.contract import BookLine, BookPage
from lianban.exchange.models import InboxMessage, PartnerRecord, ReconcileRecord, TaskRecord
from lianban.outbox.models import OutboxMessage
from tests.exchange import kit
from tests.exchange import partner as p
from tests.exchange.test_relay import START, handed_in
from tests.services.cast import City

AT = START + timedelta(days=1)
POLICE = "public_security"


@pytest.fixture
def city() -> City:
    return City(edition="retirement-2024").build()


@pytest.fixture
def partner(city: City) -> PartnerRecord:
    return p.connect(POLICE, "http://127.0.0.1:9")


@pytest.fixture
def cases(city: City, partner: PartnerRecord) -> list[UUID]:
    """Two cases, all of whose messages for the police have arrived there."""
    found = handed_in(city, 2)
    rows = OutboxMessage.objects.filter(department=POLICE)
    rows.update(state="sent", done_at=START, attempts=1)
    return found


def ours(partner: PartnerRecord) -> list[BookLine]:
    """Our book as the partner would write it, if it knew the same."""
    return book.page(partner=partner, after="", limit=200).lines


def fetching(lines: list[BookLine], *, size: int = 2) -> reconcile.Fetch:
    """A partner's book in small pages."""
    listed = sorted(lines, key=lambda line: line.sub_case)

    def fetch(after: str, at: datetime) -> BookPage:
        behind = [line for line in listed if line.sub_case > after]
        more = len(behind) > size
        return BookPage(lines=behind[:size], next=behind[size - 1].sub_case if more else "")

    return fetch


def changed(line: BookLine, **said: Any) -> BookLine:
    return line.model_copy(update=said)


def dispatches() -> int:
    """How many sub-cases the police were sent."""
    return OutboxMessage.objects.filter(
        department=POLICE, topic="dispatch", state=OutboxMessage.State.SENT
    ).count()


def open_tasks() -> dict[str, str]:
    """What open tasks are about, and their codes."""
    rows = TaskRecord.objects.filter(kind="difference", closed_at=None)
    return dict(rows.values_list("about", "code"))


# How two lines differ --------------------------------------------------------------------------

OLD, NEW = AT - timedelta(hours=1), AT - timedelta(minutes=1)


def line(**said: Any) -> books.Line:
    plain: dict[str, Any] = {
        "case_id": uuid4(), "case_number": "LB202609030000012", "item": 3, "state": "dispatched",
        "outcome": "", "round": 1, "sent_at": OLD, "decided_at": None, "result_number": "",
    }  # fmt: skip
    return books.Line(**(plain | said))


def theirs(**said: Any) -> BookLine:
    return BookLine(
        **{"sub_case": "LB202609030000012-03", "state": "received", "seen_at": OLD, **said}
    )


GRANTED = {"outcome": "granted", "decided_at": OLD}
DENIED = {"outcome": "denied", "decided_at": OLD}


@pytest.mark.parametrize(
    ("our", "their", "came", "code"),
    [
        (line(), theirs(), "", ""),
        (line(), None, "", "missing"),
        (line(sent_at=NEW), None, "", ""),
        (line(round=2), theirs(), "", "missing_round"),
        (line(round=2, sent_at=NEW), theirs(), "", ""),
        (line(), theirs(**GRANTED), "", "missing_decision"),
        (line(), theirs(**GRANTED | {"decided_at": NEW}), "", ""),
        (line(), theirs(**GRANTED), "decide", ""),
        (line(state="withdrawn"), theirs(**GRANTED), "", "decided_after_end"),
        (line(**GRANTED), theirs(**DENIED), "decide", "other_outcome"),
        (line(**GRANTED), theirs(), "decide", "decided_only_here"),
        (line(**GRANTED | {"decided_at": NEW}), theirs(), "decide", ""),
        (line(**GRANTED, result_number="A1"), theirs(**GRANTED, result_number="A2"), "decide", "other_number"),
        (line(**GRANTED), theirs(**GRANTED, result_number="A2"), "decide", "missing_result"),
        (line(**GRANTED), theirs(**GRANTED, result_number="A2"), "issue", ""),
        (line(**GRANTED, result_number="A1"), theirs(**GRANTED), "decide", ""),
        (None, theirs(), "", "unknown"),
    ],
)  # fmt: skip
def test_two_lines_differ_in_one_way_or_not_at_all(
    our: books.Line | None, their: BookLine | None, came: str, code: str
) -> None:
    before = AT - timedelta(minutes=10)
    found = differences.between(our, their, came=lambda: frozenset({came}), before=before)
    assert found == code
    assert not code or differences.words(code) != code


# Our book --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_our_book_says_what_a_partner_was_sent_and_where_it_stands(
    city: City, partner: PartnerRecord, cases: list[UUID]
) -> None:
    lines = ours(partner)
    names = [one.sub_case for one in lines]
    assert names == sorted(names) and len(names) == dispatches() > 1
    assert {one.state for one in lines} == {"dispatched"}
    first = book.page(partner=partner, after="", limit=1)
    assert first.next == names[0]
    rest = book.page(partner=partner, after=first.next, limit=200)
    assert [one.sub_case for one in first.lines + rest.lines] == names and rest.next == ""
    number, item = contract.parse_sub_case(names[0]) or ("", 0)
    officer = city.officer("department_officer", POLICE)
    case_id = books.find(case_number=number, item=item)
    assert case_id is not None
    services.run(c.Deny(item, "不符合"), case_id=case_id, actor=officer, at=AT)
    said = book.line(partner=partner, subject=names[0], at=AT)
    assert (said.outcome, said.decided_at, said.seen_at, said.round) == ("denied", AT, START, 1)
    with pytest.raises(Refused, match="没有给这个系统分发过"):
        book.line(partner=p.connect("armed_forces", "http://127.0.0.1:9"), subject=names[0], at=AT)
    for subject in ("", "LB202609030000012-03", f"{names[0]}\n"):
        with pytest.raises(Refused) as refused:
            book.line(partner=partner, subject=subject, at=AT)
        assert refused.value.code == "unknown_case"
    with pytest.raises(Refused) as refused:
        book.page(partner=partner, after="nonsense", limit=5)
    assert refused.value.code == "wrong_query"


@pytest.mark.django_db(transaction=True)
def test_what_was_returned_and_sent_again_is_in_its_second_round(
    city: City, partner: PartnerRecord, cases: list[UUID]
) -> None:
    name = ours(partner)[0].sub_case
    number, item = contract.parse_sub_case(name) or ("", 0)
    case_id = books.find(case_number=number, item=item)
    assert case_id is not None
    officer = city.officer("department_officer", POLICE)
    services.run(c.Return(item, "信息有误"), case_id=case_id, actor=officer, at=AT)
    assert book.line(partner=partner, subject=name, at=AT).state == "returned"
    services.run(c.Dispatch(item), case_id=case_id, actor=city.bureau, at=AT)
    assert book.line(partner=partner, subject=name, at=AT).round == 1
    OutboxMessage.objects.filter(department=POLICE, state="pending").update(
        state="sent", done_at=AT
    )
    said = book.line(partner=partner, subject=name, at=AT)
    assert (said.round, said.seen_at, said.state) == (2, AT, "dispatched")


# The comparison --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_books_that_agree_are_good_and_the_run_is_remembered(
    partner: PartnerRecord, cases: list[UUID]
) -> None:
    lines = ours(partner)
    service = BookLine(sub_case="text:1", state="sent", seen_at=START)
    found = reconcile.reconcile(partner, at=AT, fetch=fetching([*lines, service]))
    assert found.is_good and (found.sent, found.seen) == (len(lines), len(lines))
    kept = ReconcileRecord.objects.get(partner=partner)
    assert (kept.at, kept.error, kept.counts) == (AT, "", found.counts())
    assert kept.counts["sent"] == len(lines) and kept.counts["missing"] == 0


@pytest.mark.django_db(transaction=True)
def test_each_difference_becomes_a_task_and_goes_by_itself_when_it_is_mended(
    partner: PartnerRecord, cases: list[UUID]
) -> None:
    first, second, *rest = ours(partner)
    strange = changed(first, sub_case="LB199901010000019-07")
    decided = changed(second, outcome="granted", decided_at=START, result_number="A1")
    found = reconcile.reconcile(partner, at=AT, fetch=fetching([strange, decided, *rest]))
    expected = {
        first.sub_case: "missing",
        second.sub_case: "missing_decision",
        strange.sub_case: "unknown",
    }
    assert {d.name: d.code for d in found.differences} == expected == open_tasks()
    assert found.counts() == {
        "sent": 2 + len(rest), "seen": 1 + len(rest), "decided": 0,
        "missing": 2, "contradicting": 0, "unknown": 1, "unsaid": 0,
    }  # fmt: skip
    task = TaskRecord.objects.get(about=first.sub_case)
    assert task.case_id in cases and task.item is not None
    reconcile.reconcile(partner, at=AT, fetch=fetching([strange, decided, *rest]))
    assert TaskRecord.objects.count() == 3
    later = AT + timedelta(days=1)
    reconcile.reconcile(partner, at=later, fetch=fetching([first, second, strange, *rest]))
    assert open_tasks() == {strange.sub_case: "unknown"}
    task.refresh_from_db()
    assert task.closed_at == later and task.note
    reconcile.reconcile(partner, at=later, fetch=fetching([first, decided, *rest]))
    assert open_tasks() == {second.sub_case: "missing_decision"}


@pytest.mark.django_db(transaction=True)
def test_a_decision_that_came_and_waits_for_a_person_is_no_difference(
    partner: PartnerRecord, cases: list[UUID]
) -> None:
    first, *rest = ours(partner)
    decided = changed(first, outcome="granted", decided_at=START)
    InboxMessage.objects.create(
        partner=partner, message_id="12345678", type="decide", subject=first.sub_case,
        received_at=START, digest="", body=b"", state="parked",
    )  # fmt: skip
    assert reconcile.reconcile(partner, at=AT, fetch=fetching([decided, *rest])).is_good


@pytest.mark.django_db(transaction=True)
def test_what_may_have_arrived_without_an_answer_is_not_called_unknown(
    partner: PartnerRecord, cases: list[UUID]
) -> None:
    lines = ours(partner)
    OutboxMessage.objects.filter(department=POLICE).update(state="pending", done_at=None)
    assert reconcile.reconcile(partner, at=AT, fetch=fetching(lines)).is_good


def _raises(after: str, at: datetime) -> BookPage:
    raise reconcile.BookUnreadable("too_slow")


def _circles(after: str, at: datetime) -> BookPage:
    return BookPage(lines=[], next="LB1")


def _jumbled(after: str, at: datetime) -> BookPage:
    lines = [BookLine(sub_case=name, state="received", seen_at=START) for name in ("b", "a")]
    return BookPage(lines=lines)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fetch", "code"), [(_raises, "too_slow"), (_circles, "no_order"), (_jumbled, "no_order")]
)
def test_a_book_that_cannot_be_read_is_a_task_and_closes_nothing(
    partner: PartnerRecord, cases: list[UUID], fetch: reconcile.Fetch, code: str
) -> None:
    first, *rest = ours(partner)
    reconcile.reconcile(partner, at=AT, fetch=fetching(rest))
    found = reconcile.reconcile(partner, at=AT, fetch=fetch)
    assert found.error == code and not found.is_good
    assert open_tasks() == {first.sub_case: "missing", "book": code}
    assert ReconcileRecord.objects.filter(error=code).exists()
    assert differences.words(code) != code
    reconcile.reconcile(partner, at=AT, fetch=fetching([first, *rest]))
    assert open_tasks() == {}


@pytest.mark.django_db(transaction=True)
def test_a_partner_that_lost_everything_is_one_trouble_and_not_thousands_of_tasks(
    partner: PartnerRecord, cases: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "MOST_TASKS", 1)
    lines = ours(partner)
    found = reconcile.reconcile(partner, at=AT, fetch=fetching([]))
    assert len(found.missing) == len(lines) > 1
    assert open_tasks() == {lines[0].sub_case: "missing", "book": "many"}
    reconcile.reconcile(partner, at=AT, fetch=fetching(lines))
    assert open_tasks() == {}


@pytest.mark.django_db(transaction=True)
def test_a_partner_that_says_success_and_loses_the_message_is_found(
    city: City, tmp_path: Path
) -> None:
    """Fault 67, over real HTTP, with a simulated system that forgets all that it takes."""
    cases = handed_in(city)
    with _running(tmp_path / "loses", behaviours=("loses=1",)) as partner:
        done = relay.drain(POLICE, now=now)
        assert done.sent >= dispatches() > 0 and done.left == 0
        assert reconcile.reconcile(partner, at=now()).is_good
        OutboxMessage.objects.filter(department=POLICE).update(done_at=now() - timedelta(hours=1))
        found = reconcile.reconcile(partner, at=now())
        assert len(found.missing) == found.sent == dispatches() and found.seen == 0
        assert set(open_tasks().values()) == {"missing"}
    with _running(tmp_path / "mended") as partner:
        for row in OutboxMessage.objects.filter(department=POLICE):
            resend.resend(message_id=row.message_id, actor=Actor.system(), at=now())
        relay.drain(POLICE, now=now)
        OutboxMessage.objects.filter(department=POLICE).update(done_at=now() - timedelta(hours=1))
        found = reconcile.reconcile(partner, at=now())
        assert found.is_good and found.seen == found.sent == dispatches()
    assert open_tasks() == {} and cases


@contextmanager
def _running(folder: Path, *, behaviours: tuple[str, ...] = ()) -> Iterator[PartnerRecord]:
    """The police's system, connected."""
    key = partners.own_key()
    with kit.system(
        folder, POLICE, port=9, behaviours=behaviours, ours=key, works=False
    ) as address:
        connected = datetime(2026, 9, 1, tzinfo=UTC)
        found = partners.connect(
            code=POLICE, name="公安系统", adapter="demo", address=address, at=connected
        )
        if partners.key_at(kit.THEIRS.key_id, now()) is None:
            theirs = kit.THEIRS
            partners.add_key(
                code=POLICE, key_id=theirs.key_id, public_key=theirs.public, at=connected
            )
        yield found


@pytest.mark.django_db(transaction=True)
def test_a_partner_that_is_not_there_has_a_book_that_cannot_be_read(
    partner: PartnerRecord,
) -> None:
    assert reconcile.reconcile(partner, at=AT).error == "no_connection"
