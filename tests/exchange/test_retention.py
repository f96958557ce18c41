"""What the exchange may not keep goes; what proves something stays."""

import json
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from lianban.accounts.actor import Actor
from lianban.engine.refusal import Refused
from lianban.exchange import inbound, retention, tasks
from lianban.exchange.file_mode import files
from lianban.exchange.models import ExchangeFile, InboxMessage, PartnerRecord, TaskRecord, TryRecord
from lianban.outbox.models import OutboxMessage
from tests.exchange import partner as p
from tests.exchange.test_relay import START, handed_in
from tests.services.cast import City

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_old_workbook_keeps_its_number_and_hash_and_loses_its_people() -> None:
    city = City(edition="retirement-2024").build()
    partner = p.connect("armed_forces", "", mode="file")
    handed_in(city)
    officer = city.officer("department_officer", "armed_forces")
    row = files.hand_out(partner=partner, actor=officer, at=START)
    assert files.open_(row.id, actor=officer, at=START)[1].startswith(b"PK")
    assert retention.forget(at=START + timedelta(days=89)).workbooks == 0
    assert retention.forget(at=START + timedelta(days=91)).workbooks == 1
    kept = ExchangeFile.objects.get(id=row.id)
    assert (kept.number, kept.digest, bool(kept.signature)) == (row.number, row.digest, True)
    with pytest.raises(Refused, match="90 天"):
        files.open_(row.id, actor=officer, at=START)


def parked(police: PartnerRecord) -> InboxMessage:
    """A message about a sub-case that there is not."""
    said = {
        "specversion": "1.0", "id": "police-0001", "source": "urn:test", "data": {},
        "type": "cn.lianban.receive.v1", "subject": "LB20269999999999X-03",
        "time": START.isoformat(),
    }  # fmt: skip
    inbound.receive(partner=police, body=json.dumps(said).encode(), at=START)
    row = InboxMessage.objects.get()
    assert row.state == InboxMessage.State.PARKED and row.body
    return row


def test_a_parked_message_is_kept_while_somebody_may_look_and_forgotten_after_half_a_year() -> None:
    row = parked(p.connect("public_security", "http://127.0.0.1:9"))
    assert retention.forget(at=START + timedelta(days=179)).bodies == 0
    assert retention.forget(at=START + timedelta(days=181)).bodies == 1
    kept = InboxMessage.objects.get()
    assert (kept.state, kept.digest, bytes(kept.body)) == ("parked", row.digest, b"")
    assert TaskRecord.objects.get().closed_at is None


def test_a_parked_message_whose_task_was_closed_is_forgotten_a_month_later() -> None:
    parked(p.connect("public_security", "http://127.0.0.1:9"))
    closed = START + timedelta(days=20)
    task = TaskRecord.objects.get()
    tasks.close(task_id=task.id, note="电话里说好了", actor=Actor.system(), at=closed)
    assert retention.forget(at=closed + timedelta(days=29)).bodies == 0
    assert retention.forget(at=closed + timedelta(days=31)).bodies == 1


def test_what_was_forgotten_is_tried_no_more_and_says_so() -> None:
    row = parked(p.connect("public_security", "http://127.0.0.1:9"))
    InboxMessage.objects.update(code=inbound.OUT_OF_TURN)
    late = START + timedelta(days=181)
    retention.forget(at=late)
    with capture_logs() as logged:
        assert inbound.wait_no_longer(at=late) == 0
    assert not logged
    with pytest.raises(Refused, match="已按规定清除") as refused:
        inbound.apply_again(inbox_id=row.id, at=late)
    assert refused.value.code == "forgotten"


def test_tries_are_kept_for_more_than_a_year() -> None:
    city = City(edition="retirement-2024").build()
    partner = p.connect("armed_forces", "http://127.0.0.1:9")
    handed_in(city)
    message = OutboxMessage.objects.filter(department=partner.code).first()
    TryRecord.objects.create(
        message=message, partner_code=partner.code, at=START, ended="ok", milliseconds=1
    )
    assert retention.forget(at=START + timedelta(days=399)).tries == 0
    assert retention.forget(at=START + timedelta(days=401)).tries == 1
