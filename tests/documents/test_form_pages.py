"""A page of the printed form is found by its code and laid straight by its corners."""

import io
from uuid import UUID

import pytest
from PIL import Image

from lianban.cases import decoding, form_pages
from tests.documents.printed import as_jpeg, as_pdf, drawn, form_with, photographed, turned


@pytest.fixture(scope="module")
def page() -> Image.Image:
    """A page of the printed form, of a draft that is nowhere."""
    return drawn(form_with(UUID(int=7)))


DISTORTED = {
    "a quarter turned": lambda page: as_jpeg(turned(page, 90)),
    "upside down and skewed": lambda page: as_jpeg(turned(page, 184)),
    "a photo of it": lambda page: as_jpeg(photographed(page)),
    "a small photo of it, turned": lambda page: as_jpeg(
        turned(photographed(page), 90).resize((1500, 1060))
    ),
    "a scanner's PDF, upside down": lambda page: as_pdf(turned(page, 180)),
}


@pytest.mark.parametrize("how", DISTORTED)
def test_a_page_is_found_and_laid_straight_however_it_was_scanned(
    how: str, page: Image.Image
) -> None:
    answer = decoding.run("codes", DISTORTED[how](page))
    assert answer.facts == {
        "codes": [[1, form_pages.written(form_pages.Mark("draft", UUID(int=7), 1))]]
    }
    straight = (
        drawn(answer.content)
        if answer.content.startswith(b"%PDF")
        else Image.open(io.BytesIO(answer.content))
    )
    grey = straight.convert("L").resize((420, 594), Image.Resampling.BOX)
    for x, y in ((16, 16), (404, 16), (16, 578), (404, 578)):  # 2 dots to the millimetre
        around = [grey.getpixel((x + a * 8, y + b * 8)) for a in (-1, 1) for b in (-1, 1)]
        assert grey.getpixel((x, y)) + 40 < min(around), how


def test_a_code_of_another_kind_is_no_mark() -> None:
    mark = form_pages.Mark("case", UUID(int=9), 2)
    assert form_pages.read(form_pages.written(mark)) == mark
    for text in ("", "LBF1", "LBF1X" + "A" * 26 + "1", "http://x/", form_pages.written(mark) + "1"):
        assert form_pages.read(text) is None
