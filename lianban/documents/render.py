"""Turn a document's content into a PDF.

The content goes to the template as data (JSON in ``sys.inputs``), never as markup: a ``#`` or a
``*`` in somebody's name is a letter there. Output is PDF/A-2a (ISO 19005-2) and PDF/UA-1
(ISO 14289-1) together; the same content gives the same bytes.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typst

from lianban.catalogue.calendar import CHINA
from lianban.documents import content, coverage, delivery_content, dossier_content, fonts, qr

TEMPLATES = Path(__file__).parent / "typst"

REGISTRY: Mapping[type[content.Document], str] = {
    content.RegistrationForm: "registration_form",
    content.RequirementsNotice: "requirements_notice",
    content.AcceptanceNotice: "acceptance_notice",
    content.NonAcceptanceNotice: "non_acceptance_notice",
    content.CorrectionNotice: "correction_notice",
    content.DeferralUndertaking: "deferral_undertaking",
    content.DenialDecision: "denial_decision",
    content.ConclusionNotice: "conclusion_notice",
    content.Receipt: "receipt",
    delivery_content.DeliveryRecord: "delivery_record",
    delivery_content.PostingLabels: "posting_labels",
    dossier_content.SettlementNotice: "settlement_notice",
    dossier_content.DossierReturnLetter: "dossier_return_letter",
    dossier_content.DossierLabels: "dossier_labels",
    content.AmountAssessment: "amount_assessment",
}
"""Which template sets which content; its name is also the document's kind."""


def kind_of(document: content.Document) -> str:
    """Return the stored code of a document's kind; ``KeyError`` for one without a template."""
    return REGISTRY[type(document)]


@functools.cache
def titles() -> Mapping[str, str]:
    """Return the Chinese title of each kind of document."""
    read: dict[str, str] = json.loads((TEMPLATES / "titles.json").read_text(encoding="utf-8"))
    return read


def render(document: content.Document) -> bytes:
    """Return the document as one PDF/A-2a and PDF/UA-1 file.

    Raises ``ValueError`` when ``issued_at`` has no time zone.
    """
    if document.issued_at.utcoffset() is None:
        raise ValueError("issued_at needs a time zone")
    template = TEMPLATES / f"{kind_of(document)}.typ"
    data = typst.Compiler(
        str(template),
        root=str(TEMPLATES),
        font_paths=fonts.book(),
        ignore_system_fonts=True,
        sys_inputs={"content": json.dumps(inputs(document), ensure_ascii=False)},
    ).compile(format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=_on_paper(document.issued_at))
    assert isinstance(data, bytes)
    return data


def inputs(document: content.Document) -> dict[str, Any]:
    """Return what the template reads: the printable fields, the fonts and the QR codes."""
    fields = {
        field.name: _plain(getattr(document, field.name)) for field in dataclasses.fields(document)
    }
    codes = {
        name: qr.svg(getattr(document, name))
        for name in ("verification_url", "my_case_url")
        if getattr(document, name, "")
    }
    return {
        **fields,
        "kind": kind_of(document),
        "qr": codes,
        "page_codes": [qr.svg(mark, border=0) for mark in getattr(document, "page_marks", ())],
        "fonts": list(fonts.body_families()),
        "has_codes": any("〔U+" in text for text in _texts(fields)),
    }


def body_hash(document: content.Document, *, key: bytes) -> str:
    """Return the HMAC-SHA-256 (hex) of what the document says, without its number and its code.

    The verification code is computed from this hash and then printed, so it cannot cover itself.
    It is keyed because a document holds an identity number, which a plain hash would let guess.
    """
    body = dataclasses.replace(document, number="", verification_url="")
    fields = {field.name: _plain(getattr(body, field.name)) for field in dataclasses.fields(body)}
    text = json.dumps([kind_of(document), fields], ensure_ascii=False, sort_keys=True)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@functools.singledispatch
def _plain(value: object) -> Any:
    """Return a field as JSON can hold it; a date as its three numbers."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: _plain(getattr(value, field.name)) for field in fields}
    return value


@_plain.register
def _(value: str) -> str:
    return coverage.printable(value, shown=fonts.shown())


@_plain.register
def _(value: date) -> dict[str, int]:
    return {"year": value.year, "month": value.month, "day": value.day}


@_plain.register
def _(value: datetime) -> dict[str, int]:
    told = _on_paper(value)
    day = {"year": told.year, "month": told.month, "day": told.day}
    return {**day, "hour": told.hour, "minute": told.minute}


def _on_paper(at: datetime) -> datetime:
    """Return the same moment as paper tells it: Chinese time, whole seconds."""
    return at.astimezone(CHINA).replace(microsecond=0)


@_plain.register
def _(value: tuple) -> list[Any]:  # type: ignore[type-arg]
    return [_plain(member) for member in value]


@_plain.register
def _(value: frozenset) -> list[Any]:  # type: ignore[type-arg]
    return sorted(_plain(member) for member in value)


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
