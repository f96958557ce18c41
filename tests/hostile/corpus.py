"""Every kind of file that somebody might send, made here, each with what must become of it."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf
import pillow_heif
from PIL import Image, PngImagePlugin

from lianban.cases import uploads
from tests.services import hostile

pillow_heif.register_heif_opener()

JPEG, PNG, PDF = uploads.JPEG, uploads.PNG, uploads.PDF
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
BLANK = "文件"


@dataclass(frozen=True)
class Sample:
    """One file as it is sent: kept as a type of ours under a name, or refused for a reason."""

    sent_as: str
    made: Callable[[], bytes]
    kept_as: str = ""
    shown: str = ""
    refused: str = ""
    #: What the kept copy must not hold.
    without: tuple[bytes, ...] = ()


def kept(
    sent_as: str, made: Callable[[], bytes], kept_as: str, *without: bytes, shown: str = ""
) -> Sample:
    return Sample(sent_as, made, kept_as, shown or sent_as, without=without)


def refused(sent_as: str, made: Callable[[], bytes], reason: str) -> Sample:
    return Sample(sent_as, made, refused=reason)


# Pictures --------------------------------------------------------------------------------------


def picture(kind: str, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    image = Image.linear_gradient("L").resize((60, 40))
    if mode == "I;16":
        image = image.convert("I").point(lambda value: value * 250).convert("I;16")
    else:
        image = image.convert(mode)
    image.save(out, kind, **options)
    return out.getvalue()


def animated_png() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (30, 20), (n * 80, 0, 0)) for n in range(3)]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()


def several_pictures() -> bytes:
    """A JPEG with more of them behind, as some phones make (CIPA DC-007)."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (30, 20), (n * 80, 0, 0)) for n in range(2)]
    frames[0].save(out, "MPO", save_all=True, append_images=frames[1:])
    return out.getvalue()


def palette_png() -> bytes:
    return picture("PNG", "P", transparency=3)


def png_turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "WHERE-IT-WAS"
    return picture("PNG", exif=exif)


def png_with_profile() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>WHERE-IT-WAS</x:xmpmeta>")
    return picture("PNG", pnginfo=info, icc_profile=b"WHERE-IT-WAS" * 20)


def png_wrong_sum() -> bytes:
    made = bytearray(picture("PNG"))
    made[40] ^= 0xFF
    return bytes(made)


def jpeg_huge() -> bytes:
    """A JPEG of a few hundred bytes that says it is 65,000 by 65,000."""
    made = picture("JPEG")
    at = made.index(b"\xff\xc0") + 5
    return made[:at] + struct.pack(">HH", 65_000, 65_000) + made[at + 4 :]


def jpeg_with(words: bytes) -> bytes:
    return picture("JPEG", comment=words)


def heic(**options: object) -> bytes:
    return picture("HEIF", **options)


def heic_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "WHERE-IT-WAS"
    return heic(exif=exif.tobytes())


def heic_several() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 64), (n * 80, 0, 0)) for n in range(3)]
    frames[0].save(out, "HEIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def heic_huge() -> bytes:
    """A HEIC of a few hundred bytes that says it is 30,000 by 30,000."""
    made = heic()
    at = made.index(b"ispe") + 8
    return made[:at] + struct.pack(">II", 30_000, 30_000) + made[at + 8 :]


def film() -> bytes:
    return b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(200)


# PDF -------------------------------------------------------------------------------------------


def written_pdf(*objects: bytes, root: int = 1) -> bytes:
    """A PDF of these objects, with a table that fits."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<</Size %d/Root %d 0 R>>\n" % (
        len(objects) + 1, table, len(objects) + 1, root,
    ) + b"startxref\n%d\n%%%%EOF" % len(out)  # fmt: skip


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources 5 0 R>>"


def stream(body: bytes, head: bytes = b"") -> bytes:
    return b"<</Length %d%b>>stream\n%b\nendstream" % (len(body), head, body)


def pdf_page_bomb() -> bytes:
    content = stream(hostile.zeros(400), b"/Filter/FlateDecode")
    return written_pdf(CATALOG, PAGES, PAGE, content, b"<<>>")


def pdf_twice_packed() -> bytes:
    body = zlib.compress(hostile.zeros(400), 9)
    content = stream(body, b"/Filter[/FlateDecode/FlateDecode]")
    return written_pdf(CATALOG, PAGES, PAGE, content, b"<<>>")


def pdf_huge_picture() -> bytes:
    head = (
        b"/Type/XObject/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceGray"
        b"/BitsPerComponent 1/Filter/FlateDecode"
    )
    resources = b"<</XObject<</A 6 0 R>>>>"
    page = stream(b"/A Do")
    return written_pdf(CATALOG, PAGES, PAGE, page, resources, stream(hostile.zeros(112), head))


def pdf_object_stream_bomb() -> bytes:
    """The page's resources lie in a stream of objects (ISO 32000-1, 7.5.7) of 300 MB."""
    head = b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode"
    bodies = [CATALOG, PAGES, PAGE, stream(b""), b"", stream(hostile.zeros(300), head)]
    out, rows = b"%PDF-1.7\n", [struct.pack(">BIH", 0, 0, 65_535)]
    for number, body in enumerate(bodies, start=1):
        rows.append(struct.pack(">BIH", 1 if body else 2, len(out) if body else 6, 0))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body) if body else b""
    rows.append(struct.pack(">BIH", 1, len(out), 0))
    table = b"".join(rows)
    head = b"/Type/XRef/W[1 4 2]/Size %d/Root 1 0 R" % len(rows)
    return out + b"7 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF" % (stream(table, head), len(out))


