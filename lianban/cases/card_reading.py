"""What a photo of an identity card or discharge certificate says, from the lines a reader saw. Pure.

Nothing is guessed: a number must hold its check digit and agree with what is printed beside it, a
date must be whole, and whatever has no label that we know is left out. What is found is proposed;
the person decides.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from lianban.accounts import identity_number
from lianban.accounts.identity_number import IdentityNumber

#: A line of which the reader is less sure than this is no evidence.
LEAST_CONFIDENCE = 0.6
_MOST_LINES = 200

_NAME = re.compile(r"^姓名[:]?(.*)$")
_PERSON = re.compile(
    r"^[\u3400-\u9fff\U00020000-\U0003ffff]+(?:·[\u3400-\u9fff\U00020000-\U0003ffff]+)*$"
)
_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9Xx])")
_ADDRESS = re.compile(r"^(?:住址|家庭住址|地址)[:]?(.*)$")
_SEX = re.compile(r"性别[:]?([男女])")
_DAY = re.compile(r"((?:19|20)[0-9]{2})[年\-./]([0-9]{1,2})[月\-./]([0-9]{1,2})日?(?![0-9])")
_DATES = {
    "enlisted_on": re.compile(r"^(?:入伍|参军|服现役)(?:时间|日期|年月日)[:]?(.*)$"),
    "discharged_on": re.compile(r"^(?:退出现役|退役|退伍)(?:时间|日期|年月日)[:]?(.*)$"),
}
_CERTIFICATE = re.compile(r"^(?:证件|证书)(?:编号|号码|号)[:]?(.*)$")
_LABELS = ("姓名", "性别", "民族", "出生", "住址", "公民身份号码", "签发机关", "有效期限")


@dataclass(frozen=True)
class Line:
    """A line as a reader saw it: its text, its corners in pixels, how sure it is (0 to 1)."""

    text: str
    box: tuple[tuple[float, float], ...]
    confidence: float

    @property
    def left(self) -> float:
        """Its left edge."""
        return min(x for x, _ in self.box)

    @property
    def right(self) -> float:
        """Its right edge."""
        return max(x for x, _ in self.box)

    @property
    def middle(self) -> float:
        """Half its height, from above."""
        return (min(y for _, y in self.box) + max(y for _, y in self.box)) / 2

    @property
    def height(self) -> float:
        """How high it is."""
        return max(y for _, y in self.box) - min(y for _, y in self.box)


@dataclass(frozen=True)
class Proposal:
    """One value that was read. `kind`: name, identity_number, address, enlisted_on, discharged_on,
    certificate_number."""

    kind: str
    value: str
    confidence: float


@dataclass(frozen=True)
class Card:
    """Everything that a photo says, and what follows from the number."""

    proposals: tuple[Proposal, ...] = ()
    number: IdentityNumber | None = None


def lines(data: Iterable[Sequence[object]]) -> list[Line]:
    """Lines of `[text, corners, confidence]` as a reader gives them; nonsense is left out."""
    found = []
    for text, box, confidence in list(data)[:_MOST_LINES]:
        corners = tuple((float(x), float(y)) for x, y in box)  # type: ignore[attr-defined]
        if corners and float(confidence) >= LEAST_CONFIDENCE:  # type: ignore[arg-type]
            found.append(Line(_plain(str(text)), corners, float(confidence)))  # type: ignore[arg-type]
    return found


def read(seen: Sequence[Line], *, today: date) -> Card:
    """Propose what the lines say, each value once, in the order of a card."""
    number = _number(seen, today)
    found = [_name(seen), number[0] if number else None, _address(seen)]
    found += [_dated(seen, kind, label) for kind, label in _DATES.items()]
    found.append(_certificate(seen))
    return Card(tuple(p for p in found if p is not None), number[1] if number else None)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).replace("：", ":").replace("•", "·")
    return "".join(folded.split())


def _name(seen: Sequence[Line]) -> Proposal | None:
    for value, confidence in _labelled(seen, _NAME):
        if _PERSON.match(value) and 2 <= len(value) <= 20:
            return Proposal("name", value, confidence)
    return None


def _number(seen: Sequence[Line], today: date) -> tuple[Proposal, IdentityNumber] | None:
    """The one number whose check digit holds and that agrees with what is printed beside it."""
    found: dict[str, tuple[float, IdentityNumber]] = {}
    for line in seen:
        for text in _NUMBER.findall(line.text):
            try:
                number = identity_number.parse(text, today=today)
            except identity_number.NotANumber:
                continue
            found[number.number] = (line.confidence, number)
    if len(found) != 1:
        return None
    confidence, number = next(iter(found.values()))
    if not _agrees(seen, number):
        return None
    return Proposal("identity_number", number.number, confidence), number


def _agrees(seen: Sequence[Line], number: IdentityNumber) -> bool:
    """Whether the printed sex and birthday, as far as they were read, are those of the number."""
    text = "".join(line.text for line in seen)
    sex = _SEX.search(text)
    if sex and {"男": "male", "女": "female"}[sex[1]] != number.sex:
        return False
    born = [
        day for value, _ in _labelled(seen, re.compile("^出生[:]?(.*)$")) if (day := _day(value))
    ]
    return not born or number.birth_date in born


def _address(seen: Sequence[Line]) -> Proposal | None:
    """The address beside its label, and the lines that go on below it."""
    for value, line in _with_line(seen, _ADDRESS):
        text, confidence, last = value, line.confidence, line
        start = line.left if line.text == value else None
        for below in sorted(seen, key=lambda each: each.middle):
            if not _goes_on(last, below, start):
                continue
            text, last = text + below.text, below
            confidence = min(confidence, below.confidence)
        if 6 <= len(text) <= 100 and re.search(r"[省市区县镇乡村路街]", text):
            return Proposal("address", text, confidence)
    return None


def _goes_on(last: Line, below: Line, start: float | None) -> bool:
    if start is None or below.text.startswith(_LABELS) or _NUMBER.search(below.text):
        return False
    gap = below.middle - last.middle
    return 0.6 * last.height < gap < 2.2 * last.height and abs(below.left - start) < last.height


def _dated(seen: Sequence[Line], kind: str, label: re.Pattern[str]) -> Proposal | None:
    for value, confidence in _labelled(seen, label):
        day = _day(value)
        if day is not None:
            return Proposal(kind, day.isoformat(), confidence)
    return None


def _certificate(seen: Sequence[Line]) -> Proposal | None:
    for value, confidence in _labelled(seen, _CERTIFICATE):
        if re.fullmatch(r"[\w()〔〕\[\]-]{4,40}", value) and re.search(r"[0-9]{4}", value):
            return Proposal("certificate_number", value, confidence)
    return None


def _day(text: str) -> date | None:
    found = _DAY.search(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _labelled(seen: Sequence[Line], label: re.Pattern[str]) -> list[tuple[str, float]]:
    return [(value, line.confidence) for value, line in _with_line(seen, label)]


def _with_line(seen: Sequence[Line], label: re.Pattern[str]) -> list[tuple[str, Line]]:
    """What stands behind a label: in the same line, or in the next one to the right."""
    found = []
    for line in seen:
        match = label.match(line.text)
        if match is None:
            continue
        beside = None if match[1] else _right_of(line, seen)
        if match[1]:
            found.append((match[1], line))
        elif beside is not None and not beside.text.startswith(_LABELS):
            found.append((beside.text, beside))
    return found


def _right_of(label: Line, seen: Sequence[Line]) -> Line | None:
    level = [
        line
        for line in seen
        if line is not label
        and line.left > (label.left + label.right) / 2
        and abs(line.middle - label.middle) < 0.6 * max(label.height, line.height)
    ]
    return min(level, key=lambda line: line.left, default=None)
