"""No number of a person in what stands unsealed."""

from datetime import date

import pytest

from lianban.cases import impersonal
from lianban.engine.refusal import Refused
from tests.services.cast import identity_number

NUMBER = identity_number()
TODAY = date(2026, 10, 19)
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize(
    "text",
    [NUMBER, f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}", NUMBER.translate(WIDE), "电话13800000001",
     "138 0000 0001", "138-0000-0001", "6222 0200 0000 0000 001", "6222020000000000001"],
)  # fmt: skip
def test_a_number_of_a_person_is_refused_however_it_is_typed(text: str) -> None:
    with pytest.raises(Refused) as caught:
        impersonal.require(f"因为 {text}，不符", today=TODAY)
    assert caught.value.code == "personal_value"


@pytest.mark.parametrize(
    "text",
    ["2026-10-19 到 2026-11-20", "2026-09-01 2026-09-02 10:30", "请打 0730-5550132", "共 730 天",
     "国办函〔2024〕53号，2026-000123 号"],
)  # fmt: skip
def test_dates_telephones_of_offices_and_document_numbers_stand(text: str) -> None:
    impersonal.require(text, today=TODAY)


def test_a_documents_number_may_be_long_but_nobodys_identity_number() -> None:
    impersonal.require_document_number("4301022026101900001234", today=TODAY)
    with pytest.raises(Refused):
        impersonal.require_document_number(f"证 {NUMBER}", today=TODAY)
