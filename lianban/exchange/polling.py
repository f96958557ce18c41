"""Pages of messages for a partner that can only ask.

A page is given again and again until the next call confirms it, so a lost answer loses nothing and
a message may come twice, with the same id. The next page opens only then, so a case's messages keep
their order.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from lianban.engine.refusal import Refused
from lianban.exchange import contract, offering
from lianban.exchange.models import PartnerRecord
from lianban.outbox.models import OutboxMessage

#: The most messages of one page, whatever is asked for.
MOST = 200


@transaction.atomic
def page(*, partner: PartnerRecord, after: int, limit: int = 50, at: datetime) -> contract.Page:
    """Give the page that follows `after`, which confirms page `after`.

    0 begins, or begins again: the page that was not confirmed. The same `after` gives the same page
    once more, with fresh links; where all of it is confirmed, what has come since.

    Raises `Refused`: `not_polling`, `wrong_cursor` (`details["cursor"]` is the one that is right).
    """
    # one page at a time; the partner's own row stays free, for what it tells us meanwhile
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"page:{partner.code}"])
    partner = PartnerRecord.objects.get(code=partner.code)
    if partner.mode != PartnerRecord.Mode.POLL:
        raise Refused("not_polling", "这个部门的系统不是来取件的，请先改对接方式")
    current = partner.page
    if after not in (0, current - 1, current):
        raise Refused(
            "wrong_cursor",
            f"after 不对：要再看现在这一页用 {max(current - 1, 0)}，收好了取下一页用 {current}",
            cursor=max(current - 1, 0),
        )
    if after == current:
        _confirm(partner, at)
    if not _of(partner).exists():
        _open(partner, min(max(limit, 1), MOST), at)
    given = _page(partner, at)
    _note(partner, at)
    return given


def _confirm(partner: PartnerRecord, at: datetime) -> None:
    """All of the page has arrived; what is sent again later is on no page."""
    ids = list(_of(partner).values_list("id", flat=True))
    offering.confirm(_of(partner), partner=partner, at=at)
    OutboxMessage.objects.filter(id__in=ids).update(offered_in=None)


def _of(partner: PartnerRecord) -> QuerySet[OutboxMessage]:
    """The rows of the partner's current page that are not confirmed."""
    rows = OutboxMessage.objects.filter(department=partner.code, state=OutboxMessage.State.PENDING)
    return rows.filter(offered_in=partner.page).order_by("id")


def _open(partner: PartnerRecord, limit: int, at: datetime) -> None:
    """Put the oldest messages on the next page; nothing changes where there are none."""
    if partner.held_at is not None:
        return
    rows = offering.waiting(partner, at).select_for_update(of=("self",))
    chosen = list(rows.values_list("id", flat=True)[:limit])
    if chosen:
        partner.page += 1
        OutboxMessage.objects.filter(id__in=chosen).update(offered_in=partner.page)


def _page(partner: PartnerRecord, at: datetime) -> contract.Page:
    rows = list(_of(partner))
    said = offering.given(rows, offered_in=partner.page, partner=partner, at=at)
    left = offering.waiting(partner, at).exclude(offered_in=partner.page)
    more = partner.held_at is None and left.exists()
    return contract.Page(messages=[one for _, one in said], cursor=partner.page, more=more)


def _note(partner: PartnerRecord, at: datetime) -> None:
    """Who asks is well."""
    partner.last_ok_at, partner.failures, partner.failing_since = at, 0, None
    partner.save(update_fields=["page", "last_ok_at", "failures", "failing_since"])
