"""Read a card for the person, and fill in what the person confirms. The photo is kept nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.util import find_spec
from typing import Any
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases import card_reading, decoding, uploads
from lianban.cases.card_reading import Card
from lianban.cases.content import Content
from lianban.cases.services import drafts
from lianban.catalogue.model import Edition
from lianban.engine.refusal import Refused

#: Longer than any value that a card holds.
_LONGEST = 200


@cache
def can_read() -> bool:
    """Whether the optional reader is installed (`pip install lianban[ocr]`)."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def read(*, upload: Any, name: str, today: date) -> Card:
    """What a photo says. Raises `Refused`: `bad_file`, `no_reader`."""
    if not can_read():
        raise Refused("no_reader", "这里没有装读卡功能，请直接填写")
    clean = uploads.check(upload, name=name)
    if not clean.content_type.startswith("image/"):
        raise uploads.refused("no_picture", "请拍一张照片，或者选一张图片")
    answer = decoding.run("lines", clean.content)
    if answer.status != 0:
        raise uploads.refused(
            "unreadable", "这张照片读不出来，请在亮处正对着再拍一张，或者直接填写"
        )
    return card_reading.read(card_reading.lines(answer.facts["lines"]), today=today)


@dataclass(frozen=True)
class Offer:
    """One value for one field: what the card says, and what the person typed before."""

    code: str
    label: str
    value: str
    confidence: float
    typed: str

    @property
    def is_free(self) -> bool:
        """Whether the field is empty, so that the person may take the value over."""
        return not self.typed

    @property
    def is_same(self) -> bool:
        """Whether the person typed the same."""
        return self.typed == self.value

    @property
    def how_sure(self) -> str:
        """The confidence, in words."""
        if self.confidence >= 0.95:
            return "看得清楚"
        return "大致看清，请核对" if self.confidence >= 0.8 else "看不太清，请仔细核对"


def offers(card: Card, *, edition: Edition, values: Mapping[str, str]) -> list[Offer]:
    """What the card says for the fields that the plan names (`card.yaml`)."""
    labels = {field.code: field.label for field in edition.fields}
    codes = edition.wording.get("card", {})
    return [
        Offer(code, labels[code], each.value, each.confidence, values.get(code, "").strip())
        for each in card.proposals
        if (code := codes.get(each.kind, "")) in labels
    ]


def fill(
    *, draft_id: UUID, values: Mapping[str, str], actor: Actor, at: datetime
) -> tuple[str, ...]:
    """Put confirmed values into the empty fields of a form; what was typed is never overwritten.

    Returns the codes of the fields that were filled. Raises `Refused('unknown_draft')`.
    """
    draft = drafts.get(draft_id=draft_id, actor=actor)
    known = set(draft.edition.wording.get("card", {}).values())
    offered = {
        code: text.strip()[:_LONGEST]
        for code, text in values.items()
        if code in known and text.strip()
    }
    filled: list[str] = []

    def change(content: Content) -> Content:
        free = {k: v for k, v in offered.items() if not content.fields.get(k, "").strip()}
        filled.extend(free)
        return replace(content, fields={**content.fields, **free})

    drafts.amend(draft_id=draft_id, change=change, actor=actor, at=at)
    return tuple(filled)
