"""A signature on a page: a typed name and, where the browser can draw, a pad beside it.

The pad sends its strokes in a field of its own, `<field>_strokes`; without JavaScript the typed name
is all there is, and just as good.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from lianban.cases.services.signatures import Signature
from lianban.web.components import dates


@dataclass(frozen=True)
class Pad:
    """One signature ready to draw: the typed-name field, what is drawn so far, what was kept."""

    bound: Any
    #: The strokes as they were sent, so that a refused page does not lose them.
    strokes: str
    kept: Signature | None
    #: Keep what is being drawn when htmx swaps the card.
    preserve: bool

    @property
    def name(self) -> str:
        """The name of the field that sends the strokes."""
        return field_of(self.bound.name)

    @property
    def picture(self) -> SafeString:
        """The kept signature, drawn: our own SVG, made of numbers only."""
        return mark_safe(self.kept.svg if self.kept else "")

    @property
    def when(self) -> str:
        """When it was signed, and who was present."""
        if self.kept is None:
            return ""
        present = f"，{self.kept.witness}在场" if self.kept.witness else ""
        return f"{dates.moment(self.kept.signed_at)}{present}"


def field_of(name: str) -> str:
    """The field in which the pad beside the field `name` sends its strokes."""
    return f"{name}_strokes"


def strokes(data: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    """What the pads of a page sent, by the name of their typed field; empty pads are left out."""
    found = {name: str(data.get(field_of(name), "")).strip() for name in names}
    return {name: text for name, text in found.items() if text}
