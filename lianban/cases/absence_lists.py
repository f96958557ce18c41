"""Who is away, who stands in, and whose leave one may note. Nothing is written."""

from datetime import date
from uuid import UUID

from django.db.models import Q

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.accounts.models import User
from lianban.cases.models import AbsenceRecord, SubCaseRecord


def may_declare(officer: User, actor: Actor) -> bool:
    """Whether the actor may note this officer's leave."""
    is_head = permissions.HEAD in permissions.roles_of(actor)
    return officer.id == actor.user_id or is_head


def colleagues(officer: User) -> list[User]:
    """Who may stand in: the active officers of the same office who do the same kind of work."""
    roles = set(officer.role_grants.values_list("role", flat=True))
    found = User.objects.filter(kind=User.Kind.OFFICER, is_active=True, office=officer.office)
    found = found.exclude(id=officer.id)
    return list(found.filter(role_grants__role__in=roles).order_by("name", "id").distinct())


def reachable(actor: Actor) -> list[User]:
    """The officers whose leave the actor may note: oneself, or all of the districts for the head."""
    found = User.objects.select_related("office__district").filter(
        kind=User.Kind.OFFICER, is_active=True
    )
    if permissions.HEAD in permissions.roles_of(actor):
        found = found.filter(office__district_id__in=actor.districts)
    else:
        found = found.filter(id__in=[actor.user_id] if actor.user_id else [])
    return list(found.order_by("office__name", "name", "id"))


def listed(*, actor: Actor, today: date) -> list[AbsenceRecord]:
    """Leaves that run or will, of those whom the actor may note, and those the actor stands in for."""
    rows = AbsenceRecord.objects.select_related("officer__office", "deputy").filter(
        to_on__gte=today
    )
    mine = Q(officer_id=actor.user_id) | Q(deputy_id=actor.user_id)
    if permissions.HEAD in permissions.roles_of(actor):
        mine |= Q(officer__office__district_id__in=actor.districts)
    return list(rows.filter(mine).order_by("from_on", "id"))


def stands_in_for(*, user_id: UUID | None, on: date) -> frozenset[UUID]:
    """Whose work the user does on this day besides the own."""
    rows = AbsenceRecord.objects.filter(deputy_id=user_id, from_on__lte=on, to_on__gte=on)
    return frozenset(rows.values_list("officer_id", flat=True)) if user_id else frozenset()


def away(case_id: UUID, item: int, *, actor: Actor, on: date) -> User | None:
    """The officer who has the item and is away that day, if the actor stands in; else None."""
    row = SubCaseRecord.objects.select_related("claimed_by").filter(case_id=case_id, number=item)
    holder = next((sub.claimed_by for sub in row), None)
    if holder is None or holder.id == actor.user_id:
        return None
    return holder if holder.id in stands_in_for(user_id=actor.user_id, on=on) else None
