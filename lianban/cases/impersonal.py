"""What an officer writes freely stands unsealed in the journal: it may name nobody by a number."""

import re
import unicodedata
from datetime import date

from lianban.accounts import identity_number
from lianban.engine.refusal import Refused

#: Eleven digits in a row (a mobile number, an account, an identity number), whatever their width; a
#: mobile number and a bank card (GB/T 15694) also with the blanks between their usual groups.
_NUMBER = re.compile(
    r"[0-9]{11,}|1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}|(?:[0-9]{4}[ -]){3,}[0-9]{1,7}"
)
#: Eighteen signs that might be an identity number, with blanks or hyphens between them.
_IDENTITY = re.compile(r"(?:[0-9][ -]?){17}[0-9Xx]")


def require(text: str, *, today: date, what: str = "理由") -> None:
    """Raise `Refused('personal_value')` for a text with a number that belongs to a person."""
    plain = unicodedata.normalize("NFKC", text)
    if _NUMBER.search(plain) or _has_identity_number(plain, today):
        raise Refused("personal_value", f"{what}里请不要写身份证号、手机号或银行卡号")


def require_document_number(text: str, *, today: date) -> None:
    """Raise `Refused('personal_value')` where a document's number is a person's identity number.

    A document may be numbered with as many digits as its department likes.
    """
    if _has_identity_number(unicodedata.normalize("NFKC", text), today):
        raise Refused("personal_value", "这里写文号或流水号，不要写身份证号")


def _has_identity_number(plain: str, today: date) -> bool:
    for found in _IDENTITY.findall(plain):
        try:
            identity_number.parse(found, today=today)
        except identity_number.NotANumber:
            continue
        return True
    return False
