"""A later case of the same person uses what an earlier one holds and still stands."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from lianban.accounts.actor import Actor
from lianban.cases import queries, reuse, services
from lianban.cases.content import Content
from lianban.cases.models import FileRecord, MaterialRecord
from lianban.cases.services import drafts, hand_in, materials
from lianban.engine import commands as c
from lianban.engine.case import Graded
from lianban.engine.refusal import Refused
from tests.services.cast import CONSCRIPT, FIELDS, City, moment, originals_seen
from tests.web.applicant_my.story import picture

pytestmark = pytest.mark.django_db(transaction=True)
AT, LATER = moment("2026-09-03 09:00"), moment("2026-09-20 09:00")
CERTIFICATE, LETTER, PHOTO = "discharge_certificate", "administrative_letter", "photo"


def begun(actor: Actor, *, at=AT, **ways: str) -> drafts.Draft:
    draft = drafts.start(district="439901", actor=actor, at=at)
    content = Content(answers=CONSCRIPT, fields=FIELDS)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    content = replace(content, materials=dict.fromkeys(codes, "promised") | ways)
    return drafts.save(draft_id=draft.id, content=content, actor=actor, at=at)


@pytest.fixture
def city() -> City:
    return City().build()


@pytest.fixture
def person(city: City) -> Actor:
    """Somebody whose first case was withdrawn after the originals were seen."""
    actor = city.applicant()
    draft = begun(actor)
    materials.add_file(
        draft_id=draft.id, material=PHOTO, upload=picture(), name="1.png", actor=actor, at=AT
    )
    first = hand_in.submit(draft_id=draft.id, actor=actor, at=AT).case_id
    originals_seen(first, by=city.clerk, at=AT)
    services.run(c.Withdraw(), case_id=first, actor=actor, at=AT)
    return actor


def offered(draft: drafts.Draft, actor: Actor, at=LATER) -> dict[str, str]:
    found = reuse.offers(edition=draft.edition, content=draft.content, actor=actor, today=at.date())
    return {code: offer.grade for code, offer in found.items()}


def test_what_still_stands_is_offered_and_a_letter_of_one_use_is_not(
    city: City, person: Actor
) -> None:
    draft = begun(person, at=LATER)
    found = offered(draft, person)
    assert found[CERTIFICATE] == "B" and found[PHOTO] == "B"
    assert LETTER not in found
    assert PHOTO not in offered(draft, person, LATER + timedelta(days=200))
    assert offered(draft, city.clerk) == found
    other = city.officer("counter_clerk", "veterans_affairs", "439902")
    assert offered(draft, other) == {}
    assert offered(draft, city.applicant("13800000055")) == {}


def test_a_later_case_gets_the_grade_the_officer_and_the_file(city: City, person: Actor) -> None:
    draft = begun(person, at=LATER)
    ways = {CERTIFICATE: reuse.REUSED, PHOTO: reuse.REUSED}
    materials.promise(draft_id=draft.id, ways=ways, actor=person, at=LATER)
    with pytest.raises(Refused, match="不能这样交"):
        materials.promise(draft_id=draft.id, ways={LETTER: reuse.REUSED}, actor=person, at=LATER)
    case_id = hand_in.submit(draft_id=draft.id, actor=person, at=LATER).case_id
    assert queries.current(case_id).grades[CERTIFICATE] == Graded("B", "earlier")
    row = MaterialRecord.objects.get(case_id=case_id, code=CERTIFICATE)
    assert (row.state, row.seen_by_id) == ("seen", city.clerk.user_id)
    copy = FileRecord.objects.get(case_id=case_id, material=PHOTO)
    assert materials.open_file(file_id=copy.id, actor=person, at=LATER)[1][:4] == b"\x89PNG"


def test_a_way_that_was_forged_takes_nothing_over(city: City, person: Actor) -> None:
    draft = begun(person, at=LATER, **{LETTER: reuse.REUSED, CERTIFICATE: "seen"})
    case_id: UUID = hand_in.submit(draft_id=draft.id, actor=person, at=LATER).case_id
    case = queries.current(case_id)
    assert LETTER in case.missing
    assert case.grades[CERTIFICATE].grade == "D"
