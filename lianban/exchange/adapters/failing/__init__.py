"""A system that is never there: for tests of what happens then, and to see it in a demonstration."""

from datetime import datetime

from lianban.exchange import department, verification
from lianban.exchange.adapter import Adapter
from lianban.exchange.answers import Temporary
from lianban.exchange.contract import Envelope
from lianban.exchange.models import PartnerRecord


def send(partner: PartnerRecord, envelope: Envelope, at: datetime) -> None:
    """Fail for a while. Raises `Temporary`, always."""
    raise Temporary("no_connection")


ADAPTER = Adapter(
    code="failing",
    title="一直联系不上的系统",
    tells={**department.TELLS, **verification.TELLS},
    hears={**department.HEARS, **verification.HEARS},
    send=send,
)
