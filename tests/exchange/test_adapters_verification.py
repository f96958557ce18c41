"""核验: the police are asked about papers and the person, and what they confirm is grade A."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from lianban.cases import grades, queries, services
from lianban.cases.services import hand_in, person_corrections, supplies
from lianban.documents.models import IssuedDocumentRecord
from lianban.engine import commands as c
from lianban.exchange.models import PartnerRecord, TaskRecord
from lianban.journal.models import JournalEntry
from tests.exchange import wire
from tests.exchange.wire import AT
from tests.services.cast import CONSCRIPT, FIELDS, City
from tests.services.test_case_life import filled

pytestmark = pytest.mark.django_db
POLICE = "public_security"
WITH_CARD = CONSCRIPT | {"id_card": "expired"}
LATER = AT + timedelta(days=1)


@pytest.fixture
def city() -> City:
    return City(edition="retirement-2024").build()


@pytest.fixture
def police(city: City) -> PartnerRecord:
    return wire.connect(POLICE)


def dispatched(city: City, **fields: str) -> UUID:
    """A case whose first item is granted, so that everything that is open goes out."""
    case_id = wire.registered(city, answers=WITH_CARD, fields=FIELDS | fields)
    services.run(c.Grant(1), case_id=case_id, actor=city.clerk, at=AT)
    return case_id


def questions(police: PartnerRecord) -> list[Any]:
    return [said for row in wire.rows(POLICE, "verify") if (said := wire.said(row, police))]


def asked_of(police: PartnerRecord, code: str) -> Any:
    return next(one for one in questions(police) if code in one["data"]["materials"])


def grade(case_id: UUID, code: str) -> tuple[str, str]:
    known = queries.current(case_id).grades[code]
    return known.grade, known.source


def journal(case_id: UUID, event: str) -> list[dict[str, Any]]:
    rows = JournalEntry.objects.filter(case_id=case_id, event=event).order_by("sequence")
    return [json.loads(row.body) for row in rows]


def answer(
    police: PartnerRecord, question: Any, *, matches: bool = True, person: bool = True, **more: Any
) -> Any:
    papers = {code: {"matches": matches, **more} for code in question["data"]["materials"]}
    data = {"materials": papers, "identity_matches": person}
    return wire.hear(police, "verified", data, question["subject"], LATER)


def test_each_paper_is_asked_about_once_with_whose_it_is_and_nothing_else(
    city: City, police: PartnerRecord, settings: Any
) -> None:
    settings.SITE = {**settings.SITE, "public_address": "https://lianban.example"}
    dispatched(city)
    asked = [code for one in questions(police) for code in one["data"]["materials"]]
    assert sorted(asked) == ["resident_identity_card", "settlement_notice", "settlement_proof"]
    for one in questions(police):
        assert set(one["data"]["fields"]) == {"name", "identity_number"}
        text = json.dumps(one, ensure_ascii=False)
        assert FIELDS["home_address"] not in text and FIELDS["mobile"] not in text
    notice = asked_of(police, "settlement_notice")["data"]["materials"]["settlement_notice"]
    issued = IssuedDocumentRecord.objects.get(kind="settlement_notice")
    said = {"name": "报到回执、落户通知书", "grade": "A", "number": issued.number, "files": []}
    assert notice == said


def test_nothing_is_asked_before_something_is_dispatched(city: City, police: PartnerRecord) -> None:
    wire.registered(city, answers=WITH_CARD)
    assert wire.rows(POLICE, "verify") == []


def test_what_the_police_confirm_is_grade_a_and_stays_so(city: City, police: PartnerRecord) -> None:
    case_id = dispatched(city)
    assert grade(case_id, "resident_identity_card") == ("B", "hand_in")
    for one in questions(police):
        assert answer(police, one).status == 200
    known = queries.current(case_id).grades
    for code in ("resident_identity_card", "settlement_proof"):
        assert grade(case_id, code) == ("A", f"verified:{POLICE}")
    view = queries.get(case_id=case_id, actor=city.bureau, at=LATER)
    assert grades.source_words(view.edition, known["settlement_proof"]) == "公安部门核验一致"
    assert grade(case_id, "settlement_notice") == ("A", "item:1")
    said = journal(case_id, "Verified")
    assert [one["identity"] for one in said].count(True) == 1
    assert any("核验，一致" in line.text for line in queries.history(view))
    supplies.tick_seen(
        case_id=case_id, codes=["settlement_proof"], actor=city.clerk, at=LATER, source="counter"
    )
    assert grade(case_id, "settlement_proof") == ("A", f"verified:{POLICE}")
    assert answer(police, asked_of_before(said, police)).status == 200


def asked_of_before(said: list[Any], police: PartnerRecord) -> Any:
    """A question once more, with nothing left to show: the answer is late, and harmless."""
    row = wire.rows(POLICE, "verify")[0]
    return {"subject": f"verify:{row.message_id}", "data": {"materials": said[0]["codes"]}}


def test_what_differs_is_graded_by_nobody_and_somebody_looks(
    city: City, police: PartnerRecord
) -> None:
    case_id = dispatched(city)
    question = asked_of(police, "resident_identity_card")
    for _ in range(2):
        assert answer(police, question, matches=False, person=False).status == 200
    assert grade(case_id, "resident_identity_card") == ("B", "hand_in")
    task = TaskRecord.objects.get()
    assert (task.kind, task.case_id, task.about) == ("mismatch", case_id, question["subject"])
    assert task.assigned_to is not None and task.code == "identity"
    seen = queries.get(case_id=case_id, actor=city.bureau, at=LATER)
    assert any("不一致" in line.text for line in queries.history(seen))
    own = replace(seen, is_own=True)
    assert not any("不一致" in line.text for line in queries.history(own))


def test_a_paper_that_has_ended_is_not_lifted_by_being_genuine(
    city: City, police: PartnerRecord
) -> None:
    case_id = dispatched(city)
    question = asked_of(police, "resident_identity_card")
    assert answer(police, question, valid_until="2026-09-01").status == 200
    assert grade(case_id, "resident_identity_card") == ("B", "hand_in")
    assert not TaskRecord.objects.exists()


def test_an_answer_counts_for_the_paper_that_was_asked_about(
    city: City, police: PartnerRecord
) -> None:
    draft = filled(applicant := city.applicant())
    case_id = hand_in.submit(draft_id=draft.id, actor=applicant, at=AT).case_id
    services.run(c.PassPreReview(), case_id=case_id, actor=city.bureau, at=AT)
    act = {"case_id": case_id, "actor": city.clerk, "at": LATER}
    promised = set(queries.current(case_id).grades) - {"settlement_proof"}
    supplies.tick_seen(codes=promised, **act)
    services.run(c.Grant(1), **act)
    assert "settlement_proof" not in {k for q in questions(police) for k in q["data"]["materials"]}
    services.run(c.GradeMaterials(("settlement_proof",), "C", "upload"), **act)
    first = asked_of(police, "settlement_proof")
    supplies.tick_seen(codes=["settlement_proof"], **act)
    second = asked_of(police, "settlement_proof")
    assert first["id"] != second["id"]
    assert answer(police, first).status == 200
    assert grade(case_id, "settlement_proof")[0] == "B"
    assert answer(police, second).status == 200
    assert grade(case_id, "settlement_proof")[0] == "A"


def test_a_person_whose_name_was_mended_is_asked_about_again(
    city: City, police: PartnerRecord
) -> None:
    case_id = dispatched(city)
    before = len(wire.rows(POLICE, "verify"))
    person_corrections.correct(
        case_id=case_id, values={"name": "陈小船"}, original_seen=True, actor=city.clerk, at=LATER
    )
    (row,) = wire.rows(POLICE, "verify")[before:]
    question = wire.said(row, police)
    assert question["data"]["fields"]["name"]["value"] == "陈小船"
    assert "materials" not in question["data"] or not question["data"]["materials"]
    assert answer(police, question).status == 200
    assert journal(case_id, "Verified")[-1] == {
        "department": POLICE,
        "codes": [],
        "identity": True,
    }


def test_nobody_answers_what_was_not_asked_of_them(city: City, police: PartnerRecord) -> None:
    case_id = dispatched(city)
    question = asked_of(police, "resident_identity_card")
    strange = {"materials": {"enlistment_notice": {"matches": True}}}
    assert wire.hear(police, "verified", strange, question["subject"]).status == 422
    other = wire.connect("armed_forces", "public_security")
    assert answer(other, question).status == 202
    case_number = queries.get(case_id=case_id, actor=city.bureau, at=AT).case_number
    assert wire.hear(police, "verified", {}, f"{case_number}-03").status == 202
    assert grade(case_id, "resident_identity_card") == ("B", "hand_in")
