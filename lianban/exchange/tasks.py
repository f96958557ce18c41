"""Tasks: what somebody by name must look at. Opened once while they are open, never lost."""

from datetime import datetime
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.accounts.models import Role, RoleGrant, User
from lianban.cases import handed_out
from lianban.engine.refusal import Refused
from lianban.exchange.models import InboxMessage, PartnerRecord, TaskRecord
from lianban.outbox.models import OutboxMessage

Kind = TaskRecord.Kind


def open_(
    *,
    kind: TaskRecord.Kind,
    partner: PartnerRecord,
    about: str = "",
    case_id: UUID | None = None,
    item: int | None = None,
    code: str = "",
    at: datetime,
) -> None:
    """Open a task; one that is open already for the same thing stays as it is.

    It is for the partner's liaison, else for a bureau officer of the case's district, else for one
    of any district.
    """
    task = TaskRecord(
        kind=kind,
        partner=partner,
        about=about[:80],
        case_id=case_id,
        item=item,
        code=code[:80],
        assigned_to=partner.liaison or _somebody(case_id),
        opened_at=at,
    )
    TaskRecord.objects.bulk_create([task], ignore_conflicts=True)


def about_message(
    row: OutboxMessage, *, kind: TaskRecord.Kind, partner: PartnerRecord, code: str, at: datetime
) -> None:
    """Open a task about a message of ours; `open_` says to whom it goes."""
    open_(
        kind=kind,
        partner=partner,
        about=str(row.message_id),
        case_id=row.case_id,
        item=row.item,
        code=code,
        at=at,
    )


def about_incoming(row: InboxMessage, *, at: datetime) -> None:
    """Open a task about a message that came in and fits nothing; `open_` says to whom it goes."""
    open_(
        kind=Kind.PARKED,
        partner=row.partner,
        about=row.message_id,
        case_id=row.case_id,
        item=row.item,
        code=row.code,
        at=at,
    )


def _somebody(case_id: UUID | None) -> User | None:
    """A bureau officer of the case's district, or of any; always the same one."""
    grants = RoleGrant.objects.filter(
        role__in=[Role.BUREAU_OFFICER, Role.BUREAU_HEAD], user__is_active=True
    )
    ordered = grants.select_related("user").order_by("-role", "user__username")
    district = handed_out.district_of(case_id) if case_id else None
    near = ordered.filter(user__office__district=district).first() if district else None
    found = near or ordered.first()
    return found.user if found else None


def close(*, task_id: UUID, note: str, actor: Actor, at: datetime) -> None:
    """Close a task, with what was done about it. A repeat is harmless.

    Raises `Refused`: `unknown_task`, `needs_grounds` (no note), `too_long`.
    """
    said = note.strip()
    if not said:
        raise Refused("needs_grounds", "请写明怎么处理的")
    if len(said) > 500:
        raise Refused("too_long", "处理说明最多 500 个字")
    rows = TaskRecord.objects.filter(id=task_id)
    if not rows.exists():
        raise Refused("unknown_task", "没有这项待办")
    rows.filter(closed_at=None).update(closed_at=at, closed_by_id=actor.user_id, note=said)


def settle(
    *, kind: TaskRecord.Kind, partner: PartnerRecord, about: str = "", note: str, at: datetime
) -> None:
    """Close the open task about something that has come right by itself."""
    TaskRecord.objects.filter(kind=kind, partner=partner, about=about[:80], closed_at=None).update(
        closed_at=at, note=note
    )
