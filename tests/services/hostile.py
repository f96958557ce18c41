"""Files that somebody might send: good ones, and bad ones of every kind, made here."""

import io
import struct
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image


def image(kind: str = "JPEG", *, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    out = io.BytesIO()
    picture = Image.new("RGB", size, (200, 120, 40))
    picture.putpixel((0, 0), (0, 0, 255))
    picture.save(out, kind, **options)
    return out.getvalue()


def photo_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "WHERE-IT-WAS"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (28.0, 12.0, 30.0)
    return image(exif=exif, comment=b"SECRET-COMMENT")


def png_with_text() -> bytes:
    body = image("PNG")
    chunk = b"tEXtComment\x00<script>alert(1)</script>"
    text = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return body[:33] + text + body[33:] + b"<script>trailing()</script>"


def _chunk(kind: bytes, body: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + crc


def png_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * 100), 9)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def zeros(megabytes: int) -> bytes:
    """So many megabytes of zeros, packed (RFC 1950), made at once: one packed piece, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    check = (megabytes * 1_000_000 % 65_521) << 16 | 1
    return b"\x78\xda" + piece * megabytes + b"\x03\x00" + struct.pack(">I", check)


def png_text_bomb() -> bytes:
    body = image("PNG")
    packed = zeros(80)
    return body[:33] + _chunk(b"zTXt", b"Comment\x00\x00" + packed) + body[33:]


def pdf(pages: int = 1, *, encrypt: str | None = None, owner: str = "owner") -> bytes:
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page()
        for page in made.pages:
            page.Contents = Stream(made, b"0 0 m 100 100 l S")
        return _saved(made, encrypt, owner)


def _saved(made: pikepdf.Pdf, password: str | None = None, owner: str = "owner") -> bytes:
    out = io.BytesIO()
    lock = (
        {"encryption": pikepdf.Encryption(owner=owner, user=password)}
        if password is not None
        else {}
    )
    made.save(out, **lock)
    return out.getvalue()


def _opened() -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf()))


def _script(made: pikepdf.Pdf) -> Dictionary:
    return made.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert('BOO')")))


def pdf_opening_a_script() -> bytes:
    with _opened() as made:
        made.Root.OpenAction = _script(made)
        made.Root.AA = Dictionary(WC=_script(made))
        made.pages[0].AA = Dictionary(O=_script(made))
        return _saved(made)


def pdf_with_named_script() -> bytes:
    with _opened() as made:
        names = Array([String("boo"), _script(made)])
        made.Root.Names = Dictionary(JavaScript=Dictionary(Names=names))
        return _saved(made)


def pdf_with_file_inside() -> bytes:
    with _opened() as made:
        made.attachments["evil.exe"] = b"MZ-EVIL"
        return _saved(made)


def pdf_with_links() -> bytes:
    with _opened() as made:
        for action in (
            Dictionary(S=Name.Launch, F=String("cmd.exe")),
            Dictionary(S=Name.URI, URI=String("http://evil.example/")),
            _script(made),
        ):
            link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 50, 50], A=action)
            annots = [*made.pages[0].get("/Annots", []), made.make_indirect(link)]
            made.pages[0].Annots = Array(annots)
        return _saved(made)


def pdf_with_picture_carrying_a_file() -> bytes:
    with _opened() as made:
        inside = made.make_indirect(Stream(made, b"MZ-EVIL", Type=Name.EmbeddedFile))
        spec = Dictionary(Type=Name.Filespec, F=String("evil.exe"), EF=Dictionary(F=inside))
        picture = Stream(made, b"\x00", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
        picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
        picture.AF = Array([made.make_indirect(spec)])
        picture.Metadata = Stream(made, b"<x:xmpmeta>script</x:xmpmeta>")
        made.pages[0].Resources = Dictionary(XObject=Dictionary(Im0=picture))
        return _saved(made)


def pdf_bomb() -> bytes:
    """A form field whose look unfolds to 600 MB."""
    packed = zeros(600)
    with _opened() as made:
        look = Stream(made, b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
        look.write(packed, filter=Name.FlateDecode)
        field = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("a"), F=4, V=String("x"),
            Rect=[1, 1, 9, 9], AP=Dictionary(N=look), DA=String("/Helv 10 Tf 0 g"),
        )  # fmt: skip
        made.pages[0].Annots = Array([made.make_indirect(field)])
        made.Root.AcroForm = Dictionary(
            Fields=made.pages[0].Annots, NeedAppearances=True, DA=String("/Helv 10 Tf 0 g")
        )
        return _saved(made)


def pdf_form_filled_in() -> bytes:
    """A form whose words stand in a field's appearance only."""
    with _opened() as made:
        look = Stream(made, b"/Tx BMC BT /Helv 10 Tf 2 2 Td (FILLED IN) Tj ET EMC")
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, [0, 0, 100, 20]
        look.Resources = Dictionary(Font=Dictionary(Helv=font))
        field = made.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("a"), F=4,
                V=String("FILLED IN"), Rect=[10, 10, 110, 30], AP=Dictionary(N=look),
                DA=String("/Helv 10 Tf 0 g"), AA=Dictionary(K=_script(made)),
            )
        )  # fmt: skip
        made.pages[0].Annots = Array([field])
        made.Root.AcroForm = Dictionary(
            Fields=Array([field]), XFA=Stream(made, b"<xdp/>"), DA=String("/Helv 10 Tf 0 g"),
            DR=Dictionary(Font=Dictionary(Helv=font)),
        )  # fmt: skip
        return _saved(made)


def pdf_and_html() -> bytes:
    return pdf() + b"\n<html><script>alert(1)</script></html>"


def pdf_without_pages() -> bytes:
    with pikepdf.new() as made:
        return _saved(made)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
EXE = b"MZ\x90\x00" + bytes(200)
HTML = b"<!doctype html><script>alert(1)</script>"
ZIP = b"PK\x03\x04" + bytes(100)
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
GIF = b"GIF89a" + bytes(40)
