"""Who may open a paper in the browser, and what anybody learns from its code."""

from dataclasses import replace

import pytest
from django.test import Client, RequestFactory

from lianban import clock
from lianban.accounts.actor import Actor
from lianban.accounts.models import User
from lianban.cases.services import drafts
from lianban.documents import verify
from lianban.documents.models import IssuedDocumentRecord
from lianban.web.components import receipt_secret
from lianban.web.components import verify as door
from tests.documents.carried import AT, filled, opened, registered, text_of, with_offices
from tests.services.cast import FIELDS, City

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> City:
    return with_offices()


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=actor.user_id))
    return client


def test_a_paper_is_opened_in_the_browser_and_stays_out_of_every_cache(city: City) -> None:
    case_id = registered(city)
    for address in ("acceptance_notice/0/", "acceptance_notice/0/1/"):
        answer = signed_in(city.clerk).get(f"/papers/{case_id}/{address}")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''")
        assert "no-store" in answer["Cache-Control"]
        assert "受理通知书" in text_of(answer.content)


def test_a_paper_of_somebody_else_does_not_exist(city: City) -> None:
    case_id = registered(city)
    draft = filled(city.applicant())
    stranger = signed_in(city.applicant("13800000009"))
    police = signed_in(city.officer("department_officer", "public_security"))
    for address in (f"{case_id}/receipt/0/", f"draft/{draft.id}/form/", f"{case_id}/horse/0/"):
        assert stranger.get(f"/papers/{address}").status_code == 404
        assert police.get(f"/papers/{address}").status_code == 404
        assert Client().get(f"/papers/{address}").status_code == 302


def test_ones_own_draft_prints(city: City) -> None:
    person = city.applicant()
    draft = filled(person)
    for page in ("form", "requirements"):
        answer = signed_in(person).get(f"/papers/draft/{draft.id}/{page}/")
        assert answer.content.startswith(b"%PDF")


def test_answers_that_fit_no_plan_are_told_and_not_printed(city: City) -> None:
    person = city.applicant()
    draft = filled(person)
    content = replace(draft.content, answers={"rank": "admiral"})
    drafts.save(draft_id=draft.id, content=content, actor=person, at=AT)
    answer = signed_in(person).get(f"/papers/draft/{draft.id}/form/")
    assert answer.status_code == 400
    assert "现在不能出这份文书" in answer.content.decode()


def test_anybody_may_check_a_code_and_learns_nothing_of_the_person(city: City) -> None:
    case_id = registered(city)
    opened(case_id, city.clerk, "registration_form")
    record = IssuedDocumentRecord.objects.get()
    code = record.verification_code
    assert verify.look_up(code)
    typed = f"{code[:4].lower()} {code[4:8]}-{code[8:]}"
    answer = Client().get("/verify/", {"code": typed}, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in ("这份文书是真的", record.number, "2026年9月3日", "东湖县退役军人事务局"):
        assert words in page
    for secret in ("陈小川", FIELDS["identity_number"], "13800000001", "LB"):
        assert secret not in page.replace("LB-", "")
    assert Client().get(f"/verify/{code}").status_code == 301


def test_a_code_that_nobody_issued_is_told_so(city: City) -> None:
    answer = Client().get("/verify/7Q2M9XK4TB0VHC3D/")
    assert answer.status_code == 404
    assert "查不到这份文书" in answer.content.decode()
    wrong = Client().get("/verify/", {"code": "<b>abc"})
    assert wrong.status_code == 422
    assert "16 位" in wrong.content.decode() and "&lt;b&gt;abc" in wrong.content.decode()
    assert "核验文书" in Client().get("/verify/").content.decode()


def test_a_machine_that_tries_codes_is_slowed_down(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "LIMIT", replace(door.LIMIT, most=1))
    monkeypatch.setattr(clock, "now", lambda: AT)
    assert Client().get("/verify/7Q2M9XK4TB0VHC3D/").status_code == 404
    assert Client().get("/verify/7Q2M9XK4TB0VHC3D/").status_code == 429


def test_the_session_that_handed_in_prints_the_secret_and_no_other(city: City) -> None:
    case_id = registered(city)
    client = signed_in(city.clerk)
    session = client.session
    request = RequestFactory().get("/")
    request.session = session
    receipt_secret.keep(request, case_id=case_id, secret="7KQ4M2XD")
    session.save()
    address = f"/papers/{case_id}/receipt/0/"
    assert "7KQ4M2XD" in text_of(client.get(address).content)
    assert "7KQ4M2XD" not in text_of(signed_in(city.bureau).get(address).content)
