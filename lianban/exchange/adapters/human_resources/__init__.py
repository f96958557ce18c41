"""The adapter to the system for pensions, social insurance and its card.

That the troop's money has arrived is heard as `external_event`: it starts the clock of the items whose
limit the plan counts from there. The bank that makes the card stands behind this system.
"""

from lianban.exchange import department
from lianban.exchange.adapter import Adapter

ADAPTER = Adapter(
    code="human_resources",
    title="人社部门系统",
    tells=department.TELLS,
    hears=department.HEARS,
)
