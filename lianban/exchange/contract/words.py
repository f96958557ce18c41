"""The contract's plain words: names, reasons, and what every part of a message is made of."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

VERSION = "v1"
PREFIX = "cn.lianban."
MEDIA_TYPE = "application/cloudevents+json"
#: Bytes of the largest message that is taken.
MOST_BYTES = 12 * 1024 * 1024

SUB_CASE = re.compile(r"(LB\d{14}[\dX])-(\d{2})")


def type_of(word: str) -> str:
    """The CloudEvents type of a message: `cn.lianban.dispatch.v1`."""
    return f"{PREFIX}{word}.{VERSION}"


def word_of(type_: str) -> str:
    """The message's word in its type; empty where the type is not of this contract."""
    found = re.fullmatch(rf"{re.escape(PREFIX)}([a-z_]{{1,40}})\.{VERSION}", type_)
    return found.group(1) if found else ""


def sub_case(case_number: str, item: int) -> str:
    """The name of a sub-case on the wire: the case number and the item's number, two digits."""
    return f"{case_number}-{item:02d}"


def parse_sub_case(subject: str) -> tuple[str, int] | None:
    """Case number and item of a sub-case's name; None where it is none."""
    found = SUB_CASE.fullmatch(subject)
    return (found.group(1), int(found.group(2))) if found else None


def no_control_characters(text: str) -> str:
    """The text. Raises `ValueError` for a control character in it."""
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in text):
        raise ValueError("control characters are not allowed")
    return text


Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Sentence = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, strip_whitespace=True),
    AfterValidator(no_control_characters),
]
Short = Annotated[str, StringConstraints(max_length=120), AfterValidator(no_control_characters)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

#: Why a department sends a sub-case back or does not accept it, and the words for it.
REASONS = {
    "incomplete": "材料不全",
    "wrong_data": "信息有误",
    "not_ours": "不属于本部门",
    "duplicate": "重复收到",
    "not_eligible": "不符合办理条件",
    "other": "其他",
}
Reason = Literal["incomplete", "wrong_data", "not_ours", "duplicate", "not_eligible", "other"]


class Part(BaseModel):
    """A part of a message."""

    model_config = ConfigDict(extra="forbid", frozen=True)
