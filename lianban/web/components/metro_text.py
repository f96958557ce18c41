"""How wide a text is, and how a remark is shortened until it fits. The name is never shortened."""

import unicodedata

from lianban.web.components.metro_network import Station
from lianban.web.components.status import WORDS

NAME_SIZE = 15
META_SIZE = 13
_REASON_FIRST = {"needs-you", "suspended", "blocked", "denied", "external"}


def width(text: str, *, size: int) -> float:
    """Estimate a text's width in pixels; a little more than any of our fonts needs."""
    return size * sum(map(_em, text))


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WFA" and character != "·":
        return 1.0
    if character in " ·":
        return 0.4
    return 0.6


def has_own_word(station: Station) -> bool:
    """Whether the status word is not the usual one of its status (已撤回, 已终止)."""
    return station.status_word not in ("", WORDS[station.status])


def word(station: Station) -> str:
    """Return the status word: the station's own, else that of its status."""
    return station.status_word or WORDS[station.status]


def name(station: Station) -> str:
    """Return number and short name, as people read them."""
    return f"{station.number} {station.short_name}"


def full_meta(station: Station) -> str:
    """Return status, reason and date without loss, for the accessible name."""
    return "，".join(part for part in (word(station), station.remark, station.date_text) if part)


def meta(station: Station, *, room: float) -> str:
    """Return the line below the name: as much of status, reason and date as `room` pixels hold."""
    says_itself = {"done": station.date_text, "waiting": station.remark}.get(station.status)
    state = "" if says_itself and not has_own_word(station) else word(station)
    candidates = _candidates(station, state)
    for candidate in candidates:
        if width(candidate, size=META_SIZE) <= room:
            return candidate
    return _cut(candidates[-1], room)


def _candidates(station: Station, state: str) -> list[str]:
    """From everything to the least that must be said; the last one may be cut."""
    reason, dated = (state, station.remark), (state, station.date_text)
    parts: list[tuple[str, ...]] = [(state, station.remark, station.date_text)]
    if station.status in _REASON_FIRST and station.remark:
        parts += [reason]
    elif station.date_text:
        parts += [dated, (station.date_text,)]
    else:
        parts += [reason]
    return [" · ".join(part for part in group if part) or word(station) for group in parts]


def _cut(text: str, room: float) -> str:
    while text and width(text + "…", size=META_SIZE) > room:
        text = text[:-1]
    return text.rstrip(" ·，") + "…"
