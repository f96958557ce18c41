"""The same decision for like rows: each in its own transaction, with a result for each."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases.services import claims, proposals
from lianban.engine import commands as c
from lianban.engine.refusal import Refused

#: The most rows that one decision may be about.
MOST = 500
_COMMANDS: dict[str, Callable[[int, str], c.Command]] = {
    "receive": lambda item, reason: c.Receive(item),
    "accept": lambda item, reason: c.Accept(item),
    "grant": lambda item, reason: c.Grant(item),
    "deny": c.Deny,
    "deliver": lambda item, reason: c.Deliver(item),
}
ACTS = tuple(_COMMANDS)


def decide(
    targets: Iterable[tuple[UUID, int]], *, act: str, reason: str = "", actor: Actor, at: datetime
) -> list[claims.Result]:
    """Give one command about the same item of many cases; a failure holds up no other row.

    What the plan keeps for the bureau's head is proposed for each row. Raises `Refused` for the
    whole: `too_many`, `nothing_chosen`, `unlike` items, `needs_grounds`.
    """
    rows = list(dict.fromkeys(targets))
    if not rows:
        raise Refused("nothing_chosen", "请至少选一件")
    if len(rows) > MOST:
        raise Refused("too_many", f"一次最多 {MOST} 件，现在选了 {len(rows)} 件")
    if len({item for _, item in rows}) > 1:
        raise Refused("unlike", "一次只能对同一个事项作同样的决定。先按事项筛选，再选")
    if act == "deny" and not reason.strip():
        raise Refused("needs_grounds", "不予办理要写理由")
    command = _COMMANDS[act]

    def one(case_id: UUID, item: int | None) -> None:
        assert item is not None
        _give(command(item, reason), case_id, item, actor, at)

    return claims.many(rows, one)


def _give(command: c.Command, case_id: UUID, item: int, actor: Actor, at: datetime) -> None:
    try:
        claims.act(command, case_id=case_id, item=item, actor=actor, at=at)
    except Refused as refusal:
        if refusal.code != "not_permitted" or not isinstance(command, c.Deny):
            raise
        proposals.propose(command, case_id=case_id, actor=actor, at=at)
