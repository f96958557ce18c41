"""What the exchange may not keep goes; what proves something stays."""

from datetime import timedelta

import pytest

from lianban.engine.refusal import Refused
from lianban.exchange import retention
from lianban.exchange.file_mode import files
from lianban.exchange.models import ExchangeFile, TryRecord
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
