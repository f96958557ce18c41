"""How often people had to come, per case: the figure that 最多跑一次 is held against."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from lianban.cases.models import JointCaseRecord


@dataclass(frozen=True)
class DistrictVisits:
    """The figure of one district."""

    district: str
    name: str
    cases: int
    visits: int
    at_most_one: int

    @property
    def mean(self) -> float:
        """Visits per case; 0 without cases."""
        return self.visits / self.cases if self.cases else 0.0

    @property
    def share_at_most_one(self) -> float:
        """The share of cases, 0 to 1, whose person came at most once; 1 without cases."""
        return self.at_most_one / self.cases if self.cases else 1.0


@dataclass(frozen=True)
class VisitFigures(DistrictVisits):
    """The figure of all districts together, and of each."""

    by_district: tuple[DistrictVisits, ...] = ()


def visits_per_case(
    *,
    districts: Collection[str] | None = None,
    since: datetime | None = None,
    states: Collection[str] | None = None,
) -> VisitFigures:
    """Count the visits that were noted, over the cases of these districts.

    `since`: only cases handed in from then on; `states`: only cases that stand there, such as
    `concluded`. Without them every case counts.
    """
    rows = JointCaseRecord.objects.order_by("district_id")
    if districts is not None:
        rows = rows.filter(district_id__in=districts)
    if since is not None:
        rows = rows.filter(submitted_at__gte=since)
    if states is not None:
        rows = rows.filter(state__in=states)
    counted: dict[tuple[str, str], list[int]] = {}
    for code, name, visits in rows.annotate(count=Count("visits")).values_list(
        "district_id", "district__name", "count"
    ):
        counted.setdefault((code, name), []).append(visits)
    each = tuple(
        DistrictVisits(code, name, len(found), sum(found), sum(n <= 1 for n in found))
        for (code, name), found in counted.items()
    )
    return VisitFigures(
        district="",
        name="",
        cases=sum(one.cases for one in each),
        visits=sum(one.visits for one in each),
        at_most_one=sum(one.at_most_one for one in each),
        by_district=each,
    )
