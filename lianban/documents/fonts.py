"""The font files that paper is set in, and the characters they can show.

Only files that come with the program count, plus those in the folder named by
``LIANBAN_DOCUMENT_FONTS`` (a city's own 宋体, for instance). The machine's other fonts are left
alone, so a document looks the same wherever it is made.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

import manimgx_fonts_cjk
import typst

from lianban.documents import coverage

SONG_FAMILIES = (
    "Noto Serif SC",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "SimSun",
    "FandolSong",
)
"""Families in the manner of 宋体, best first; the first one present sets the body text."""

HEI_FAMILY = "Noto Sans CJK SC"
"""The family that is always there: it comes from a wheel of fonts."""


@functools.cache
def folders() -> tuple[Path, ...]:
    """Return the folders that fonts are read from; the city's own folder first, if named."""
    named = os.environ.get("LIANBAN_DOCUMENT_FONTS", "")
    own = (Path(named),) if named else ()
    return (*own, Path(manimgx_fonts_cjk.__file__).parent)


@functools.cache
def book() -> typst.Fonts:
    """Return the fonts as the typesetter wants them; found once in a process."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in folders()],
    )


@functools.cache
def body_families() -> tuple[str, ...]:
    """Return the families of the body text in order of fallback."""
    present = set(book().families())
    song = tuple(family for family in SONG_FAMILIES if family in present)
    return (*song[:1], HEI_FAMILY)


@functools.cache
def shown() -> frozenset[int]:
    """Return the code points that the body's families can show together."""
    families = set(body_families())
    points: set[int] = set()
    for info in book().fonts():
        if info.family in families and info.path is not None:
            points |= coverage.code_points(Path(info.path), face=info.index)
    return frozenset(points)
