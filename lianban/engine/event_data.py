"""Events as JSON values for the journal, and back."""

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from lianban.engine import events, exchange_records, records
from lianban.engine.event import Event, ItemPlan, MilestonePlan


def _subclasses(kind: type[Event]) -> list[type[Event]]:
    children: list[type[Event]] = kind.__subclasses__()
    return [found for child in children for found in (child, *_subclasses(child))]


# Naming the modules here makes sure that all their events are known below.
assert events.__name__ and records.__name__ and exchange_records.__name__

#: Every event by its name.
TYPES: dict[str, type[Event]] = {kind.__name__: kind for kind in _subclasses(Event)}
_NAMES: dict[type, tuple[str, ...]] = {
    kind: tuple(f.name for f in fields(kind) if f.name != "at") for kind in TYPES.values()
}


def to_data(event: Event) -> dict[str, Any]:
    """The event as JSON values, without its moment (the journal keeps that beside it)."""
    return {name: _plain(getattr(event, name)) for name in _NAMES[type(event)]}


def from_data(name: str, data: dict[str, Any], *, at: datetime) -> Event:
    """Rebuild an event. Raises `KeyError` for an unknown name and `TypeError` for other fields."""
    return TYPES[name](
        at=at, **{key: _READERS.get(key, _value)(value) for key, value in data.items()}
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, ItemPlan | MilestonePlan):
        return {k: _plain(v) for k, v in asdict(value).items()}
    return value


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _items(values: list[Any]) -> tuple[Any, ...]:
    return tuple(
        ItemPlan(**{k: _value(v) for k, v in value.items()}) if isinstance(value, dict) else value
        for value in values
    )


def _milestones(values: list[dict[str, Any]]) -> tuple[MilestonePlan, ...]:
    return tuple(MilestonePlan(**{k: _value(v) for k, v in value.items()}) for value in values)


_READERS: dict[str, Any] = {
    "items": _items,
    "milestones": _milestones,
    "since": date.fromisoformat,
    "due_on": date.fromisoformat,
    "on": date.fromisoformat,
    "until": lambda text: date.fromisoformat(text) if text else None,
}
