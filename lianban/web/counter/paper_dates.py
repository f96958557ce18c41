"""The day that stands on a paper which ends: typed by the clerk who has it in hand."""

from collections.abc import Collection, Mapping
from datetime import date

from django.http import QueryDict

from lianban.catalogue.model import Edition


def ending(edition: Edition) -> frozenset[str]:
    """Codes of the materials that end some days after the day on them."""
    return frozenset(material.code for material in edition.materials if material.valid_days)


def typed(data: QueryDict, edition: Edition) -> dict[str, str]:
    """What was typed for each of them, as it was typed."""
    return {code: data.get(f"dated_{code}", "").strip()[:20] for code in ending(edition)}


def read(texts: Mapping[str, str], codes: Collection[str]) -> tuple[dict[str, date], list[str]]:
    """The days of these papers, and the codes of those whose day nobody can read."""
    days: dict[str, date] = {}
    wrong: list[str] = []
    for code, text in texts.items():
        if not text or code not in codes:
            continue
        try:
            days[code] = date.fromisoformat(text)
        except ValueError:
            wrong.append(code)
    return days, wrong
