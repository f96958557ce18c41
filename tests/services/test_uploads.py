"""Files that come in: what is kept of a good one, and how a bad one is turned away."""

import io
import re

import pikepdf
import pypdf
import pytest
from PIL import Image

from lianban.cases import uploads
from lianban.engine.refusal import Refused
from tests.services import hostile

BIG = uploads.MOST_BYTES + 1


def checked(content: bytes, name: str) -> uploads.Clean:
    return uploads.check(io.BytesIO(content), name=name)


REFUSED = {
    "nothing at all": (b"", "a.pdf", "empty"),
    "an SVG": (hostile.SVG, "a.svg", "unknown_type"),
    "an SVG named PNG": (hostile.SVG, "a.png", "unknown_type"),
    "a program": (hostile.EXE, "a.exe", "unknown_type"),
    "a program named PDF": (hostile.EXE, "a.pdf", "unknown_type"),
    "a page named JPEG": (hostile.HTML, "a.jpg", "unknown_type"),
    "an archive named PDF": (hostile.ZIP, "a.pdf", "unknown_type"),
    "a GIF": (hostile.GIF, "a.gif", "unknown_type"),
    "a HEIC photo's head": (hostile.HEIC, "a.heic", "damaged"),
    "an AVIF named HEIC": (
        hostile.HEIC.replace(b"ftypheic", b"ftypavif"),
        "a.heic",
        "unknown_type",
    ),
    "a PDF behind a page": (hostile.HTML + hostile.pdf(), "a.pdf", "unknown_type"),
    "a PDF with a page in its head": (
        hostile.pdf().replace(b"\n", b"\n%<script>alert(1)</script>\n", 1),
        "a.pdf",
        "damaged",
    ),
    "a JPEG named PDF": (hostile.image(), "a.pdf", "wrong_extension"),
    "a PDF named JPEG": (hostile.pdf(), "a.jpg", "wrong_extension"),
    "a PNG named JPEG": (hostile.image("PNG"), "a.jpg", "wrong_extension"),
    "a PDF without extension": (hostile.pdf(), "scan", "wrong_extension"),
    "a PDF that ends as a program": (hostile.pdf(), "a.pdf.exe", "wrong_extension"),
    "a name read backwards": (hostile.pdf(), "a\u202efdp.exe", "wrong_extension"),
    "a name cut by NUL": (hostile.pdf(), "a.exe\x00", "wrong_extension"),
    "half a JPEG": (hostile.image(size=(400, 400))[:900], "a.jpg", "damaged"),
    "a JPEG's head": (b"\xff\xd8\xff\xe0", "a.jpg", "damaged"),
    "half a PNG": (hostile.image("PNG", size=(400, 400))[:120], "a.png", "damaged"),
    "a PNG bomb": (hostile.png_bomb(), "a.png", "too_many_pixels"),
    "a PNG just beyond": (hostile.png_bomb(8_000, 5_001), "a.png", "too_many_pixels"),
    "a PNG with a bomb of text": (hostile.png_text_bomb(), "a.png", "damaged"),
    "half a PDF": (hostile.pdf(3)[:-120], "a.pdf", "damaged"),
    "a PDF's head": (b"%PDF-1.7\n", "a.pdf", "damaged"),
    "a PDF without pages": (hostile.pdf_without_pages(), "a.pdf", "damaged"),
    "a PDF that unfolds to 600 MB": (hostile.pdf_bomb(), "a.pdf", "unfolds"),
    "a locked PDF": (hostile.pdf(encrypt="secret"), "a.pdf", "locked"),
    "a PDF with an owner's lock": (hostile.pdf(encrypt=""), "a.pdf", "locked"),
    "51 pages": (hostile.pdf(51), "a.pdf", "too_many_pages"),
    "10 MB and one byte": (b"%PDF-" + bytes(BIG), "a.pdf", "too_large"),
}


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_a_bad_file_is_refused_with_words_that_help(case: str) -> None:
    content, name, reason = REFUSED[case]
    with pytest.raises(Refused) as caught:
        checked(content, name)
    assert caught.value.code == "bad_file"
    assert caught.value.details["reason"] == reason
    assert re.search(r"请|只收|最多", caught.value.message)


