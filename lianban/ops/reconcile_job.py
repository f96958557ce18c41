"""The nightly comparison of books: one job a partner, so that a slow one holds up no other."""

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from lianban.clock import now
from lianban.exchange import handed, partners
from lianban.exchange.models import PartnerRecord
from lianban.exchange.reconcile import reconcile


@app.periodic(cron="40 2 * * *")
@app.task(queueing_lock="reconcile_all", pass_context=False)
def reconcile_all(timestamp: int) -> None:
    """Compare books with every partner that has one, every night."""
    for partner in PartnerRecord.objects.order_by("code"):
        if not handed.has_book(partner):
            continue
        lock = f"reconcile:{partner.code}"
        try:
            reconcile_one.configure(lock=lock, queueing_lock=lock).defer(partner=partner.code)
        except AlreadyEnqueued:
            continue


@app.task(pass_context=False)
def reconcile_one(partner: str) -> None:
    """Compare books with one partner."""
    found = partners.find(partner)
    if found is not None and handed.has_book(found):
        reconcile(found, at=now())
