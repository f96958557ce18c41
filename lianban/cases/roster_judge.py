"""Where a line of the troop's roster belongs: new, known, or first to be looked at by an officer.

Only a right number with the same name is taken for a person who is known; everything else is a
conflict, told by its code. Nothing here writes, and nothing merges by itself.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from stdnum.iso7064 import mod_11_2

from lianban.accounts import identity_number, person_name
from lianban.cases.roster_table import Line
from lianban.catalogue.model import Edition

FORWARDED, HELD_ELSEWHERE, OTHER_DISTRICT = "forwarded", "held_elsewhere", "other_district"
IN_FILE, ELSEWHERE = "duplicate_in_file", "duplicate_elsewhere"
VARIANT, NAME, FIELDS = "name_variant", "name_differs", "fields_differ"
#: The codes of conflicts in words; `…_differs` of an answer is worded by its question.
WORDS: Mapping[str, str] = {
    "bad_name": "姓名不能用",
    "bad_check_digit": "身份证号最后一位对不上",
    "lost_digits": "身份证号在表格里丢了后几位",
    "bad_number": "身份证号不对",
    "fifteen_digits": "15 位旧号码，转成了 18 位",
    "birth_differs": "出生日期和号码里的不一样",
    IN_FILE: "这份名册里有两行",
    FORWARDED: "别的区县转来的",
    OTHER_DISTRICT: "名册上写着别的地方",
    HELD_ELSEWHERE: "别的区县已经登记过",
    VARIANT: "姓名差一点",
    NAME: "同一个号码，另一个姓名",
    ELSEWHERE: "另一份名册上也有",
    "already_concluded": "以前办结过",
    FIELDS: "和本人填的不一样",
}
_DIFFERS = "_differs"


@dataclass(frozen=True)
class KnownCase:
    """A case of the person with this number."""

    id: UUID
    district: str
    state: str
    is_open: bool
    answers: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What the system holds under one number; empty where it holds nothing."""

    dossier_id: UUID | None = None
    dossier_name: str = ""
    dossier_district: str = ""
    person_name: str = ""
    cases: tuple[KnownCase, ...] = ()
    #: Names under which the number stands in other rosters.
    elsewhere: tuple[str, ...] = ()

    @property
    def open_case(self) -> KnownCase | None:
        """The one case that runs."""
        return next((case for case in self.cases if case.is_open), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the number has so far, each once; the dossier's first."""
        named = (self.dossier_name, self.person_name, *self.elsewhere)
        return tuple(dict.fromkeys(name for name in named if name))


@dataclass(frozen=True)
class Number:
    """The number of a line: the 18 characters if it is one, else the conflict that says why not."""

    number: str = ""
    conflict: str = ""


@dataclass(frozen=True)
class Question:
    """One line with everything that decides where it belongs."""

    line: Line
    number: Number
    known: Known
    edition: Edition
    #: The county that looks after the line, and the one that the roster was uploaded for.
    district: str
    home: str
    #: The county that the cell of the place means; "" where it is empty, "?" where nobody knows it.
    place: str
    #: Names under which the number stands in earlier lines of the file, and whether others differ.
    earlier: tuple[str, ...] = ()
    is_ambiguous: bool = False
    is_forwarded: bool = False
    settled: frozenset[str] = frozenset()


def number_of(line: Line, *, today: date) -> Number:
    """Read a line's number; fifteen digits give the number and the conflict that shows it."""
    if line.has_lost_digits:
        return Number(conflict="lost_digits")
    try:
        found = identity_number.parse(line.number_typed, today=today)
    except identity_number.NotANumber:
        plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", line.number_typed)).upper()
        is_shaped = bool(re.fullmatch(r"[0-9]{17}[0-9X]", plain))
        wrong = is_shaped and not mod_11_2.is_valid(plain)
        return Number(conflict="bad_check_digit" if wrong else "bad_number")
    return Number(found.number, "fifteen_digits" if found.original else "")


def conflict(asked: Question) -> str:
    """The first conflict that nobody has settled for this line, or ""."""
    for check in _CHECKS:
        code = check(asked)
        if code and code not in asked.settled:
            return code
    return ""


def is_known(asked: Question) -> bool:
    """Whether the number was here before this roster: a dossier, a person."""
    return bool(asked.known.dossier_id or asked.known.person_name)


def differences(
    line: Line, answers: Mapping[str, str], fields: Mapping[str, str], edition: Edition
) -> list[str]:
    """Conflict codes of what the person says otherwise than the roster; blanks say nothing."""
    keys = [question.key for question in edition.questions]
    found = [
        f"{key}{_DIFFERS}"
        for key in keys
        if line.answers.get(key) and answers.get(key) and line.answers[key] != answers[key]
    ]
    other = any(
        fields.get(code) and _plain(fields[code]) != _plain(value)
        for code, value in line.fields.items()
    )
    return found + ([FIELDS] if other else [])


def words(code: str, edition: Edition) -> str:
    """A conflict in words."""
    known = edition.question_by_key.get(code.removesuffix(_DIFFERS))
    if code not in WORDS and known:
        return f"和本人答的不一样：{known.label.rstrip('？')}"
    return WORDS.get(code, code)


def same_name(one: str, other: str) -> bool:
    """Whether two names are one: the five spellings of the middle dot are."""
    return person_name.folded(one) == person_name.folded(other)


# The checks, in the order in which somebody must look ------------------------------------------


def _name(asked: Question) -> str:
    name = asked.line.name
    bad = (
        not name
        or len(name) > 50
        or bool(person_name.private_characters(name=name))
        or any(unicodedata.category(sign)[0] in "CNS" and sign != "·" for sign in name)
    )
    return "bad_name" if bad else ""


def _number(asked: Question) -> str:
    return asked.number.conflict


def _birth(asked: Question) -> str:
    number, birth = asked.number.number, asked.line.birth.replace("-", "")
    return "birth_differs" if number and birth and number[6:14] != birth else ""


def _in_file(asked: Question) -> str:
    return IN_FILE if asked.earlier or asked.is_ambiguous else ""


def _place(asked: Question) -> str:
    if asked.is_forwarded:
        return FORWARDED
    return OTHER_DISTRICT if asked.place not in ("", asked.home, asked.district) else ""


def _held(asked: Question) -> str:
    case = asked.known.open_case
    places = {asked.known.dossier_district, case.district if case else ""} - {""}
    return HELD_ELSEWHERE if places - {asked.district} else ""


def _names(asked: Question) -> str:
    name = asked.line.name
    others = [other for other in asked.known.names if not same_name(other, name)]
    if not others:
        return ""
    plain = person_name.searchable(name=name)
    near = all(_is_near(plain, person_name.searchable(name=other)) for other in others)
    return VARIANT if near else NAME


def _is_near(one: str, other: str) -> bool:
    """Names that differ by blanks, width, dots left out, or one character among three or more."""
    bare, rest = one.replace("·", ""), other.replace("·", "")
    if bare == rest:
        return True
    wrong = sum(a != b for a, b in zip(bare, rest, strict=False))
    return len(bare) == len(rest) >= 3 and wrong == 1


def _elsewhere(asked: Question) -> str:
    return ELSEWHERE if asked.known.elsewhere else ""


def _concluded(asked: Question) -> str:
    done = any(case.state == "concluded" for case in asked.known.cases)
    return "already_concluded" if done and not asked.known.open_case else ""


def _said_otherwise(asked: Question) -> str:
    case = asked.known.open_case
    if case is None:
        return ""
    found = differences(asked.line, case.answers, case.fields, asked.edition)
    return next((code for code in found if code not in asked.settled), "")


_CHECKS: Sequence[Callable[[Question], str]] = (
    _name, _number, _birth, _in_file, _place, _held, _names, _elsewhere, _concluded, _said_otherwise,
)  # fmt: skip


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
