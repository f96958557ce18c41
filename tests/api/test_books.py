"""A partner that can only ask hands its book in: whole, half, lying, late, and again."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from lianban.exchange import book, handed, reconcile, retention
from lianban.exchange.contract import BookLine
from lianban.exchange.models import (
    ExchangeFile,
    HandedBook,
    HandedPage,
    PartnerRecord,
    ReconcileRecord,
    TaskRecord,
)
from lianban.exchange.watching import health
from lianban.outbox.models import OutboxMessage
from tests.api import caller
from tests.api.caller import NOW, POLICE, Caller, complaint
from tests.services.cast import City, identity_number

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOW + DAY


@pytest.fixture
def poller(city: City) -> Caller:
    """The police's system, which can only ask; it has been sent its sub-cases of two cases."""
    found = Caller(caller.connect(POLICE, mode="poll"))
    caller.dispatched(city)
    caller.dispatched(city, sequence="002")
    caller.sent(POLICE)
    OutboxMessage.objects.update(done_at=NOW - DAY)
    return found


def lines() -> list[dict[str, Any]]:
    """Our book as the partner would write it, if it knew the same."""
    found = book.page(partner=caller.partner(POLICE), after="", limit=200).lines
    return [line.model_dump(mode="json", exclude_none=True) for line in found]


def part(
    name: str, page: int, said: list[dict[str, Any]], *, complete: bool, as_of: datetime = NOW
) -> dict[str, Any]:
    return {
        "book": name, "as_of": as_of.isoformat(), "page": page, "lines": said, "complete": complete,
    }  # fmt: skip


def hand_in(poller: Caller, said: Any, kind: str = "application/json") -> HttpResponse:
    body = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
    return poller.checked(poller.sign("PUT", "/exchange/v1/book", body, content_type=kind))


def refused(poller: Caller, said: Any) -> tuple[int, str]:
    answer = hand_in(poller, said)
    assert complaint(answer).what_to_do
    return answer.status_code, complaint(answer).code


def whole(poller: Caller, said: list[dict[str, Any]], name: str = "book-0001", **more: Any) -> None:
    assert hand_in(poller, part(name, 1, said, complete=True, **more)).status_code == 200


def compared(at: datetime = LATER) -> reconcile.Reconciled:
    return reconcile.reconcile(caller.partner(POLICE), at=at)


def open_tasks() -> dict[str, str]:
    rows = TaskRecord.objects.filter(kind="difference", closed_at=None)
    return dict(rows.values_list("about", "code"))


def test_a_book_is_handed_in_page_by_page_and_compared_when_it_is_whole(poller: Caller) -> None:
    first, *rest = lines()
    answer = hand_in(poller, part("book-0001", 1, [first], complete=False))
    assert (answer.status_code, answer.json()) == (
        200, {"book": "book-0001", "page": 1, "complete": False},
    )  # fmt: skip
    assert compared().error == "no_book", "half a book is none"
    again = hand_in(poller, part("book-0001", 1, [first], complete=False))
    assert (again.status_code, again.content) == (200, answer.content)
    service = {"sub_case": "text:1", "state": "sent", "seen_at": NOW.isoformat()}
    last = part("book-0001", 2, [*rest, service], complete=True)
    assert hand_in(poller, last).json()["complete"] is True
    assert hand_in(poller, last).json()["complete"] is True
    assert HandedPage.objects.count() == 2
    found = compared()
    assert found.is_good and (found.sent, found.seen) == (len(rest) + 1,) * 2
    assert found.book_at == NOW and found.counts()["unsaid"] == 0
    assert ReconcileRecord.objects.latest("id").book_at == NOW


def test_half_a_book_leaves_the_last_whole_one_standing(poller: Caller) -> None:
    said = lines()
    whole(poller, said)
    more = {"as_of": NOW + timedelta(minutes=1)}
    hand_in(poller, part("book-0002", 1, said[:1], complete=False, **more))
    found = compared()
    assert found.is_good and found.book_at == NOW, "what is missing is not on page 1"
    hand_in(poller, part("book-0003", 1, said, complete=False, **more))
    assert set(HandedBook.objects.values_list("name", flat=True)) == {"book-0001", "book-0003"}
    hand_in(poller, part("book-0003", 2, [], complete=True, **more))
    assert HandedBook.objects.get().name == "book-0003"
    assert compared().is_good


