"""How long the exchange remembers: what may hold a person's values goes first, proof stays."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lianban.exchange import door, handed, inbound
from lianban.exchange.models import ExchangeFile, TryRecord

#: Workbooks hold whole identity numbers; number, hash and signature stay.
WORKBOOKS = timedelta(days=90)
#: Tries say when and how, and name nobody.
TRIES = timedelta(days=400)
#: Books that were handed in say nothing of today any more.
BOOKS = timedelta(days=90)


@dataclass(frozen=True)
class Forgotten:
    """How much was forgotten."""

    nonces: int
    bodies: int
    workbooks: int
    tries: int
    books: int


def forget(*, at: datetime) -> Forgotten:
    """Forget what is older than it may be kept."""
    old = ExchangeFile.objects.filter(made_at__lt=at - WORKBOOKS).exclude(content=b"")
    tries, _ = TryRecord.objects.filter(at__lt=at - TRIES).delete()
    return Forgotten(
        nonces=door.forget(at=at),
        bodies=inbound.forget_bodies(at=at),
        workbooks=old.update(content=b""),
        tries=tries,
        books=handed.forget(before=at - BOOKS),
    )
