"""Messages out and in as the people see them who watch: by partner, by keyset, of their own cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.cases import whose
from lianban.cases.worklists import PAGE, Page
from lianban.engine.refusal import Refused
from lianban.exchange.models import InboxMessage, TryRecord
from lianban.exchange.watching import said
from lianban.outbox.models import OutboxMessage

#: The lists of messages out, and those of messages in.
OUT = ("waiting", "dead", "sent")
IN = ("parked", "came")
#: What lies there is worked off from the oldest on; what is done is looked at from the newest.
_OLDEST_FIRST = frozenset({"waiting", "parked"})


@dataclass(frozen=True)
class Outgoing:
    """A message out."""

    row: OutboxMessage
    case: whose.CaseName | None

    @property
    def item_name(self) -> str:
        """The item that it is about."""
        return self.case.item_name(self.row.item) if self.case else ""


@dataclass(frozen=True)
class Incoming:
    """A message in."""

    row: InboxMessage
    case: whose.CaseName | None

    @property
    def word(self) -> str:
        """The contract's word for it; nothing where the contract knows none."""
        return self.row.type

    @property
    def subject(self) -> str:
        """What it is about, as its sender says."""
        return said.subject(self.row.subject)

    @property
    def item_name(self) -> str:
        """The item that it is about."""
        return self.case.item_name(self.row.item) if self.case else ""


def is_bureau(actor: Actor) -> bool:
    """Whether the actor watches for the lead department, not for a department of their own."""
    return permissions.BUREAU in permissions.roles_of(actor)


def visible(actor: Actor) -> Q:
    """Which rows the actor sees: the lead those of its districts' cases and those of no case; a
    department those of its own items.
    """
    if is_bureau(actor):
        return Q(whose.in_districts(actor)) | Q(case_id__isnull=True)
    return Q(whose.own_items(actor))


def _visible_out(actor: Actor) -> Q:
    """The same for messages out; a department also sees what it is asked to verify in its districts,
    which is mostly of items that others own.
    """
    asked = Q(topic="verify") & Q(whose.in_districts(actor))
    return visible(actor) | asked


def _partner(actor: Actor, code: str) -> str:
    """The partner's code. Raises `Refused('unknown_partner')` for another department's."""
    if not is_bureau(actor) and code != actor.department:
        raise Refused("unknown_partner", "没有对接这个部门的系统")
    return code


def out_rows(code: str, *, actor: Actor, show: str) -> QuerySet[OutboxMessage]:
    """The unsorted rows of one list of messages out."""
    state = {"waiting": "pending", "dead": "dead", "sent": "sent"}[show]
    rows = OutboxMessage.objects.filter(department=_partner(actor, code), state=state)
    return rows.filter(_visible_out(actor))


def in_rows(code: str, *, actor: Actor, show: str) -> QuerySet[InboxMessage]:
    """The unsorted rows of one list of messages in."""
    rows = InboxMessage.objects.filter(visible(actor), partner=_partner(actor, code))
    return rows.filter(state=InboxMessage.State.PARKED) if show == "parked" else rows


def outgoing(
    code: str, *, actor: Actor, show: str, after: str = "", before: str = ""
) -> Page[Outgoing]:
    """One page of messages to a partner. `show`: one of `OUT`."""
    page = _paged(out_rows(code, actor=actor, show=show), show, after, before)
    names = whose.names(row.case_id for row in page.rows)
    found = [Outgoing(row, names.get(row.case_id)) for row in page.rows]
    return Page(found, page.next, page.previous)


def incoming(
    code: str, *, actor: Actor, show: str, after: str = "", before: str = ""
) -> Page[Incoming]:
    """One page of messages from a partner. `show`: one of `IN`."""
    rows = in_rows(code, actor=actor, show=show).defer("body")
    page = _paged(rows, show, after, before)
    names = whose.names(row.case_id for row in page.rows)
    found = [Incoming(row, names.get(row.case_id) if row.case_id else None) for row in page.rows]
    return Page(found, page.next, page.previous)


def counts(code: str, *, actor: Actor) -> dict[str, int]:
    """How many rows each list has in which somebody may have to do something."""
    found = {show: out_rows(code, actor=actor, show=show).count() for show in ("waiting", "dead")}
    return found | {"parked": in_rows(code, actor=actor, show="parked").count()}


def get_outgoing(message_id: UUID, *, actor: Actor) -> Outgoing:
    """One message out. Raises `Refused('unknown_message')` for what the actor may not see."""
    rows = OutboxMessage.objects.filter(_visible_out(actor), message_id=message_id)
    row = rows.first()
    if row is None or not (is_bureau(actor) or row.department == actor.department):
        raise Refused("unknown_message", "没有这条消息")
    return Outgoing(row, whose.names([row.case_id]).get(row.case_id))


def get_incoming(inbox_id: int, *, actor: Actor) -> Incoming:
    """One message in. Raises `Refused('unknown_message')` for what the actor may not see."""
    rows = InboxMessage.objects.select_related("partner").filter(visible(actor), id=inbox_id)
    row = rows.first()
    if row is None or not (is_bureau(actor) or row.partner_id == actor.department):
        raise Refused("unknown_message", "没有这条消息")
    names = whose.names([row.case_id])
    return Incoming(row, names.get(row.case_id) if row.case_id else None)


def tries(row: OutboxMessage) -> list[TryRecord]:
    """The tries of a message, the newest first; the last hundred."""
    return list(TryRecord.objects.filter(message_id=row.pk).order_by("-at", "-id")[:100])


@dataclass(frozen=True)
class Progress:
    """How far a department's items have come in its own system."""

    sent: int
    seen: int
    decided: int
    last_at: datetime | None


_SEEN = ("receive", "accept", "refuse_acceptance", "return", "transfer")
_DECIDED = ("decide", "refuse_acceptance")


def progress(code: str, *, actor: Actor) -> Progress:
    """How many items were sent to a partner, seen there, and decided there."""
    sent = out_rows(code, actor=actor, show="sent").filter(topic="dispatch")
    came = in_rows(code, actor=actor, show="came").filter(state=InboxMessage.State.APPLIED)
    last = in_rows(code, actor=actor, show="came").order_by("-received_at").first()
    return Progress(
        sent=_items(sent),
        seen=_items(came.filter(_said((*_SEEN, "decide", "issue")))),
        decided=_items(came.filter(_said(_DECIDED))),
        last_at=last.received_at if last else None,
    )


def _said(words: Sequence[str]) -> Q:
    return Q(type__in=words)


def _items(rows: QuerySet[Any]) -> int:
    return rows.order_by().values("case_id", "item").distinct().count()


# Paging --------------------------------------------------------------------------------------


def _paged(rows: QuerySet[Any], show: str, after: str, before: str) -> Page[Any]:
    """A page after or before a row's number; an unreadable one starts from the beginning."""
    backwards, key = bool(before), _key(before or after)
    down = (show not in _OLDEST_FIRST) != backwards
    if key is not None:
        rows = rows.filter(id__lt=key) if down else rows.filter(id__gt=key)
    found = list(rows.order_by("-id" if down else "id")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if backwards:
        found.reverse()
    ends = (key is not None, more) if backwards else (more, key is not None)
    return Page(
        found,
        next=str(found[-1].id) if found and ends[0] else "",
        previous=str(found[0].id) if found and ends[1] else "",
    )


def _key(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if is_number else None
