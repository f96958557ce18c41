"""The case number (办件编号): printable, checked, never used twice, and opening nothing by itself."""

from datetime import datetime

from django.db import connection
from stdnum.iso7064 import mod_11_2


def new(at: datetime) -> str:
    """Return `LB`, the day, a six-digit serial and a check digit (ISO 7064 MOD 11-2)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_number')")
        serial = cursor.fetchone()[0]
    body = f"{at:%Y%m%d}{serial % 1_000_000:06d}"
    return f"LB{body}{mod_11_2.calc_check_digit(body)}"


def is_valid(text: str) -> bool:
    """Whether the text is shaped like a case number and its check digit fits."""
    plain = text.strip().upper()
    return plain.startswith("LB") and len(plain) == 17 and mod_11_2.is_valid(plain[2:])
