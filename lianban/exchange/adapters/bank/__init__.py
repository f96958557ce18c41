"""The adapter to the bank that pays: one order a payment, and whether it was paid or returned."""

from lianban.cases import paying
from lianban.cases.services import payment_answers
from lianban.exchange import contract, subjects
from lianban.exchange.adapter import Adapter, Heard, Telling, Told


def tell_payment(telling: Telling) -> Told | None:
    """A payment that was ordered; nothing where the finance office answered for it meanwhile."""
    row = telling.row
    found = paying.ordered(case_id=row.case_id, sequence=row.sequence)
    if found is None:
        return None
    data = contract.OrderPayment(
        payee=found.account.holder,
        bank=found.account.bank,
        account=found.account.number,
        amount_fen=found.amount_fen,
        purpose=found.purpose,
    )
    return Told("order_payment", subjects.name(paying.TOPIC, found.payment_id), data)


def hear_event(heard: Heard) -> str:
    """Paid, on the day of the event; or returned, with the bank's reason."""
    data = heard.data
    assert isinstance(data, contract.PaymentEvent)
    day = min(heard.envelope.time.astimezone(heard.at.tzinfo).date(), heard.at.date())
    payment_answers.note(
        payment_id=subjects.identity(heard, paying.TOPIC),
        paid_on=day if data.outcome == "paid" else None,
        returned=data.reason,
        actor=heard.actor,
        at=heard.at,
    )
    return ""


ADAPTER = Adapter(
    code="bank",
    title="合作银行系统",
    tells={paying.TOPIC: tell_payment},
    hears={"payment_event": hear_event},
)
