"""The adapter to a courier: a waybill for each envelope that is ready, and where it is (运费到付)."""

from lianban.cases.services import courier, waybills
from lianban.exchange import contract, subjects
from lianban.exchange.adapter import Adapter, Heard, Telling, Told

_SUBJECT = "mail"
_EVENTS = {
    "collected": courier.collected,
    "delivered": courier.delivered,
    "returned": courier.returned,
}


def tell_waybill(telling: Telling) -> Told | None:
    """An envelope to be collected; nothing where it went another way meanwhile."""
    found = waybills.read(telling.row.message_id)
    if found is None:
        return None
    data = contract.OrderWaybill(
        sender=found.sender,
        recipient=found.to.name,
        phone=found.to.phone,
        address=found.to.address,
        pieces=1,
    )
    return Told("order_waybill", subjects.name(_SUBJECT, found.mail_id), data)


def hear_event(heard: Heard) -> str:
    """Collected, delivered or returned."""
    data = heard.data
    assert isinstance(data, contract.MailEvent)
    _EVENTS[data.kind](
        mail_id=subjects.identity(heard, _SUBJECT),
        number=data.tracking_number,
        carrier=heard.partner.name,
        actor=heard.actor,
        at=heard.at,
    )
    return ""


ADAPTER = Adapter(
    code="courier",
    title="寄递企业系统",
    tells={waybills.TOPIC: tell_waybill},
    hears={"mail_event": hear_event},
)
