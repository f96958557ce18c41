"""One notice lists everything; a second one of old facts is refused and counted."""

import json

import pytest

from lianban.cases import queries, services
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.services.cast import City, moment
from tests.web.bureau import desk

pytestmark = pytest.mark.django_db(transaction=True)
AT = moment("2026-10-19 09:00")


def test_a_notice_names_what_is_missing_by_itself_and_stands_in_the_journal_by_its_digest() -> None:
    city = City().build()
    case_id = desk.handed_in(city, missing=("administrative_letter", "photo"), at=AT)
    services.run(
        c.RequestCorrection(("discharge_certificate",)), case_id=case_id, actor=city.bureau, at=AT
    )
    entry = JournalEntry.objects.get(case_id=case_id, event="CorrectionRequested")
    said = json.loads(entry.body)
    assert set(said["defects"]) == {"discharge_certificate", "administrative_letter", "photo"}
    assert (said["ordinal"], said["because"], len(said["digest"])) == (1, [], 64)


def test_a_second_notice_of_old_facts_is_refused_and_counted() -> None:
    city = City().build()
    case_id = desk.handed_in(city, missing=("photo",), at=AT)
    services.run(c.RequestCorrection(()), case_id=case_id, actor=city.bureau, at=AT)
    services.run(c.Correct(("photo",)), case_id=case_id, actor=city.clerk, at=AT)
    again = c.RequestCorrection(("administrative_letter",))
    before = queries.current(case_id)
    with pytest.raises(Refused, match="上次告知"):
        services.run(again, case_id=case_id, actor=city.bureau, at=AT)
    entry = JournalEntry.objects.filter(case_id=case_id).latest("sequence")
    assert entry.event == "NoticeRefused"
    assert json.loads(entry.body) == {"item": None, "defects": ["administrative_letter"]}
    after = queries.current(case_id)
    assert (after.state, after.notice) == (before.state, before.notice)
    with pytest.raises(Refused, match="没有这件联办件"):
        services.run(again, case_id=case_id, actor=city.applicant("13800000099"), at=AT)
    assert JournalEntry.objects.filter(case_id=case_id, event="NoticeRefused").count() == 1
