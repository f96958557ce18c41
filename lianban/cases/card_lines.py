"""The lines of text in a photo, by the optional reader (`lianban[ocr]`): offline, models in its wheel.

Runs in the process of `cases.decoding` only: models and their runtime are large.
"""

import importlib
import io
from typing import Any

from PIL import Image

_LONGEST_SIDE = 1600
_SETTINGS = {
    "Global.log_level": "critical",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


def read(content: bytes) -> list[list[Any]]:
    """`[text, corners, confidence]` of each line. Raises whatever a hostile picture makes it raise."""
    with Image.open(io.BytesIO(content), formats=["JPEG", "PNG"]) as image:
        plain = image.convert("RGB")
    plain.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    out = io.BytesIO()
    plain.save(out, "PNG")
    engine = importlib.import_module("rapidocr").RapidOCR(params=_SETTINGS)
    seen = engine(out.getvalue())
    if seen.txts is None:
        return []
    return [
        [text, [[round(float(x), 1), round(float(y), 1)] for x, y in box], round(float(sure), 3)]
        for text, box, sure in zip(seen.txts, seen.boxes, seen.scores, strict=True)
    ]
