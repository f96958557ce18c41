"""What a message says, for the eyes of those who watch: every key, and no value of a person."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lianban import vault
from lianban.engine.refusal import Refused
from lianban.exchange import compose, contract
from lianban.exchange.models import PartnerRecord
from lianban.outbox.models import OutboxMessage

MASKED = "****"
#: Keys whose values name nobody; whatever is not here is masked.
_OPEN = frozenset(
    {
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "sequence",
        "item", "item_name", "round", "district", "edition", "due_on", "due_is_provisional",
        "label", "grade", "content_type", "size", "kind", "why", "supplied", "defects",
        "reason_code", "reason", "grounds", "note", "department", "days", "outcome", "state",
        "matches", "identity_matches", "valid_until", "issued_on", "link_until", "pieces", "purpose",
        "code",
    }
)  # fmt: skip
#: Keys of names that are a thing's where they stand in one of these, and a person's elsewhere.
_THINGS = frozenset({"materials", "results"})
#: Free words may hold a number of somebody: long runs of figures are masked in them.
_FREE = frozenset({"reason", "grounds", "note"})
_FIGURES = re.compile(r"\d[\d\- ]{4,}[\dXx]")
#: Longer ones nowhere, not even where a sender put them into a name: no date is so long.
_LONG = re.compile(r"\d[\d ]{7,}[\dXx]")
_SUBJECT = re.compile(r"[a-z]{1,20}:[0-9a-f-]{8,40}")
_DEEPEST = 8


@dataclass(frozen=True)
class Line:
    """One value: where it stands, and what of it is shown."""

    where: str
    shown: str

    @property
    def is_masked(self) -> bool:
        """Whether the value is hidden."""
        return self.shown == MASKED


@dataclass(frozen=True)
class Said:
    """A message in lines; `problem` says why there are none."""

    word: str
    subject: str
    lines: tuple[Line, ...]
    problem: str = ""


def outgoing(row: OutboxMessage, *, partner: PartnerRecord, at: datetime) -> Said:
    """What a message would say if it were sent now."""
    try:
        envelope = compose.compose(row, partner=partner, at=at)
    except vault.Unreadable:
        return Said("", "", (), "封存的内容打不开了，发不出去")
    except Refused as refusal:
        return Said("", "", (), refusal.message or "这条消息现在组不出来")
    if envelope is None:
        return Said("", "", (), "没有要说的了：这一件在本平台已经结束，或者对方没有收到过它")
    body = envelope.model_dump(mode="json", exclude_none=True)
    return Said(envelope.type, envelope.subject, tuple(lines(body["data"])))


def incoming(body: bytes) -> Said:
    """What a message that came in says."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return Said("", "", (), "不是合格的 JSON，读不出来")
    if not isinstance(read, dict):
        return Said("", "", (), "不是一个信封，读不出来")
    return Said(
        _LONG.sub(MASKED, str(read.get("type", ""))[:80]),
        subject(str(read.get("subject", ""))[:80]),
        tuple(lines(read.get("data", {}))),
    )


def subject(text: str) -> str:
    """What a message is about, as its sender says: a number that is no name of ours is masked."""
    is_ours = contract.parse_sub_case(text) is not None or _SUBJECT.fullmatch(text)
    return text if is_ours else _LONG.sub(MASKED, text)


def lines(value: Any) -> Iterator[Line]:
    """Every value of a body with its place, those of persons masked."""
    yield from _lines(value, (), "")


def _lines(value: Any, place: tuple[str, ...], key: str) -> Iterator[Line]:
    if len(place) > _DEEPEST:
        yield Line(_where(place), MASKED)
    elif isinstance(value, dict) and place and set(value) == {"label", "value"}:
        yield Line(_where((*place[:-1], f"{place[-1]}（{str(value['label'])[:60]}）")), MASKED)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _lines(inner, (*place, str(name)[:60]), str(name))
    elif isinstance(value, list):
        is_plain = all(not isinstance(one, dict | list) for one in value)
        if is_plain:
            yield Line(_where(place), _plain_list(value, key))
            return
        for number, inner in enumerate(value, start=1):
            yield from _lines(inner, (*place, str(number)), key)
    else:
        yield Line(_where(place), _shown(value, place, key))


def _where(place: tuple[str, ...]) -> str:
    return _LONG.sub(MASKED, " / ".join(place))


def _plain_list(values: list[Any], key: str) -> str:
    if not values:
        return "没有"
    shown = "、".join(str(one)[:60] for one in values)
    return _LONG.sub(MASKED, shown) if key in _OPEN else MASKED


def _shown(value: Any, place: tuple[str, ...], key: str) -> str:
    is_things_name = key == "name" and bool(_THINGS & set(place[:-1])) and "files" not in place
    if key not in _OPEN and not is_things_name:
        return MASKED
    if isinstance(value, bool):
        return "是" if value else "否"
    text = str(value)[:500]
    return (_FIGURES if key in _FREE else _LONG).sub(MASKED, text)
