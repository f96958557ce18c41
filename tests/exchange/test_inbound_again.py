"""What was parked: tried again when it may fit, by itself only in its own round, and never for nothing."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lianban.cases import services
from lianban.engine import commands as c
from lianban.exchange import inbound, receipts, rounds
from lianban.exchange.models import InboxMessage, PartnerRecord
from tests.exchange.test_inbound import AT, ITEM, case_id, city, message, police, sub, tell
from tests.services.cast import City

__all__ = ["case_id", "city", "police"]  # the ground of those tests
pytestmark = pytest.mark.django_db(transaction=True)


def stands() -> list[tuple[int | None, str, str]]:
    rows = InboxMessage.objects.order_by("partner_sequence", "id")
    return list(rows.values_list("partner_sequence", "state", "code"))


def test_a_decision_of_an_earlier_round_is_never_applied_to_a_later_one_by_itself(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    why = {"reason_code": "wrong_data", "reason": "信息不对"}
    tell(police, message(case_id, "receive"))
    tell(police, message(case_id, "return", why))
    late = tell(police, message(case_id, "decide", {"outcome": "denied", "reason": "不符合条件"}))
    waits = tell(police, message(case_id, "decide", {"outcome": "granted"}, sequence="9"))
    assert (late.status, waits.status) == (202, 202)
    later = AT + timedelta(minutes=5)
    services.run(c.Dispatch(ITEM), case_id=case_id, actor=city.bureau, at=later)
    for word in ("receive", "accept"):
        again = inbound.receive(partner=police, body=message(case_id, word), at=later)
        assert again.status == 200
    assert inbound.wait_no_longer(at=AT + timedelta(hours=1)) == 0
    assert sub(case_id).state == "accepted" and sub(case_id).outcome == ""
    assert InboxMessage.objects.filter(state="parked").count() == 2


def test_what_was_refused_may_come_mended_under_its_own_number_until_more_has_come(
    police: PartnerRecord, case_id: UUID
) -> None:
    def send(word: str, number: int, data: Any = None) -> receipts.Taken:
        return tell(police, message(case_id, word, data, sequence=str(number)))

    assert send("receive", 1).status == 200
    assert send("accept", 2, {"unknown": 1}).status == 422
    assert send("accept", 2).status == 200
    assert send("status", 3, {"state": "?"}).status == 422
    assert send("status", 4, {"state": "fine"}).status == 200
    assert send("status", 3, {"state": "fine"}).answer["code"] == "late"


def test_messages_that_fit_nothing_do_not_make_the_next_one_dearer(
    police: PartnerRecord, case_id: UUID
) -> None:
    costs = []
    for _ in range(4):
        with CaptureQueriesContext(connection) as asked:
            taken = tell(police, message(case_id, "accept", subject="LB209910190000011-09"))
        assert taken.status == 202
        costs.append(len(asked))
    assert costs[1] == costs[-1]


def test_one_that_cannot_be_opened_holds_up_none_that_waits_behind_it(
    police: PartnerRecord, case_id: UUID
) -> None:
    tell(police, message(case_id, "receive", sequence="1"))
    tell(police, message(case_id, "status", {"state": "busy"}, sequence="3"))
    tell(police, message(case_id, "accept", sequence="4"))
    InboxMessage.objects.filter(partner_sequence=3).update(body=b"spoiled")
    assert inbound.wait_no_longer(at=AT + timedelta(minutes=11)) == 1
    assert sub(case_id).state == "accepted"


def test_a_message_whose_forerunner_comes_while_it_is_written_does_not_wait(
    police: PartnerRecord, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, first_is_in, judge = threading.Event(), threading.Event(), inbound._turn

    def turn(row: InboxMessage) -> str:
        found = judge(row)
        if row.partner_sequence == 2:
            judged.set()
            assert first_is_in.wait(30)
        return found

    def second() -> None:
        try:
            tell(police, message(case_id, "accept", sequence="2"))
        finally:
            connection.close()

    monkeypatch.setattr(inbound, "_turn", turn)
    other = threading.Thread(target=second)
    other.start()
    assert judged.wait(30)
    tell(police, message(case_id, "receive", sequence="1"))
    first_is_in.set()
    other.join()
    assert stands() == [(1, "applied", ""), (2, "applied", "")]
    assert sub(case_id).state == "accepted"


def test_an_answer_that_was_under_way_while_its_sub_case_was_sent_again_waits_for_a_person(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    why = {"reason_code": "incomplete", "reason": "材料不全"}
    assert tell(police, message(case_id, "receive", round=1)).status == 200
    tell(police, message(case_id, "return", why, round=1))
    services.run(c.Dispatch(ITEM), case_id=case_id, actor=city.bureau, at=AT)
    late = tell(police, message(case_id, "decide", {"outcome": "denied", "reason": "x"}, round=1))
    assert (late.status, late.answer["code"]) == (202, "other_round")
    unheard = tell(police, message(case_id, "accept", round=3))
    assert (unheard.status, unheard.answer["code"]) == (202, "other_round")
    assert tell(police, message(case_id, "receive", round=2)).answer["state"] == "received"
    assert sub(case_id).state == "received" and sub(case_id).outcome == ""
    kept = InboxMessage.objects.get(type="decide")
    assert not inbound.apply_again(inbox_id=kept.id, at=AT)
    assert inbound.apply_again(inbox_id=kept.id, at=AT, any_round=True)
    assert sub(case_id).outcome == "denied"


def test_nobody_sends_a_sub_case_again_between_the_look_at_an_answers_round_and_its_effect(
    city: City, police: PartnerRecord, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, sent_again, judge = threading.Event(), threading.Event(), rounds.require_newest

    def slow(said: int | None, **place: Any) -> None:
        judge(said, **place)
        judged.set()
        sent_again.wait(0.5)  # in vain: whoever sends it again waits for us

    def send_again() -> None:
        try:
            assert judged.wait(30)
            services.run(c.Dispatch(ITEM), case_id=case_id, actor=city.bureau, at=AT)
            sent_again.set()
        finally:
            connection.close()

    tell(police, message(case_id, "receive", round=1))
    tell(police, message(case_id, "return", {"reason_code": "incomplete", "reason": "不全"}))
    monkeypatch.setattr(rounds, "require_newest", slow)
    other = threading.Thread(target=send_again)
    other.start()
    late = message(case_id, "decide", {"outcome": "denied", "reason": "不符合"}, round=1)
    assert tell(police, late).answer["code"] == "not_ready"
    other.join(30)
    assert (sub(case_id).state, sub(case_id).outcome) == ("dispatched", "")


def test_the_longest_reason_is_kept_and_a_time_of_no_year_is_complained_of(
    police: PartnerRecord, case_id: UUID
) -> None:
    strange = tell(police, message(case_id, "receive", time="0001-01-01T00:00:00+08:00"))
    assert (strange.status, strange.answer["where"]) == (422, "time")
    tell(police, message(case_id, "receive"))
    why = {"reason_code": "wrong_data", "reason": "退" * 500}
    assert tell(police, message(case_id, "return", why)).status == 200
