"""The adapter to the system for households, identity cards and licences, which also verifies (核验).

An appointment at its desk is told by `suspend` and `resume`, in its own words.
"""

from lianban.exchange import department, verification
from lianban.exchange.adapter import Adapter

ADAPTER = Adapter(
    code="public_security",
    title="公安部门系统",
    tells={**department.TELLS, **verification.TELLS},
    hears={**department.HEARS, **verification.HEARS},
)
