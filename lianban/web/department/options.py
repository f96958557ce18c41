"""What an officer can do with one item now: by permission, by its state, and by who has it."""

import hashlib
from dataclasses import dataclass
from datetime import date

from lianban import clock
from lianban.accounts.actor import Actor
from lianban.cases import absence_lists, timeline
from lianban.cases.queries import CaseView, ItemView
from lianban.catalogue.model import Edition
from lianban.engine import commands as c
from lianban.engine.states import State
from lianban.engine.transitions import ITEM_ROWS

#: Steps that need no words: one press each.
STEPS = ("receive", "accept", "resume", "deliver", "external_event")
#: Steps with something to fill in, in the order shown.
WITH_WORDS = ("request_correction", "accept_with_deferral", "suspend", "extend", "return")
_HERE = frozenset(
    {
        State.DISPATCHED, State.RECEIVED, State.CORRECTION_DUE, State.ACCEPTED, State.SUSPENDED,
        State.DELIVERING,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """The commands that would be taken now, and what to say where one is not."""

    commands: frozenset[str]
    #: A colleague has the item: the name; nothing can be done meanwhile.
    held_by: str
    #: Materials that must come before anything is granted, by name.
    owed: tuple[str, ...]

    def __contains__(self, command: str) -> bool:
        return command in self.commands


def of(view: CaseView, item: ItemView, *, actor: Actor) -> Options:
    """What this officer can do with the item."""
    holder = item.claimed_by_id
    held = item.claimed_by_name if holder not in (None, actor.user_id) else ""
    if held and holder in absence_lists.stands_in_for(user_id=actor.user_id, on=_today()):
        held = ""
    possible = frozenset() if held and is_here(item) else _possible(view, item)
    owed = tuple(timeline.name_of(view.edition, code) for code in _owed(view, item))
    return Options(possible, held if is_here(item) else "", owed)


def _today() -> date:
    return clock.now().date()


def is_here(item: ItemView) -> bool:
    """Whether the item lies with its department, or with the person it asked."""
    return item.sub.state in _HERE


def has_come(item: ItemView) -> bool:
    """Whether the department has been given the item to see: it lies here, or was dealt with here."""
    return is_here(item) or (item.sub.ended and item.sub.dispatched_on is not None)


def _possible(view: CaseView, item: ItemView) -> frozenset[str]:
    sub = item.sub
    if view.case.ended and not sub.split_off:
        return frozenset()
    found = {
        name
        for name in item.may & ITEM_ROWS.keys()
        if sub.state in ITEM_ROWS[name].sources
        and sub.state not in (State.READY, State.WAITING, State.BLOCKED)
    }
    refine = {
        "extend": sub.clock is not None and not sub.extended_days,
        "request_correction": sub.state in (State.DISPATCHED, State.RECEIVED)
        or (sub.state is State.ACCEPTED and sub.notice.given > 0),
        "accept_with_deferral": bool(deferrable(view, item)),
        "external_event": bool(awaited(item)),
    }
    return frozenset(name for name in found if refine.get(name, True))


def awaited(item: ItemView) -> str:
    """The code of the outside event that this item waits for, or nothing."""
    pledged, sub = item.item.pledged, item.sub
    if sub.event_on is not None or sub.ended:
        return ""
    if sub.state is State.EXTERNAL and item.item.external:
        return item.item.external.event
    late = pledged is not None and pledged.starts not in ("ready", "dispatch")
    return pledged.starts if pledged and late and is_here(item) else ""


def deferrable(view: CaseView, item: ItemView) -> list[str]:
    """Codes of secondary materials of this item that are missing and not yet deferred."""
    lacking = {*view.case.missing, *item.sub.notice.outstanding} - view.case.deferrals.keys()
    return [
        code
        for code in item.sub.materials
        if code in lacking and view.edition.material_by_code[code].deferrable
    ]


def _owed(view: CaseView, item: ItemView) -> list[str]:
    owed = [code for code, d in view.case.deferrals.items() if item.sub.number in d.items]
    return owed + [code for code in view.case.missing if code in item.sub.materials]


def reasons(edition: Edition, command: str) -> list[tuple[str, str]]:
    """The standard reasons for a command: code and words."""
    words = edition.wording.get("reasons", {})
    return [(key, text) for key, text in words.items() if key.startswith(f"{command}.")]


def seen(item: ItemView) -> str:
    """A short name for the item exactly as it was shown; a form sends it back.

    The case's own sequence would change with every step of another department's items.
    """
    return hashlib.sha256(repr(item.sub).encode()).hexdigest()[:16]


def simple(command: str, item: ItemView) -> c.Command:
    """The command behind one press. Raises `KeyError` for one that needs words."""
    number = item.item.number
    commands: dict[str, c.Command] = {
        "receive": c.Receive(number),
        "accept": c.Accept(number),
        "resume": c.Resume(number),
        "deliver": c.Deliver(number),
        "external_event": c.ExternalEvent(number, awaited(item)),
    }
    return commands[command]
