"""Where cases are handled, as a filter over the rows of other rooms."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from lianban.cases.models import JointCaseRecord, SubCaseRecord


def handled_in(districts: Collection[str]) -> Q:
    """Rows whose `case_id` and `item` name a sub-case that one of the districts handles.

    A row without an item is about the whole case: its district counts.
    """
    subs = SubCaseRecord.objects.filter(case_id=OuterRef("case_id"), number=OuterRef("item"))
    cases = JointCaseRecord.objects.filter(id=OuterRef("case_id"), district_id__in=districts)
    is_whole = Q(item=None) & Q(Exists(cases))
    return Q(Exists(subs.filter(district_id__in=districts))) | is_whole
