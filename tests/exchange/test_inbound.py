"""What comes in: one effect each, whatever is repeated, late, out of order or wrong."""

import hashlib
import json
import threading
from base64 import b64encode
from datetime import timedelta
from io import BytesIO
from itertools import count
from typing import Any
from uuid import UUID

import pikepdf
import pytest
from django.db import connection, transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lianban.cases import services
from lianban.cases.models import ResultRecord, SubCaseRecord
from lianban.engine import commands as c
from lianban.exchange import inbound, receipts
from lianban.exchange.models import InboxMessage, PartnerRecord, TaskRecord
from lianban.journal.models import JournalEntry
from tests.exchange import partner as p
from tests.exchange.test_relay import START, handed_in
from tests.services.cast import City, originals_seen

pytestmark = pytest.mark.django_db(transaction=True)
ITEM = 3  # the household, at its department since the start
AT = START + timedelta(hours=1)
_names = count(1)


@pytest.fixture
def city() -> City:
    return City(edition="retirement-2024").build()


@pytest.fixture
def police(city: City) -> PartnerRecord:
    return p.connect("public_security", "http://127.0.0.1:9")


@pytest.fixture
def case_id(city: City, police: PartnerRecord) -> UUID:
    (case,) = handed_in(city)
    originals_seen(case, by=city.clerk, at=START)
    return case


def message(case_id: UUID, word: str, data: Any = None, **changes: Any) -> bytes:
    """A message about the household of a case."""
    said = {
        "specversion": "1.0",
        "id": f"message-{next(_names):08d}",
        "source": "urn:test",
        "type": f"cn.lianban.{word}.v1",
        "subject": f"{p.case_number(case_id)}-{ITEM:02d}",
        "time": AT.isoformat(),
        "data": data or {},
    }
    return json.dumps(said | changes).encode()


def tell(partner: PartnerRecord, body: bytes) -> receipts.Taken:
    return inbound.receive(partner=partner, body=body, at=AT)


def sub(case_id: UUID) -> SubCaseRecord:
    return SubCaseRecord.objects.get(case_id=case_id, number=ITEM)


def events(case_id: UUID) -> list[str]:
    entries = JournalEntry.objects.filter(case_id=case_id, at=AT).order_by("sequence")
    return list(entries.values_list("event", flat=True))


def pdf() -> bytes:
    """A page of nothing."""
    made, written = pikepdf.new(), BytesIO()
    made.add_blank_page()
    made.save(written)
    return written.getvalue()


PDF = pdf()


