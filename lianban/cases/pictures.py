"""A picture drawn again: its pixels, upright, and nothing else that came with it.

JPEG and HEIC become JPEG, PNG stays PNG. A photo tells where it was taken, what it showed before it
was cropped, and by whom; none of that is a pixel. Runs in the process of `cases.decoding` only.
"""

import io

import pillow_heif
from PIL import Image, ImageOps

MOST_PIXELS = 40_000_000
_QUALITY = 88

# Pillow refuses to open twice as much by itself; asking the header first refuses the rest.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
pillow_heif.options.THUMBNAILS = False
pillow_heif.options.AUX_IMAGES = False
pillow_heif.options.DEPTH_IMAGES = False
pillow_heif.options.DECODE_THREADS = 1
pillow_heif.register_heif_opener()


class TooManyPixels(Exception):
    """The picture is larger than anybody needs, or a bomb."""


def redrawn(content: bytes) -> tuple[str, bytes]:
    """The media type and bytes of the same picture in a new file.

    Raises `TooManyPixels`, and whatever a decoder raises that is fed with hostile bytes.
    """
    with Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "HEIF"]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise TooManyPixels
        image.load()
        keeps_png = image.format == "PNG"
        upright = ImageOps.exif_transpose(image)
    return ("image/png", _png(upright)) if keeps_png else ("image/jpeg", jpeg(upright))


def jpeg(image: Image.Image) -> bytes:
    """A picture as JPEG, grey where it has no colour."""
    grey = image.mode in {"1", "L", "LA"}
    plain = image.convert("L" if grey else "RGB")
    plain.info = {}
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def _png(image: Image.Image) -> bytes:
    image.info = {k: v for k, v in image.info.items() if k == "transparency"}
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
