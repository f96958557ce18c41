"""What may come in as a file: JPEG, PNG, HEIC, PDF, by content, and written anew before it is shown.

Nobody sees the sender's bytes: pictures are drawn again without their metadata (a photo tells where
it was taken), a PDF keeps its pages only, without scripts, actions or files inside (ISO 32000-1,
12.6 and 7.11.4). The bytes themselves are kept under seal with their hash. No database, no time.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from lianban.cases import decoding
from lianban.engine.refusal import Refused

MOST_BYTES = decoding.MOST_BYTES
MOST_PAGES = decoding.MOST_PAGES
MOST_MEGAPIXELS = 40
#: Signs of a shown name: in UTF-8 no file system's 255 bytes are exceeded.
MOST_NAME = 80

JPEG, PNG, HEIC, PDF = "image/jpeg", "image/png", "image/heic", "application/pdf"
EXTENSIONS = {
    ".jpg": JPEG, ".jpeg": JPEG, ".png": PNG, ".heic": HEIC, ".heif": HEIC, ".pdf": PDF,
}  # fmt: skip
#: For the `accept` attribute of a file field.
ACCEPT = ",".join((*EXTENSIONS, JPEG, PNG, HEIC, PDF))
_MAGIC = {b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"%PDF-": PDF}
_WORDS = {JPEG: "JPEG 图片", PNG: "PNG 图片", HEIC: "HEIC 照片", PDF: "PDF 文件"}
#: Brands of HEIC (ISO/IEC 23008-12, annex B.4); AVIF has others.
_HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
#: Names that one system keeps for its devices, whatever follows the dot.
_DEVICES = frozenset(
    {
        "con",
        "prn",
        "aux",
        "nul",
        *(f"com{n}" for n in "0123456789"),
        *(f"lpt{n}" for n in "0123456789"),
    }
)


@dataclass(frozen=True)
class Clean:
    """A file that was checked and written anew, and what it was before."""

    name: str
    content_type: str
    content: bytes
    pages: int
    original: bytes

    @property
    def original_digest(self) -> str:
        """SHA-256 (hex) of the bytes as they came."""
        return hashlib.sha256(self.original).hexdigest()


def refused(reason: str, message: str) -> Refused:
    """The refusal of a file; `reason` names the kind, `message` says what to do."""
    return Refused("bad_file", message, reason=reason)


def check(upload: BinaryIO | Any, *, name: str) -> Clean:
    """Read, check and rewrite an uploaded file. Raises `Refused('bad_file')`."""
    shown = clean_name(name)
    content = _read(upload)
    kind = _kind(content)
    if EXTENSIONS.get(_extension(shown)) != kind:
        raise refused(
            "wrong_extension",
            f"文件名和内容对不上：内容是{_WORDS[kind]}，文件名是「{shown}」。请从原来的程序重新保存一份再传",
        )
    answer = decoding.run("pdf" if kind == PDF else "picture", content)
    if answer.status != 0:
        raise _why_not(answer.status, kind)
    content_type, pages = answer.facts["content_type"], answer.facts["pages"]
    return Clean(_named(shown, content_type), content_type, answer.content, pages, content)


def straightened(clean: Clean, content: bytes) -> Clean:
    """The same file once its pages lie straight: a picture is a JPEG then."""
    kind = PDF if content.startswith(b"%PDF-") else _kind(content)
    return replace(clean, name=_named(clean.name, kind), content_type=kind, content=content)


def _named(shown: str, content_type: str) -> str:
    """The name with the extension of what the file has become."""
    if EXTENSIONS.get(_extension(shown)) == content_type:
        return shown
    return shown[: -len(_extension(shown))] + ".jpg"


#: An identity number, a mobile number, an account; not the moment that cameras name pictures by.
_PERSONAL = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|[0-9]{15,19}|1[3-9][0-9]{9})(?![0-9])")


def clean_name(name: str) -> str:
    """A file's name for showing: no folder, no invisible or direction-changing sign, not too long.

    It is kept readable beside the sealed file, so a person's number in it becomes stars.
    """
    plain = unicodedata.normalize("NFC", name.encode(errors="ignore").decode())
    last = plain.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(sign for sign in last if _is_visible(sign))
    tidy = " ".join(visible.split()).rstrip(". ")
    extension = _extension(tidy)
    stem = _PERSONAL.sub("***", tidy[: len(tidy) - len(extension)]).strip(". ") or "文件"
    if stem.split(".")[0].strip().lower() in _DEVICES:
        stem = f"文件 {stem}"
    return stem[: MOST_NAME - len(extension)] + extension


def _is_visible(sign: str) -> bool:
    return unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _extension(name: str) -> str:
    return PurePosixPath(f"x{name}").suffix.lower()[:MOST_NAME]


def _read(upload: BinaryIO) -> bytes:
    size = getattr(upload, "size", None)
    if isinstance(size, int) and size > MOST_BYTES:
        raise _too_large()
    content = upload.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise _too_large()
    if not content:
        raise refused("empty", "这个文件是空的，请重新选择")
    return content


def _too_large() -> Refused:
    return refused(
        "too_large", f"文件太大，每个最多 {MOST_BYTES // 1024 // 1024} MB，请拍小一点再传"
    )


def _kind(content: bytes) -> str:
    for magic, kind in _MAGIC.items():
        if content.startswith(magic):
            return kind
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF:
        return HEIC
    raise refused("unknown_type", "只收 JPEG、PNG、HEIC 图片和 PDF 文件，请换一种格式再传")


def _why_not(status: int, kind: str) -> Refused:
    if status == decoding.TOO_LARGE:
        return _too_large()
    if status == decoding.LOCKED:
        return refused("locked", "这个 PDF 设了密码或限制，请去掉密码再传，或拍照上传")
    if status == decoding.UNFOLDS:
        words = "这个 PDF 里的内容展开以后太大，请用普通清晰度重新扫描再传，或拍照上传"
        return refused("unfolds", words)
    if status == decoding.TOO_MANY_PAGES:
        return refused("too_many_pages", f"PDF 最多 {MOST_PAGES} 页，请分开再传")
    if status == decoding.TOO_MANY_PIXELS:
        most = MOST_MEGAPIXELS * 100
        return refused("too_many_pixels", f"图片太大，最多 {most} 万像素，请缩小后再传")
    if kind == PDF:
        words = "PDF 打不开，可能没有传完或已损坏，请重新导出再传，或拍照上传"
        return refused("damaged", words)
    return refused("damaged", "图片打不开，可能没有传完或已损坏，请重新拍照再传")