def test_a_department_system_carries_its_sub_case_to_the_issued_result(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    file = {
        "name": "户口登记.pdf",
        "digest": hashlib.sha256(PDF).hexdigest(),
        "content": b64encode(PDF).decode(),
    }
    issued = {"number": "公户〔2026〕12号", "issued_on": "2026-09-03", "file": file}
    for word, data, state in [
        ("receive", None, "received"),
        ("accept", None, "accepted"),
        ("suspend", {"reason": "等待预约"}, "suspended"),
        ("resume", None, "accepted"),
        ("extend", {"days": 2, "grounds": "案情复杂"}, "accepted"),
        ("decide", {"outcome": "granted"}, "delivering"),
        ("issue", issued, "delivering"),
        ("deliver", None, "concluded"),
        ("status", {"state": "done"}, "concluded"),
    ]:
        taken = tell(police, message(case_id, word, data))
        assert (taken.status, taken.answer["outcome"]) == (200, "applied"), (word, taken)
        assert taken.answer["state"] == sub(case_id).state == state
    row = ResultRecord.objects.get(sub_case__case_id=case_id, sub_case__number=ITEM)
    assert row.number == "公户〔2026〕12号" and row.size > 0
    kinds = JournalEntry.objects.filter(case_id=case_id, at=AT).values_list("actor_kind", flat=True)
    assert set(kinds) == {"partner"}


def test_a_repeat_gets_the_first_answer_and_has_no_second_effect(
    police: PartnerRecord, case_id: UUID
) -> None:
    body = message(case_id, "suspend", {"reason": "等待预约"})
    first = tell(police, body)
    tell(police, message(case_id, "resume"))
    assert tell(police, body) == first and first.answer["state"] == "suspended"
    assert sub(case_id).state == "dispatched" and events(case_id).count("Suspended") == 1


def test_an_id_that_was_used_for_something_else_is_refused(
    police: PartnerRecord, case_id: UUID
) -> None:
    tell(police, message(case_id, "receive", id="the-same-id"))
    taken = tell(police, message(case_id, "accept", id="the-same-id"))
    assert (taken.status, taken.answer["code"]) == (409, "id_reused")
    assert sub(case_id).state == "received"


def test_the_same_message_twice_at_once_has_one_effect(
    police: PartnerRecord, case_id: UUID
) -> None:
    body, answers = message(case_id, "suspend", {"reason": "等待预约"}), []

    def send() -> None:
        try:
            answers.append(tell(police, body))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 6 and all(answer == answers[0] for answer in answers)
    assert events(case_id).count("Suspended") == 1 and InboxMessage.objects.count() == 1


def test_whoever_dies_half_way_leaves_neither_row_nor_effect(
    police: PartnerRecord, case_id: UUID
) -> None:
    body = message(case_id, "receive")
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        tell(police, body)
        raise KeyboardInterrupt
    assert not InboxMessage.objects.exists() and sub(case_id).state == "dispatched"
    assert tell(police, body).answer["outcome"] == "applied"


def test_what_ended_stays_ended_and_a_person_looks_at_what_comes_after(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    services.run(c.Withdraw(ITEM), case_id=case_id, actor=city.clerk, at=AT)
    body = message(case_id, "decide", {"outcome": "granted"})
    taken = tell(police, body)
    assert (taken.status, taken.answer["outcome"], taken.answer["code"]) == (202, "parked", "ended")
    assert sub(case_id).state == "withdrawn"
    task = TaskRecord.objects.get()
    assert (task.kind, task.code, task.item) == ("parked", "ended", ITEM)
    assert tell(police, body) == taken and TaskRecord.objects.count() == 1


def test_a_contradicting_decision_is_parked_and_changes_nothing(
    police: PartnerRecord, case_id: UUID
) -> None:
    tell(police, message(case_id, "decide", {"outcome": "granted"}))
    taken = tell(police, message(case_id, "decide", {"outcome": "denied", "reason": "不符合"}))
    assert taken.status == 202
    assert sub(case_id).outcome == "granted"


@pytest.mark.parametrize("subject", ["LB20260101000001X-03", "LB202601010000011-03", "nobody"])
def test_what_is_about_nothing_of_ours_is_parked_for_a_person(
    police: PartnerRecord, case_id: UUID, subject: str
) -> None:
    taken = tell(police, message(case_id, "receive", subject=subject))
    assert (taken.status, taken.answer["code"]) == (202, "unknown_case")
    assert TaskRecord.objects.get().case_id is None


def test_another_departments_sub_case_is_as_unknown_as_one_that_does_not_exist(
    city: City, police: PartnerRecord, case_id: UUID
) -> None:
    subject = f"{p.case_number(case_id)}-02"
    taken = tell(police, message(case_id, "decide", {"outcome": "granted"}, subject=subject))
    assert (taken.status, taken.answer["code"]) == (202, "unknown_case")
    assert SubCaseRecord.objects.get(case_id=case_id, number=2).outcome == ""


WRONG = {
    "not_json": (b"{", 400, "bad_json", ""),
    "no_envelope": (b"{}", 422, "wrong_body", "specversion"),
    "a_list": (b"[1]", 422, "wrong_body", ""),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_body_that_is_no_message_is_complained_of(police: PartnerRecord, name: str) -> None:
    body, status, code, where = WRONG[name]
    taken = tell(police, body)
    assert (taken.status, taken.answer["code"], taken.answer["where"]) == (status, code, where)


@pytest.mark.parametrize(
    ("word", "data", "code", "where"),
    [
        ("decide", {"outcome": "maybe"}, "wrong_body", "data.outcome"),
        ("decide", {"outcome": "denied"}, "needs_grounds", "data"),
        ("extend", {"days": 0, "grounds": "x"}, "wrong_body", "data.days"),
        ("request_correction", {"defects": []}, "wrong_body", "data.defects"),
        ("receive", {"extra": 1}, "wrong_body", "data.extra"),
        ("suspend", {"reason": "110101199003074477 没来"}, "personal_value", "data"),
        ("request_correction", {"defects": ["no_such_paper"]}, "unknown_defect", "data"),
        ("transfer", {"reason": "不归我们", "department": "moon"}, "unknown_department", "data"),
        ("mail_event", {"kind": "delivered"}, "unknown_type", "type"),
        ("dance", {}, "unknown_type", "type"),
        ("return", {"reason_code": "tired", "reason": "x"}, "wrong_body", "data.reason_code"),
    ],
)
def test_what_is_wrong_in_itself_is_complained_of_and_never_echoed(
    police: PartnerRecord, case_id: UUID, word: str, data: Any, code: str, where: str
) -> None:
    taken = tell(police, message(case_id, word, data))
    assert (taken.status, taken.answer["code"], taken.answer["where"]) == (422, code, where)
    assert "110101199003074477" not in json.dumps(taken.answer)
    assert sub(case_id).state == "dispatched"


def test_a_decision_may_bring_its_result_and_no_later_word_changes_the_number(
    police: PartnerRecord, case_id: UUID
) -> None:
    result = {"number": "公户〔2026〕12号", "issued_on": "2026-09-03"}
    tell(police, message(case_id, "decide", {"outcome": "granted", "result": result}))
    row = ResultRecord.objects.get(sub_case__case_id=case_id, sub_case__number=ITEM)
    assert row.number == "公户〔2026〕12号"
    assert tell(police, message(case_id, "issue", result)).status == 200
    other = tell(police, message(case_id, "issue", {**result, "number": "公户〔2026〕13号"}))
    assert (other.status, other.answer["code"]) == (202, "other_number")
    row.refresh_from_db()
    assert row.number == "公户〔2026〕12号"


def test_a_transfer_comes_back_to_the_bureau_with_its_reason(
    police: PartnerRecord, case_id: UUID
) -> None:
    data = {"reason": "应由居住地办理", "department": "human_resources"}
    assert tell(police, message(case_id, "transfer", data)).answer["state"] == "ready"
    entry = JournalEntry.objects.get(case_id=case_id, event="Returned")
    assert "不属于本部门" in entry.body and "human_resources" in entry.body


LIFE: list[tuple[str, Any]] = [
    ("receive", None),
    ("accept", None),
    ("suspend", {"reason": "等待预约"}),
    ("resume", None),
    ("decide", {"outcome": "granted"}),
    ("issue", {"number": "公户〔2026〕12号", "issued_on": "2026-09-03"}),
]


def test_disorder_and_repeats_end_where_order_would_have(city: City, police: PartnerRecord) -> None:
    cases = iter(handed_in(city, 8))

    @settings(max_examples=8, phases=[Phase.generate])
    @given(order=st.permutations(range(6)), twice=st.sets(st.integers(0, 5)))
    def holds(order: list[int], twice: set[int]) -> None:
        case = next(cases)
        originals_seen(case, by=city.clerk, at=START)
        bodies = [
            message(case, word, data, sequence=str(place))
            for place, (word, data) in enumerate(LIFE, start=1)
        ]
        for place in [*order, *twice]:
            assert tell(police, bodies[place]).status in (200, 202)
        assert sub(case).outcome == "granted"
        row = ResultRecord.objects.get(sub_case__case_id=case, sub_case__number=ITEM)
        assert row.number == "公户〔2026〕12号"
        done = events(case)
        once = ("Received", "Accepted", "Suspended", "Resumed", "Granted")
        assert [done.count(name) for name in once] == [1] * 5

    holds()
    assert not TaskRecord.objects.filter(closed_at=None).exists()


def test_what_waited_in_vain_goes_ahead_and_the_straggler_changes_nothing(
    police: PartnerRecord, case_id: UUID
) -> None:
    suspend, resume = (
        message(case_id, word, data, sequence=str(place))
        for place, (word, data) in enumerate(LIFE[2:4], start=1)
    )
    assert tell(police, resume).answer["code"] == "out_of_turn"
    assert inbound.wait_no_longer(at=AT + timedelta(minutes=9)) == 0
    assert inbound.wait_no_longer(at=AT + timedelta(minutes=11)) == 1
    assert tell(police, suspend).answer["code"] == "late"
    assert sub(case_id).state == "dispatched"
    assert TaskRecord.objects.get(closed_at=None).code == "late"


def test_what_a_message_said_is_forgotten_after_a_month_and_its_repeat_still_known(
    police: PartnerRecord, case_id: UUID
) -> None:
    said = message(case_id, "suspend", {"reason": "等待预约"})
    first = tell(police, said)
    assert inbound.forget_bodies(at=AT + timedelta(days=29)) == 0
    assert inbound.body(InboxMessage.objects.get()) == said
    assert inbound.forget_bodies(at=AT + timedelta(days=31)) == 1
    assert inbound.body(InboxMessage.objects.get()) == b""
    assert tell(police, said) == first


def test_what_waits_for_its_turn_is_taken_soon_where_whoever_was_to_take_it_was_killed(
    police: PartnerRecord, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tell(police, message(case_id, "accept", sequence="2")).status == 202
    with monkeypatch.context() as killed:
        killed.setattr(inbound, "_try_parked_again", lambda *_: None)
        assert tell(police, message(case_id, "receive", sequence="1")).status == 200
    assert sub(case_id).state == "received"
    assert inbound.wait_no_longer(at=AT + timedelta(seconds=10)) == 1
    assert sub(case_id).state == "accepted"
