"""The figures of the two promises, over cases whose numbers are known."""

import json

import pytest

from lianban.cases import figures, services
from lianban.cases.figures import Asked
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.ops.main import main
from tests.services.cast import City, moment
from tests.web.bureau import desk

pytestmark = pytest.mark.django_db(transaction=True)
AT = moment("2026-10-19 09:00")
#: The conscript's materials (`lianban policy plan`), and the sum of the items that need each.
ONCE, ONE_BY_ONE = 9, 19


def test_what_is_asked_once_is_set_against_what_the_items_would_ask(
    capsys: pytest.CaptureFixture[str],
) -> None:
    city = City().build()
    desk.handed_in(city, at=AT)
    one = figures.all_cases()
    assert one.materials == Asked(once=ONCE, by_items=ONE_BY_ONE)
    assert one.fields.once < one.fields.by_items
    desk.handed_in(city, sequence="003", name="周文", at=AT)
    two = figures.all_cases()
    assert two.materials == one.materials + one.materials
    assert two.fields.ratio == one.fields.ratio
    assert main(["figures", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["cases"] == 2
    assert said["materials"]["asked_once"] == two.materials.once
    assert main(["figures"]) == 0
    assert "2 joint cases" in capsys.readouterr().out


def test_notices_are_counted_first_later_and_refused() -> None:
    city = City().build()
    case_id = desk.handed_in(city, missing=("photo",), at=AT)
    services.run(c.RequestCorrection(()), case_id=case_id, actor=city.bureau, at=AT)
    services.run(c.Correct(("photo",)), case_id=case_id, actor=city.clerk, at=AT)
    with pytest.raises(Refused):
        services.run(
            c.RequestCorrection(("enlistment_notice",)), case_id=case_id, actor=city.bureau, at=AT
        )
    services.run(c.RequestCorrection(("photo",)), case_id=case_id, actor=city.bureau, at=AT)
    assert figures.notices() == figures.Notices(first=1, later=1, refused=1)
