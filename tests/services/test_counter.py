"""The counter's ways out of a form: one transaction each, in PostgreSQL."""

from dataclasses import replace

import pytest

from lianban.cases import counter_day, known_person
from lianban.cases.content import Content
from lianban.cases.models import DraftRecord, JointCaseRecord, PersonRecord
from lianban.cases.services import counter, drafts, hand_in
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.services.cast import CONSCRIPT, FIELDS, City, moment

pytestmark = pytest.mark.django_db(transaction=True)
AT = moment("2026-10-19 10:00")


@pytest.fixture
def city() -> City:
    return City().build()


def begun(city: City, *, without: tuple[str, ...] = ()) -> drafts.Draft:
    """The conscript's form with every original seen but some."""
    content = Content(answers=CONSCRIPT, fields=FIELDS)
    draft = counter.start(district="439901", content=content, actor=city.clerk, at=AT)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    seen = {code: "seen" for code in codes if code not in without}
    content = replace(content, materials=seen)
    return counter.keep(draft_id=draft.id, content=content, actor=city.clerk, at=AT)


def test_the_hand_in_and_its_notice_are_one_transaction(city: City) -> None:
    draft = begun(city)
    with pytest.raises(Refused) as refused:  # nothing is missing, so there is nothing to notice
        counter.notify(draft_id=draft.id, actor=city.clerk, at=AT)
    assert refused.value.code == "needs_grounds"
    assert not JointCaseRecord.objects.exists() and not PersonRecord.objects.exists()
    assert DraftRecord.objects.count() == 1


def test_a_second_notice_of_the_same_form_changes_nothing(city: City) -> None:
    draft = begun(city, without=("photo",))
    first = counter.notify(draft_id=draft.id, actor=city.clerk, at=AT)
    second = counter.notify(draft_id=draft.id, actor=city.clerk, at=AT)
    assert second.case_id == first.case_id and not second.is_new and second.secret == ""
    assert JournalEntry.objects.filter(event="CorrectionRequested").count() == 1


def test_a_second_click_on_deferral_gets_the_first_receipt(city: City) -> None:
    draft = begun(city, without=("photo",))
    first = counter.defer(draft_id=draft.id, actor=city.clerk, at=AT)
    assert counter.defer(draft_id=draft.id, actor=city.clerk, at=AT).case_id == first.case_id


def test_what_may_come_with_the_dossier_is_not_owed(city: City) -> None:
    draft = begun(city, without=("photo", "party_letter"))
    receipt = counter.defer(draft_id=draft.id, actor=city.clerk, at=AT)
    record = JointCaseRecord.objects.get(id=receipt.case_id)
    assert record.state == "accepted" and list(record.detail["deferrals"]) == ["photo"]


def test_a_form_that_became_a_case_elsewhere_gives_no_receipt_to_others(city: City) -> None:
    draft = begun(city)
    hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT)
    other = city.officer("counter_clerk", "veterans_affairs", "439902")
    with pytest.raises(Refused) as refused:
        hand_in.register(draft_id=draft.id, actor=other, at=AT)
    assert refused.value.code == "unknown_draft"


def test_a_way_that_is_not_offered_keeps_nothing_of_the_page(city: City) -> None:
    draft = begun(city)
    content = replace(
        draft.content, fields={"name": "别人"}, materials={"discharge_certificate": "deferred"}
    )
    with pytest.raises(Refused) as refused:
        counter.keep(draft_id=draft.id, content=content, actor=city.clerk, at=AT)
    assert refused.value.code == "unknown_way"
    kept = drafts.get(draft_id=draft.id, actor=city.clerk).content
    assert kept.fields["name"] == "陈小川" and kept.materials["discharge_certificate"] == "seen"


def test_a_form_moves_to_a_district_of_the_clerk_only(city: City) -> None:
    draft = begun(city)
    with pytest.raises(Refused) as refused:
        counter.move(draft_id=draft.id, district="439902", actor=city.clerk, at=AT)
    assert refused.value.code == "unknown_district"
    assert drafts.get(draft_id=draft.id, actor=city.clerk).district == "439901"


def test_what_is_known_of_a_number_names_no_case_that_the_clerk_may_not_open(city: City) -> None:
    hand_in.register(draft_id=begun(city).id, actor=city.clerk, at=AT)
    number = FIELDS["identity_number"]
    here = known_person.known(number, name="陈小川", actor=city.clerk, today=AT.date())
    assert here and here.running and here.running.id and not here.name_differs
    other = city.officer("counter_clerk", "veterans_affairs", "439902")
    there = known_person.known(number, name="陈大川", actor=other, today=AT.date())
    assert there and there.running and there.running.id is None
    assert there.running.case_number == "" and there.name_differs
    assert known_person.known("123", name="", actor=other, today=AT.date()) is None


def test_the_day_ends_at_midnight_in_shanghai(city: City) -> None:
    hand_in.register(draft_id=begun(city).id, actor=city.clerk, at=moment("2026-10-19 23:59"))
    before = counter_day.day(actor=city.clerk, at=moment("2026-10-19 08:00"))
    after = counter_day.day(actor=city.clerk, at=moment("2026-10-20 00:00"))
    assert before.cases == 1 and before.count("accepted") == 1
    assert after.cases == 0
