"""Amounts in capital numerals, as 支付结算办法 附一 wants them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianban.documents.amount_words import MOST_FEN, capitals

DIGITS = {sign: value for value, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("0.00", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("0.56", "伍角陆分"),
        ("9000.00", "玖仟元整"),
        ("11250.00", "壹万壹仟贰佰伍拾元整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("10.00", "壹拾元整"),
        ("100000.06", "壹拾万元零陆分"),
        ("105000.00", "壹拾万伍仟元整"),
        ("100500.00", "壹拾万零伍佰元整"),
        ("20000005.00", "贰仟万零伍元整"),
        ("100000000.00", "壹亿元整"),
        ("100000001.10", "壹亿零壹元壹角整"),
        ("1000010000.00", "壹拾亿零壹万元整"),
    ],
)
def test_an_amount_is_written_as_a_voucher_wants_it(yuan: str, words: str) -> None:
    assert capitals(int(yuan.replace(".", ""))) == words


@given(st.integers(0, MOST_FEN))
def test_words_read_back_give_the_amount(fen: int) -> None:
    words = capitals(fen)
    assert "零零" not in words
    assert not words.startswith("零") or fen == 0
    assert read(words) == fen


def read(words: str) -> int:
    """The amount of some words, by the value of each sign."""
    whole, found, rest = words.partition("元")
    rest = rest if found else whole
    total = _number(whole) * 100 if found else 0
    for unit, value in (("角", 10), ("分", 1)):
        if unit in rest:
            total += DIGITS[rest[rest.index(unit) - 1]] * value
    return total


def _number(words: str) -> int:
    for unit, value in (("亿", 10**8), ("万", 10**4)):
        before, found, after = words.rpartition(unit)
        if found:
            return _number(before) * value + _number(after)
    total, digit = 0, 0
    for sign in words:
        if sign in UNITS:
            total, digit = total + digit * UNITS[sign], 0
        else:
            digit = DIGITS[sign]
    return total + digit


@pytest.mark.parametrize("fen", [-1, MOST_FEN + 1])
def test_what_no_voucher_holds_is_refused(fen: int) -> None:
    with pytest.raises(ValueError, match="neither negative"):
        capitals(fen)
