"""The adapter to the system for registration and transfer of medical insurance."""

from lianban.exchange import department
from lianban.exchange.adapter import Adapter

ADAPTER = Adapter(
    code="medical_insurance",
    title="医保部门系统",
    tells=department.TELLS,
    hears=department.HEARS,
)
