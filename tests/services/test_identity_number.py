"""Identity numbers: what people type, what is refused and why, what is never shown."""

from datetime import date

import pytest

from lianban.accounts import identity_number
from lianban.accounts.identity_number import NotANumber, is_area_in_force, mask, parse

TODAY = date(2026, 10, 20)
GOOD = "11010519491231002X"
ABOLISHED = "440524188001010014"


@pytest.mark.parametrize(
    "typed",
    [
        GOOD,
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231-002X",
    ],
)
def test_one_number_has_one_spelling_however_it_is_typed(typed):
    assert parse(typed, today=TODAY).number == GOOD


@pytest.mark.parametrize("position", range(18))
def test_any_single_wrong_digit_is_refused(position):
    for digit in "0123456789":
        wrong = GOOD[:position] + digit + GOOD[position + 1 :]
        if wrong != GOOD:
            with pytest.raises(NotANumber):
                parse(wrong, today=TODAY)


def test_two_neighbours_changed_places_are_refused():
    for i in range(17):
        swapped = GOOD[:i] + GOOD[i + 1] + GOOD[i] + GOOD[i + 2 :]
        if swapped != GOOD:
            with pytest.raises(NotANumber):
                parse(swapped, today=TODAY)


@pytest.mark.parametrize(("typed", "says"), [
    ("11010519491231002", "现在是 17 位"),
    ("1101051949123100234", "现在是 19 位"),
    ("", "现在是 0 位"),
    ("11010519491231OO2X", "只有数字"),
    ("110105194912310024", "最后一位"),
])  # fmt: skip
def test_the_refusal_says_what_is_wrong(typed, says):
    with pytest.raises(NotANumber, match=says):
        parse(typed, today=TODAY)


def with_check(body: str) -> str:
    from stdnum.iso7064 import mod_11_2

    return body + mod_11_2.calc_check_digit(body)


@pytest.mark.parametrize(
    "born", ["20000230", "20010229", "20001301", "20990101", "18990101", "20150101"]
)
def test_a_birth_date_that_cannot_be_is_refused(born):
    with pytest.raises(NotANumber, match="出生日期"):
        parse(with_check(f"110105{born}002"), today=TODAY)


def test_an_old_number_gets_its_century_and_check_digit_and_keeps_what_was_typed():
    found = parse("110105491231002", today=TODAY)
    assert found.number == GOOD
    assert found.original == "110105491231002"
    assert not found.needs_an_officer


def test_the_old_form_for_people_over_a_hundred_asks_an_officer():
    assert parse("110105491231996", today=TODAY).needs_an_officer


def test_the_number_tells_birth_date_and_sex():
    found = parse(GOOD, today=TODAY)
    assert found.birth_date == date(1949, 12, 31)
    assert found.sex == "female"


def test_an_abolished_area_is_a_warning_and_no_refusal():
    assert is_area_in_force("110105")
    assert not is_area_in_force("440524")
    assert not is_area_in_force("990102")
    assert not parse(with_check("99010219900101221"), today=TODAY).area_is_in_force


def test_a_number_with_an_abolished_area_passes_when_its_age_can_be():
    assert parse(ABOLISHED, today=date(1990, 1, 1)).number == ABOLISHED


def test_only_three_and_four_characters_are_shown():
    assert mask(GOOD) == "110***********002X"
    assert mask("12345") == "***"


def test_a_number_never_shows_itself_whole():
    found = parse(GOOD, today=TODAY)
    assert GOOD not in f"{found} {found!r} {(found,)}"


def test_the_refusal_never_repeats_the_number():
    with pytest.raises(NotANumber) as refused:
        parse("110105194912310024", today=TODAY)
    assert "110105" not in str(refused.value)
    assert identity_number.NotANumber is NotANumber
