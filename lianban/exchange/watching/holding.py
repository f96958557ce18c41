"""Holding a partner: nothing is sent to it until somebody lets it go on; what it sends is taken."""

from datetime import datetime

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.engine.refusal import Refused
from lianban.exchange.models import PartnerRecord


def hold(*, code: str, actor: Actor, at: datetime) -> None:
    """Send nothing more to a partner; what is written meanwhile waits. Again: nothing happens.

    Raises `Refused`: `not_permitted`, `unknown_partner`.
    """
    _admit(code, actor)
    free = PartnerRecord.objects.filter(code=code, held_at=None)
    free.update(held_at=at, held_by_id=actor.user_id)


def release(*, code: str, actor: Actor, at: datetime) -> None:
    """Let the sending go on, and begin at once: a partner that failed before is tried now.

    Raises `Refused`: `not_permitted`, `unknown_partner`.
    """
    _admit(code, actor)
    held = PartnerRecord.objects.filter(code=code, held_at__lte=at)
    held.update(held_at=None, held_by=None, closed_until=None)


def _admit(code: str, actor: Actor) -> None:
    if permissions.BUREAU not in permissions.roles_of(actor):
        raise Refused("not_permitted", "暂停和恢复发送，由牵头部门来做")
    if not PartnerRecord.objects.filter(code=code).exists():
        raise Refused("unknown_partner", "没有对接这个部门的系统")
