"""A second notice of old facts that a department's system wants is refused and counted as a desk's is."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from lianban.cases import figures, services
from lianban.engine import commands as c
from lianban.exchange import inbound
from lianban.exchange.models import InboxMessage, PartnerRecord
from lianban.journal.models import JournalEntry
from tests.exchange.test_inbound import AT, ITEM, case_id, city, message, police, sub, tell
from tests.services.cast import City

__all__ = ["case_id", "city", "police"]  # the ground of those tests
pytestmark = pytest.mark.django_db(transaction=True)
FIRST, SECOND = "mobile", "home_address"


def refused(case_id: UUID) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(case_id=case_id, event="NoticeRefused"))


@pytest.fixture
def noticed(city: City, police: PartnerRecord, case_id: UUID) -> UUID:
    """A household for which one correction was asked, and supplied."""
    tell(police, message(case_id, "receive"))
    asked = tell(police, message(case_id, "request_correction", {"defects": [FIRST]}))
    assert asked.answer["outcome"] == "applied"
    services.run(c.Correct((FIRST,), item=ITEM), case_id=case_id, actor=city.clerk, at=AT)
    return case_id


def test_what_a_system_could_have_named_before_is_parked_and_counted_once(
    police: PartnerRecord, noticed: UUID
) -> None:
    state = sub(noticed).state
    body = message(noticed, "request_correction", {"defects": [SECOND]})
    for _ in range(2):
        again = tell(police, body)
        assert (again.status, again.answer["code"]) == (202, "old_defect")
    (entry,) = refused(noticed)
    assert json.loads(entry.body) == {"item": ITEM, "defects": [SECOND]}
    assert (entry.actor_kind, sub(noticed).state) == ("partner", state)
    row = InboxMessage.objects.get(state="parked")
    assert not inbound.apply_again(inbox_id=row.id, at=AT + timedelta(hours=1))
    assert len(refused(noticed)) == 1
    assert figures.notices().refused == 1


def test_a_second_one_while_the_first_is_open_is_counted_and_every_new_one_too(
    police: PartnerRecord, case_id: UUID
) -> None:
    tell(police, message(case_id, "receive"))
    for defect, status in [(FIRST, 200), (SECOND, 202), (SECOND, 202)]:
        found = tell(police, message(case_id, "request_correction", {"defects": [defect]}))
        assert found.status == status
    assert len(refused(case_id)) == 2


def test_other_refusals_count_no_notice(police: PartnerRecord, case_id: UUID) -> None:
    wrong = tell(police, message(case_id, "request_correction", {"defects": ["no_such_paper"]}))
    early = tell(police, message(case_id, "issue", {"number": "1", "issued_on": "2026-09-03"}))
    assert (wrong.status, early.status) == (422, 202) and not refused(case_id)
