"""What the codes on scanned pages of the form say, and the pages laid straight.

Runs in the process of `cases.decoding` only.
"""

import io
from dataclasses import dataclass

import pikepdf
import pypdfium2
import zxingcpp
from PIL import Image, ImageOps

from lianban.cases import form_pages, pictures, sheet

_MOST_PAGES = 20
_LONGEST_SIDE = 2400
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


@dataclass(frozen=True)
class _Code:
    text: str
    #: Its corners in the picture, from its own upper left, clockwise.
    corners: tuple[sheet.Point, ...]


def read(content: bytes) -> tuple[list[list[object]], bytes]:
    """The form's marks, each after its page (from 1), and the file with its pages upright.

    `content` is a JPEG, PNG or PDF that was written anew. Raises whatever a decoder raises.
    """
    return _read_pdf(content) if content.startswith(b"%PDF-") else _read_picture(content)


def _read_picture(content: bytes) -> tuple[list[list[object]], bytes]:
    with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as opened:
        image = _plain(opened)
    found = _codes(image)
    if not found:
        return [], content
    laid = sheet.straight(image, found[0].corners)
    return [[1, code.text] for code in found], pictures.jpeg(laid)


def _read_pdf(content: bytes) -> tuple[list[list[object]], bytes]:
    marks: list[list[object]] = []
    turns: dict[int, int] = {}
    document = pypdfium2.PdfDocument(content)
    for at in range(min(len(document), _MOST_PAGES)):
        page = document[at]
        scale = _LONGEST_SIDE / max(*page.get_size(), 1)
        found = _codes(page.render(scale=scale, grayscale=True).to_pil())
        marks += [[at + 1, code.text] for code in found]
        if found:
            turns[at] = round(sheet.angle(found[0].corners) / 90) * -90 % 360
    return marks, _turned(content, turns) if any(turns.values()) else content


def _turned(content: bytes, turns: dict[int, int]) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for at, degrees in turns.items():
            pdf.pages[at].rotate(degrees, relative=True)
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
        return out.getvalue()


def _plain(image: Image.Image) -> Image.Image:
    """Colour or grey, what is transparent on white."""
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        over = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")
    return image.convert("L" if image.mode in {"1", "L"} else "RGB")


def _codes(image: Image.Image) -> list[_Code]:
    """The form's own codes; a dim or coarse picture is looked at once more, enhanced."""
    grey = ImageOps.grayscale(image)
    found = _seen(grey, 1)
    if not found and max(grey.size) <= _LONGEST_SIDE:
        clear = ImageOps.autocontrast(grey, cutoff=2)
        found = _seen(clear.resize((grey.width * 2, grey.height * 2)), 2)
    return found or _seen(ImageOps.autocontrast(grey, cutoff=2), 1)


def _seen(grey: Image.Image, enlarged: int) -> list[_Code]:
    found = []
    for code in zxingcpp.read_barcodes(grey, formats=_QR):
        if form_pages.read(code.text) is not None:
            at = code.position
            corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
            points = tuple((one.x / enlarged, one.y / enlarged) for one in corners)
            found.append(_Code(code.text, points))
    return found
