"""Whose paper it is: the office that issues it, its address, its number's beginning, its remedies."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lianban.accounts.models import District, Office
from lianban.catalogue.model import Edition
from lianban.documents.content import Remedies


@dataclass(frozen=True)
class Letterhead:
    """One department in one district, with the words that its papers use."""

    edition: Edition
    department: str
    district_name: str
    city_name: str
    office: str
    address: str = ""
    phone: str = ""

    def sheet(self, *, at: datetime, case_number: str = "") -> dict[str, Any]:
        """The values that every document carries."""
        short = self.edition.hash.removeprefix("sha256:")[:8]
        return {
            "office": self.office,
            "issued_at": at,
            "case_number": case_number,
            "edition": f"{self.edition.id}（{short}）",
            "office_address": self.address,
            "office_phone": self.phone,
        }

    def word(self, key: str) -> str:
        """A text of the plan's notices, with the names of this place filled in; "" if absent."""
        short = {department.code: department.short_name for department in self.edition.departments}
        names = {
            "{district}": self.district_name,
            "{city}": self.city_name,
            "{department}": short.get(self.department, ""),
        }
        text = self.edition.wording.get("notices", {}).get(key, "")
        for placeholder, name in names.items():
            text = text.replace(placeholder, name)
        return text

    def lines(self, key: str) -> tuple[str, ...]:
        """A text with one entry a line: legal bases, next steps."""
        return tuple(line for line in self.word(key).splitlines() if line.strip())

    def remedies(self) -> Remedies:
        """Where a decision can be attacked."""
        return Remedies(
            review_body=self.word("remedies_review_body"),
            review_address=self.word("remedies_review_address"),
            court=self.word("remedies_court"),
            court_address=self.word("remedies_court_address"),
        )


def of(edition: Edition, *, district: str, department: str) -> Letterhead:
    """The letterhead of a department; an office of the city's stands in where a county has none."""
    place = District.objects.select_related("parent").get(code=district)
    office = _office(place, department)
    return Letterhead(
        edition=edition,
        department=department,
        district_name=place.name,
        city_name=place.parent.name if place.parent else place.name,
        office=office.name if office else place.name + edition.department_names[department],
        address=office.address if office else "",
        phone=office.phone if office else "",
    )


def _office(place: District, department: str) -> Office | None:
    places = [place.code, *([place.parent.code] if place.parent else [])]
    found = Office.objects.filter(department=department, district__in=places)
    ranked = sorted(found, key=lambda o: (places.index(o.district_id), o.is_counter, o.name))
    return ranked[0] if ranked else None
