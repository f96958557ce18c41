"""A printed form as it comes back: drawn, turned, photographed."""

import io
from dataclasses import replace
from random import Random
from uuid import UUID

import pypdfium2
from PIL import Image, ImageFilter

from lianban.cases import form_pages
from lianban.documents import render
from tests.documents import samples

GREY = (90, 80, 70)


def form_with(draft_id: UUID) -> bytes:
    marks = form_pages.marks(kind="draft", id=draft_id)
    return render.render(replace(samples.FORM, page_marks=marks))


def drawn(pdf: bytes) -> Image.Image:
    """The first page as a scanner at 150 dots per inch would see it."""
    return pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil().convert("RGB")


def as_jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()


def as_pdf(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PDF", resolution=150)
    return out.getvalue()


def turned(image: Image.Image, degrees: float) -> Image.Image:
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=GREY)


def photographed(image: Image.Image) -> Image.Image:
    """Held at an angle, a little out of focus, dim and grainy."""
    w, h = image.size
    corners = (-60, -80, 20, h + 70, w + 10, h + 40, w + 70, -20)
    seen = image.transform((w, h), Image.Transform.QUAD, corners, fillcolor=GREY)
    # the same grain each time: Pillow's own noise differs with what was drawn before
    grain = Image.frombytes("L", (w, h), Random(7).randbytes(w * h)).convert("RGB")
    dim = Image.blend(seen.filter(ImageFilter.GaussianBlur(0.8)), grain, 0.12)
    return dim.point(lambda value: int(value * 0.8))
