"""A dossier's number (档案编号): ten signs from its id, for a label's QR code and for typing.

It says nothing of the person. Nine signs are the first 45 bits of the row's random id in Crockford's
base 32 (no I, L, O, U), the tenth is a check sign: the rest of those bits by 31.
"""

import re
from uuid import UUID

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS = 45
_LENGTH = _BITS // 5
_SHAPE = re.compile(rf"D[-]?([{_SIGNS}]{{5}})[-]?([{_SIGNS}]{{5}})")
#: Signs that are read for others when a number is typed from paper.
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", " ": ""})


def encode(dossier_id: UUID) -> str:
    """The number of a dossier, as `D-XXXXX-XXXXX`."""
    value = dossier_id.int >> (128 - _BITS)
    signs = "".join(_SIGNS[(value >> shift) & 31] for shift in range(_BITS - 5, -1, -5))
    whole = signs + _SIGNS[value % 31]
    return f"D-{whole[:5]}-{whole[5:]}"


def decode(text: str) -> tuple[UUID, UUID] | None:
    """The first and the last id that bear this number, or None for what is no such number."""
    plain = text.strip().upper()
    found = _SHAPE.fullmatch(plain[:1] + plain[1:].translate(_ALIKE))
    if found is None:
        return None
    whole = "".join(found.groups())
    value = 0
    for sign in whole[:_LENGTH]:
        value = value * 32 + _SIGNS.index(sign)
    if _SIGNS[value % 31] != whole[_LENGTH]:
        return None
    first = value << (128 - _BITS)
    return UUID(int=first), UUID(int=first + (1 << (128 - _BITS)) - 1)


def looks_like(text: str) -> bool:
    """Whether somebody meant a dossier's number, right or wrong."""
    return bool(re.fullmatch(r"[Dd][-0-9A-Za-z ]{8,14}", text.strip()))
