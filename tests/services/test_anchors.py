"""The code on a receipt proves later that the history is the one of then."""

from pathlib import Path

import pytest
from django.db import connection

from lianban.cases import anchors, services
from lianban.cases.models import JointCaseRecord
from lianban.engine import commands as c
from lianban.ops.main import main
from tests.documents import carried
from tests.services.cast import City

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> City:
    return carried.with_offices()


def rewritten(statement: str, values: list[object]) -> None:
    """What somebody with all rights on the database could do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal_journalentry DISABLE TRIGGER journal_rows_stay")
        cursor.execute(statement, values)
        cursor.execute("ALTER TABLE journal_journalentry ENABLE TRIGGER journal_rows_stay")


def test_a_receipt_of_paper_fits_the_history_as_long_as_nobody_changes_it(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case_id = carried.registered(city)
    receipt = tmp_path / "receipt.pdf"
    receipt.write_bytes(carried.opened(case_id, city.bureau, "receipt"))
    services.run(c.ReceiveDossier(), case_id=case_id, actor=city.bureau, at=carried.day(1))
    assert main(["journal", "check-receipt", str(receipt)]) == 0
    assert "those of the receipt" in capsys.readouterr().out
    rewritten(
        "UPDATE journal_journalentry SET actor_name = %s WHERE case_id = %s AND sequence = 1",
        ["别人", case_id],
    )
    assert main(["journal", "check-receipt", str(receipt)]) == 1


def test_a_history_that_was_rewritten_whole_no_longer_fits_its_receipt(city: City) -> None:
    case_id = carried.registered(city)
    number = JointCaseRecord.objects.get(id=case_id).case_number
    anchor = anchors.latest(case_id, number)
    assert anchor and anchors.read(f"校验码 {anchor} 。") == anchor
    assert anchors.disagreements(anchor) == []
    other = anchors.Anchor(number, anchor.sequence, "0" * 64)
    assert anchors.disagreements(other) == [
        f"entry {anchor.sequence} is another one than on the receipt"
    ]
    later = anchors.Anchor(number, 99, anchor.digest)
    assert anchors.disagreements(later) == ["the history has no entry 99"]


def test_what_is_no_receipt_is_said_to_be_none(tmp_path: Path) -> None:
    page = tmp_path / "page.pdf"
    page.write_bytes(b"%PDF-1.7 nothing")
    for given in ("hello", "LB20261019000001X-1-abc", str(page), "x" * 5000):
        assert main(["journal", "check-receipt", given]) == 2
    unknown = f"LB20261019000001X-1-{'a' * 64}"
    assert main(["journal", "check-receipt", unknown]) == 1
