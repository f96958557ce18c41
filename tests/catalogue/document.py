"""How the city's document is compared with the plan."""

import unicodedata


def plain(text: str) -> str:
    """The words, whatever the width of brackets and commas (the document was scanned)."""
    return unicodedata.normalize("NFKC", text)
