"""Whom to call: the counters of the person's district, and the office that has an item."""

from collections.abc import Iterable
from dataclasses import dataclass

from lianban.accounts.models import District, Office
from lianban.cases import standing
from lianban.cases.queries import CaseView

_MOST_LEVELS = 3


def who(view: CaseView, code: str) -> str:
    """One who must act, as the person knows them; the lead's short name is its officers' own."""
    if code == view.edition.lead_department:
        return view.edition.department_names[code]
    return standing.who(view.edition, code)


@dataclass(frozen=True)
class Contact:
    """One office to ask; `phone` and `address` are empty where nobody entered them."""

    name: str
    phone: str
    address: str
    about: str = ""


def counters(view: CaseView) -> list[Contact]:
    """The comprehensive windows of the person's district, or of what lies above it."""
    return [_contact(office) for office in _nearest(view, Office.objects.filter(is_counter=True))]


def of_department(view: CaseView, department: str) -> list[Contact]:
    """The office of one department where the person lives."""
    return [
        _contact(office)
        for office in _nearest(view, Office.objects.filter(department=department, is_counter=False))
    ] or [
        _contact(office) for office in _nearest(view, Office.objects.filter(department=department))
    ]


def _contact(office: Office) -> Contact:
    return Contact(office.name, office.phone, office.address)


def _nearest(view: CaseView, offices: Iterable[Office]) -> list[Office]:
    """Those of the lowest level that has any: the county before the city."""
    found = list(offices)
    code: str | None = view.district
    for _ in range(_MOST_LEVELS):
        here = [office for office in found if office.district_id == code]
        if here or code is None:
            return here
        code = District.objects.filter(code=code).values_list("parent_id", flat=True).first()
    return []
