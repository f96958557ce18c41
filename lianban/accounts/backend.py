"""Finds the user of a session. Passwords and codes are checked in `services`, not here."""

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from lianban.accounts.models import User


class Backend(BaseBackend):
    """Django's door to our users: reads the session's user, and never authenticates by itself."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Return None: signing in goes through `accounts.services` only."""

    def get_user(self, user_id: Any) -> User | None:
        """Return an active user with office and district, or None, which ends the session."""
        try:
            key = UUID(str(user_id))
        except ValueError:
            return None
        found = User.objects.select_related("office__district").filter(pk=key, is_active=True)
        return found.first()
