"""What an earlier item issued goes along with the items that build on it, and with no other."""

import pytest

from lianban.exchange import compose, inbound
from lianban.outbox.models import OutboxMessage
from tests.exchange import partner as p
from tests.exchange.test_inbound import AT, message
from tests.exchange.test_relay import START, handed_in
from tests.services.cast import City, originals_seen

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_item_is_sent_with_the_results_that_it_builds_on() -> None:
    city = City(edition="retirement-2024").build()
    police = p.connect("public_security", "http://127.0.0.1:9")
    (case_id,) = handed_in(city)
    originals_seen(case_id, by=city.clerk, at=START)
    issued = {"number": "HK-0001", "issued_on": "2026-09-03"}
    for word, data in [("decide", {"outcome": "granted"}), ("issue", issued)]:
        taken = inbound.receive(partner=police, body=message(case_id, word, data), at=AT)
        assert taken.status == 200
    told = {}
    for row in OutboxMessage.objects.filter(case_id=case_id, topic="dispatch"):
        police.code = row.department
        said = compose.compose(row, partner=police, at=AT)
        if said is not None:
            told[said.data["item"]] = [one["number"] for one in said.data["results"]]
    assert told.pop("identity_card") == ["HK-0001"]
    assert told.pop("social_insurance") == told.pop("medical_insurance") == ["HK-0001"]
    assert told and not any(told.values())
