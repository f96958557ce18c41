"""The mark on each page of a printed form: what the code in its corner says, and where it stands.

A mark names the draft or the case by its id and the page by its number, and nothing of a person: it
lies on tables and in bins. Pure.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from lianban.catalogue.model import Edition

#: How the files of a scanned form are called; no material of a plan has this name.
FORM = "registration_form"
#: A form has no more pages than this.
MOST_PAGES = 4

_KINDS: dict[str, Literal["draft", "case"]] = {"D": "draft", "C": "case"}
#: Upper-case letters and digits only: QR packs them tightly (ISO/IEC 18004, alphanumeric mode).
_MARK = re.compile(r"LBF1(?P<kind>[DC])(?P<id>[A-Z2-7]{26})(?P<page>[1-9])")


@dataclass(frozen=True)
class Mark:
    """One page of the form of a draft or a case."""

    kind: Literal["draft", "case"]
    id: UUID
    page: int


def marks(*, kind: Literal["draft", "case"], id: UUID) -> tuple[str, ...]:
    """What is printed on the pages of a form, first page first."""
    return tuple(written(Mark(kind, id, page)) for page in range(1, MOST_PAGES + 1))


def written(mark: Mark) -> str:
    """A mark as the code holds it."""
    letter = next(letter for letter, kind in _KINDS.items() if kind == mark.kind)
    return f"LBF1{letter}{base64.b32encode(mark.id.bytes).decode().rstrip('=')}{mark.page}"


def read(text: str) -> Mark | None:
    """The mark that a code holds; None for every other code."""
    found = _MARK.fullmatch(text)
    if found is None:
        return None
    try:
        raw = base64.b32decode(found["id"] + "======")
    except binascii.Error:
        return None
    return Mark(_KINDS[found["kind"]], UUID(bytes=raw), int(found["page"]))


def title(edition: Edition) -> str:
    """What the paper form is called among the materials."""
    return f"{edition.wording.get('form', {}).get('title', '登记表')}（纸质）"
