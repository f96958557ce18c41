"""Who waits for whom: a desk that draws a number does not wait for those who write cases."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import connection

from lianban.cases.services import batches, payment_orders, postings
from lianban.engine.refusal import Refused
from tests.services.cast import City, moment

AT = moment("2026-09-03 10:00")
DESKS: dict[str, Callable[[City], object]] = {
    "batch": lambda city: batches.gather(case_ids=[uuid4()], actor=city.bureau, at=AT),
    "payment list": lambda city: payment_orders.order(
        payment_ids=[uuid4()], actor=city.bureau, at=AT
    ),
    "posting": lambda city: postings.make(result_ids=[uuid4()], actor=city.clerk, at=AT),
}


@pytest.fixture
def somebody_writes_a_case(transactional_db: None) -> Iterator[City]:
    """A transaction of somebody else's holds the county by a foreign key, as every writer does."""
    city = City().build()
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor, connection.cursor() as ours:
        held = "SELECT code FROM accounts_district WHERE code = %s FOR KEY SHARE"
        cursor.execute(held, [city.bureau.district])
        ours.execute("SET lock_timeout = '1s'")
        yield city
        ours.execute("RESET lock_timeout")
    other.rollback()
    other.close()


@pytest.mark.parametrize("desk", DESKS)
def test_a_number_is_drawn_while_somebody_writes_a_case_of_the_county(
    desk: str, somebody_writes_a_case: City
) -> None:
    with suppress(Refused):  # there is nothing to put on the list; the number comes first
        DESKS[desk](somebody_writes_a_case)
