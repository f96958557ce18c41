"""A person's name as it is searched for. What was typed is stored unchanged. Pure."""

import unicodedata

DOT = "\u00b7"
_DOTS = str.maketrans(dict.fromkeys("\u2022\u30fb\uff65\u2027\u00b7", DOT))
PRIVATE_USE = ((0xE000, 0xF8FF), (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD))


def folded(name: str) -> str:
    """A name for searching: the five spellings of its middle dot become U+00B7."""
    return name.translate(_DOTS)


def searchable(*, name: str) -> str:
    """Fold the five middle dots to one, full width to half, spaces and case away."""
    plain = folded(unicodedata.normalize("NFKC", folded(name)))
    return "".join(plain.split()).casefold()


def private_characters(*, name: str) -> str:
    """Return the characters that only one computer knows (Private Use Area), in order."""
    return "".join(c for c in name if any(low <= ord(c) <= high for low, high in PRIVATE_USE))