def test_a_file_of_announced_size_is_refused_before_it_is_read() -> None:
    class Announced:
        size = BIG

        def read(self, most: int) -> bytes:
            raise AssertionError("it was read")

    with pytest.raises(Refused, match="10 MB"):
        uploads.check(Announced(), name="a.pdf")


def test_a_photo_loses_its_place_and_stands_upright() -> None:
    clean = checked(hostile.photo_with_place(), "照片.JPG")
    assert clean.content_type == uploads.JPEG
    with Image.open(io.BytesIO(clean.content)) as kept:
        assert kept.size == (48, 64)
        assert not kept.getexif()
        assert "comment" not in kept.info
    assert b"WHERE-IT-WAS" not in clean.content
    assert b"SECRET-COMMENT" not in clean.content


def test_a_png_is_drawn_anew_without_what_was_hidden_in_it() -> None:
    clean = checked(hostile.png_with_text(), "a.png")
    assert b"script" not in clean.content
    with Image.open(io.BytesIO(clean.content)) as kept:
        assert kept.size == (64, 48)
        assert kept.getpixel((0, 0)) == (0, 0, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_any_kind_of_colour_is_taken(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (9, 9)).save(out, "PNG")
    assert checked(out.getvalue(), "a.png").content.startswith(b"\x89PNG")


def test_a_print_shop_jpeg_is_taken() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (9, 9)).save(out, "JPEG")
    assert checked(out.getvalue(), "a.jpeg").content_type == uploads.JPEG


ACTIVE = {
    "a script on opening": hostile.pdf_opening_a_script,
    "a named script": hostile.pdf_with_named_script,
    "a file inside": hostile.pdf_with_file_inside,
    "a picture that carries a file": hostile.pdf_with_picture_carrying_a_file,
    "links that act": hostile.pdf_with_links,
    "a page of HTML around it": hostile.pdf_and_html,
    "a form with scripts": hostile.pdf_form_filled_in,
}
FORBIDDEN = (
    b"JavaScript", b"/JS", b"OpenAction", b"/AA", b"Launch", b"EmbeddedFile", b"/URI", b"MZ-EVIL",
    b"script", b"/XFA", b"AcroForm", b"/Annots",
)  # fmt: skip


@pytest.mark.parametrize("case", ACTIVE, ids=list(ACTIVE))
def test_a_pdf_keeps_its_pages_and_nothing_that_acts(case: str) -> None:
    sent = ACTIVE[case]()
    clean = checked(sent, "a.pdf")
    with pikepdf.open(io.BytesIO(clean.content)) as kept:
        assert len(kept.pages) == 1
        out = io.BytesIO()
        kept.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.all,
            compress_streams=False,
        )
    assert [word for word in FORBIDDEN if word in out.getvalue()] == []
    assert b"0 0 m 100 100 l S" in out.getvalue()


def test_the_same_pdf_is_written_the_same_way_twice() -> None:
    sent = hostile.pdf(2)
    assert checked(sent, "a.pdf").content == checked(sent, "a.pdf").content


def test_words_typed_into_a_pdf_form_stay_on_its_page() -> None:
    clean = checked(hostile.pdf_form_filled_in(), "a.pdf")
    page = pypdf.PdfReader(io.BytesIO(clean.content)).pages[0]
    assert "FILLED IN" in page.extract_text()


NAMES = {
    "身份证 正面.jpg": "身份证 正面.jpg",
    "../../etc/passwd.pdf": "passwd.pdf",
    "C:\\Users\\me\\扫描.PDF": "扫描.pdf",
    "a\x00b.pdf": "ab.pdf",
    "gpj\u202efdp.jpg": "gpjfdp.jpg",
    "one\r\nSet-Cookie: x.png": "oneSet-Cookie: x.png",
    "\ud800\udc00.png": "文件.png",
    ".pdf": "文件.pdf",
    "..": "文件",
    "": "文件",
    "  two   blanks .pdf": "two blanks.pdf",
    "𠮷.png": "𠮷.png",
    "CON.jpg": "文件 CON.jpg",
    "nul.tar.pdf": "文件 nul.tar.pdf",
    "长" * 300 + ".pdf": "长" * 76 + ".pdf",
}


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_is_cleaned_for_showing(name: str) -> None:
    assert uploads.clean_name(name) == NAMES[name]
