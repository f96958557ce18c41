"""A PDF's pages in a new PDF, without scripts, actions, forms or files inside.

A program of its own, `python -m lianban.cases.pdf_pages MOST_PAGES`: PDF in, PDF out, and an exit
status that says why not. It limits its own memory and time, since a few kilobytes of PDF can unfold
to gigabytes. Needs neither Django nor the database.
"""

import io
import resource
import sys

import pikepdf

DAMAGED, LOCKED, TOO_MANY_PAGES = 3, 4, 5
MOST_MEMORY = 1024 * 1024 * 1024
MOST_CPU_SECONDS = 20

#: What of a page is kept; everything else (annotations, actions, hidden data) goes.
_PAGE_KEYS = frozenset(
    {"/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/Contents", "/Group"}
)
#: What is taken out of anything that a page still reaches.
_ACTIVE_KEYS = (
    "/JS", "/JavaScript", "/AA", "/OpenAction", "/EmbeddedFiles", "/EF", "/AF", "/XFA",
    "/Metadata", "/PieceInfo", "/OPI", "/RichMediaContent",
)  # fmt: skip


class Unfit(Exception):
    """The PDF is not taken; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def rewritten(content: bytes, *, most_pages: int) -> bytes:
    """The same pages in a new file, the same bytes each time. Raises `Unfit`.

    What was typed into a form becomes part of its page.
    """
    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False) as source:
            return _pages_only(source, most_pages)
    except pikepdf.PasswordError:
        raise Unfit(LOCKED) from None


def _pages_only(source: pikepdf.Pdf, most_pages: int) -> bytes:
    if source.is_encrypted:
        raise Unfit(LOCKED)
    if not len(source.pages):
        raise Unfit(DAMAGED)
    if len(source.pages) > most_pages:
        raise Unfit(TOO_MANY_PAGES)
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


def main(arguments: list[str]) -> int:
    """Rewrite standard input to standard output; the exit status says why not."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        file = rewritten(sys.stdin.buffer.read(), most_pages=int(arguments[0]))
    except Unfit as unfit:
        return unfit.status
    except Exception:  # a reader fed with hostile bytes may raise anything
        return DAMAGED
    sys.stdout.buffer.write(file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
