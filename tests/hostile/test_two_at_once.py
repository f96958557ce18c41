"""Two at once: one wins, the other is told in words, and the journal holds."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from lianban import clock
from lianban.accounts.models import RoleGrant, User
from lianban.cases import queries
from lianban.cases.models import BatchRecord, DossierRecord, DraftRecord, JointCaseRecord
from lianban.documents.models import IssuedDocumentRecord
from lianban.engine import commands as c
from lianban.journal.models import JournalEntry
from tests.hostile import at_once, ground
from tests.hostile.at_once import race, statuses
from tests.hostile.ground import HERE, LEAD
from tests.services import money
from tests.web.department import desk as department_desk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None) -> Any:
    from tests.services.cast import City

    return City().build()


def colleague(city: Any, role: str, department: str = LEAD) -> Client:
    """A second officer of the same office."""
    office = city.people[f"{role}@{department}.{HERE}"].office
    user = User.objects.create(
        kind="officer", username=f"second.{role}", name="李红", office=office
    )
    RoleGrant.objects.create(user=user, role=role)
    return ground.signed_in(user)


def officer(city: Any, role: str, department: str = LEAD) -> Client:
    return ground.signed_in(city.people[f"{role}@{department}.{HERE}"])


def events(case_id: UUID, *names: str) -> int:
    return JournalEntry.objects.filter(case_id=case_id, event__in=names).count()


def test_a_form_handed_in_twice_at_once_is_one_case(city: Any) -> None:
    person = ground.someone(1)
    actor = city.applicant(person.phone)
    draft = ground.draft_of(actor, person, HERE)
    user = User.objects.get(id=actor.user_id)
    signed = {
        "draft": str(draft.id),
        "self_employment_signature": person.name,
        "commitment_signature": person.name,
    }
    tabs = [ground.signed_in(user), ground.signed_in(user)]
    answers = race(
        "cases_jointcaserecord", *(lambda t=tab: t.post("/form/submit/", signed) for tab in tabs)
    )
    assert statuses(answers) == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"] == f"/receipt/{draft.id}/"
    assert JointCaseRecord.objects.count() == 1
    assert at_once.the_journal_holds()


def two_clerks(city: Any, name_of_second: str = "") -> list[Any]:
    """Two clerks press 受理 for the same person."""
    person = ground.someone(1)
    first, second = officer(city, "counter_clerk"), colleague(city, "counter_clerk")
    pages = []
    for client in (first, second):
        begun = client.post("/counter/start/", {"district": HERE, "text": ""})
        pages.append((client, begun["Location"]))
    from tests.web.counter.clerk import Clerk

    clerk = Clerk(city)
    filled = clerk.page(pages[0][1], fields=person.fields)
    return [lambda c_=c_, a=a: c_.post(f"{a}finish/accept/", filled) for c_, a in pages]


@pytest.mark.parametrize("table", ["cases_personrecord", "cases_jointcaserecord"])
def test_two_clerks_who_register_one_person_at_once_make_one_case(city: Any, table: str) -> None:
    if table == "cases_jointcaserecord":  # the person is known from an earlier case
        earlier = ground.at_counter(city, ground.someone(1))
        ground.give(city, earlier.case_id, c.Terminate("理由"))
    before = JointCaseRecord.objects.count()
    answers = race(table, *two_clerks(city))
    codes = statuses(answers)
    assert codes[0] == 302 and 400 <= codes[1] < 500, codes
    assert JointCaseRecord.objects.count() == before + 1
    assert DraftRecord.objects.count() == 1, "the second clerk's form is kept"
    loser = next(answer for answer in answers if answer.status_code != 302)
    assert "已经有一件" in ground.body(loser)
    assert at_once.the_journal_holds()


def test_two_officers_of_a_department_decide_at_once_and_one_wins(city: Any) -> None:
    case_id = department_desk.with_departments(city)
    police = ground.signed_in(city.people[f"department_officer@public_security.{HERE}"])
    other = colleague(city, "department_officer", "public_security")
    address = f"/department/{case_id}/3/decide/"
    seen = _seen(case_id)
    answers = race(
        "journal_journalentry",
        lambda: police.post(address, {"outcome": "grant", "step": "give", "seen": seen}),
        lambda: other.post(
            address,
            {"outcome": "deny", "step": "give", "reason": "other", "words": "不符", "seen": seen},
        ),
    )
    codes = statuses(answers)
    assert codes[0] == 302 and 400 <= codes[1] < 500, codes
    assert events(case_id, "Granted", "Denied") == 2  # item 1 before, and one of these
    loser = next(answer for answer in answers if answer.status_code != 302)
    assert "王明" in ground.body(loser) or "李红" in ground.body(loser)
    assert at_once.the_journal_holds()


def _seen(case_id: UUID) -> str:
    from lianban.web.department import options
    from tests.services.cast import City

    assert City
    user = User.objects.get(username=f"department_officer@public_security.{HERE}")
    from lianban.accounts import actors

    view = queries.get(case_id=case_id, actor=actors.from_user(user), at=clock.now())
    return options.seen(view.item(3))


def test_the_bureau_grants_and_denies_at_once_and_one_wins(city: Any) -> None:
    case_id = department_desk.with_departments(city)
    money.approve_first(c.Grant(8), case_id=case_id, at=clock.now())
    sequence = str(JointCaseRecord.objects.get(id=case_id).sequence)
    address = f"/bureau/cases/{case_id}/items/8/"
    grant = {"do": "grant", "sequence": sequence}
    deny = {"do": "deny", "sequence": sequence, "deny-own": "理由"}
    # Only the head denies without asking somebody else first.
    first, second = officer(city, "bureau_officer"), colleague(city, "bureau_head")
    answers = race(
        "journal_journalentry",
        lambda: first.post(address, grant),
        lambda: second.post(address, deny),
    )
    codes = statuses(answers)
    assert codes[0] == 302 and 400 <= codes[1] < 500, codes
    assert events(case_id, "Granted", "Denied") == 2
    assert at_once.the_journal_holds()


def test_an_item_claimed_by_two_at_once_belongs_to_one(city: Any) -> None:
    case_id = department_desk.with_departments(city)
    police = ground.signed_in(city.people[f"department_officer@public_security.{HERE}"])
    other = colleague(city, "department_officer", "public_security")
    address = f"/department/{case_id}/3/claim/"
    answers = race("cases_subcaserecord", lambda: police.post(address), lambda: other.post(address))
    assert statuses(answers) == [302, 302]
    holder = department_desk.row(case_id, 3).claimed_by
    assert holder is not None
    loser = other if holder.name == "王明" else police
    assert f"{holder.name}已经认领" in ground.body(loser.get(f"/department/{case_id}/3/"))


def test_a_grant_while_the_person_withdraws_has_one_winner(city: Any) -> None:
    person = ground.someone(1)
    actor, receipt = ground.online(city, person)
    ground.sent(city, receipt.case_id)
    sequence = str(JointCaseRecord.objects.get(id=receipt.case_id).sequence)
    own = ground.signed_in(User.objects.get(id=actor.user_id))
    police = ground.signed_in(city.people[f"department_officer@public_security.{HERE}"])
    seen = _seen(receipt.case_id)
    answers = race(
        "journal_journalentry",
        lambda: own.post(f"/my/{receipt.case_id}/withdraw/", {"sure": "yes", "sequence": sequence}),
        lambda: police.post(
            f"/department/{receipt.case_id}/3/decide/",
            {"outcome": "grant", "step": "give", "seen": seen},
        ),
    )
    codes = statuses(answers)
    assert codes[0] == 302 and 400 <= codes[1] < 500, codes
    assert at_once.the_journal_holds()


def test_a_case_gathered_twice_at_once_is_in_one_batch(city: Any) -> None:
    case_id = department_desk.with_departments(city, gathered=False)
    first, second = officer(city, "bureau_officer"), colleague(city, "bureau_officer")
    posted = {"case": str(case_id)}
    answers = race(
        "cases_batchrecord",
        lambda: first.post("/bureau/batches/", posted),
        lambda: second.post("/bureau/batches/", posted),
    )
    assert statuses(answers) == [302, 302]
    assert BatchRecord.objects.count() == 1
    assert events(case_id, "BatchGathered") == 1
    assert at_once.the_journal_holds()


def test_a_case_concluded_twice_at_once_is_concluded_once(city: Any) -> None:
    case_id = ground.finished(city, department_desk.with_departments(city))
    sequence = str(JointCaseRecord.objects.get(id=case_id).sequence)
    posted = {"do": "conclude", "sequence": sequence}
    first, second = officer(city, "bureau_officer"), colleague(city, "bureau_officer")
    address = f"/bureau/cases/{case_id}/"
    answers = race(
        "journal_journalentry",
        lambda: first.post(address, posted),
        lambda: second.post(address, posted),
    )
    assert all(code == 302 or 400 <= code < 500 for code in statuses(answers))
    assert events(case_id, "Concluded") == 1
    assert at_once.the_journal_holds()


def test_one_dossier_noted_twice_at_once_is_one_dossier(city: Any) -> None:
    person = ground.someone(1)
    first, second = officer(city, "bureau_officer"), colleague(city, "bureau_officer")
    posted = {"district": HERE, "state": "arrived", "lines": f"{person.name} {person.number}"}
    answers = race(
        "cases_dossierrecord",
        lambda: first.post("/bureau/dossiers/add/", posted),
        lambda: second.post("/bureau/dossiers/add/", posted),
    )
    assert all(code in (302, 422) for code in statuses(answers)), statuses(answers)
    assert DossierRecord.objects.count() == 1


def test_a_form_begun_in_two_tabs_at_once_is_one_form(city: Any) -> None:
    actor = city.applicant("13700010001")
    user = User.objects.get(id=actor.user_id)
    tabs = [ground.signed_in(user), ground.signed_in(user)]
    for tab in tabs:
        from tests.services.cast import CONSCRIPT

        for key, value in CONSCRIPT.items():
            assert tab.post(f"/guide/{key}/", {"answer": value}).status_code == 302
    answers = race(
        "cases_draftrecord",
        *(lambda t=tab: t.post("/start/", {"district": HERE}) for tab in tabs),
    )
    assert statuses(answers) == [302, 302]
    assert DraftRecord.objects.count() == 1


def test_a_paper_opened_by_two_at_once_is_issued_once(city: Any) -> None:
    receipt = ground.at_counter(city, ground.someone(1))
    first, second = officer(city, "counter_clerk"), colleague(city, "counter_clerk")
    address = f"/papers/{receipt.case_id}/acceptance_notice/0/"
    answers = race(
        "documents_issueddocumentrecord",
        lambda: first.get(address),
        lambda: second.get(address),
    )
    assert statuses(answers) == [200, 200]
    assert answers[0].content == answers[1].content
    assert IssuedDocumentRecord.objects.count() == 1


def test_a_case_that_is_locked_too_long_is_a_short_wait_and_no_failure(city: Any) -> None:
    case_id = department_desk.with_departments(city)
    client = officer(city, "bureau_officer")

    def press() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        try:
            return client.post(f"/bureau/cases/{case_id}/items/8/", {"do": "grant"})
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")

    before = JointCaseRecord.objects.get(id=case_id).sequence
    (answer,) = race("cases_subcaserecord", press, until_done=True)
    assert statuses([answer]) == [503]
    assert int(answer["Retry-After"]) > 0
    assert JointCaseRecord.objects.get(id=case_id).sequence == before
