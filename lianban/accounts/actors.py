"""Actors made from rows."""

from django.db.models import Q

from lianban.accounts.actor import Actor
from lianban.accounts.models import District, User


def from_user(user: User) -> Actor:
    """Return the actor of a signed-in user, with today's roles and office (two short reads)."""
    if user.kind == User.Kind.APPLICANT:
        return Actor(kind="applicant", user_id=user.id, name="申请人")
    office = user.office
    return Actor(
        kind="officer",
        user_id=user.id,
        name=user.name,
        roles=frozenset(user.role_grants.values_list("role", flat=True)),
        department=office.department if office else None,
        office_id=office.id if office else None,
        district=office.district_id if office else None,
        districts=districts_below(office.district_id) if office else frozenset(),
    )


def districts_below(code: str) -> frozenset[str]:
    """Return a district's code and those of all districts below it (city, county)."""
    below = Q(code=code) | Q(parent=code) | Q(parent__parent=code)
    return frozenset(District.objects.filter(below).values_list("code", flat=True))