def test_a_lying_book_becomes_tasks_and_an_honest_one_closes_them(poller: Caller) -> None:
    first, second, *rest = lines()
    lies = {"outcome": "granted", "decided_at": (NOW - DAY).isoformat()}
    strange = {**first, "sub_case": "LB199901010000019-07"}
    whole(poller, [strange, {**second, **lies}, *rest])
    found = compared()
    assert {one.name: one.code for one in found.differences} == open_tasks() == {
        first["sub_case"]: "missing",
        second["sub_case"]: "missing_decision",
        strange["sub_case"]: "unknown",
    }  # fmt: skip
    whole(poller, [first, second, *rest], "book-0002", as_of=NOW + timedelta(minutes=2))
    assert compared().is_good and open_tasks() == {}


def test_what_happened_after_the_book_was_written_is_no_difference(poller: Caller) -> None:
    first, *rest = lines()
    OutboxMessage.objects.filter(department=POLICE).update(done_at=NOW - timedelta(minutes=2))
    whole(poller, rest)
    assert compared().is_good
    whole(poller, rest, "book-0002", as_of=NOW + timedelta(minutes=4))
    OutboxMessage.objects.filter(department=POLICE).update(done_at=NOW - timedelta(minutes=20))
    assert [one.name for one in compared().differences] == [first["sub_case"]]


def test_a_partner_that_hands_nothing_in_is_told_of_and_not_passed_over(poller: Caller) -> None:
    young = PartnerRecord.objects.get(code=POLICE)
    assert health.one(POLICE, at=NOW).book_state == "none"
    PartnerRecord.objects.update(connected_at=NOW)
    assert reconcile.reconcile(caller.partner(POLICE), at=NOW + DAY).error == "no_book"
    assert open_tasks() == {}, "its first book is not late yet"
    old = NOW + handed.most_age(young) + DAY
    assert compared(old).error == "no_book" and open_tasks() == {"book": "no_book"}
    whole(poller, lines())
    assert health.one(POLICE, at=NOW + DAY).book_state == ""
    assert compared().is_good and open_tasks() == {}
    late = compared(old)
    assert (late.error, late.book_at) == ("old_book", NOW) and open_tasks() == {"book": "old_book"}
    assert (health.one(POLICE, at=old).book_state, health.one(POLICE, at=old).book_at) == (
        "old", NOW,
    )  # fmt: skip
    assert retention.forget(at=NOW + retention.BOOKS + DAY).books == 1
    assert not HandedPage.objects.exists()


