"""Put a record into a case's journal: what was done beside the rules."""

from datetime import datetime
from typing import Any
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases import store
from lianban.cases.services.run import authorise
from lianban.engine.records import Record

__all__ = ["add", "authorise", "write"]


def write(
    raw: Any, loaded: store.Loaded, *records: Record, actor: Actor, at: datetime
) -> store.Loaded:
    """Journal records of a case that is loaded and locked; the case after them."""
    return store.write(raw, loaded, records, actor=actor, at=at)


def add(*records: Record, command: str, case_id: UUID, actor: Actor, at: datetime) -> None:
    """Authorise and journal records in a transaction of their own. Raises `Refused`."""
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        for record in records:
            authorise(loaded, command, actor, item=getattr(record, "item", None))
        store.write(raw, loaded, records, actor=actor, at=at)
