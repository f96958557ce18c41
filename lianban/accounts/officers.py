"""Officers' accounts, as an administrator keeps them: add, move, disable, new start password.

An administrator's reach is the office's district and all below it. Every change that takes a
right away raises `auth_version`, so the officer's sessions end at the next request.
"""

import re
import secrets
from collections.abc import Collection
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from lianban.accounts.actor import Actor
from lianban.accounts.models import Office, Role, RoleGrant, User
from lianban.engine.refusal import Refused

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}", re.ASCII)
_log = structlog.get_logger(__name__)


def visible_to(actor: Actor) -> QuerySet[User]:
    """Return the officers an administrator keeps; none for anybody else."""
    if Role.ADMINISTRATOR not in actor.roles:
        return User.objects.none()
    return (
        User.objects.filter(kind=User.Kind.OFFICER, office__district__in=actor.districts)
        .select_related("office__district")
        .prefetch_related("role_grants")
    )


def offices_of(actor: Actor) -> QuerySet[Office]:
    """Return the offices an administrator may put officers into."""
    if Role.ADMINISTRATOR not in actor.roles:
        return Office.objects.none()
    return Office.objects.filter(district__in=actor.districts).select_related("district")


def add(
    *, username: str, name: str, office_id: UUID, roles: Collection[str], actor: Actor
) -> tuple[User, str]:
    """Add an officer and return it with its start password, which is shown once.

    Raises Refused: bad_username, unknown_role, not_permitted, username_taken.
    """
    office = _office(office_id, actor)
    _check(username, roles)
    start = new_start_password()
    user = User(
        kind=User.Kind.OFFICER,
        username=username,
        name=name.strip(),
        office=office,
        must_set_password=True,
    )
    user.set_password(start)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in set(roles))
    except IntegrityError:
        raise Refused("username_taken", username=username) from None
    _log.info("officer added", officer=str(user.id), by=str(actor.user_id))
    return user, start


@transaction.atomic
def change(*, user_id: UUID, office_id: UUID, roles: Collection[str], actor: Actor) -> User:
    """Move an officer to an office with these roles, and end the officer's sessions.

    Raises Refused: unknown_role, not_permitted, not_oneself (an administrator who would lose the
    role), not_found.
    """
    user = _locked(user_id, actor)
    office = _office(office_id, actor)
    _check_roles(roles)
    if user.id == actor.user_id and Role.ADMINISTRATOR not in roles:
        raise Refused("not_oneself")
    user.office = office
    RoleGrant.objects.filter(user=user).exclude(role__in=roles).delete()
    RoleGrant.objects.bulk_create(
        (RoleGrant(user=user, role=role) for role in set(roles)), ignore_conflicts=True
    )
    return _saved(user, "officer changed", actor)


@transaction.atomic
def disable(*, user_id: UUID, actor: Actor) -> User:
    """Close an officer's account. Raises Refused: not_permitted, not_oneself, not_found."""
    user = _locked(user_id, actor)
    if user.id == actor.user_id:
        raise Refused("not_oneself")
    user.is_active = False
    return _saved(user, "officer disabled", actor)


@transaction.atomic
def enable(*, user_id: UUID, actor: Actor) -> User:
    """Open a closed account again. Raises Refused: not_permitted, not_found."""
    user = _locked(user_id, actor)
    user.is_active = True
    return _saved(user, "officer enabled", actor)


@transaction.atomic
def reset_password(*, user_id: UUID, actor: Actor) -> tuple[User, str]:
    """Return the officer with a new start password, shown once; old sessions end.

    Raises Refused: not_permitted, not_found.
    """
    user = _locked(user_id, actor)
    start = new_start_password()
    user.set_password(start)
    user.must_set_password = True
    return _saved(user, "start password given", actor), start


def new_start_password() -> str:
    """Return twelve random signs in three groups, without those that are misread (0 O 1 l i)."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
    return "-".join(groups)


def is_username(text: str) -> bool:
    """Say whether a text may be a user name: 2 to 60 small letters, digits, dots, hyphens."""
    return _USERNAME.fullmatch(text) is not None


def _saved(user: User, event: str, actor: Actor) -> User:
    user.auth_version += 1
    user.save()
    _log.info(event, officer=str(user.id), by=str(actor.user_id))
    return user


def _locked(user_id: UUID, actor: Actor) -> User:
    _require_administrator(actor)
    rows = User.objects.select_for_update(of=("self",)).filter(pk=user_id, kind="officer")
    user = rows.filter(office__district__in=actor.districts).first()
    if user is None:
        raise Refused("not_found")
    return user


def _office(office_id: UUID, actor: Actor) -> Office:
    _require_administrator(actor)
    office = Office.objects.filter(pk=office_id, district__in=actor.districts).first()
    if office is None:
        raise Refused("not_permitted")
    return office


def _require_administrator(actor: Actor) -> None:
    if Role.ADMINISTRATOR not in actor.roles:
        raise Refused("not_permitted")


def _check(username: str, roles: Collection[str]) -> None:
    if not is_username(username):
        raise Refused("bad_username")
    _check_roles(roles)


def _check_roles(roles: Collection[str]) -> None:
    unknown = set(roles) - set(Role.values)
    if unknown or not roles:
        raise Refused("unknown_role", roles=sorted(unknown))
