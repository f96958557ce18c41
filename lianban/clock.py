"""The only call to the system clock. Doors read it once and pass `at` down as an argument."""

from datetime import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present moment, aware, in Asia/Shanghai."""
    return datetime.now(tz=SHANGHAI)
