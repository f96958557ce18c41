"""A damaged row is shown as such, and a rule that no page expected is never a failure of ours."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from lianban.cases import forms, queries
from lianban.cases.models import FormVersionRecord, PersonRecord
from lianban.cases.services import hand_in
from lianban.config.middleware import AnswerRefusals
from lianban.engine.refusal import Refused
from tests.services.cast import City, moment
from tests.services.test_case_life import filled

AT = moment("2026-09-03 09:10")


@pytest.mark.django_db
def test_a_case_whose_seals_are_damaged_still_opens(client: Client) -> None:
    city = City().build()
    draft = filled(city.clerk)
    case_id = hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT).case_id
    PersonRecord.objects.update(identity_number=b"\x01" + bytes(40))
    FormVersionRecord.objects.update(sealed=b"\x01" + bytes(40))
    view = queries.get(case_id=case_id, actor=city.bureau, at=AT)
    assert view.identity_masked == forms.UNREADABLE
    assert queries.form(view) == []


@pytest.mark.parametrize(("code", "status"), [
    ("unknown_case", 404), ("not_permitted", 403), ("stale", 409), ("needs_grounds", 400),
])  # fmt: skip
def test_a_refusal_that_no_page_caught_is_answered_with_its_words(code: str, status: int) -> None:
    answers = AnswerRefusals(lambda request: HttpResponse())
    answer = answers.process_exception(RequestFactory().get("/"), Refused(code, "请写明理由"))
    assert answer is not None
    assert answer.status_code == status
    assert "请写明理由" in answer.content.decode()


def test_another_failure_is_left_to_its_handler() -> None:
    answers = AnswerRefusals(lambda request: HttpResponse())
    assert answers.process_exception(RequestFactory().get("/"), ValueError()) is None
