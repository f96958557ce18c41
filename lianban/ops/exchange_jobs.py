"""The background work of the exchange: relays, one for each partner, and what they leave behind."""

from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from lianban.clock import now
from lianban.exchange import inbound, relay, retention, waker
from lianban.exchange.watching import clocks


@app.task(name=waker.TASK, pass_context=False)
def send(partner: str, version: int = 0, **later: JSONValue) -> None:
    """Send what waits for one partner; there is one such job at a time for each.

    A job of a later version of the product goes back as it is, for a worker that knows it.
    """
    if version > waker.VERSION:
        waker.put_back(partner, version=version, **later)
    elif relay.drain(partner, now=now, most=relay.MOST_A_ROUND).left:
        waker.wake([partner], in_seconds=2)


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="relay_round", pass_context=False)
def relay_round(timestamp: int) -> None:
    """Find what nobody was woken for, and what is due to be tried again, every ten seconds."""
    at = now()
    relay.leave_to_desks(at=at)
    waker.wake(relay.wanting(at))
    inbound.wait_no_longer(at=at)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="compare_clocks", pass_context=False)
def compare_clocks(timestamp: int) -> None:
    """Compare the worker's clock with the database's, every minute."""
    clocks.tell(clocks.WORKER, now=now)


@app.periodic(cron="*/7 * * * *")
@app.task(queueing_lock="forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Forget nonces that no signature can carry any more, and what may not be kept longer."""
    retention.forget(at=now())