def pdf_page_loop() -> bytes:
    loop = b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"
    return written_pdf(CATALOG, loop, PAGE, stream(b""), b"<<>>")


def pdf_table_loop() -> bytes:
    made = hostile.pdf()
    at = made.rindex(b"startxref")
    place = made[at + 9 :].split()[0]
    return made.replace(b"trailer <<", b"trailer << /Prev %b" % place).replace(
        b"trailer\n<<", b"trailer\n<</Prev %b" % place
    )


def pdf_deep() -> bytes:
    deep = b"[" * 100_000 + b"]" * 100_000
    return written_pdf(CATALOG, PAGES, PAGE, stream(b""), b"<</A %b>>" % deep)


def pdf_many_pages() -> bytes:
    kids = b" ".join([b"3 0 R"] * 10_000)
    pages = b"<</Type/Pages/Kids[%b]/Count 10000>>" % kids
    return written_pdf(CATALOG, pages, PAGE, stream(b""), b"<<>>")


def pdf_with_scripted_page() -> bytes:
    page = PAGE[:-2] + b"/AA<</O<</S/JavaScript/JS(app.alert\\(1\\))>>>>>>"
    return written_pdf(CATALOG, PAGES, page, stream(b"0 0 m 9 9 l S"), b"<<>>")


def pdf_with_form_sent_away() -> bytes:
    with pikepdf.open(io.BytesIO(hostile.pdf())) as made:
        action = pikepdf.Dictionary(S=pikepdf.Name.SubmitForm, F=pikepdf.String("http://x.example"))
        made.Root.OpenAction = action
        made.pages[0].AA = pikepdf.Dictionary(C=action)
        out = io.BytesIO()
        made.save(out)
        return out.getvalue()


def pdf_carrying(content: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(hostile.pdf())) as made:
        made.attachments["a.com"] = content
        out = io.BytesIO()
        made.save(out)
        return out.getvalue()


# Archives and the rest -------------------------------------------------------------------------


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


def exact(size: int) -> Callable[[], bytes]:
    return lambda: b"%PDF-1.7\n" + bytes(size - 9)


