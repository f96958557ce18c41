"""QR codes as SVG text, for paper and for pages alike."""

from __future__ import annotations

import io

import segno


def svg(text: str, *, border: int = 2) -> str:
    """Return an inline ``<svg>`` that scales with its box and shows ``text`` as a QR code.

    Error correction is M or better (ISO/IEC 18004): paper gets folded and stamped. ``border`` is
    the quiet zone in modules; give 4 where nothing white surrounds the picture. Raises
    ``ValueError`` when the text is too long for a QR code.
    """
    try:
        code = segno.make_qr(text, error="m", boost_error=True)
    except segno.DataOverflowError as refusal:
        raise ValueError("The text is too long for a QR code") from refusal
    out = io.BytesIO()
    code.save(
        out,
        kind="svg",
        border=border,
        omitsize=True,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        nl=False,
    )
    return out.getvalue().decode("ascii")
