"""The adapter to the system for transfers of party membership."""

from lianban.exchange import department
from lianban.exchange.adapter import Adapter

ADAPTER = Adapter(
    code="party_organisation",
    title="组织部门系统",
    tells=department.TELLS,
    hears=department.HEARS,
)
