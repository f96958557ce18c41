"""Put a record into a case's journal: what was done beside the rules."""

from datetime import datetime
from typing import Any
from uuid import UUID

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import store
from lianban.cases.services.run import subject
from lianban.engine.records import Record
from lianban.engine.refusal import Refused


def authorise(loaded: store.Loaded, command: str, actor: Actor, *, item: int | None = None) -> None:
    """Raise `Refused` unless the actor may; a case that it may not even see is `unknown_case`.

    `command` is a line of the permission table. For writers that hold the case's lock already.
    """
    if permissions.allows(actor=actor, command=command, subject=subject(loaded, item)):
        return
    whole = [subject(loaded, number) for number in (None, *loaded.case.sub_cases)]
    if not any(permissions.may_see(actor=actor, subject=one) for one in whole):
        raise Refused("unknown_case", "没有这件联办件")
    raise Refused("not_permitted", "您的岗位不能做这一步", command=command)


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
