"""Values that pages hand to the component tags (`{% load lb %}`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Step:
    """One step of `{% steps %}`: `state` done, here or to come (empty)."""

    label: str
    state: Literal["done", "here", ""] = ""
    note: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of `{% figures %}`; `tone` colours `delta`: up, good, bad or empty."""

    label: str
    value: str
    unit: str = ""
    delta: str = ""
    tone: Literal["up", "good", "bad", ""] = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of `{% timeline %}`; `tone` you (it asks the reader), done, or empty."""

    title: str
    at: datetime | None = None
    who: str = ""
    text: str = ""
    tone: Literal["you", "done", ""] = ""
    href: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `{% summary %}`; `href` with `action` (改) shows a link at its end."""

    key: str
    value: str
    href: str = ""
    action: str = "改"


@dataclass(frozen=True, slots=True)
class Crumb:
    """One place of `{% crumbs %}`; the last one has no `href`."""

    label: str
    href: str = ""
