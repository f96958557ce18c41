"""How often something may be tried: one row per rule, key and fixed window of time.

Count before the costly or revealing work, and outside a transaction that a refusal would roll
back. A window that is full opens again by itself: a delay, never a lock that somebody must lift.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.db import connection

from lianban import vault
from lianban.accounts.models import AttemptWindow
from lianban.engine.refusal import Refused

_COUNT = """
    INSERT INTO accounts_attemptwindow (rule, key, window_at, count) VALUES (%s, %s, %s, 1)
    ON CONFLICT (rule, key, window_at)
    DO UPDATE SET count = accounts_attemptwindow.count + 1
    RETURNING count
"""
_KEEP = timedelta(days=2)


@dataclass(frozen=True)
class Limit:
    """At most `most` tries per key in each `window`; `rule` names it in the table."""

    rule: str
    most: int
    window: timedelta


def count(limit: Limit, *, key: str, at: datetime) -> None:
    """Count one try. Raises Refused("too_many_tries", retry_at=…) beyond the limit.

    The key (a user name, a phone, an address) is stored as a blind index only.
    """
    window_at = _window(limit, at=at)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [limit.rule, _digest(limit, key), window_at])
        (tries,) = cursor.fetchone()
    if tries > limit.most:
        raise Refused("too_many_tries", rule=limit.rule, retry_at=window_at + limit.window)


def forget(limit: Limit, *, key: str, at: datetime) -> None:
    """Give back the tries of this window, after one of them was right."""
    row = {"rule": limit.rule, "key": _digest(limit, key), "window_at": _window(limit, at=at)}
    AttemptWindow.objects.filter(**row).delete()


def sweep(*, at: datetime) -> int:
    """Delete windows that ended long ago and return how many rows went."""
    return AttemptWindow.objects.filter(window_at__lt=at - _KEEP).delete()[0]


def network(address: str) -> str:
    """Return the network whose tries count together: an IPv4 /24, an IPv6 /64, or "unknown"."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ip_network(f"{parsed}/{24 if parsed.version == 4 else 64}", strict=False))


def _window(limit: Limit, *, at: datetime) -> datetime:
    seconds = int(limit.window.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, tz=UTC)


def _digest(limit: Limit, key: str) -> bytes:
    return vault.blind_index(key, purpose=f"limit {limit.rule}")
