"""The adapter to the system for transfers of league membership."""

from lianban.exchange import department
from lianban.exchange.adapter import Adapter

ADAPTER = Adapter(
    code="youth_league",
    title="团委系统",
    tells=department.TELLS,
    hears=department.HEARS,
)
