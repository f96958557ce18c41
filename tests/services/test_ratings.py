"""好差评: by the person alone, once each; a bad one is called back and the person reads the answer."""

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client

from lianban.accounts.actor import Actor
from lianban.cases import rating_lists
from lianban.cases.models import RatingRecord
from lianban.cases.services import ratings
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.services.cast import City, moment
from tests.web.applicant_my import story

pytestmark = pytest.mark.django_db(transaction=True)
AT = moment("2026-09-22 09:00")


@pytest.fixture
def own() -> story.Own:
    """A person of whose items the household registration has ended."""
    found = story.own(City().build()).in_handling()
    police = found.city.officer("department_officer", "public_security")
    found.run(c.Deny(3, "材料和档案不一致"), police, "2026-09-08 09:00")
    return found


def code_of(**given: Any) -> str:
    with pytest.raises(Refused) as refusal:
        ratings.rate(at=AT, **given)
    return refusal.value.code


def test_only_the_person_rates_what_has_ended_and_once(own: story.Own) -> None:
    rated = {"case_id": own.case_id, "item": 3, "level": 5}
    police = own.city.officer("department_officer", "public_security")
    for officer in (own.city.clerk, own.city.head, police):
        assert code_of(actor=officer, **rated) == "not_permitted"
    assert code_of(actor=own.city.applicant("13800000066"), **rated) == "unknown_case"
    assert code_of(actor=own.actor, case_id=own.case_id, item=4, level=5) == "not_ready"
    assert code_of(actor=own.actor, case_id=own.case_id, level=5) == "not_ready"
    assert code_of(actor=own.actor, case_id=own.case_id, item=3, level=6) == "wrong_level"
    assert ratings.rate(actor=own.actor, at=AT, **rated).is_new
    assert not ratings.rate(actor=own.actor, at=AT, **rated).is_new
    assert code_of(actor=own.actor, case_id=own.case_id, item=3, level=1) == "already_rated"
    assert RatingRecord.objects.get().call_by is None
    by_receipt = Actor.receipt_holder(case_id=own.case_id)
    own.run(c.Withdraw(), own.actor, "2026-09-09 09:00")
    ratings.rate(case_id=own.case_id, level=4, actor=by_receipt, at=AT)


def test_a_bad_rating_is_called_back_within_five_working_days(own: story.Own) -> None:
    ratings.rate(case_id=own.case_id, item=3, level=2, comment="没人解释", actor=own.actor, at=AT)
    row = RatingRecord.objects.get()
    # 2026-09-25 is a holiday, 2026-09-27 a Sunday: five working days end on the 30th.
    assert row.call_by == date(2026, 9, 30)
    assert "没人解释".encode() not in bytes(row.comment)
    police = own.city.officer("department_officer", "public_security")
    armed = own.city.officer("department_officer", "armed_forces")
    elsewhere = own.city.officer("bureau_officer", "veterans_affairs", "439902")
    assert [r.comment for r in rating_lists.bad(actor=police, tab="due").rows] == ["没人解释"]
    assert rating_lists.due_count(actor=own.city.bureau) == 1
    for stranger, code in ((armed, "not_permitted"), (elsewhere, "unknown_case")):
        with pytest.raises(Refused) as refusal:
            ratings.call_back(rating_id=row.id, answer="好", actor=stranger, at=AT)
        assert refusal.value.code == code
        assert rating_lists.due_count(actor=stranger) == 0
    ratings.call_back(rating_id=row.id, answer="讲清楚了，下次先说明", actor=police, at=AT)
    with pytest.raises(Refused, match="已经回访过"):
        ratings.call_back(rating_id=row.id, answer="再来", actor=police, at=AT)
    done = rating_lists.bad(actor=own.city.bureau, tab="called").rows[0]
    assert (done.answer, done.called_by_name) == ("讲清楚了，下次先说明", "王明")
    assert rating_lists.bad(actor=police, tab="due").rows == []


def test_the_pages_keep_what_was_typed_and_show_the_answer(own: story.Own, client: Client) -> None:
    client.force_login(own.user)
    address = f"{own.address}rate/"
    assert "3 户口登记" in client.get(address).content.decode()
    answer = client.post(address, {"thing": "3", "comment": "等得久"})
    assert answer.status_code == 400 and "等得久" in answer.content.decode()
    assert (
        client.post(address, {"thing": "3", "level": "1", "comment": "等得久"}).status_code == 302
    )
    assert client.post(address, {"thing": "x" * 99, "level": "1"}).status_code == 404
    desk = Client()
    desk.force_login(own.city.people["department_officer@public_security.439901"])
    page = desk.get("/ratings/").content.decode()
    assert "等得久" in page
    row = RatingRecord.objects.get()
    refused = desk.post(f"/ratings/{row.id}/", {"answer": " "})
    assert refused.status_code == 400
    assert desk.post(f"/ratings/{row.id}/", {"answer": "说明白了"}).status_code == 302
    assert "说明白了" in client.get(address).content.decode()


def test_a_rating_is_journalled_without_its_words(own: story.Own) -> None:
    ratings.rate(case_id=own.case_id, item=3, level=3, comment="还行", actor=own.actor, at=AT)
    entry = JournalEntry.objects.filter(case_id=own.case_id).latest("sequence")
    assert (entry.event, json.loads(entry.body)) == ("Rated", {"item": 3, "level": 3})
