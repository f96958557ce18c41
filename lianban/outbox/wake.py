"""Saying that there is something to send, once it is committed. Who sends is wired from above.

Nothing rests on it: a message whose wake-up is lost is found by the relay's own round.
"""

from collections.abc import Callable, Iterable

from django.db import transaction


class _Door:
    """Where `configure` leaves who is woken; nobody before that."""

    wake: Callable[[frozenset[str]], None] | None = None


def configure(wake: Callable[[frozenset[str]], None]) -> None:
    """Name the function that wakes the relay for these partners."""
    _Door.wake = wake


def after_commit(partners: Iterable[str]) -> None:
    """Wake the relay for these partners when the transaction is committed."""
    codes = frozenset(partners)
    if codes and _Door.wake is not None:
        wake = _Door.wake
        transaction.on_commit(lambda: wake(codes), robust=True)
