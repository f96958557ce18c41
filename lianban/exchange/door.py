"""Who comes in: a partner's system, by its signature, not too often, and never twice with one."""

from datetime import datetime, timedelta

from django.db import connection

from lianban.exchange import partners, signing
from lianban.exchange.models import PartnerKey, PartnerRecord, SeenNonce

_MINUTE = timedelta(minutes=1)
#: A nonce is remembered until every signature that could carry it is too old.
_KEPT = 2 * signing.MOST_AGE
_COUNT = """
UPDATE exchange_partnerrecord
   SET counted = CASE WHEN counted_minute = %(minute)s THEN counted + 1 ELSE 1 END,
       counted_minute = %(minute)s
 WHERE code = %(code)s
RETURNING counted
"""


class TooMany(Exception):
    """A partner calls more often than was agreed; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many calls; again in {retry_after} s")
        self.retry_after = retry_after


def admit(message: signing.Message, *, at: datetime) -> PartnerRecord:
    """Say whose call this is. Raises `signing.Forged` and `TooMany`."""
    known: dict[str, PartnerKey] = {}

    def keys(key_id: str) -> bytes | None:
        found = partners.key_at(key_id, at) if len(key_id) <= 80 and key_id.isprintable() else None
        if found is None:
            return None
        known[key_id] = found
        return bytes(found.public_key)

    try:
        signed = signing.verify(message, keys=keys, at=at)
        _remember(signed, at)
    except signing.Forged as forged:
        _count_refused(message, forged, known, at)
        raise
    partner = known[signed.key_id].partner
    _count(partner, at)
    return partner


def _remember(signed: signing.Signed, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exchange_seennonce (key_id, nonce, at) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [signed.key_id, signed.nonce, at],
        )
        if cursor.rowcount != 1:
            raise signing.Forged("replayed", "this signature was used before; sign again")


def _count_refused(
    message: signing.Message, forged: signing.Forged, known: dict[str, PartnerKey], at: datetime
) -> None:
    """Count what was refused with the partner whose key it names."""
    key_id = signing.named_key(message)
    key = known.get(key_id) or (partners.key_at(key_id, at) if key_id else None)
    if key is not None:
        partners.count_refused(key.partner_id, is_skew=forged.code == "clock")


def _count(partner: PartnerRecord, at: datetime) -> None:
    """Count a partner's calls by the minute, in one statement."""
    minute = at.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"minute": minute, "code": partner.code})
        (counted,) = cursor.fetchone()
    if counted > partner.takes_a_minute:
        raise TooMany(max(1, int((minute + _MINUTE - at).total_seconds())))


def forget(*, at: datetime) -> int:
    """Forget nonces that no valid signature can carry any more; how many were forgotten."""
    return SeenNonce.objects.filter(at__lt=at - _KEPT).delete()[0]
