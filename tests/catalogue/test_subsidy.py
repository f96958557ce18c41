"""What a person is paid: exact, never less for more service, and explained step by step."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianban.catalogue import load, subsidy
from lianban.catalogue.payment import Payment
from lianban.catalogue.subsidy import Computed, NotPayable, Service

FOUND = load.load(load.find("retirement-2024")).by_code["one_time_subsidy"].payment
assert FOUND is not None
PLAN: Payment = FOUND
NORMAL = {"left_service": "normal"}
DAYS = st.dates(date(1990, 1, 1), date(2040, 12, 31))
LONG = st.integers(0, 12_000)


def paid(rank: str, start: str, end: str, days: int = 0, **facts: str) -> Computed:
    own = {"retired_as_conscript": "no"} if rank == "sergeant" else {}
    return subsidy.compute(
        PLAN,
        answers={"rank": rank},
        facts=NORMAL | own | facts,
        enlisted=date.fromisoformat(start),
        discharged=date.fromisoformat(end),
        days_not_counted=days,
    )


@pytest.mark.parametrize(
    ("start", "end", "service", "years", "amount"),
    [
        ("2024-09-01", "2026-09-01", (2, 0, 0), "2", "9000.00"),
        ("2024-09-01", "2026-08-31", (1, 11, 30), "2", "9000.00"),
        ("2024-09-01", "2026-09-02", (2, 0, 1), "2.5", "11250.00"),
        ("2024-09-01", "2027-02-28", (2, 5, 27), "2.5", "11250.00"),
        ("2024-09-01", "2027-03-01", (2, 6, 0), "2.5", "11250.00"),
        ("2024-09-01", "2027-03-02", (2, 6, 1), "3", "13500.00"),
        ("2024-09-01", "2024-09-01", (0, 0, 0), "0", "0.00"),
        # No 29 February ends a year that began on one.
        ("2024-02-29", "2026-02-28", (2, 0, 0), "2", "9000.00"),
        ("2024-02-29", "2028-02-28", (3, 11, 30), "4", "18000.00"),
        ("2024-02-29", "2028-02-29", (4, 0, 0), "4", "18000.00"),
        ("2024-08-31", "2025-02-28", (0, 6, 0), "0.5", "2250.00"),
    ],
)
def test_a_conscripts_years_and_months_count_as_the_plan_says(
    start: str, end: str, service: tuple[int, int, int], years: str, amount: str
) -> None:
    found = paid("conscript", start, end)
    assert found.service == Service(*service)
    assert (found.years, found.amount) == (Decimal(years), Decimal(amount))
    assert found.fen == int(Decimal(amount) * 100)


@pytest.mark.parametrize(
    ("end", "amount"),
    [("2023-09-01", "9000.00"), ("2026-09-01", "14400.00"), ("2033-12-01", "27900.00"),
     ("2022-09-01", "7200.00")],
)  # fmt: skip
def test_a_sergeant_gets_a_fifth_more_for_each_year_beyond_two(end: str, amount: str) -> None:
    assert paid("sergeant", "2021-09-01", end).amount == Decimal(amount)


def test_a_sergeant_who_retires_as_a_conscript_is_paid_as_one() -> None:
    found = paid("sergeant", "2021-09-01", "2026-09-01", retired_as_conscript="yes")
    assert (found.standard.code, found.amount) == ("conscript", Decimal("22500.00"))


def test_days_that_stayed_behind_are_taken_off_and_shown() -> None:
    found = paid("conscript", "2024-09-01", "2026-09-11", days=10)
    assert found.amount == Decimal("9000.00")
    assert ("滞留部队的天数", "10 天，已扣除") in [(s.label, s.value) for s in found.steps]


def test_every_step_names_its_source_and_nothing_is_confirmed_yet() -> None:
    found = paid("sergeant", "2021-09-01", "2026-12-01")
    assert [step.label for step in found.steps] == [
        "服役时间", "不满一年的部分", "计发年限", "标准", "算式", "取整",
    ]  # fmt: skip
    assert found.formula == "9,000.00 × [1 + (5.5 − 2) × 20%] = 15,300.00 元"
    assert not found.verified
    assert all(step.figure.source for step in found.steps if step.figure)


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"left_service": "dismissed"}, "excluded"), ({"left_service": "expelled"}, "excluded"),
     ({"left_service": "early_without_reason"}, "excluded"), ({"left_service": ""}, "unknown_fact"),
     ({"left_service": "so_what"}, "unknown_fact")],
)  # fmt: skip
def test_whom_the_plan_excludes_gets_nothing_and_hears_why(
    facts: dict[str, str], code: str
) -> None:
    with pytest.raises(NotPayable) as refused:
        paid("conscript", "2024-09-01", "2026-09-01", **facts)
    assert (refused.value.code, bool(str(refused.value))) == (code, True)


@pytest.mark.parametrize(
    ("end", "days"), [("2024-08-31", 0), ("2024-09-10", 10), ("2024-09-10", -1)]
)
def test_a_time_that_is_negative_is_refused(end: str, days: int) -> None:
    with pytest.raises(NotPayable) as refused:
        paid("conscript", "2024-09-01", end, days=days)
    assert refused.value.code == "dates"


def test_an_officer_has_no_standard() -> None:
    with pytest.raises(NotPayable) as refused:
        paid("officer", "2010-09-01", "2026-09-01")
    assert refused.value.code == "no_standard"


@given(
    start=DAYS,
    length=LONG,
    more=st.integers(0, 800),
    rank=st.sampled_from(["conscript", "sergeant"]),
)
def test_longer_service_is_never_paid_less_and_nothing_is_negative(
    start: date, length: int, more: int, rank: str
) -> None:
    ends = [start + timedelta(days=days) for days in (length, length + more)]
    less, same = (paid(rank, start.isoformat(), end.isoformat()) for end in ends)
    assert 0 <= less.amount <= same.amount
    assert less.amount.as_tuple().exponent == -2


@given(start=DAYS, length=LONG)
def test_a_service_time_put_back_together_gives_its_last_day(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    found = subsidy.service_time(start, end)
    assert 0 <= found.months <= 11
    assert 0 <= found.days <= 30
    months = found.years * 12 + found.months
    again = next(
        date(
            start.year + (start.month - 1 + months) // 12, (start.month - 1 + months) % 12 + 1, day
        )
        for day in (start.day, 30, 29, 28)
        if day <= start.day and _exists(start, months, day)
    )
    assert again + timedelta(days=found.days) == end


def _exists(start: date, months: int, day: int) -> bool:
    try:
        date(
            start.year + (start.month - 1 + months) // 12, (start.month - 1 + months) % 12 + 1, day
        )
    except ValueError:
        return False
    return True


@given(length=LONG, days=st.integers(0, 400))
def test_days_not_counted_are_days_less_of_service(length: int, days: int) -> None:
    start = date(2000, 3, 31)
    long = paid(
        "sergeant", start.isoformat(), (start + timedelta(days=length + days)).isoformat(), days
    )
    short = paid("sergeant", start.isoformat(), (start + timedelta(days=length)).isoformat())
    assert (long.service, long.amount) == (short.service, short.amount)
