"""What somebody must look at: one's own tasks, those of one's districts, and those that are done."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from lianban.accounts.actor import Actor
from lianban.cases import whose, worklists
from lianban.engine.refusal import Refused
from lianban.exchange.models import InboxMessage, TaskRecord
from lianban.exchange.watching import lists
from lianban.outbox.models import OutboxMessage

SHOWS = ("mine", "all", "closed")


@dataclass(frozen=True)
class Task:
    """One task, and where what it is about can be looked at."""

    row: TaskRecord
    case: whose.CaseName | None
    #: The message out that it is about.
    message_id: UUID | None = None
    #: The message in that it is about.
    inbox_id: int | None = None

    @property
    def item_name(self) -> str:
        """The item that it is about."""
        return self.case.item_name(self.row.item) if self.case else ""


def items(
    *, actor: Actor, show: str, code: str = "", after: str = "", before: str = ""
) -> worklists.Page[Task]:
    """Tasks: `mine` and `all` the oldest first, `closed` the newest first; of one partner, if named."""
    rows = _shown(actor, show)
    rows = rows.filter(partner=code) if code else rows
    is_closed = show == "closed"
    column = "closed_at" if is_closed else "opened_at"
    page = worklists.paged(rows, column, is_closed, after, before)
    names = whose.names(row.case_id for row in page.rows)
    found = [Task(row, names.get(row.case_id) if row.case_id else None) for row in page.rows]
    return worklists.Page(found, page.next, page.previous)


def counts(*, actor: Actor) -> dict[str, int]:
    """How many tasks are open: one's own, and all that one sees."""
    return {show: _shown(actor, show).count() for show in ("mine", "all")}


def open_count(*, actor: Actor) -> int:
    """How many open tasks the actor sees."""
    return _shown(actor, "all").count()


def get(task_id: UUID, *, actor: Actor) -> Task:
    """One task. Raises `Refused('unknown_task')` for what the actor may not see."""
    row = _rows(actor).filter(id=task_id).first()
    if row is None:
        raise Refused("unknown_task", "没有这条待处理")
    case = whose.names([row.case_id]).get(row.case_id) if row.case_id else None
    return Task(row, case, _message(row), _inbox(row))


def of_message(row: OutboxMessage, *, actor: Actor) -> list[TaskRecord]:
    """The open tasks about a message out."""
    rows = _shown(actor, "all").filter(partner=row.department, about=str(row.message_id))
    return list(rows.order_by("opened_at"))


def of_inbox(row: InboxMessage, *, actor: Actor) -> list[TaskRecord]:
    """The open tasks about a message in."""
    rows = _shown(actor, "all").filter(partner=row.partner_id, about=row.message_id)
    return list(rows.filter(kind=TaskRecord.Kind.PARKED).order_by("opened_at"))


def _shown(actor: Actor, show: str) -> QuerySet[TaskRecord]:
    rows = _rows(actor).filter(closed_at__isnull=show != "closed")
    return rows.filter(assigned_to=actor.user_id) if show == "mine" else rows


def _rows(actor: Actor) -> QuerySet[TaskRecord]:
    rows = TaskRecord.objects.filter(lists.visible(actor))
    if not lists.is_bureau(actor):
        rows = rows.filter(partner=actor.department or "")
    return rows.select_related("partner", "assigned_to", "closed_by")


def _message(row: TaskRecord) -> UUID | None:
    try:
        message_id = UUID(row.about)
    except ValueError:
        return None
    found = OutboxMessage.objects.filter(message_id=message_id, department=row.partner_id)
    return found.values_list("message_id", flat=True).first()


def _inbox(row: TaskRecord) -> int | None:
    if row.kind != TaskRecord.Kind.PARKED:
        return None
    found = InboxMessage.objects.filter(partner=row.partner_id, message_id=row.about)
    return found.values_list("id", flat=True).first()
