"""What came along with the dossier or from the lead's desk: numbers, dates, and papers to verify."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from lianban.cases.queries import CaseView, ItemView, MaterialView
from lianban.cases.services import dossier_pieces
from lianban.cases.services.dossier_pieces import Came
from lianban.documents import papers, settlement
from lianban.web.components import access, dates
from lianban.web.components.papers import public_address


@dataclass(frozen=True)
class Fact:
    """One thing about a material in words; `tone` late, warn or empty."""

    words: str
    tone: str = ""


@dataclass(frozen=True)
class Issued:
    """A paper that the lead issued for this desk, and where it is verified."""

    title: str
    number: str
    words: str
    href: str
    verify_href: str


def came(view: CaseView) -> dict[str, Came]:
    """What came along with the person's dossier, by material code."""
    return dossier_pieces.of_case(case_id=view.id, edition=view.edition)


def facts(view: CaseView, one: MaterialView, came_along: Came | None, today: date) -> list[Fact]:
    """The number on a material, its day, and how long it may still be used."""
    found = []
    if came_along and came_along.number:
        found.append(Fact(f"编号 {came_along.number}"))
    if came_along and came_along.dated_on:
        found.append(Fact(f"{dates.full_day(came_along.dated_on)}开的"))
    until = one.graded.valid_until if one.graded else None
    if until is not None:
        found.append(_left(until, today, view.edition.dossier.warn_days))
    return found


def _left(until: date, today: date, warn_days: int) -> Fact:
    left, day = (until - today).days, dates.full_day(until)
    if left < 0:
        return Fact(f"有效期到 {day}，已过期，请本人换新的", "late")
    words = f"有效期到 {day}，还有 {left} 天" if left else "今天到期"
    return Fact(f"{words}，快到期了", "warn") if left <= warn_days else Fact(words)


def issued(request: access.Request, view: CaseView, item: ItemView) -> Issued | None:
    """The settlement notice, at the desk that it is addressed to."""
    if settlement.reader(view.edition) != item.item.number:
        return None
    link = next((one for one in papers.available(view) if one.kind == settlement.KIND), None)
    record = papers.record_of(view, kind=settlement.KIND, base_url=public_address(request))
    if link is None or record is None:
        return None
    words = f"{dates.full_day(link.at)}出具"
    if record.valid_until:
        words += f"，有效期到 {dates.full_day(record.valid_until)}"
    return Issued(
        title=link.title,
        number=record.number,
        words=f"{words}，发给{record.addressed_office}",
        href=link.url,
        verify_href=reverse("papers:verified", args=[record.verification_code]),
    )
