"""Opening a case by its receipt: the public id of the QR and the second secret together."""

import hmac
from datetime import datetime
from uuid import UUID

from lianban import vault
from lianban.cases.models import JointCaseRecord
from lianban.engine.refusal import Refused


def open(*, receipt_id: str, secret: str, at: datetime) -> UUID:
    """Return the case that the receipt opens. Raises `Refused('wrong_secret')`, whatever is wrong."""
    record = (
        JointCaseRecord.objects.filter(receipt_id=receipt_id).only("id", "receipt_secret").first()
    )
    given = secret_digest(receipt_id, secret.strip().upper())
    known = bytes(record.receipt_secret) if record else b""
    if record is None or not hmac.compare_digest(given, known):
        raise Refused("wrong_secret", "查询码不对，请照回执上的 8 位码再输一遍")
    return record.id


def secret_digest(receipt_id: str, secret: str) -> bytes:
    """The keyed digest of a receipt's second secret."""
    return vault.blind_index(f"{receipt_id}:{secret}", purpose="receipt_secret")
