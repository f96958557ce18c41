"""The citizen identity number (公民身份号码, GB 11643-1999): what it says and whether it can be one.

18 characters: area (GB/T 2260) 6, birth date 8, sequence 3 (odd = male), check 1 (ISO 7064 MOD
11-2). An area code that no longer exists is no error: codes change over time, numbers do not.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from stdnum import numdb
from stdnum.iso7064 import mod_11_2

_AREAS = numdb.get("cn/loc")

_OLDEST, _YOUNGEST = 120, 16
#: Sequence numbers that the 15-digit form kept for people who were over a hundred.
_CENTENARIANS = frozenset({"996", "997", "998", "999"})


class NotANumber(ValueError):
    """The text is no identity number; `str()` says why, in words for the person."""


@dataclass(frozen=True, repr=False)
class IdentityNumber:
    """A number in its one spelling: 18 characters, the check digit a capital X.

    `str()` and `repr()` show it masked, so that no log and no traceback holds it whole.
    """

    number: str
    #: The 15-digit number that was typed, if it was one.
    original: str = ""

    @property
    def birth_date(self) -> date:
        """The birth date that the number holds."""
        return date.fromisoformat(f"{self.number[6:10]}-{self.number[10:12]}-{self.number[12:14]}")

    @property
    def sex(self) -> str:
        """`male` or `female`, by the parity of the sequence; old records may err."""
        return "male" if int(self.number[16]) % 2 else "female"

    @property
    def needs_an_officer(self) -> bool:
        """Whether the old form's century is doubtful, so that somebody must look."""
        return bool(self.original) and self.original[12:15] in _CENTENARIANS

    @property
    def area_is_in_force(self) -> bool:
        """Whether the area is a county known and not abolished; if not, an officer is warned."""
        return is_area_in_force(self.number[:6])

    @property
    def masked(self) -> str:
        """The number as it is shown: 110***********002X."""
        return mask(self.number)

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"IdentityNumber({self.masked})"


def parse(text: str, *, today: date) -> IdentityNumber:
    """Read a number as people type it. Raises `NotANumber`.

    Full-width characters, blanks and hyphens are folded, `x` becomes `X`, 15 digits get their
    century and check digit.
    """
    plain = re.sub(r"[\s\u200b-]", "", unicodedata.normalize("NFKC", text)).upper()
    if re.fullmatch(r"[0-9]{15}", plain):
        body = f"{plain[:6]}19{plain[6:]}"
        found = IdentityNumber(body + mod_11_2.calc_check_digit(body), plain)
    elif re.fullmatch(r"[0-9]{17}[0-9X]", plain):
        found = IdentityNumber(plain)
    else:
        raise NotANumber(_shape(plain))
    _require_sense(found, today)
    return found


def mask(number: str) -> str:
    """The number as it is shown: first three and last four characters."""
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}" if len(number) > 7 else "***"


def is_area_in_force(area_code: str) -> bool:
    """Whether six digits name a county that exists today, as far as the table goes."""
    parts = _AREAS.info(area_code)
    county = parts[-1][1].get("county", "") if len(parts) > 1 else ""
    years = county[1:].partition("]")[0] if county.startswith("[") else ""
    return bool(county) and (not years or years.endswith("-"))


def _shape(plain: str) -> str:
    if not re.fullmatch(r"[0-9X]*", plain):
        return "身份证号只有数字，最后一位可以是 X"
    return f"身份证号应是 18 位，现在是 {len(plain)} 位"


def _require_sense(found: IdentityNumber, today: date) -> None:
    if not mod_11_2.is_valid(found.number):
        raise NotANumber("身份证号不对，最后一位对不上，请照证件再核对一遍")
    try:
        born = found.birth_date
    except ValueError as error:
        raise NotANumber("身份证号里的出生日期不存在，请照证件再核对一遍") from error
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if not _YOUNGEST <= age <= _OLDEST:
        raise NotANumber(f"身份证号里的出生日期是 {born.isoformat()}，请照证件再核对一遍")
