"""Names and reasons that would break a careless page."""

import io
import re

import pytest
from pypdf import PdfReader

from lianban.documents import coverage, fonts, render
from tests.documents import samples
from tests.documents.test_paper import read_back

MARKUP = '#panic("x") $x^2$ *b* _i_ `c` <b>&lt;</b> @ref \\n //c [a] {b} = h'


def test_markup_in_a_name_is_printed_letter_by_letter() -> None:
    for document in (
        samples.nameless(samples.FORM, name=MARKUP),
        samples.nameless(samples.DENIAL, reason=MARKUP),
    ):
        assert re.sub(r"\s+", "", MARKUP) in read_back(document).replace("\u200b", "")


def test_a_script_in_a_name_stays_words() -> None:
    attack = "<script>alert(1)</script>"
    file = render.render(samples.nameless(samples.DENIAL, addressee=attack))
    assert b"/JavaScript" not in file
    assert attack in read_back(samples.nameless(samples.DENIAL, addressee=attack))


def test_a_rare_character_that_the_font_has_is_printed() -> None:
    assert "𠮷建国" in read_back(samples.nameless(samples.FORM, name="𠮷建国"))


def test_a_character_outside_the_font_prints_as_its_code_and_asks_for_a_hand() -> None:
    text = read_back(samples.nameless(samples.FORM, name="王𪛖"))
    assert "王〔U+2A6D6〕" in text
    assert "请由经办人对照证件手写填入" in text
    assert "手写填入" not in read_back(samples.FORM)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("王\ue001", "王〔U+E001〕"),
        ("王\u202e", "王〔U+202E〕"),
        ("葛\U000e0100", "葛〔U+E0100〕"),
        ("王\x00", "王〔U+0000〕"),
        ("王\ud869", "王〔U+D869〕"),
        ("好😀", "好〔U+1F600〕"),
        ("买买提·艾山", "买买提·艾山"),
        ("甲\r\n乙\r丙\u2028丁", "甲\n乙\n丙\n丁"),
    ],
)
def test_steering_and_private_characters_print_as_codes(text: str, printed: str) -> None:
    assert coverage.printable(text, shown=fonts.shown()) == printed
    assert printed.replace("\n", "") in read_back(samples.nameless(samples.DENIAL, reason=text))


def test_what_the_table_says_is_shown_can_be_set() -> None:
    every = [chr(point) for point in sorted(fonts.shown()) if point > 0x20]
    sample = "".join(coverage.printable(char, shown=fonts.shown()) for char in every[::9])
    assert render.render(samples.nameless(samples.DENIAL, reason=sample))


def test_a_very_long_reason_goes_on_over_several_pages() -> None:
    reason = "事实清楚，理由充分。" * 600
    reader = PdfReader(io.BytesIO(render.render(samples.nameless(samples.DENIAL, reason=reason))))
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))
    assert len(reader.pages) > 3
    assert len(re.findall("理.*?由.*?充.*?分", text)) == 600
    assert f"第{len(reader.pages)}页" in text


def test_a_very_long_name_stays_in_its_cell() -> None:
    for name in ("阿卜杜" * 60, "A" * 400):
        reader = PdfReader(io.BytesIO(render.render(samples.nameless(samples.FORM, name=name))))
        rights: list[float] = []

        def note(text: str, _cm: object, tm: list[float], *_rest: object) -> None:
            rights.append(tm[4])  # noqa: B023

        for page in reader.pages:
            page.extract_text(visitor_text=note)
        assert max(rights) < 595
        assert name in read_back(samples.nameless(samples.FORM, name=name)).replace("\u200b", "")


def test_a_file_that_is_no_font_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.otf"
    path.write_bytes(b"OTTO" + bytes(20))
    with pytest.raises(ValueError, match="cmap"):
        coverage.code_points(path, face=0)