def test_a_book_that_does_not_fit_is_refused_and_nothing_of_it_is_kept(poller: Caller) -> None:
    said = lines()
    whole(poller, said[:2])
    begun = part("book-0002", 1, said[:1], complete=False, as_of=NOW + timedelta(minutes=1))
    assert hand_in(poller, begun).status_code == 200
    kept = list(HandedPage.objects.values_list("book__name", "number", "digest"))
    next_ = {**begun, "page": 2, "lines": said[1:]}
    number = {**said[1], "result_number": f"号{identity_number(sequence='007')}"}
    for wrong, status, code in (
        (part("book-0003", 1, said, complete=True, as_of=NOW - DAY), 409, "older_book"),
        (part("book-0003", 1, said, complete=True, as_of=NOW + DAY), 422, "not_yet"),
        ({**begun, "page": 3}, 409, "missing_page"),
        ({**begun, "lines": said[1:2]}, 409, "id_reused"),
        ({**next_, "as_of": (NOW + timedelta(minutes=2)).isoformat()}, 409, "id_reused"),
        ({**next_, "lines": said[:1]}, 422, "wrong_order"),
        ({**next_, "lines": [number]}, 422, "personal_number"),
        ({**next_, "lines": [{**said[1], "state": identity_number()}]}, 422, "personal_number"),
        ({**next_, "lines": [{**said[1], "sub_case": f"z{identity_number()}"}]}, 422, "personal_number"),
        (part("book-0001", 2, said[2:], complete=True), 409, "book_ended"),
        ({**next_, "lines": said[::-1]}, 422, "wrong_body"),
        ({**next_, "lines": [said[1], said[1]]}, 422, "wrong_body"),
        ({**next_, "lines": [{**said[1], "state": "x" * 61}]}, 422, "wrong_body"),
        ({**next_, "lines": [{**said[1], "name": "陈小川"}]}, 422, "wrong_body"),
        ({**next_, "lines": said[1:2] * 501}, 422, "wrong_body"),
        ({**next_, "page": 1001}, 422, "wrong_body"),
        ({**next_, "as_of": "2026-09-03T10:00:00"}, 422, "wrong_body"),
        ({**next_, "as_of": "9999-12-31T23:59:59-12:00"}, 422, "wrong_body"),
        (b"{", 400, "bad_json"),
        (b"[" * 5000, 400, "bad_json"),
        (json.dumps(next_).replace("received", "\\u0000").encode() + b"\0", 400, "nul"),
    ):  # fmt: skip
        assert refused(poller, wrong) == (status, code), wrong
        assert list(HandedPage.objects.values_list("book__name", "number", "digest")) == kept
    assert hand_in(poller, next_, "text/plain").status_code == 415
    assert hand_in(poller, next_).status_code == 200


def test_only_who_can_only_ask_and_has_sub_cases_hands_a_book_in(city: City) -> None:
    for code, mode in ((POLICE, "push"), ("armed_forces", "file"), ("sms", "poll")):
        one = Caller(caller.connect(code, mode=mode))
        if code == "sms":
            PartnerRecord.objects.filter(code=code).update(adapter="sms")
        assert refused(one, part("book-0001", 1, [], complete=True)) == (409, "no_book")
        assert health.one(code, at=NOW).book_state == ("none" if mode == "file" else "")
    assert not HandedBook.objects.exists()


def test_nobody_hands_in_another_partners_book(poller: Caller) -> None:
    other = Caller(caller.connect("armed_forces", first=3, mode="poll"))
    whole(poller, lines())
    whole(other, [])
    assert {one.partner_id: one.last for one in HandedBook.objects.all()} == {
        POLICE: lines()[-1]["sub_case"], "armed_forces": "",
    }  # fmt: skip
    assert compared().is_good
    page = HandedPage.objects.get(book__partner=POLICE)
    assert [BookLine.model_validate(one).sub_case for one in page.lines] == [
        one["sub_case"] for one in lines()
    ]


def test_a_book_that_is_replaced_while_it_is_read_is_compared_the_next_time(
    poller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole(poller, lines())
    (read,) = handed.whole(caller.partner(POLICE))
    whole(poller, lines(), "book-0002", as_of=NOW + timedelta(minutes=1))
    monkeypatch.setattr(handed, "whole", lambda _: [read])
    assert compared().error == "gone"
    monkeypatch.undo()
    assert compared().is_good


def test_a_sheet_of_before_is_no_book_of_a_partner_that_asks_now(poller: Caller) -> None:
    partner = caller.partner(POLICE)
    out = ExchangeFile.objects.create(
        partner=partner, direction="out", holds="book", number="PS-1", district="439901",
        made_at=NOW - 40 * DAY, digest="", content=b"", row_count=1,
    )  # fmt: skip
    partner.mode = PartnerRecord.Mode.FILE
    handed.keep_sheet(out, {lines()[0]["sub_case"]: None}, at=NOW - 40 * DAY)
    assert len(handed.whole(partner)) == 1
    assert compared().error == "no_book"
    whole(poller, lines())
    assert compared().error == ""
    assert [one.name for one in HandedBook.objects.all()] == ["book-0001"]
