"""The browser that the journeys use, looked at once by itself."""

import pytest

from tests.journeys.conftest import BrowserPage

WIDTH_OF_MISSING = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "40px sans-serif";
  return [pen.measureText("退役军人").width, pen.measureText("ab").width];
}"""


@pytest.mark.journey
@pytest.mark.django_db
def test_the_browser_reaches_the_pages_and_has_chinese_letters(browser_page: BrowserPage) -> None:
    page = browser_page(width=390)
    assert page.goto("/healthz").ok
    chinese, latin = page.evaluate(WIDTH_OF_MISSING)
    assert chinese == pytest.approx(160, abs=8)
    assert latin < 60
