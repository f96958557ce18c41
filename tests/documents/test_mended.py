"""What a paper says after a name was mended: the new one, and that it was mended."""

import pytest

from lianban.cases.services import person_corrections
from tests.documents.carried import day, read, submitted
from tests.services.cast import City

pytestmark = pytest.mark.django_db


def test_a_paper_opened_after_a_correction_says_the_new_name_and_when_it_was_mended() -> None:
    city = City().build()
    case_id = submitted(city, city.applicant())
    before = read(case_id, city.bureau, "registration_form")
    assert "更正" not in before
    person_corrections.correct(
        case_id=case_id, values={"name": "陈小穿"}, original_seen=True, actor=city.clerk, at=day(1)
    )
    after = read(case_id, city.bureau, "registration_form")
    assert "陈小穿" in after
    assert "姓名于2026年9月4日更正" in after
