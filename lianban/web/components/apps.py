"""Registers what must hold before the server starts."""

from django.apps import AppConfig
from django.core import checks


class Components(AppConfig):
    """What all faces share: pages, form fields, the map, signing in."""

    name = "lianban.web.components"
    label = "components"

    def ready(self) -> None:
        """Let `check`, and so every start, fail while a route does not say who may call it."""
        from lianban.web.components.access import every_route_states_who_may_call

        checks.register(every_route_states_who_may_call, checks.Tags.security)
