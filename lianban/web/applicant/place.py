"""Which edition of the plan a person reads: their district's, or the city's until one is chosen."""

from lianban.accounts.models import District
from lianban.cases import editions
from lianban.catalogue.model import Edition

_ONLINE = "online"


def settling_places() -> list[District]:
    """The districts where one may settle: active, with an edition, and with none below them."""
    active = list(District.objects.filter(active=True).exclude(policy_edition=""))
    above = {district.parent_id for district in active}
    return [district for district in active if district.code not in above]


def edition_of(code: str) -> Edition | None:
    """The edition in force in a district, or in the city when the code is empty or unknown."""
    with_plan = District.objects.filter(active=True).exclude(policy_edition="")
    chosen = with_plan.filter(code=code).first() if code else None
    chosen = chosen or with_plan.order_by("parent_id").filter(parent=None).first()
    chosen = chosen or with_plan.first()
    return editions.in_force(chosen.policy_edition) if chosen else None


def is_online(edition: Edition) -> bool:
    """Whether the plan lets people hand in by themselves."""
    channel = edition.channels.get(_ONLINE)
    return channel is not None and channel.enabled
