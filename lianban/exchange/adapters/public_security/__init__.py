"""The adapter to the system for households, identity cards and licences, which also verifies (核验).

Who comes for an identity card: the booked time is told by `appointment`; the system may give a time of
its own by `appoint`, and says by `arrived` that the fingerprints are taken.
"""

from lianban.exchange import department, verification
from lianban.exchange.adapter import Adapter

ADAPTER = Adapter(
    code="public_security",
    title="公安部门系统",
    tells={**department.TELLS, **verification.TELLS},
    hears={**department.HEARS, **verification.HEARS},
)
