"""What may come in as a file: JPEG, PNG, PDF, by content, and written anew before it is kept.

Nothing of the sender's bytes is stored as it came: images are drawn again without their metadata
(a photo tells where it was taken), a PDF keeps its pages only, without scripts, actions or files
inside (ISO 32000-1, 12.6 and 7.11.4). Pure: no database, no time.
"""

import io
import re
import subprocess
import sys
import unicodedata
import warnings
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from PIL import Image, ImageOps

from lianban.cases import pdf_pages
from lianban.engine.refusal import Refused

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
MOST_PAGES = 50
MOST_NAME = 100
_MOST_SECONDS = 30

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
EXTENSIONS = {".jpg": JPEG, ".jpeg": JPEG, ".png": PNG, ".pdf": PDF}
#: For the `accept` attribute of a file field.
ACCEPT = ",".join((*EXTENSIONS, JPEG, PNG, PDF))
_MAGIC = {b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"%PDF-": PDF}
_WORDS = {JPEG: "JPEG 图片", PNG: "PNG 图片", PDF: "PDF 文件"}
_HEIF = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc", b"ftypmsf1")

# Pillow refuses to open what is larger; `warnings` turns its milder complaint into the same.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Clean:
    """A file that was checked and written anew."""

    name: str
    content_type: str
    content: bytes


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
    rewritten = _pdf(content) if kind == PDF else _image(content, kind)
    if len(rewritten) > MOST_BYTES:
        raise _too_large()
    return Clean(shown, kind, rewritten)


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
    if content[4:12] in _HEIF:
        raise refused(
            "unknown_type", "这是 HEIC 照片，请在手机相机设置里选「兼容性最佳」再拍，或先截图"
        )
    raise refused("unknown_type", "只收 JPEG、PNG 图片和 PDF 文件，请换一种格式再传")


def _image(content: bytes, kind: str) -> bytes:
    try:
        return _redrawn(content, kind)
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except Exception as error:  # a decoder fed with hostile bytes may raise anything
        raise refused("damaged", "图片打不开，可能没有传完或已损坏，请重新拍照再传") from error


def _redrawn(content: bytes, kind: str) -> bytes:
    with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise _too_many_pixels()
        image.load()
        upright = ImageOps.exif_transpose(image)
        upright.info = {k: v for k, v in upright.info.items() if k == "transparency"}
        out = io.BytesIO()
        if kind == JPEG:
            grey = upright.mode in {"1", "L"}
            upright.convert("L" if grey else "RGB").save(out, "JPEG", quality=88, optimize=True)
        else:
            upright.save(out, "PNG")
        return out.getvalue()


def _too_many_pixels() -> Refused:
    return refused(
        "too_many_pixels", f"图片太大，最多 {MOST_PIXELS // 10_000} 万像素，请缩小后再传"
    )


def _pdf(content: bytes) -> bytes:
    """Let a process of its own rewrite the PDF: a hostile one may cost that process, never ours."""
    command = [sys.executable, "-m", "lianban.cases.pdf_pages", str(MOST_PAGES)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=_MOST_SECONDS)
    except subprocess.TimeoutExpired:
        raise _damaged_pdf() from None
    if done.returncode == pdf_pages.LOCKED:
        raise refused("locked", "这个 PDF 设了密码或限制，请去掉密码再传，或拍照上传")
    if done.returncode == pdf_pages.TOO_MANY_PAGES:
        raise refused("too_many_pages", f"PDF 最多 {MOST_PAGES} 页，请分开再传")
    if done.returncode != 0:
        raise _damaged_pdf()
    return done.stdout


def _damaged_pdf() -> Refused:
    return refused("damaged", "PDF 打不开，可能没有传完或已损坏，请重新导出再传，或拍照上传")