JAR = archive("META-INF/MANIFEST.MF")
LONG = "长" * 100 + ".jpg"
A = b"WHERE-IT-WAS"
SAMPLES: dict[str, Sample] = {
    # what people really send
    "a photo": kept("a.jpg", lambda: picture("JPEG"), JPEG),
    "a scan": kept("扫描.pdf", lambda: hostile.pdf(3), PDF),
    "a screenshot": kept("截图.png", lambda: picture("PNG"), PNG),
    "a phone's photo": kept("IMG_0001.HEIC", heic, JPEG, shown="IMG_0001.jpg"),
    "a phone's photo by its longer name": kept("a.heif", heic, JPEG, shown="a.jpg"),
    "a photo with its place": kept("b.jpg", hostile.photo_with_place, JPEG, A, b"Exif"),
    "a HEIC photo with its place": kept("b.heic", heic_with_place, JPEG, A, shown="b.jpg"),
    "a HEIC file of several": kept("c.heic", heic_several, JPEG, shown="c.jpg"),
    "a print shop's JPEG": kept("cmyk.jpg", lambda: picture("JPEG", "CMYK"), JPEG),
    "a grey JPEG": kept("grey.jpg", lambda: picture("JPEG", "L"), JPEG),
    "a progressive JPEG": kept("p.jpg", lambda: picture("JPEG", progressive=True), JPEG),
    "a JPEG with others behind": kept("mpo.jpg", several_pictures, JPEG, b"MPF"),
    "a PNG of 16 bits": kept("16.png", lambda: picture("PNG", "I;16"), PNG),
    "a PNG of 1 bit": kept("1.png", lambda: picture("PNG", "1"), PNG),
    "a PNG with a palette": kept("palette.png", palette_png, PNG),
    "a PNG that shows through": kept("alpha.png", lambda: picture("PNG", "RGBA"), PNG),
    "a PNG that moves": kept("moves.png", animated_png, PNG, b"acTL", b"fdAT"),
    "a PNG that is turned": kept("turned.png", png_turned, PNG, A),
    "a PNG with a profile": kept("profile.png", png_with_profile, PNG, A, b"iCCP"),
    "a form that was filled in": kept("form.pdf", hostile.pdf_form_filled_in, PDF, b"/XFA"),
    # not what they say they are
    "nothing at all": refused("a.pdf", bytes, "empty"),
    "one byte": refused("a.jpg", lambda: b"\xff", "unknown_type"),
    "an SVG": refused("a.svg", lambda: hostile.SVG, "unknown_type"),
    "an SVG named PNG": refused("a.png", lambda: hostile.SVG, "unknown_type"),
    "a program": refused("a.exe", lambda: hostile.EXE, "unknown_type"),
    "a program named PDF": refused("a.pdf", lambda: hostile.EXE, "unknown_type"),
    "a page named JPEG": refused("a.jpg", lambda: hostile.HTML, "unknown_type"),
    "an archive named JPEG": refused("a.jpg", lambda: archive("a.jpg"), "unknown_type"),
    "a document named PDF": refused("a.pdf", lambda: archive("word/document.xml"), "unknown_type"),
    "a table": refused("a.xlsx", lambda: archive("xl/workbook.xml"), "unknown_type"),
    "a GIF": refused("a.gif", lambda: picture("GIF", "P"), "unknown_type"),
    "a BMP": refused("a.bmp", lambda: picture("BMP"), "unknown_type"),
    "a TIFF named JPEG": refused("a.jpg", lambda: picture("TIFF"), "unknown_type"),
    "a WebP named JPEG": refused("a.jpg", lambda: picture("WEBP"), "unknown_type"),
    "an AVIF named HEIC": refused(
        "a.heic", lambda: hostile.HEIC.replace(b"ftypheic", b"ftypavif"), "unknown_type"
    ),
    "a film named HEIC": refused("a.heic", film, "unknown_type"),
    "PostScript named PDF": refused("a.pdf", lambda: b"%!PS-Adobe-3.0\n", "unknown_type"),
    "a virus for tests": refused("eicar.pdf", lambda: EICAR, "unknown_type"),
    "a JPEG named PDF": refused("a.pdf", lambda: picture("JPEG"), "wrong_extension"),
    "a PDF named JPEG": refused("a.jpg", hostile.pdf, "wrong_extension"),
    "a PNG named HEIC": refused("a.heic", lambda: picture("PNG"), "wrong_extension"),
    "a PDF without extension": refused("scan", hostile.pdf, "wrong_extension"),
    "a PDF that ends as a program": refused("a.pdf.exe", hostile.pdf, "wrong_extension"),
    # two things at once
    "a PDF with a page behind": kept("pdf+html.pdf", hostile.pdf_and_html, PDF, b"<script"),
    "a PDF behind a page": refused("a.pdf", lambda: hostile.HTML + hostile.pdf(), "unknown_type"),
    "a GIF with a program behind": refused(
        "a.gif", lambda: picture("GIF", "P") + JAR, "unknown_type"
    ),
    "a JPEG with a program behind": kept("jar.jpg", lambda: picture("JPEG") + JAR, JPEG, b"META"),
    "a JPEG with PHP inside": kept("php.jpg", lambda: jpeg_with(b"<?php x(); ?>"), JPEG, b"<?php"),
    "a PNG with a page inside": kept("html.png", hostile.png_with_text, PNG, b"script"),
    # cut short or spoilt
    "half a JPEG": refused("a.jpg", lambda: hostile.image(size=(400, 400))[:900], "damaged"),
    "a JPEG's head": refused("a.jpg", lambda: b"\xff\xd8\xff\xe0", "damaged"),
    "half a PNG": refused("a.png", lambda: picture("PNG")[:120], "damaged"),
    "a PNG with a wrong sum": refused("a.png", png_wrong_sum, "damaged"),
    "half a HEIC": refused("a.heic", lambda: heic()[:-200], "damaged"),
    "a HEIC's head": refused("a.heic", lambda: hostile.HEIC, "damaged"),
    "half a PDF": refused("a.pdf", lambda: hostile.pdf(3)[:-120], "damaged"),
    "a PDF's head": refused("a.pdf", lambda: b"%PDF-1.7\n", "damaged"),
    "a PDF without pages": refused("a.pdf", hostile.pdf_without_pages, "damaged"),
    "a PDF whose pages turn in a circle": refused("a.pdf", pdf_page_loop, "damaged"),
    "a PDF whose table turns in a circle": refused("a.pdf", pdf_table_loop, "damaged"),
    "a PDF a hundred thousand deep": kept("deep.pdf", pdf_deep, PDF, b"[" * 101),
    # too much
    "10 MB and one byte": refused("a.pdf", exact(uploads.MOST_BYTES + 1), "too_large"),
    "10 MB of nothing": refused("a.pdf", exact(uploads.MOST_BYTES), "damaged"),
    "a PNG that unfolds": refused("a.png", hostile.png_bomb, "too_many_pixels"),
    "a PNG just beyond": refused(
        "a.png", lambda: hostile.png_bomb(8_000, 5_001), "too_many_pixels"
    ),
    "a PNG whose text unfolds": refused("a.png", hostile.png_text_bomb, "damaged"),
    "a JPEG of four thousand million pixels": refused("a.jpg", jpeg_huge, "too_many_pixels"),
    "a HEIC of nine hundred million pixels": refused("a.heic", heic_huge, "damaged"),
    "a PDF whose field unfolds": refused("a.pdf", hostile.pdf_bomb, "unfolds"),
    "a PDF whose page unfolds": refused("a.pdf", pdf_page_bomb, "unfolds"),
    "a PDF packed twice": refused("a.pdf", pdf_twice_packed, "unfolds"),
    "a PDF with a huge picture": refused("a.pdf", pdf_huge_picture, "unfolds"),
    "a PDF whose objects unfold": refused("a.pdf", pdf_object_stream_bomb, "unfolds"),
    "51 pages": refused("a.pdf", lambda: hostile.pdf(51), "too_many_pages"),
    "10,000 pages": refused("a.pdf", pdf_many_pages, "too_many_pages"),
    # what would act
    "a PDF opening a script": kept("js1.pdf", hostile.pdf_opening_a_script, PDF, b"JavaScript"),
    "a PDF with a named script": kept("js2.pdf", hostile.pdf_with_named_script, PDF, b"/JS"),
    "a PDF whose page acts": kept("js3.pdf", pdf_with_scripted_page, PDF, b"/AA", b"app.alert"),
    "a PDF that starts a program": kept("launch.pdf", hostile.pdf_with_links, PDF, b"/Launch"),
    "a PDF that sends a form": kept("submit.pdf", pdf_with_form_sent_away, PDF, b"SubmitForm"),
    "a PDF with a file inside": kept("file.pdf", hostile.pdf_with_file_inside, PDF, b"MZ-EVIL"),
    "a PDF with a virus for tests inside": kept(
        "eicar.pdf", lambda: pdf_carrying(EICAR), PDF, b"EICAR", b"EmbeddedFile"
    ),
    "a PDF whose picture carries a file": kept(
        "af.pdf", hostile.pdf_with_picture_carrying_a_file, PDF, b"MZ-EVIL", b"xmpmeta"
    ),
    "a locked PDF": refused("a.pdf", lambda: hostile.pdf(encrypt="secret"), "locked"),
    "a PDF with an owner's lock": refused("a.pdf", lambda: hostile.pdf(encrypt=""), "locked"),
    # names
    "a name that climbs": kept(
        "../../etc/passwd.jpg", lambda: jpeg_with(b"1"), JPEG, shown="passwd.jpg"
    ),
    "a device's name": kept("CON.jpg", lambda: jpeg_with(b"2"), JPEG, shown="文件 CON.jpg"),
    "a name of 300 bytes": kept(LONG, lambda: jpeg_with(b"3"), JPEG, shown="长" * 76 + ".jpg"),
    "a name read backwards": refused("a\u202egpj.exe", hostile.image, "wrong_extension"),
    "a name of dots": refused("....", hostile.image, "wrong_extension"),
    "a name that is a page": kept(
        "<script>alert(1)</script>.jpg", lambda: jpeg_with(b"4"), JPEG, shown="script>.jpg"
    ),
    "a name with somebody's number": kept(
        "11010519491231002X.jpg", lambda: jpeg_with(b"5"), JPEG, shown="***.jpg"
    ),
}
