"""The adapter to the system for military service and reserve registration."""

from lianban.exchange import department
from lianban.exchange.adapter import Adapter

ADAPTER = Adapter(
    code="armed_forces",
    title="人武部门系统",
    tells=department.TELLS,
    hears=department.HEARS,
)
