"""A PDF's pages in a new PDF, without scripts, actions, forms or files inside.

A few kilobytes of PDF can unfold to gigabytes, here or in the reader of whoever opens it later; so
streams are unfolded once with a limit. Runs in the process of `cases.decoding` only.
"""

import io
import zlib
from typing import Any

import pikepdf

#: Of one picture on a page: an A3 sheet at 600 dots per inch.
MOST_PIXELS = 75_000_000
#: Bytes of one stream once unfolded (an A4 sheet in colour at 600 dots), and of all together.
MOST_OF_A_STREAM = 128 * 1024 * 1024
MOST_UNFOLDED = 512 * 1024 * 1024
#: Arrays and dictionaries within each other; a reader that recurses breaks far beyond.
_DEEPEST = 100
_PIECE = 1024 * 1024
_FLATE = ("/FlateDecode", "/Fl")

#: What of a page is kept; everything else (annotations, actions, hidden data) goes.
_PAGE_KEYS = frozenset(
    {"/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/Contents", "/Group"}
)
#: What is taken out of anything that a page still reaches.
_ACTIVE_KEYS = (
    "/JS", "/JavaScript", "/AA", "/OpenAction", "/EmbeddedFiles", "/EF", "/AF", "/XFA",
    "/Metadata", "/PieceInfo", "/OPI", "/RichMediaContent",
)  # fmt: skip


class Damaged(Exception):
    """The PDF has no pages, or is no PDF."""


class Locked(Exception):
    """The PDF is encrypted, with or without a password."""


class TooManyPages(Exception):
    """The PDF has more pages than are taken."""


class Bomb(Exception):
    """The PDF unfolds to more than a reader can bear."""


def rewritten(content: bytes, *, most_pages: int) -> tuple[bytes, int]:
    """The same pages in a new file, the same bytes each time, and how many they are.

    What was typed into a form becomes part of its page. Raises `Damaged`, `Locked`, `TooManyPages`,
    `Bomb`, and whatever a reader raises that is fed with hostile bytes.
    """
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False) as source:
            return _pages_only(source, most_pages), len(source.pages)
    except pikepdf.PasswordError:
        raise Locked from None


def _pages_only(source: pikepdf.Pdf, most_pages: int) -> bytes:
    if source.is_encrypted:
        raise Locked
    if not len(source.pages):
        raise Damaged
    if len(source.pages) > most_pages:
        raise TooManyPages
    _weigh(source)
    source.generate_appearance_streams()
    source.flatten_annotations("print")
    with pikepdf.new() as target:
        target.pages.extend(source.pages)
        for page in target.pages:
            for key in set(page.obj.keys()) - _PAGE_KEYS:
                del page.obj[key]
        _disarm(target)
        out = io.BytesIO()
        target.save(
            out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate
        )
        return out.getvalue()


def _disarm(pdf: pikepdf.Pdf) -> None:
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            for key in _ACTIVE_KEYS:
                if key in thing:
                    del thing[key]


def _weigh(pdf: pikepdf.Pdf) -> None:
    """Refuse what unfolds too far; a reader would do it again for everybody who opens the file."""
    left = MOST_UNFOLDED
    for thing in pdf.objects:
        _require_flat(thing)
        if isinstance(thing, pikepdf.Stream):
            if int(thing.get("/Width", 0)) * int(thing.get("/Height", 0)) > MOST_PIXELS:
                raise Bomb
            left -= _unfolded(thing, min(left, MOST_OF_A_STREAM))


def _require_flat(thing: Any) -> None:
    inside = [(thing, 0)]
    while inside:
        one, depth = inside.pop()
        if depth > _DEEPEST:
            raise Bomb
        if isinstance(one, pikepdf.Array):
            members = list(one)
        elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            members = [value for _, value in one.items()]
        else:
            continue
        inside += [(member, depth + 1) for member in members if not _is_elsewhere(member)]


def _is_elsewhere(member: Any) -> bool:
    """A reference; what it leads to is looked at by itself."""
    return isinstance(member, pikepdf.Object) and bool(member.is_indirect)


def _unfolded(stream: pikepdf.Stream, most: int) -> int:
    """Bytes of a stream once unfolded. Raises `Bomb` beyond `most`."""
    filters = _filters(stream)
    if sum(name in _FLATE for name in filters) > 1:
        raise Bomb
    if not filters or filters[0] not in _FLATE:
        size = len(stream.read_raw_bytes())
    else:
        size = _inflated(stream.read_raw_bytes(), most)
    if size > most:
        raise Bomb
    return size


def _filters(stream: pikepdf.Stream) -> list[str]:
    named: Any = stream.get("/Filter", [])
    return [str(named)] if isinstance(named, pikepdf.Name) else [str(name) for name in named]


def _inflated(packed: bytes, most: int) -> int:
    unpacker, size, rest = zlib.decompressobj(), 0, packed
    while rest and size <= most and not unpacker.eof:
        size += len(unpacker.decompress(rest, _PIECE))
        rest = unpacker.unconsumed_tail
    return size
