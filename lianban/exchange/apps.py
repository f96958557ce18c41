"""The exchange room as Django knows it."""

from django.apps import AppConfig


class Exchange(AppConfig):
    """Partners, messages in and out."""

    name = "lianban.exchange"
    label = "exchange"

    def ready(self) -> None:
        """Let what is written into the outbox wake the relay."""
        from lianban.exchange import waker
        from lianban.outbox import wake

        wake.configure(waker.wake)
