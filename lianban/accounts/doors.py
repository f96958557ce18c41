"""Who may call a route, as the route itself says it: for pages and for machines alike.

Pages declare it with `lianban.web.components.access`, the exchange with `lianban.api`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from lianban.accounts.actor import Actor

View = TypeVar("View", bound=Callable[..., Any])


class Door(Enum):
    """The kinds of caller a view may be for."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    APPLICANT = "applicant"
    ACCOUNT = "applicant with an account"
    OFFICER = "officer"
    PARTNER = "a partner's system, by signature"


@dataclass(frozen=True)
class Access:
    """What a view declares; `roles` only for officers, any of them suffices."""

    door: Door
    roles: frozenset[str] = frozenset()
    while_setting_password: bool = False

    def admits(self, actor: Actor | None) -> bool:
        """Say whether this caller may enter. A partner is known by each request's signature."""
        if self.door is Door.PUBLIC:
            return True
        if actor is None:
            return False
        return {
            Door.SIGNED_IN: True,
            Door.APPLICANT: actor.kind == "applicant",
            Door.ACCOUNT: actor.kind == "applicant" and actor.user_id is not None,
            Door.OFFICER: actor.kind == "officer" and not self.roles.isdisjoint(actor.roles),
            Door.PARTNER: actor.kind == "partner",
        }[self.door]


def declare(view: View, access: Access) -> View:
    """Write onto a view who may call it."""
    view.access = access  # type: ignore[attr-defined]
    # Ours is the stricter guard; Django's knows users only and would turn receipts away.
    view.login_required = False  # type: ignore[attr-defined]
    return view


def is_for_machines(view: Callable[..., Any]) -> bool:
    """Say whether a view is for partners' systems: no session, no form, no page."""
    access = getattr(view, "access", None)
    return isinstance(access, Access) and access.door is Door.PARTNER
