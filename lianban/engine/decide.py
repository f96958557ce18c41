"""What a command leads to: events, or a refusal with a reason. Nothing is written here."""

from datetime import datetime

from lianban.catalogue.calendar import Calendar
from lianban.catalogue.model import Edition
from lianban.engine import commands as c
from lianban.engine import decide_case, decide_item, follow
from lianban.engine.case import JointCase
from lianban.engine.desk import Desk
from lianban.engine.events import Event
from lianban.engine.refusal import Refused


def decide(
    edition: Edition, case: JointCase, command: c.Command, *, at: datetime, calendar: Calendar
) -> tuple[Event, ...]:
    """Return what happens, in order; empty for a repeat of what is already so.

    `at` is aware and in Asia/Shanghai, since days are counted in it. Raises only `Refused`.
    """
    if case.edition_hash and case.edition_hash != edition.hash:
        raise Refused("stale", "这件联办件用的是另一个版本的方案", edition=case.edition_id)
    desk = Desk(edition, case, at, calendar)
    item = getattr(command, "item", None)
    if item is None:
        decide_case.handle(desk, command)
    else:
        decide_item.handle(desk, command, item)
    if desk.events:
        follow.settle(desk)
    return tuple(desk.events)
